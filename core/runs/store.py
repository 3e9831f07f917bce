"""Content-addressed files: inputs, results and weights, each under the SHA-256 of its content.

Writes are atomic, reads are checked, and the whole is bounded: what was not used for longest is cleared first.
This is the one place that writes result files.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import StoreError
from core.system.files import private_folder

_UMASK = os.umask(0o022)  # the permissions that this process withholds from new files
os.umask(_UMASK)


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

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder, self.limit_bytes = folder, limit_bytes

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
        """The content of a digest; StoreError when it is not here or was damaged."""
        path = self.path_of(digest)
        try:
            content = path.read_bytes()
            os.utime(path)
        except FileNotFoundError:
            raise StoreError(f"the store has no {digest[:12]} (cleared to make room, or never written)") from None
        except OSError as error:
            raise StoreError(f"cannot read the stored {digest[:12]}: {error.strerror or error}") from error
        if digest_of(content) != digest:
            path.unlink(missing_ok=True)
            raise StoreError(f"the stored {digest[:12]} was damaged and has been removed")
        return content

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
        """How many files are here, and their bytes in all."""
        sizes = []
        for digest in self.digests():
            with _vanishing():
                sizes.append(self.path_of(digest).stat().st_size)
        return len(sizes), sum(sizes)

    def clear_room(self, keep: Iterable[str] = ()) -> list[str]:
        """Delete the least recently used files above the limit, except those in `keep`; return their digests."""
        kept, files = set(keep), []
        self._sweep()
        for digest in self.digests():
            with _vanishing():
                status = self.path_of(digest).stat()
                files.append((status.st_mtime, status.st_size, digest))
        surplus = sum(size for _, size, _ in files) - self.limit_bytes
        gone = []
        for _, size, digest in sorted(files):
            if surplus <= 0:
                break
            if digest not in kept:
                self.delete(digest)
                gone.append(digest)
                surplus -= size
        return gone

    def _sweep(self) -> None:
        """Remove what killed processes left half written."""
        for path in self.folder.glob("??/.writing-*"):
            with _vanishing():
                if path.stat().st_mtime < time.time() - 3600:
                    path.unlink()
