"""ZIP and gzip from strangers: what they hold is bounded in number, size and how far it was packed, before it is unpacked."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from core.errors import GridcastError
from core.system.unreadable import UNREADABLE, readable, reason_of

ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second: an empty one
GZIP = b"\x1f\x8b"
MOST_ENTRIES = 20_000  # that are looked at, whether they are wanted or not
_OTHERS = {  # how they begin, or from which byte on
    "tar": (257, b"ustar"),
    "xz": (0, b"\xfd7zXZ\0"),
    "bzip2": (4, b"1AY&SY"),
    "7z": (0, b"7z\xbc\xaf\x27\x1c"),
    "RAR": (0, b"Rar!\x1a"),
    "Zstandard": (0, b"\x28\xb5\x2f\xfd"),
    "LZ4": (0, b"\x04\x22\x4d\x18"),
    "gzip": (0, GZIP),
    "NumPy": (0, b"\x93NUMPY"),
}
_ENTRY = b"PK\x01\x02"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others need memory that the file itself chooses
_LOCKED, _IS_UTF_8 = 1, 1 << 11  # bits of an entry: with a password, with a name in UTF-8


@dataclass(frozen=True)
class Bounds:
    """Of what is unpacked of one file."""

    most_bytes: int
    most_entries: int = 10_000
    what: str = "files"  # they are called
    most_packed: float = 200.0  # bytes for one, of all entries together, where they are more than `free_bytes`
    free_bytes: int = 50_000_000


def unpack(
    name: str,
    content: bytes,
    bounds: Bounds,
    error: type[GridcastError],
    wanted: Callable[[zipfile.ZipInfo], bool] = lambda entry: not entry.is_dir(),
    damaged: Callable[[str, str], None] | None = None,
) -> Iterator[tuple[str, bytes]]:
    """The wanted files of a ZIP as (path, content), each unpacked when it is asked for; nothing is written anywhere.

    `damaged` is told the path of a file that cannot be unpacked, and why; without it, such a file is the end of all.
    """
    with readable(f"{name} cannot be unpacked ({{reason}}); make the ZIP again", error):
        if content.count(_ENTRY) > MOST_ENTRIES:
            raise error(f"{name} holds more than {MOST_ENTRIES:,} files; split it")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if wanted(entry)]
            _check(name, entries, bounds, error)
            for entry in entries:
                try:
                    data = _content(archive, entry)
                except UNREADABLE as problem:
                    if damaged is None:
                        raise
                    damaged(name_of(entry), reason_of(problem))
                    continue
                yield name_of(entry), data


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        data = file.read(entry.file_size + 1)
    if len(data) != entry.file_size:
        raise ValueError(f"{entry.filename} is not as long as it says")
    return data


def name_of(entry: zipfile.ZipInfo) -> str:
    """The path of a file in a ZIP: many packers write UTF-8 without its flag, which is then read as code page 437."""
    if not entry.flag_bits & _IS_UTF_8:
        with suppress(UnicodeError):
            return entry.filename.encode("cp437").decode()
    return entry.filename


def refuse_others(name: str, content: bytes, error: type[GridcastError]) -> None:
    """`error` for a file that is packed as anything but a ZIP."""
    for kind, (at, mark) in _OTHERS.items():
        if content.startswith(mark, at):
            raise error(
                f"{name} is a {kind} file, which is not opened here; unpack it, and if it holds several files make a ZIP"
            )


def _check(name: str, entries: list[zipfile.ZipInfo], bounds: Bounds, error: type[GridcastError]) -> None:
    if len(entries) > bounds.most_entries:
        raise error(f"{name} holds {len(entries):,} {bounds.what}, more than {bounds.most_entries:,}; split it")
    if any(entry.flag_bits & _LOCKED for entry in entries):
        raise error(f"{name} is locked with a password; make a ZIP without one")
    if any(entry.compress_type not in _METHODS for entry in entries):
        raise error(f"{name} is packed in an unusual way; make an ordinary ZIP of it (deflate)")
    size, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if size > bounds.most_bytes:
        raise error(f"{name} unpacks to more than {bounds.most_bytes // 1_000_000} MB; split it or make what is in it smaller")
    if size > bounds.free_bytes and size > bounds.most_packed * packed:
        raise error(f"{name} unpacks to more than {bounds.most_packed:.0f} times its size; make the ZIP again")


def gunzip(name: str, content: bytes, most_bytes: int, error: type[GridcastError]) -> bytes:
    """What a gzipped file holds, and any other file as it is."""
    if not content.startswith(GZIP):
        return content
    with readable(f"{name} cannot be unpacked ({{reason}}); get the file again", error):
        unpacked = zlib.decompressobj(wbits=31)
        held = unpacked.decompress(content, most_bytes)
        if not unpacked.eof:
            raise error(f"{name} is cut short or unpacks to more than {most_bytes:,} bytes; get the file again")
    return held
