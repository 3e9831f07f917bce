"""The whole of MNIST on request: from a folder, or fetched once over HTTP, checked by SHA-256 and kept in the lab's folder."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from core.errors import ImageError
from core.runs.store import digest_of, write_atomically
from core.stn.datasets.digits import FILES, mnist, unzipped
from core.system.files import read_file

DIGESTS = {  # of what the files hold; how they are compressed differs from one source to another
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
TIMEOUT = 30.0  # seconds without a byte
LARGEST = 16_000_000  # bytes of one compressed file; the training images are 10 million


def _file(folder: Path, name: str) -> bytes:
    for path in (folder / f"{name}.gz", folder / name):
        if path.is_file():
            content = read_file(path, error=ImageError)
            return content if path.suffix == ".gz" else gzip.compress(content, 6, mtime=0)
    raise ImageError(f"{folder} has no file {name}.gz; put the four files of MNIST there")


def read(folder: Path) -> list[bytes]:
    """The four files of a folder, gzipped, in the order of FILES; ImageError says which one is missing or wrong."""
    files = [_file(folder, name) for name in FILES]
    mnist(files)
    return files


def _is(name: str, content: bytes) -> bool:
    try:
        return digest_of(unzipped(name, content)) == DIGESTS[name]
    except ImageError:
        return False


def _kept(cache: Path, name: str) -> bytes | None:
    path = cache / f"{name}.gz"
    if not path.is_file():
        return None
    content = read_file(path, error=ImageError)
    return content if _is(name, content) else None


def _download(address: str) -> bytes:
    remedy = "check the connection or give a folder with the four files"
    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT) as answer:
            return answer.read(LARGEST + 1)
    except urllib.error.HTTPError as error:
        raise ImageError(f"{address} answered {error.code} {error.reason}; {remedy}") from error
    except (OSError, HTTPException, ValueError) as error:  # ValueError: no address at all
        reason = getattr(error, "reason", None) or error
        raise ImageError(f"{address} cannot be reached ({reason}); {remedy}") from error


def _fetched(cache: Path, name: str, url: str, announce: Callable[[str], None]) -> bytes:
    announce(name)
    address = f"{url.rstrip('/')}/{name}.gz"
    content = _download(address)
    if not _is(name, content):
        raise ImageError(f"{address} answered {len(content):,} bytes that are not MNIST's {name}; set GRIDCAST_MNIST_URL")
    write_atomically(cache / f"{name}.gz", content, private=True)
    return content


def fetch(cache: Path, url: str, announce: Callable[[str], None] = lambda name: None) -> list[bytes]:
    """The four files from the cache folder; those that are not there are fetched from `url`, checked and kept.

    `announce` is called with the name of each file before it is fetched. ImageError when there is no connection or the content
    is another.
    """
    return [_kept(cache, name) or _fetched(cache, name, url, announce) for name in FILES]
