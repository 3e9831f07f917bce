"""Uploads to pictures: single files and ZIPs of them, checked together by their headers before the first pixel is decoded.

Files that cannot be used are left out, each with its reason, and the others are read; only where none is left is it an error.
What strangers bring is read by `read_bounded`, in a process of its own; what a user of the shell names, by `read_uploads`.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath

import numpy as np
import pillow_heif
from PIL import AvifImagePlugin, Image

from core.errors import ImageError
from core.stn.datasets.decoding.entries import Entries
from core.stn.datasets.images import FORMATS_IN_WORDS, STORED_SIDE, Picture, Undecoded, is_flat, pages_in
from core.system.bounded import reading
from core.system.bounded.reading import Files, Step, Wanted
from core.system.unpacking import ZIP, Bounds, name_of, refuse_others, unpack
from core.system.unreadable import LONGEST_NAME, printable

LARGEST_ZIP = 500_000_000  # bytes, unpacked
MOST_PICTURES = 1_000
MOST_DECODED = 2_500_000_000  # pixels of one upload, as they are decoded, by the headers: half a minute of work
MOST_PIXELS = 120_000_000  # as they are kept, in one upload: 1,000 photos of 4:3 at STORED_SIDE, 360 MB
MOST_SENTENCES = 5  # of an error about many files


@dataclass(frozen=True)
class Upload:
    """What has been read of some files, and a sentence about each that could not be."""

    pictures: list[Picture]
    left_out: tuple[str, ...] = ()

    @classmethod
    def of(cls, read: Iterable[Picture | str]) -> Upload:
        """Of pictures, and sentences about what is left out. ImageError where no picture could be read."""
        items = list(read)
        pictures = [item for item in items if isinstance(item, Picture)]
        left_out = [item for item in items if isinstance(item, str)]
        if not pictures:
            more = [f"and {len(left_out) - MOST_SENTENCES:,} more"] if len(left_out) > MOST_SENTENCES else []
            raise ImageError(". ".join([*left_out[:MOST_SENTENCES], *more]) or "there are no pictures; give at least one")
        return cls(pictures, tuple(left_out))

    def without_flat(self) -> Upload:
        """Without the pictures of one flat colour, in which there is nothing to learn. ImageError where no other is left."""
        why = "is one flat colour, there is nothing in it to learn from; choose another picture"
        return Upload.of([*self.left_out, *(f"{one.name} {why}" if is_flat(one.pixels) else one for one in self.pictures)])

    @property
    def dark(self) -> str:
        """A sentence about pictures that are nearly black because their levels use a small part of their range, or ""."""
        names = [picture.name for picture in self.pictures if picture.dark]
        if not names:
            return ""
        named = f"{names[0]} and {len(names) - 1:,} more use" if len(names) > 1 else f"{names[0]} uses"
        return f"{named} less than an eighth of the levels of the file, as of 12 bits in 16, and would be nearly black"

    @property
    def first_pages(self) -> str:
        """A sentence about files of which the first page alone has been read, or ""."""
        names = [picture.name for picture in self.pictures if any(what.endswith("but the first") for what in picture.dropped)]
        more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        return f"of {names[0]}{more} the first page alone is used" if names else ""


def _is_picture(name: str, entries: Entries, entry: zipfile.ZipInfo) -> bool:
    """Whether a file in the ZIP of this name is one; ImageError where its path leads out of the ZIP."""
    path = PurePosixPath(name_of(entry).replace("\\", "/"))
    if not path.parts:  # "./", as some packers write
        return False
    if len(entry.filename) > LONGEST_NAME:
        raise ImageError(f"{name} holds a file whose name has more than {LONGEST_NAME} letters; shorten it")
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise ImageError(f"{name} holds a path that leads out of it ({printable(entry.filename)}); make the ZIP again")
    return not entry.is_dir() and entries.is_picture(path)


def _unpack(name: str, content: bytes) -> Iterator[tuple[str, bytes] | str]:
    """The pictures of a ZIP as (path, content), and sentences about what is left out; nothing is written anywhere."""
    pictures, bounds, entries = 0, Bounds(LARGEST_ZIP, MOST_PICTURES, "pictures"), Entries(name)
    damaged: list[str] = []

    def note(path: str, reason: str) -> None:
        damaged.append(f"{printable(path)} in {name} is damaged ({reason}); pack it again")

    for inner, data in unpack(name, content, bounds, ImageError, partial(_is_picture, name, entries), note):
        yield inner, data
        pictures += 1
    if pictures or damaged or entries.archives:
        yield from (*damaged, *map(printable, entries.left_out))
    else:
        raise ImageError(f"{name} holds no pictures; put {FORMATS_IN_WORDS} files into it")


@dataclass(frozen=True)
class _File:
    """One picture's file, or in place of its content why it is left out."""

    upload: str
    name: str
    content: bytes = b""
    left_out: str = ""


