"""The one door through which files that a user names are read: regular files alone, up to a size. What has no end is refused.
And how the lab's own folders are made: for this account alone.

Devices, pipes and folders are told by what the system says of them before the first byte is read; a sparse file of gigabytes by
its size.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from itertools import islice
from pathlib import Path

from core.errors import GridcastError, InvalidRequest

LARGEST = 200_000_000  # bytes
LARGEST_LIST = 1_000_000  # bytes of a list that somebody has written
MOST_ENTRIES = 100_000  # files and folders that are looked at below one folder


def read_file(path: Path, most: int = LARGEST, error: type[GridcastError] = InvalidRequest) -> bytes:
    """What a file holds; `error` says why it cannot be read: it is not there, has no end, or more than `most` bytes."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe that nobody writes to would wait for ever
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise error(f"{path} cannot be read: it is a device or a pipe, give a file")
            content = file.read(most + 1)
    except (OSError, ValueError) as problem:  # ValueError: a name that no file can have
        reason = "it is a folder" if path.is_dir() else getattr(problem, "strerror", None) or problem
        raise error(f"{path} cannot be read: {reason}") from problem
    if len(content) > most:
        raise error(f"{path} has more than {most / 1_000_000:g} MB; give a smaller file")
    return content


def files_below(folder: Path, error: type[GridcastError] = InvalidRequest) -> list[Path]:
    """The regular files below a folder, sorted; `error` where it cannot be read, or holds too much to look through."""
    try:
        entries = list(islice(folder.rglob("*"), MOST_ENTRIES + 1))
    except OSError as problem:
        raise error(f"{folder} cannot be read: {problem.strerror}") from problem
    if len(entries) > MOST_ENTRIES:
        raise error(f"{folder} holds more than {MOST_ENTRIES:,} files and folders; choose one further down")
    return [path for path in sorted(entries) if path.is_file()]


def private_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing, that no other account may look into; OSError where it cannot be."""
    if folder.is_dir():
        return
    if folder.parent != folder:
        private_folder(folder.parent)
    with suppress(FileExistsError):  # by another process; a file of that name is found out by whoever writes below it
        folder.mkdir(mode=0o700)


def close_to_others(folder: Path, own: str) -> None:
    """Take the rights of other accounts away from a folder of ours that holds what only we make: `own`."""
    with suppress(OSError):
        status = folder.stat()
        ours = status.st_uid == os.geteuid() and (folder / own).exists()
        if ours and status.st_mode & 0o077:
            folder.chmod(stat.S_IMODE(status.st_mode) & 0o700)
