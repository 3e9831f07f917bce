"""Uploads to pixels: every format a browser sends becomes uint8 (H, W, 3), or one readable ImageError.

The header is checked before any pixel is decoded, so a small file that claims a huge picture costs nothing.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from core.errors import ImageError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
STORED_SIDE = 384  # pixels: longest side of a picture that is kept for training
SMALLEST_SIDE = 8  # pixels
LARGEST_AREA = 50_000_000  # pixels, by the header
LARGEST_ZIP = 500_000_000  # bytes, unpacked
MOST_PICTURES = 1_000
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    EOFError,
    OverflowError,
    MemoryError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class Picture:
    """One picture: its name and its pixels, uint8 (H, W, 3)."""

    name: str
    pixels: np.ndarray


def read_uploads(files: list[tuple[str, bytes]], longest: int | None = STORED_SIDE) -> list[Picture]:
    """Read uploads (name, content); a ZIP counts as the pictures inside it. ImageError names the first file that fails."""
    pictures = []
    for name, content in files:
        if content.startswith((b"PK\x03\x04", b"PK\x05\x06")) or name.lower().endswith(".zip"):
            pictures += [read_image(inner, data, longest) for inner, data in _unpack(name, content)]
        else:
            pictures.append(read_image(name, content, longest))
        if len(pictures) > MOST_PICTURES:
            raise ImageError(f"{name} brings more than {MOST_PICTURES:,} pictures; upload fewer")
    return pictures


def read_image(name: str, content: bytes, longest: int | None = STORED_SIDE) -> Picture:
    """Read one picture, upright by its EXIF data, no side longer than `longest`; None keeps its size."""
    if not content:
        raise ImageError(f"{name} is empty; upload the picture again")
    image = _open(name, content)
    _check_size(name, *image.size)
    try:
        if longest:
            image.draft(None, (2 * longest, 2 * longest))  # a large JPEG is decoded at half, a quarter or an eighth
        image.load()
        image = _to_rgb(_shrink(_upright(image), longest))
    except _BROKEN as error:
        raise ImageError(f"{name} is damaged or cut short ({error}); save or upload it again") from error
    return Picture(name, np.array(image))


def _open(name: str, content: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"{name} has more than {LARGEST_AREA // 1_000_000} million pixels; make it smaller first") from error
    except _BROKEN as error:
        raise ImageError(f"{name} is not a picture that can be read; use PNG, JPEG, WebP, GIF, BMP, TIFF or a ZIP") from error


def _check_size(name: str, width: int, height: int) -> None:
    if width * height > LARGEST_AREA:
        limit = LARGEST_AREA // 1_000_000
        raise ImageError(f"{name} is {width:,} x {height:,} pixels, more than {limit} million; make it smaller first")
    if min(width, height) < SMALLEST_SIDE:
        raise ImageError(f"{name} is {width} x {height} pixels; at least {SMALLEST_SIDE} a side are needed, use a larger one")


def _upright(image: Image.Image) -> Image.Image:
    with suppress(*_BROKEN):  # unreadable EXIF data says nothing about the way up
        return ImageOps.exif_transpose(image) or image
    return image


def _shrink(image: Image.Image, longest: int | None) -> Image.Image:
    """Reduce, smoothly, in a mode that can be averaged."""
    if longest is None or max(image.size) <= longest:
        return image
    if image.mode in ("1", "P", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
    scale = longest / max(image.size)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    if image.mode.startswith("I;16"):
        image = Image.fromarray(np.asarray(image).astype(np.float32) / 257)
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_to_bytes(np.asarray(image), image.mode)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def _to_bytes(values: np.ndarray, mode: str) -> np.ndarray:
    """Grey levels beyond 8 bits to uint8: by the range that the mode or the values imply, never clipped."""
    values = np.nan_to_num(values.astype(np.float32))
    low, high = float(values.min()), float(values.max())
    if mode.startswith("I;16"):
        top = 65535.0
    elif low >= 0:
        top = next((top for top in (1.0, 255.0, 65535.0) if high <= top), high)
    else:
        values, top = values - low, high - low
    return np.clip(values * (255.0 / top) + 0.5, 0, 255).astype(np.uint8)


def _unpack(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """The pictures of a ZIP as (path, content); nothing is written anywhere."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = _members(name, archive)
            for member in members:
                yield member.filename, archive.read(member)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, *_BROKEN) as error:
        raise ImageError(f"{name} cannot be unpacked ({error}); make the ZIP again") from error


def _members(name: str, archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = []
    for member in archive.infolist():
        path = PurePosixPath(member.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
            raise ImageError(f"{name} holds a path that leads out of it ({member.filename}); make the ZIP again")
        hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
        if not member.is_dir() and not hidden and path.suffix.lower() in SUFFIXES:
            members.append(member)
    _check_members(name, members)
    return members


def _check_members(name: str, members: list[zipfile.ZipInfo]) -> None:
    if not members:
        raise ImageError(f"{name} holds no pictures; put PNG, JPEG, WebP, GIF, BMP or TIFF files into it")
    if len(members) > MOST_PICTURES:
        raise ImageError(f"{name} holds {len(members):,} pictures, more than {MOST_PICTURES:,}; upload fewer")
    if any(member.flag_bits & 1 for member in members):
        raise ImageError(f"{name} is locked with a password; make a ZIP without one")
    if sum(member.file_size for member in members) > LARGEST_ZIP:
        raise ImageError(f"{name} unpacks to more than {LARGEST_ZIP // 1_000_000} MB; split it or make the pictures smaller")


def to_png(pixels: np.ndarray) -> bytes:
    """The canonical PNG of some pixels: equal pixels give equal bytes, and so an equal digest."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()


def from_png(content: bytes) -> np.ndarray:
    """The pixels (H, W, 3), uint8, of a stored PNG."""
    return read_image("a stored picture", content, longest=None).pixels


def to_jpeg(pixels: np.ndarray, quality: int = 80) -> bytes:
    """A small JPEG, for pictures that are only looked at."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def encode(name: str, pixels: np.ndarray) -> bytes:
    """The file content for a picture by the ending of its name; ImageError when no such format is written here."""
    suffix = PurePosixPath(name).suffix.lower()
    form = Image.registered_extensions().get(suffix)
    if form not in FORMATS:
        raise ImageError(f"{name} ends with {suffix or 'nothing'}; name the file .png to keep every pixel exact")
    buffer = io.BytesIO()
    lossy: dict[str, dict[str, Any]] = {"JPEG": {"quality": 92}, "WEBP": {"lossless": True}}
    options = lossy.get(form, {})
    Image.fromarray(pixels).save(buffer, form, **options)
    return buffer.getvalue()