def _one_by_one(files: Files) -> Iterator[_File]:
    """Every picture, unpacked only when it is asked for, and all that is left out."""
    for name, content in files:
        upload = printable(name)
        try:
            if content.startswith(ZIP) or name.lower().endswith(".zip"):
                for inner in _unpack(upload, content):
                    yield _File(upload, "", left_out=inner) if isinstance(inner, str) else _File(upload, *inner)
            else:
                refuse_others(upload, content, ImageError)
                yield _File(upload, name, content)
        except ImageError as error:
            yield _File(upload, name, left_out=str(error))


def _pages(file: _File, longest: int | None, every: bool) -> Iterator[Undecoded | str]:
    try:
        for page in pages_in(file.name, file.content, longest, every):
            yield str(page) if isinstance(page, ImageError) else page
    except ImageError as error:
        yield str(error)


def _check_together(files: Files, longest: int | None, every: bool) -> None:
    """ImageError, before anything is decoded, for what the headers of all pictures together say."""
    decoded = kept = 0.0
    number = 0
    for file in _one_by_one(files):
        for page in _pages(file, longest, every) if not file.left_out else ():
            if isinstance(page, str):
                continue
            number += 1
            width, height = page.size
            kept += width * height * min(1.0, (longest or math.inf) / max(width, height)) ** 2
            decoded += page.decoded_pixels
            if number > MOST_PICTURES:
                raise ImageError(f"{file.upload} brings more than {MOST_PICTURES:,} pictures; upload fewer")
            for pixels, most in ((kept, MOST_PIXELS), (decoded, MOST_DECODED)):
                if pixels > most:
                    limit = f"{most // 1_000_000:,} million pixels in all"
                    raise ImageError(f"{file.upload} brings more than {limit}; upload fewer pictures or smaller ones")


def _read(files: Files, longest: int | None, every: bool, brighten: bool) -> Iterator[int | Picture | str]:
    """Before each picture how many bytes of memory it needs, then the picture; a sentence about what is left out.

    With `every`, each page of a file is a picture; with `brighten`, pictures that would be nearly black are not.
    """
    _check_together(files, longest, every)
    for file in _one_by_one(files):
        if file.left_out:
            yield file.left_out
            continue
        for page in _pages(file, longest, every):
            if isinstance(page, str):
                yield page
                continue
            yield page.need
            try:
                yield page.decoded(brighten)
            except ImageError as error:
                yield str(error)


def read_uploads(files: Files, longest: int | None = STORED_SIDE, every: bool = False, brighten: bool = False) -> Upload:
    """Read uploads (name, content); a ZIP counts as the pictures inside it, with `every` a file as its pages.

    ImageError where no picture is left, or all are too much.
    """
    return Upload.of(item for item in _read(files, longest, every, brighten) if not isinstance(item, int))


# -- in a process of its own ---------------------------------------------------------------------------


def load() -> None:
    """Load the decoders, which Pillow would load when the first picture is opened; each with one thread, because the memory
    that threads set aside counts."""
    Image.init()
    AvifImagePlugin.DEFAULT_MAX_THREADS = pillow_heif.options.DECODE_THREADS = 1


def steps(files: Files, longest: int | None, every: bool = False, brighten: bool = False) -> Iterator[Step]:
    """The reader: before each picture how much memory it needs, then the picture, or why there is none."""
    for item in _read(files, longest, every, brighten):
        if isinstance(item, Picture):
            yield _packed(item)
        elif isinstance(item, str):
            yield json.dumps({"left_out": item}).encode() + b"\n"
        else:
            yield item


def _packed(picture: Picture) -> bytes:
    """A line of JSON, the pixels, those with how opaque they are where some are not, the colour profile."""
    transparent = picture.transparent is not None
    about = {"name": picture.name, "shape": picture.pixels.shape, "transparent": transparent, "dropped": picture.dropped}
    about |= {"dark": picture.dark, "ground": picture.ground}
    levels = [picture.pixels] if picture.transparent is None else [picture.pixels, picture.transparent]
    return b"".join([json.dumps(about).encode(), b"\n", *(part.tobytes() for part in levels), picture.profile])


def _unpacked(content: bytearray) -> Picture | str:
    at = content.index(b"\n") + 1
    about = json.loads(content[:at])
    if "left_out" in about:
        return str(about["left_out"])
    height, width, _ = about["shape"]

    def levels(depth: int) -> np.ndarray:
        nonlocal at
        count, begin = height * width * depth, at
        at += count
        return np.frombuffer(content, np.uint8, count, begin).reshape(height, width, depth)

    pixels = levels(3)
    transparent = levels(4) if about["transparent"] else None
    profile, dropped = bytes(content[at:]), tuple(about["dropped"])
    return Picture(about["name"], pixels, transparent, profile, dropped, about["dark"], about["ground"])


def read_bounded(
    files: Files,
    longest: int | None = STORED_SIDE,
    every: bool = False,
    brighten: bool = False,
    wanted: Wanted = lambda: True,
) -> Upload:
    """As `read_uploads`, in a process with bounds on memory and time, the larger ones in turns, as long as it is `wanted`."""
    parts = reading.read(steps, files, longest, every, brighten, error=ImageError, wanted=wanted)
    return Upload.of(map(_unpacked, parts))
