"""Uploads to pictures: single files and ZIPs of them, checked together by their headers before the first pixel is decoded.

What strangers bring is read by `read_bounded`, in a process of its own; what a user of the shell names, by `read_uploads`.
"""

from __future__ import annotations

import json
import math
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import PurePosixPath

import numpy as np
from PIL import Image

from core.errors import ImageError
from core.stn.datasets.images import STORED_SIDE, SUFFIXES, Picture, Undecoded, opened, reduced
from core.system.bounded import reading
from core.system.bounded.reading import Files, Step, Wanted
from core.system.unpacking import ZIP, Bounds, refuse_others, unpack
from core.system.unreadable import LONGEST_NAME, UNREADABLE, printable

LARGEST_ZIP = 500_000_000  # bytes, unpacked
MOST_PICTURES = 1_000
MOST_DECODED = 2_500_000_000  # pixels of one upload, as they are decoded, by the headers: half a minute of work
MOST_PIXELS = 120_000_000  # as they are kept, in one upload: 1,000 photos of 4:3 at STORED_SIDE, 360 MB


def _is_picture(name: str, entry: zipfile.ZipInfo) -> bool:
    """Whether a file in the ZIP of this name is one; ImageError where its path leads out of the ZIP."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if not path.parts:  # "./", as some packers write
        return False
    if len(entry.filename) > LONGEST_NAME:
        raise ImageError(f"{name} holds a file whose name has more than {LONGEST_NAME} letters; shorten it")
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise ImageError(f"{name} holds a path that leads out of it ({printable(entry.filename)}); make the ZIP again")
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not entry.is_dir() and not hidden and path.suffix.lower() in SUFFIXES


def _unpack(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The pictures of a ZIP as (path, content); nothing is written anywhere."""
    pictures, bounds = 0, Bounds(LARGEST_ZIP, MOST_PICTURES, "pictures")
    for inner, data in unpack(name, content, bounds, ImageError, lambda entry: _is_picture(name, entry)):
        yield inner, data
        pictures += 1
    if not pictures:
        raise ImageError(f"{name} holds no pictures; put PNG, JPEG, WebP, GIF, BMP or TIFF files into it")


def _one_by_one(files: Files) -> Iterator[tuple[str, str, bytes]]:
    """Every picture as (upload, name, content), unpacked only when it is asked for."""
    for name, content in files:
        upload = printable(name)
        if content.startswith(ZIP) or name.lower().endswith(".zip"):
            yield from ((upload, inner, data) for inner, data in _unpack(upload, content))
        else:
            refuse_others(upload, content, ImageError)
            yield upload, name, content


def _check_together(files: Files, longest: int | None) -> None:
    """ImageError, before anything is decoded, for what the headers of all pictures together say."""
    decoded = kept = 0.0
    for number, (upload, name, content) in enumerate(_one_by_one(files), start=1):
        image = opened(printable(name), content, longest)
        kept += image.width * image.height * min(1.0, (longest or math.inf) / max(image.size)) ** 2
        with suppress(*UNREADABLE):  # what is damaged is named when it is decoded
            decoded += reduced(image, longest)
        if number > MOST_PICTURES:
            raise ImageError(f"{upload} brings more than {MOST_PICTURES:,} pictures; upload fewer")
        for pixels, most in ((kept, MOST_PIXELS), (decoded, MOST_DECODED)):
            if pixels > most:
                limit = f"{most // 1_000_000:,} million pixels in all"
                raise ImageError(f"{upload} brings more than {limit}; upload fewer pictures or smaller ones")


def _undecoded(files: Files, longest: int | None) -> Iterator[Undecoded]:
    """Every picture of some uploads, when all may be decoded. ImageError names the first file that fails."""
    _check_together(files, longest)
    for _, name, content in _one_by_one(files):
        yield Undecoded.of(name, content, longest)


def read_uploads(files: Files, longest: int | None = STORED_SIDE) -> list[Picture]:
    """Read uploads (name, content); a ZIP counts as the pictures inside it. ImageError names the first file that fails."""
    return [picture.decoded() for picture in _undecoded(files, longest)]


# -- in a process of its own ---------------------------------------------------------------------------


def load() -> None:
    """Load the decoders, which Pillow would load when the first picture is opened."""
    Image.init()


def steps(files: Files, longest: int | None) -> Iterator[Step]:
    """The reader: before each picture how much memory it needs, then the picture."""
    for picture in _undecoded(files, longest):
        yield picture.need
        yield _packed(picture.decoded())


def _packed(picture: Picture) -> bytes:
    """A line of JSON, the pixels, those with how opaque they are where some are not, the colour profile."""
    transparent = picture.transparent is not None
    about = {"name": picture.name, "shape": picture.pixels.shape, "transparent": transparent, "dropped": picture.dropped}
    levels = [picture.pixels] if picture.transparent is None else [picture.pixels, picture.transparent]
    return b"".join([json.dumps(about).encode(), b"\n", *(part.tobytes() for part in levels), picture.profile])


def _unpacked(content: bytearray) -> Picture:
    at = content.index(b"\n") + 1
    about = json.loads(content[:at])
    height, width, _ = about["shape"]

    def levels(depth: int) -> np.ndarray:
        nonlocal at
        count, begin = height * width * depth, at
        at += count
        return np.frombuffer(content, np.uint8, count, begin).reshape(height, width, depth)

    pixels = levels(3)
    transparent = levels(4) if about["transparent"] else None
    return Picture(about["name"], pixels, transparent, bytes(content[at:]), tuple(about["dropped"]))


def read_bounded(files: Files, longest: int | None = STORED_SIDE, wanted: Wanted = lambda: True) -> list[Picture]:
    """As `read_uploads`, in a process with bounds on memory and time, the larger ones in turns, as long as it is `wanted`."""
    return [_unpacked(part) for part in reading.read(steps, files, longest, error=ImageError, wanted=wanted)]
