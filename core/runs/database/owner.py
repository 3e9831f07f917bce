"""Owner: the process that is responsible for a run. It holds a lock, so that even a killed one is known to be gone.

With SQLite, whose processes are on one machine, that is the lock of a file; with PostgreSQL one of the server (`server_owner`).
"""

from __future__ import annotations

import random
import time
import uuid
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from filelock import FileLock, Timeout

from core.system.files import private_folder

TRIES = 4  # attempts to take a lock before it counts as held


class Owner(Protocol):
    """This process's name among the owners of runs; the name is alive until `release` or the end of the process."""

    name: str

    def release(self) -> None: ...

    def lives(self, name: str) -> bool:
        """Whether the process that took this name still runs."""
        ...


class FileOwner:
    """Holds the lock of a file in a folder that all processes of a lab share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        private_folder(folder)
        self.name = uuid.uuid4().hex
        self._lock = FileLock(self._path(self.name), thread_local=False)
        self._lock.acquire()

    def release(self) -> None:
        self._lock.release()
        with suppress(OSError):
            self._path(self.name).unlink()

    def lives(self, name: str) -> bool:
        if name == self.name:
            return self._lock.is_locked
        path = self._path(name)
        if not name or not path.exists():
            return False
        for _ in range(TRIES):
            try:
                with FileLock(path, timeout=0):
                    pass
            except Timeout:
                time.sleep(random.uniform(0.002, 0.01))  # held by its owner, or by another process that tries it at this moment
            else:
                with suppress(OSError):
                    path.unlink()
                return False
        return True

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"
