"""An object store as a place for files by digest: any that fsspec knows, such as s3://bucket/prefix.

Objects come whole or not at all. They cannot be touched, so an empty object beside each says when it was used last. What is
read is kept in a folder of copies, bounded; a copy that is not what it should be is read anew.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import cached_property
from typing import Any

from core.errors import Away, StoreError
from core.runs.storage.folder import Folder
from core.runs.storage.place import SET_ASIDE, Entry, digest_of, oldest

COPIES = 1_000_000_000  # bytes of copies, at most
NOTED_SECONDS = 3600.0  # between two notes that the same file is in use
SURE_SECONDS = 60.0  # for which it is believed that a file is there
LISTED_SECONDS = 10.0  # for which it is believed that a list of all is right
MOMENTS = ("LastModified", "last_modified", "mtime", "updated", "modified", "created")  # what stores call the time of writing
PACKAGES = {"s3": "s3fs", "gs": "gcsfs", "gcs": "gcsfs", "abfs": "adlfs", "az": "adlfs"}
OPTIONS: dict[str, dict[str, Any]] = {
    "s3": {"config_kwargs": {"connect_timeout": 3, "read_timeout": 20, "retries": {"max_attempts": 1}}},
}  # of kinds that would wait for minutes
TRIES = 2  # of a kind that tries again by itself
THE_STORE = "the object store of GRIDCAST_STORE"
AWAY = f"{THE_STORE} does not answer; start it again, or correct its address"
NO_BUCKET = f"{THE_STORE} has no bucket of that name; create it, or correct GRIDCAST_STORE"
REFUSED = (
    f"{THE_STORE} refuses the key of this server, or has none of it; for S3 give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
)
NO_PACKAGE = "for GRIDCAST_STORE={scheme}://… a package is missing: pip install {package}"


@contextmanager
def told() -> Iterator[None]:
    """StoreError with the reason, in a sentence without addresses, where the object store does not do what is asked."""
    try:
        yield
    except (FileNotFoundError, PermissionError) as error:
        if isinstance(error, PermissionError):
            raise StoreError(REFUSED) from error
        if "bucket does not exist" in str(error):
            raise StoreError(NO_BUCKET) from error
        raise
    except StoreError:
        raise
    except Exception as error:  # each kind of store has its own
        if "credentials" in f"{type(error).__name__} {error}".lower():
            raise StoreError(REFUSED) from error
        raise Away(AWAY) from error


class Bucket:
    """A place for files by digest, see `Place`."""

    def __init__(self, url: str, copies: Folder, copies_bytes: int = COPIES) -> None:
        self._url, self._copies, self._copies_bytes = url.rstrip("/"), copies, copies_bytes
        self._lock = threading.Lock()
        self._there: dict[str, float] = {}  # by digest: when it was seen there
        self._noted: dict[str, float] = {}  # by digest: when it was noted that it is in use
        self._listed: tuple[float, dict[str, Entry]] = (-LISTED_SECONDS, {})
        self._fresh_bytes = copies_bytes  # of copies written since they were last counted

    @cached_property
    def _files(self) -> tuple[Any, str]:
        """The file system, and where in it."""
        scheme = self._url.partition("://")[0]
        options = {"use_listings_cache": False, "skip_instance_cache": True} | OPTIONS.get(scheme, {})
        try:
            from fsspec.core import url_to_fs

            files, root = url_to_fs(self._url, **options)
        except (ImportError, ValueError) as error:  # ValueError: no such kind
            package = PACKAGES.get(scheme, f"fsspec, and what it needs for {scheme}")
            raise StoreError(NO_PACKAGE.format(scheme=scheme, package=package)) from error
        if hasattr(files, "retries"):
            files.retries = TRIES
        return files, str(root).rstrip("/")

    def _path_of(self, digest: str, kind: str = "") -> str:
        return f"{self._files[1]}/{kind or digest[:2]}/{digest}"

    def write(self, digest: str, content: bytes) -> None:
        with told():
            try:
                self._files[0].pipe_file(self._path_of(digest), content)
            except FileNotFoundError as error:
                raise StoreError(NO_BUCKET) from error
        self._seen(digest, Entry(time.time(), len(content), digest))
        self._copy(digest, content)

    def read(self, digest: str, afresh: bool = False) -> bytes:
        if not afresh:
            if not self.has(digest):
                raise FileNotFoundError(digest)
            with suppress(FileNotFoundError, StoreError):
                content = self._copies.read(digest)
                if digest_of(content) == digest:
                    self._copies.use(digest)
                    return content
                self._copies.delete(digest)
        try:
            with told():
                content = self._files[0].cat_file(self._path_of(digest))
        except FileNotFoundError:
            self._gone(digest)
            raise
        self._there[digest] = time.monotonic()
        if digest_of(content) == digest:
            self._copy(digest, content)
        return content

    def use(self, digest: str) -> bool:
        if not self.has(digest):
            return False
        now = time.monotonic()
        if now - self._noted.get(digest, now - NOTED_SECONDS) >= NOTED_SECONDS:
            with told():
                self._files[0].pipe_file(self._path_of(digest, "used"), b"")
            self._noted[digest] = now
            with self._lock:
                if entry := self._listed[1].get(digest):
                    self._listed[1][digest] = Entry(time.time(), entry.size, digest)
        return True

    def has(self, digest: str) -> bool:
        now = time.monotonic()
        if now - self._there.get(digest, now - SURE_SECONDS) < SURE_SECONDS:
            return True
        try:
            with told():
                self._files[0].info(self._path_of(digest))  # `exists` says no, too, where nobody answers
        except FileNotFoundError:
            self._gone(digest)
            return False
        self._there[digest] = now
        return True

    def delete(self, digest: str) -> None:
        for kind in ("", "used"):
            with told(), suppress(FileNotFoundError):
                self._files[0].rm_file(self._path_of(digest, kind))
        self._gone(digest)

    def entries(self) -> list[Entry]:
        with self._lock:
            listed, entries = self._listed
            if time.monotonic() - listed >= LISTED_SECONDS:
                entries = self._list()
                self._listed = time.monotonic(), entries
            return list(entries.values())

    def _list(self) -> dict[str, Entry]:
        files, root = self._files
        try:
            with told():
                found: Mapping[str, Mapping[str, Any]] = files.find(root, detail=True)
        except FileNotFoundError:
            return {}  # nothing has been written yet
        used, entries = dict[str, float](), dict[str, Entry]()
        for path, about in found.items():
            *_, folder, name = path.split("/")
            if folder == "used":
                used[name] = _moment(about)
            elif len(name) == 64 and folder == name[:2]:
                entries[name] = Entry(_moment(about), int(about["size"]), name)
        return {name: Entry(max(entry.used, used.get(name, 0.0)), entry.size, name) for name, entry in entries.items()}

    def set_aside(self, digest: str) -> None:
        files = self._files[0]
        with told(), suppress(FileNotFoundError):
            files.copy(self._path_of(digest), self._path_of(digest, "damaged"))
        self.delete(digest)
        for old in self._damaged()[SET_ASIDE:]:
            with told(), suppress(FileNotFoundError):
                files.rm_file(old)

    def _damaged(self) -> list[str]:
        """The latest first."""
        try:
            with told():
                found = self._files[0].find(f"{self._files[1]}/damaged", detail=True)
        except FileNotFoundError:
            return []
        return sorted(found, key=lambda path: _moment(found[path]), reverse=True)

    def delete_set_aside(self) -> int:
        damaged = self._damaged()
        for path in damaged:
            with told(), suppress(FileNotFoundError):
                self._files[0].rm_file(path)
        return len(damaged)

    def sweep(self) -> None:
        self._copies.sweep()  # in an object store nothing is half written

    def _seen(self, digest: str, entry: Entry) -> None:
        self._there[digest] = time.monotonic()
        with self._lock:
            self._listed[1][digest] = entry

    def _gone(self, digest: str) -> None:
        self._there.pop(digest, None)
        self._noted.pop(digest, None)
        with self._lock:
            self._listed[1].pop(digest, None)
        with suppress(OSError):
            self._copies.delete(digest)

    def _copy(self, digest: str, content: bytes) -> None:
        """Keep a copy; of too many the least recently used go. A disk that is full must not stop what has been read."""
        with suppress(StoreError, OSError):
            self._copies.write(digest, content)
            self._fresh_bytes += len(content)
            if self._fresh_bytes > self._copies_bytes / 10:
                entries = self._copies.entries()
                for entry in oldest(entries, sum(one.size for one in entries) - 0.9 * self._copies_bytes):
                    self._copies.delete(entry.digest)
                self._fresh_bytes = 0


def _moment(about: Mapping[str, Any]) -> float:
    """When an object was written, in seconds since the epoch."""
    for name in MOMENTS:
        if isinstance(moment := about.get(name), datetime):
            return moment.timestamp()
        if isinstance(moment, int | float):
            return float(moment)
        if isinstance(moment, str):
            with suppress(ValueError):
                return datetime.fromisoformat(moment).timestamp()
    return 0.0
