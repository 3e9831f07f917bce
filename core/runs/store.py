"""Content-addressed files: inputs, results and weights, each under the SHA-256 of its content.

Writes are atomic, reads are checked, and the whole is bounded: what was not used for longest is cleared first. A file that is
not what was written is set aside, never given out. Whether they lie in a folder or an object store is the place's to know.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from core.errors import Damaged, Missing, StoreError
from core.runs.storage.folder import vanishing, write_atomically
from core.runs.storage.place import Entry, Place, digest_of, oldest

__all__ = ["Store", "digest_of", "write_atomically"]


class Store:
    """Files by digest in one place; safe for several threads and processes at once."""

    def __init__(self, place: Place, limit_bytes: int, beside: Path | None = None) -> None:
        """`beside`: a folder of files that can be had again from elsewhere, which count towards the same bound."""
        self.place, self.limit_bytes, self.beside = place, limit_bytes, beside

    def put(self, content: bytes) -> str:
        """Keep some content; return its digest. Keeping it twice costs nothing."""
        digest = digest_of(content)
        if not self.place.use(digest):
            self.place.write(digest, content)
        return digest

    def get(self, digest: str) -> bytes:
        """The content of a digest. Damaged when it is not what was written, Missing when it is not here, StoreError when that
        cannot be told now."""
        content = self._checked(digest)
        self.place.use(digest)
        return content

    def verify(self, digest: str) -> None:
        """Read a file as `get` does, which notes no use of it, and from no copy."""
        self._checked(digest, afresh=True)

    def _checked(self, digest: str, afresh: bool = False) -> bytes:
        try:
            content = self.place.read(_checked_name(digest), afresh)
        except FileNotFoundError:
            raise Missing(f"the store has no {digest[:12]} (cleared to make room, or never written)") from None
        if digest_of(content) != digest:
            self.place.set_aside(digest)
            raise Damaged(f"the stored {digest[:12]} was damaged and has been set aside")
        return content

    def delete_set_aside(self) -> int:
        """Forget the damaged files; how many there were."""
        return self.place.delete_set_aside()

    def delete_older(self, needed: Iterable[str], seconds: float = 86_400.0) -> int:
        """Delete the files that are not needed and were not used for so long; how many."""
        kept = set(needed) | self.used_since(time.time() - seconds)
        gone = [digest for digest in self.digests() if digest not in kept]
        for digest in gone:
            self.delete(digest)
        self.place.sweep()
        return len(gone)

    def used_since(self, moment: float) -> set[str]:
        """The files that were written or read after then, in seconds since the epoch."""
        return {entry.digest for entry in self.place.entries() if entry.used > moment}

    def use(self, digest: str) -> bool:
        """Note that a file is in use, so that it is not cleared before others; False when it is not here."""
        return self.place.use(_checked_name(digest))

    def __contains__(self, digest: str) -> bool:
        return self.place.has(_checked_name(digest))

    def delete(self, digest: str) -> None:
        self.place.delete(_checked_name(digest))

    def digests(self) -> Iterator[str]:
        """All digests that are here."""
        return (entry.digest for entry in self.place.entries())

    def size(self) -> tuple[int, int]:
        """How many files are here, and their bytes in all; those beside them included."""
        sizes = [entry.size for entry in (*self.place.entries(), *self._beside())]
        return len(sizes), sum(sizes)

    def is_full(self) -> bool:
        """Whether it is above its bound."""
        return self.size()[1] > self.limit_bytes

    def _beside(self) -> Iterator[Entry]:
        """The files beside, by their paths."""
        for path in self.beside.rglob("*.parquet") if self.beside else ():
            with vanishing():
                status = path.stat()
                yield Entry(status.st_mtime, status.st_size, str(path))

    def clear_room(self, keep: Iterable[str] = ()) -> list[str]:
        """Delete the least recently used files above the limit, except those in `keep`; return their digests."""
        kept, here, beside = set(keep), self.place.entries(), list(self._beside())
        self.place.sweep()
        surplus = sum(entry.size for entry in (*here, *beside)) - self.limit_bytes
        gone = []
        for entry in oldest((entry for entry in (*here, *beside) if entry.digest not in kept), surplus):
            if os.sep in entry.digest:
                Path(entry.digest).unlink(missing_ok=True)
            else:
                self.delete(entry.digest)
                gone.append(entry.digest)
        return gone


def _checked_name(digest: str) -> str:
    """StoreError where it is none: nothing else becomes a path."""
    if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
        raise StoreError(f"{digest[:64]!r} is not a digest")
    return digest
