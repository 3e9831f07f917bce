"""Files below a folder. This is the one place that writes files: whole, or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.errors import StoreError
from core.runs.storage.place import SET_ASIDE, Entry
from core.system.files import private_folder

_UMASK = os.umask(0o022)  # the permissions that this process withholds from new files
os.umask(_UMASK)


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
def vanishing() -> Iterator[None]:
    """Another process may clear a file while we look at it."""
    with suppress(FileNotFoundError):
        yield


class Folder:
    """A place for files by digest, see `Place`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def write(self, digest: str, content: bytes) -> None:
        write_atomically(self.path_of(digest), content, private=True)

    def read(self, digest: str, afresh: bool = False) -> bytes:
        try:
            return self.path_of(digest).read_bytes()
        except FileNotFoundError:
            raise
        except OSError as error:
            raise StoreError(f"cannot read the stored {digest[:12]}: {error.strerror or error}") from error

    def use(self, digest: str) -> bool:
        try:
            os.utime(self.path_of(digest))
        except OSError:
            return False
        return True

    def has(self, digest: str) -> bool:
        return self.path_of(digest).exists()

    def delete(self, digest: str) -> None:
        self.path_of(digest).unlink(missing_ok=True)

    def entries(self) -> list[Entry]:
        entries = []
        for path in self.folder.glob("??/*"):
            with vanishing():
                if len(path.name) == 64:
                    status = path.stat()
                    entries.append(Entry(status.st_mtime, status.st_size, path.name))
        return entries

    def set_aside(self, digest: str) -> None:
        path, aside = self.path_of(digest), self.folder / "damaged"
        with suppress(OSError):
            aside.mkdir(exist_ok=True)
            os.replace(path, aside / path.name)
        with suppress(OSError):
            path.unlink(missing_ok=True)  # where it could not be moved
            for old in sorted(aside.iterdir(), key=lambda one: one.stat().st_mtime, reverse=True)[SET_ASIDE:]:
                old.unlink()

    def delete_set_aside(self) -> int:
        files = list((self.folder / "damaged").glob("*"))
        for path in files:
            path.unlink(missing_ok=True)
        return len(files)

    def sweep(self) -> None:
        for path in self.folder.glob("??/.writing-*"):
            with vanishing():
                if path.stat().st_mtime < time.time() - 3600:
                    path.unlink()
