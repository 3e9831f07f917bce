"""Where task lists are: the one that comes with the lab, and those of lecturers, kept by the digest of their file.

Lists are in a place of their own beside the store: results of runs, which are large, never push a list out. Only when lists
alone need more than their room are those that nobody has opened for longest cleared.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from core.errors import InvalidRequest, StoreError
from core.lessons.reading import read
from core.lessons.tasks import TaskList
from core.runs.storage.places import place_at
from core.runs.store import Store
from core.settings import settings

LECTURE = Path(__file__).parent / "lecture.yaml"
ROOM = 64_000_000  # bytes: a thousand lists of the largest size


def lecture() -> TaskList:
    """The list that comes with the lab."""
    return _read(LECTURE.read_bytes(), LECTURE.name)


def _lists() -> Store:
    return _lists_in(settings().store, settings().home)


@cache
def _lists_in(store: str | None, home: Path) -> Store:
    return Store(place_at(store, home, "lists"), ROOM)


def keep(content: bytes, name: str) -> str:
    """Keep a lecturer's file if it is a task list; its digest, by which `opened` finds it. Raises InvalidRequest."""
    read(content, name)
    digest = _lists().put(content)
    _lists().clear_room(keep=[digest])
    return digest


def opened(digest: str) -> TaskList:
    """The kept list with this digest, or for "" the shipped one; InvalidRequest where there is none."""
    if not digest:
        return lecture()
    try:
        return _read(_lists().get(digest), "this list")
    except StoreError as error:
        raise InvalidRequest(
            "The task list of this link is not in this lab; ask for a new link, or upload the file again."
        ) from error


@lru_cache(maxsize=64)
def _read(content: bytes, name: str) -> TaskList:
    return read(content, name)
