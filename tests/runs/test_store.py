from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import Damaged, StoreError
from core.runs.storage.folder import Folder
from core.runs.storage.place import SET_ASIDE
from core.runs.store import Store, digest_of, write_atomically


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(Folder(tmp_path / "store"), limit_bytes=250)


def test_content_comes_back_under_its_own_digest(store: Store) -> None:
    digest = store.put(b"weights")
    assert store.get(digest) == b"weights"
    assert digest in store
    assert list(store.digests()) == [digest]


def test_the_same_content_is_kept_once(store: Store) -> None:
    assert store.put(b"same") == store.put(b"same")
    assert len(list(store.digests())) == 1


def _altered(path: Path) -> None:
    path.write_bytes(b"weightz")


def _truncated(path: Path) -> None:
    os.truncate(path, 3)


def _emptied(path: Path) -> None:
    os.truncate(path, 0)


@pytest.mark.parametrize("damage", [_altered, _truncated, _emptied])
def test_a_damaged_file_is_found_by_its_checksum_and_set_aside(store: Store, damage: Callable[[Path], None]) -> None:
    digest = store.put(b"weights")
    damage(store.place.path_of(digest))
    damaged = store.place.path_of(digest).read_bytes()
    with pytest.raises(Damaged, match="damaged and has been set aside"):
        store.get(digest)
    assert digest not in store
    assert [path.read_bytes() for path in (store.place.folder / "damaged").iterdir()] == [damaged]
    assert store.get(store.put(b"weights")) == b"weights"


def test_only_the_latest_damaged_files_are_kept(store: Store) -> None:
    for n in range(SET_ASIDE + 3):
        digest = store.put(b"%d" % n)
        store.place.path_of(digest).write_bytes(b"")
        with pytest.raises(Damaged):
            store.get(digest)
    assert store.delete_set_aside() == SET_ASIDE


def test_files_that_can_be_had_again_count_towards_the_bound_and_are_cleared_alike(tmp_path: Path) -> None:
    store = Store(Folder(tmp_path / "store"), limit_bytes=250, beside=tmp_path / "prices")
    old, young = tmp_path / "prices" / "1d" / "OLD.parquet", tmp_path / "prices" / "1d" / "NEW.parquet"
    for path in (old, young):
        write_atomically(path, bytes(100))
    os.utime(old, (1e9, 1e9))
    digest = store.put(bytes(100))
    assert store.size() == (3, 300)
    assert store.clear_room() == []
    assert (old.exists(), young.exists(), digest in store) == (False, True, True)


def test_what_is_not_a_digest_never_becomes_a_path(store: Store) -> None:
    with pytest.raises(StoreError, match="not a digest"):
        store.get("../../etc/passwd")


def test_the_least_recently_used_files_are_cleared_first(store: Store) -> None:
    digests = [store.put(bytes([n]) * 100) for n in range(4)]
    for age, digest in enumerate(reversed(digests)):
        os.utime(store.place.path_of(digest), (1e9 - age, 1e9 - age))
    store.get(digests[0])  # the oldest becomes the youngest
    assert store.clear_room() == digests[1:3]
    assert set(store.digests()) == {digests[0], digests[3]}


def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "prices" / "AAPL"
    write_atomically(path, b"old")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(path.parent.iterdir()) == [path]


WRITER = """
import os, sys
from pathlib import Path
from core.runs.storage.folder import Folder
from core.runs.store import Store
store = Store(Folder(Path(sys.argv[1])), 10**9)
while True:
    store.delete(store.put(os.urandom(30_000_000)))
"""


def test_a_file_that_was_half_written_when_its_process_was_killed_is_never_taken_for_whole(tmp_path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)])
    end = time.monotonic() + 60
    while not (half := list(tmp_path.glob("??/.writing-*"))):
        assert time.monotonic() < end
    writer.kill()
    writer.wait()
    store = Store(Folder(tmp_path), limit_bytes=10**9)
    for digest in store.digests():
        assert digest_of(store.get(digest)) == digest
    left = [path for path in half if path.exists()]
    for path in left:
        os.utime(path, (1e9, 1e9))
    store.clear_room()
    assert not [path for path in left if path.exists()]
