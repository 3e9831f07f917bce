from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.errors import StoreError
from core.runs.store import Store, write_atomically


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store", limit_bytes=250)


def test_content_comes_back_under_its_own_digest(store: Store) -> None:
    digest = store.put(b"weights")
    assert store.get(digest) == b"weights"
    assert digest in store
    assert list(store.digests()) == [digest]


def test_the_same_content_is_kept_once(store: Store) -> None:
    assert store.put(b"same") == store.put(b"same")
    assert len(list(store.digests())) == 1


def test_damaged_content_is_refused_and_removed(store: Store) -> None:
    digest = store.put(b"weights")
    store.path_of(digest).write_bytes(b"weightz")
    with pytest.raises(StoreError, match="damaged"):
        store.get(digest)
    assert digest not in store


def test_what_is_not_a_digest_never_becomes_a_path(store: Store) -> None:
    with pytest.raises(StoreError, match="not a digest"):
        store.get("../../etc/passwd")


def test_the_least_recently_used_files_are_cleared_first(store: Store) -> None:
    digests = [store.put(bytes([n]) * 100) for n in range(4)]
    for age, digest in enumerate(reversed(digests)):
        os.utime(store.path_of(digest), (1e9 - age, 1e9 - age))
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
