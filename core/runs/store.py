"""Content-addressed files: inputs, results and weights, each under the SHA-256 of its content.

Writes are atomic, reads are checked, and the whole is bounded: what was not used for longest is cleared first. A file that is
not what was written is set aside, never given out. This is the one place that writes result files.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import Damaged, StoreError
from core.system.files import private_folder

_UMASK = os.umask(0o022)  # the permissions that this process withholds from new files
os.umask(_UMASK)

SET_ASIDE = 10  # damaged files that are kept


def digest_of(content: bytes) -> str:
    """SHA-256 of some content, in hex: the name it has in the store."""
    return hashlib.sha256(content).hexdigest()


def write_atomically(path: Path, content: bytes, private: bool = False) -> None:
    """Write a file so that a reader finds the old content or the new, never half of it; below folders that are made for it,
    `private` ones for this account alone."""
    try:
        if private:
            private_folder(path.parent)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                os.fchmod(file.fileno(), 0o666 & ~_UMASK)  # temporary files are private; what is kept is not
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name)
            raise
    except OSError as error:
        raise StoreError(f"cannot write {path.name[:12]}: {error.strerror or error}") from error


@contextmanager
def _vanishing() -> Iterator[None]:
    """Another process may clear a file while we look at it."""
    with suppress(FileNotFoundError):
        yield


class Store:
    """Files by digest below one folder; safe for several threads and processes at once."""

    def __init__(self, folder: Path, limit_bytes: int, beside: Path | None = None) -> None:
        """`beside`: a folder of files that can be had again from elsewhere, which count towards the same bound."""
        self.folder, self.limit_bytes, self.beside = folder, limit_bytes, beside

    def path_of(self, digest: str) -> Path:
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise StoreError(f"{digest[:64]!r} is not a digest")
        return self.folder / digest[:2] / digest

    def put(self, content: bytes) -> str:
        """Keep some content; return its digest. Keeping it twice costs nothing."""
        digest = digest_of(content)
        path = self.path_of(digest)
        if path.exists():
            os.utime(path)
        else:
            write_atomically(path, content, private=True)
        return digest

    def get(self, digest: str) -> bytes:
        """The content of a digest; Damaged when it is not what was written, StoreError when it is not here."""
        path = self.path_of(digest)
        try:
            content = path.read_bytes()
            os.utime(path)
        except FileNotFoundError:
            raise StoreError(f"the store has no {digest[:12]} (cleared to make room, or never written)") from None
        except OSError as error:
            raise StoreError(f"cannot read the stored {digest[:12]}: {error.strerror or error}") from error
        if digest_of(content) != digest:
            self._set_aside(path)
            raise Damaged(f"the stored {digest[:12]} was damaged and has been set aside")
        return content

    def verify(self, digest: str) -> None:
        """Read a file as `get` does, which notes no use of it."""
        with suppress(FileNotFoundError):
            used = self.path_of(digest).stat()
            self.get(digest)
            os.utime(self.path_of(digest), ns=(used.st_atime_ns, used.st_mtime_ns))

    def _set_aside(self, path: Path) -> None:
        """Out of the way, for whoever wants to know what has happened to it; the latest SET_ASIDE are kept."""
        with suppress(OSError):
            self._aside.mkdir(exist_ok=True)
            os.replace(path, self._aside / path.name)
        with suppress(OSError):
            path.unlink(missing_ok=True)  # where it could not be moved
            for old in sorted(self._aside.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)[SET_ASIDE:]:
                old.unlink()

    @property
    def _aside(self) -> Path:
        return self.folder / "damaged"

    def delete_set_aside(self) -> int:
        """Forget the damaged files; how many there were."""
        files = list(self._aside.glob("*"))
        for path in files:
            path.unlink(missing_ok=True)
        return len(files)

    def delete_older(self, needed: Iterable[str], seconds: float = 86_400.0) -> int:
        """Delete the files that are not needed and were not used for so long; how many."""
        kept = set(needed) | self.used_since(time.time() - seconds)
        gone = [digest for digest in self.digests() if digest not in kept]
        for digest in gone:
            self.delete(digest)
        self._sweep()
        return len(gone)

    def used_since(self, moment: float) -> set[str]:
        """The files that were written or read after then, in seconds since the epoch."""
        used = set()
        for digest in self.digests():
            with _vanishing():
                if self.path_of(digest).stat().st_mtime > moment:
                    used.add(digest)
        return used

    def use(self, digest: str) -> bool:
        """Note that a file is in use, so that it is not cleared before others; False when it is not here."""
        try:
            os.utime(self.path_of(digest))
        except OSError:
            return False
        return True

    def __contains__(self, digest: str) -> bool:
        return self.path_of(digest).exists()

    def delete(self, digest: str) -> None:
        self.path_of(digest).unlink(missing_ok=True)

    def digests(self) -> Iterator[str]:
        """All digests that are here."""
        return (path.name for path in self.folder.glob("??/*") if len(path.name) == 64)

    def size(self) -> tuple[int, int]:
        """How many files are here, and their bytes in all; those beside them included."""
        files = self._files()
        return len(files), sum(size for _, size, _ in files)

    def is_full(self) -> bool:
        """Whether it is above its bound."""
        return self.size()[1] > self.limit_bytes

    def _files(self) -> list[tuple[float, int, Path]]:
        """When each was used last, and its bytes."""
        files = []
        for path in (*map(self.path_of, self.digests()), *(self.beside.rglob("*.parquet") if self.beside else ())):
            with _vanishing():
                status = path.stat()
                files.append((status.st_mtime, status.st_size, path))
        return files

    def clear_room(self, keep: Iterable[str] = ()) -> list[str]:
        """Delete the least recently used files above the limit, except those in `keep`; return their digests."""
        kept, files = set(keep), self._files()
        self._sweep()
        surplus = sum(size for _, size, _ in files) - self.limit_bytes
        gone = []
        for _, size, path in sorted(files):
            if surplus <= 0:
                break
            if path.name not in kept:
                path.unlink(missing_ok=True)
                surplus -= size
                gone += [path.name] if path.suffix == "" else []
        return gone

    def _sweep(self) -> None:
        """Remove what killed processes left half written."""
        for path in self.folder.glob("??/.writing-*"):
            with _vanishing():
                if path.stat().st_mtime < time.time() - 3600:
                    path.unlink()
