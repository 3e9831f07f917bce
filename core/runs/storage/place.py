"""A place for files by digest: what the store asks of a folder and of an object store alike."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

SET_ASIDE = 10  # damaged files that are kept


def digest_of(content: bytes) -> str:
    """SHA-256 of some content, in hex: the name it has in the store."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True, order=True)
class Entry:
    """A file that is there."""

    used: float  # when it was written or read last, in seconds since the epoch
    size: int  # bytes
    digest: str


class Place(Protocol):
    """Safe for several threads and processes at once. Each verb raises StoreError where the place does not answer."""

    def write(self, digest: str, content: bytes) -> None:
        """Keep a file: whole, or not at all."""

    def read(self, digest: str, afresh: bool = False) -> bytes:
        """A file as it lies there, which is no use of it; FileNotFoundError where it does not. `afresh`: from no copy."""

    def use(self, digest: str) -> bool:
        """Note that a file is in use; False where it is not there."""

    def has(self, digest: str) -> bool:
        """Whether a file is there."""

    def delete(self, digest: str) -> None:
        """Of a file that is gone already nothing is said."""

    def entries(self) -> list[Entry]:
        """All files."""

    def set_aside(self, digest: str) -> None:
        """Put a damaged file out of the way, for whoever wants to know what has happened; the latest SET_ASIDE are kept."""

    def delete_set_aside(self) -> int:
        """Forget the damaged files; how many there were."""

    def sweep(self) -> None:
        """Remove what killed processes have left half written."""


def oldest(entries: Iterable[Entry], surplus: float) -> list[Entry]:
    """Of these, the least recently used that have so many bytes together."""
    chosen = list[Entry]()
    for entry in sorted(entries):
        if surplus <= 0:
            break
        surplus -= entry.size
        chosen.append(entry)
    return chosen
