"""The store in an object store: a stand-in for S3, and fsspec's own in memory, in which objects can be aged."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from core.errors import Damaged, InvalidRequest, Missing, RunFailed, StoreError
from core.runs.lab import Lab
from core.runs.registry import State
from core.runs.request import key_of
from core.runs.storage import bucket
from core.runs.storage.bucket import Bucket
from core.runs.storage.folder import Folder
from core.runs.store import Store, digest_of
from core.settings import Settings, settings
from tests.object_store import ObjectStore, object_store
from tests.runs.count import CountRequest
from tests.runs.survival import until

MakeStore = Callable[[], Store]


@pytest.fixture(scope="module")
def s3() -> Iterator[ObjectStore]:
    with object_store() as store:
        yield store


@pytest.fixture
def another(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStore:
    """The same object store, as each of several fronts sees it."""
    if (where := getattr(request, "param", "memory://lab")).startswith("s3"):
        request.getfixturevalue("s3")
    url, files = f"{where}/{uuid.uuid4().hex}", list[object]()

    def make() -> Store:
        place = Bucket(url, Folder(tmp_path / uuid.uuid4().hex))
        files[:] = files or [place._files]  # to make a client of S3 takes half a second
        place.__dict__["_files"] = files[0]
        return Store(place, limit_bytes=250)

    return make


@pytest.fixture
def store(another: MakeStore) -> Store:
    return another()


def objects(store: Store) -> Bucket:
    assert isinstance(store.place, Bucket)
    return store.place


def overwrite(store: Store, digest: str, content: bytes) -> None:
    files, _ = objects(store)._files
    files.pipe_file(objects(store)._path_of(digest), content)


@pytest.mark.parametrize("another", ["s3://lab", "memory://lab"], indirect=True)
def test_what_one_front_keeps_another_reads(store: Store, another: MakeStore) -> None:
    digest, other = store.put(b"weights"), another()
    assert digest in other
    assert other.get(digest) == b"weights"
    assert [*other.digests()] == [*another().digests()] == [digest]
    assert other.size() == (1, 7)
    other.delete(digest)
    assert digest not in other
    assert digest not in another()
    with pytest.raises(Missing, match="the store has no"):
        another().get(digest)


@pytest.mark.parametrize("another", ["s3://lab", "memory://lab"], indirect=True)
def test_a_damaged_object_is_found_by_its_checksum_set_aside_and_written_anew(
    store: Store, another: MakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "SET_ASIDE", 2)
    for n in range(3):
        digest, other = store.put(b"%d" % n), another()
        overwrite(store, digest, b"%d" % (n + 1))
        with pytest.raises(Damaged, match="damaged and has been set aside"):
            other.get(digest)
    with pytest.raises(Missing):
        other.get(digest)
    assert other.get(other.put(b"2")) == b"2"
    assert other.delete_set_aside() == 2
    assert other.delete_set_aside() == 0


def test_to_verify_looks_past_the_copy(store: Store) -> None:
    digest = store.put(b"weights")
    overwrite(store, digest, b"weightz")
    assert store.get(digest) == b"weights"
    with pytest.raises(Damaged):
        store.verify(digest)
    assert digest not in store


def test_a_damaged_copy_is_read_anew(store: Store) -> None:
    digest = store.put(b"weights")
    copy = objects(store)._copies.path_of(digest)
    copy.write_bytes(b"weigh")
    assert store.get(digest) == b"weights"
    assert copy.read_bytes() == b"weights"


def test_copies_are_bounded(another: MakeStore, tmp_path: Path) -> None:
    url = objects(another())._url
    store = Store(Bucket(url, Folder(tmp_path / "copies"), copies_bytes=1000), limit_bytes=10**6)
    digests = [store.put(bytes([n]) * 150) for n in range(12)]
    assert sum(entry.size for entry in objects(store)._copies.entries()) <= 1000
    assert all(store.get(digest) for digest in digests)


def aged(store: Store, digest: str, seconds: float) -> None:
    """As if an object in memory had been written and used then."""
    for path in (objects(store)._path_of(digest), objects(store)._path_of(digest, "used")):
        if (file := MemoryFileSystem.store.get(path)) is not None:
            file.created = file.modified = datetime.fromtimestamp(seconds, UTC)


def test_the_least_recently_used_objects_are_cleared_first(tmp_path: Path) -> None:
    url = f"memory://lab/{uuid.uuid4().hex}"
    store = Store(Bucket(url, Folder(tmp_path / "one")), limit_bytes=250)
    digests = [store.put(bytes([n]) * 100) for n in range(4)]
    for age, digest in enumerate(reversed(digests)):
        aged(store, digest, 1e9 - age)
    store.get(digests[0])  # the oldest becomes the youngest
    other = Store(Bucket(url, Folder(tmp_path / "two")), limit_bytes=250)
    assert other.used_since(2e9) == set()
    assert other.used_since(1.5e9) == {digests[0]}
    assert other.clear_room(keep=[digests[1]]) == digests[2:]
    assert {*other.digests()} == {*digests[:2]}


def sentence(store: Store) -> str:
    with pytest.raises(StoreError) as told:
        store.put(uuid.uuid4().bytes)
    return str(told.value)


def test_what_an_object_store_refuses_is_told_in_one_sentence(s3: ObjectStore, tmp_path: Path, monkeypatch) -> None:
    def at(url: str) -> Store:
        return Store(Bucket(url, Folder(tmp_path / "copies")), limit_bytes=250)

    assert sentence(at("s3://nobodys")) == bucket.NO_BUCKET
    assert "pip install fsspec, and what it needs for odd" in sentence(at("odd://lab"))
    with monkeypatch.context() as patched:
        patched.delenv("AWS_ACCESS_KEY_ID")
        patched.delenv("AWS_SECRET_ACCESS_KEY")
        patched.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
        assert sentence(at("s3://lab")) == bucket.REFUSED
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    away = at("s3://lab")
    assert sentence(away) == bucket.AWAY
    with pytest.raises(StoreError):  # neither yes nor no
        _ = digest_of(b"") in away


@pytest.mark.parametrize("url", ["s3://key:secret@lab/x", "s3://", "S 3://lab"])
def test_a_place_that_cannot_be_is_told_without_a_password(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDCAST_STORE", url)
    settings.cache_clear()
    with pytest.raises(InvalidRequest, match="GRIDCAST_STORE is not valid: ") as told:
        settings()
    assert "secret@" not in str(told.value)


def test_a_folder_can_be_given_by_its_path_and_by_a_url(tmp_path: Path) -> None:
    for store in (str(tmp_path / "a b"), (tmp_path / "a b").as_uri()):
        lab = Lab.open(Settings(home=tmp_path / "home", database=None, store=store))
        assert (tmp_path / "a b" / "store" / (digest := lab.store.put(b"x"))[:2] / digest).read_bytes() == b"x"
        lab.registry.close()


@pytest.fixture
def lab(s3: ObjectStore, tmp_path: Path) -> Iterator[Lab]:
    lab = Lab.open(Settings(home=tmp_path / "home", database=None, store=f"s3://lab/{uuid.uuid4().hex}"))
    yield lab
    lab.registry.close()


def test_a_result_is_no_less_there_while_the_object_store_is_away(lab: Lab, s3: ObjectStore, tmp_path: Path) -> None:
    request = CountRequest(to=3)
    *_, run = finished(lab, request)
    lab.opened.let_go()
    again = replace(
        lab, store=Store(Bucket(objects(lab.store)._url, Folder(Path(lab.registry._db.database).parent / "b")), 10**6)
    )
    s3.stop()
    try:
        with pytest.raises(RunFailed, match="cannot be read: the object store of GRIDCAST_STORE does not answer"):
            again.result(run)
        with pytest.raises(StoreError, match="does not answer"):
            again.claim(request)
        parts, tries, read = list[object](), list[object](), again._result
        again.__dict__["_result"] = lambda run: tries.append(run) or read(run)
        joins = threading.Thread(target=lambda: parts.append(again._result_or_reason(run)), daemon=True)
        joins.start()
        until(lambda: len(tries) > 1)
    finally:
        s3.start()
    joins.join(60)
    assert [part.squares.tolist() for part in parts] == [[0, 1, 4]]  # a part is not given up for it
    assert lab.registry.find(run.id).state is State.DONE
    again.store.delete(str(run.result))
    again.opened.let_go()
    with pytest.raises(RunFailed, match="is gone"):
        again.result(run)


def finished(lab: Lab, request: CountRequest):
    for _ in lab.iterate(request):
        yield lab.look(key_of(request))
    yield lab.look(key_of(request))


def test_a_last_word_that_the_object_store_does_not_take_is_said_again(lab: Lab, s3: ObjectStore) -> None:
    request, tries = CountRequest(to=3), []
    keep = lab.keep

    def counted(*words):
        tries.append(words)
        return keep(*words)

    lab.__dict__["keep"] = counted
    s3.stop()
    run = threading.Thread(target=lambda: [*lab.iterate(request)], daemon=True)
    run.start()
    try:
        until(lambda: len(tries) > 1)
        assert lab.registry.find(key_of(request)).state is State.RUNNING
    finally:
        s3.start()
    run.join(60)
    assert lab.registry.find(key_of(request)).state is State.DONE
