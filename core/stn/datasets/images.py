"""Uploads to pixels: every format a browser sends becomes uint8 (H, W, 3), or one readable ImageError.

The header is checked before any pixel is decoded, so a small file that claims a huge picture costs nothing.
"""

from __future__ import annotations

import io
import math
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
from PIL import ExifTags, Image

from core.errors import ImageError
from core.stn.datasets.decoding.queue import DECODING, Wanted, always, check_wanted
from core.stn.datasets.decoding.shrinking import in_bytes, smaller
from core.system.unpacking import ZIP, Bounds, unpack
from core.system.unreadable import UNREADABLE, reason_of

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
STORED_SIDE = 384  # pixels: longest side of a picture that is kept for training
SMALLEST_SIDE = 8  # pixels
FLATTEST = 2.0  # grey levels: a picture whose standard deviation is below this shows nothing
LARGEST_AREA = 50_000_000  # pixels, by the header
LARGEST_ZIP = 500_000_000  # bytes, unpacked
MOST_PICTURES = 1_000
MOST_DECODED = 2_500_000_000  # pixels of one upload, as they are decoded, by the headers: half a minute of work
MOST_PIXELS = 120_000_000  # as they are kept, in one upload: 1,000 photos of 4:3 at STORED_SIDE, 360 MB
TRANSPARENCY, PROFILE = "transparency (laid onto white or black)", "the colour profile"  # in words


Turn = Image.Transpose


@dataclass(frozen=True)
class Picture:
    """One picture: its name and its pixels, uint8 (H, W, 3), and what of its file these do not hold."""

    name: str
    pixels: np.ndarray
    transparent: np.ndarray | None = None  # uint8 (H, W, 4): red, green, blue and how opaque; None where all of it is
    profile: bytes = b""  # ICC, of the colours red, green and blue
    dropped: tuple[str, ...] = ()  # in words: what reading it has left out

    @property
    def beyond_pixels(self) -> tuple[str, ...]:
        """In words, what of the file the pixels alone do not show."""
        lost = {TRANSPARENCY: self.transparent is not None, PROFILE: bool(self.profile)}
        return (*(what for what, is_lost in lost.items() if is_lost), *self.dropped)


def _printable(name: str) -> str:
    """A file name that can be shown and stored as JSON: names that are not UTF-8 arrive with lone surrogates."""
    decodable = name.encode("utf-8", "replace").decode()
    return "".join(letter for letter in decodable if unicodedata.category(letter) != "Cc") or "a file without a name"


def _is_picture(name: str, entry: zipfile.ZipInfo) -> bool:
    """Whether a file in the ZIP of this name is one; ImageError where its path leads out of the ZIP."""
    path = PurePosixPath(entry.filename.replace("\\", "/"))
    if not path.parts:  # "./", as some packers write
        return False
    if path.is_absolute() or ".." in path.parts or ":" in path.parts[0]:
        raise ImageError(f"{name} holds a path that leads out of it ({_printable(entry.filename)}); make the ZIP again")
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


def _one_by_one(files: list[tuple[str, bytes]]) -> Iterator[tuple[str, str, bytes]]:
    """Every picture as (upload, name, content), unpacked only when it is asked for."""
    for name, content in files:
        upload = _printable(name)
        if content.startswith(ZIP) or name.lower().endswith(".zip"):
            yield from ((upload, inner, data) for inner, data in _unpack(upload, content))
        else:
            yield upload, name, content


def _open(name: str, content: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"{name} has more than {LARGEST_AREA // 1_000_000} million pixels; make it smaller first") from error
    except UNREADABLE as error:
        raise ImageError(f"{name} is not a picture that can be read; use PNG, JPEG, WebP, GIF, BMP, TIFF or a ZIP") from error


def _check_size(name: str, width: int, height: int, longest: int | None) -> None:
    if width * height > LARGEST_AREA:
        limit = LARGEST_AREA // 1_000_000
        raise ImageError(f"{name} is {width:,} x {height:,} pixels, more than {limit} million; make it smaller first")
    if min(width, height) < SMALLEST_SIDE:
        raise ImageError(f"{name} is {width} x {height} pixels; at least {SMALLEST_SIDE} a side are needed, use a larger one")
    left = min(width, height) * min(1, (longest or math.inf) / max(width, height))
    if round(left) < SMALLEST_SIDE:
        small = f"made smaller to {longest} pixels, {max(1, round(left))} of its shorter side would be left"
        raise ImageError(f"{name} is {width:,} x {height:,} pixels, too long and narrow: {small}; cut out a part of it")


def is_flat(pixels: np.ndarray) -> bool:
    """Whether a picture (H, W, C) is of one colour, nearly, so that there is nothing to learn from it."""
    return bool(pixels.std(axis=(0, 1)).max() < FLATTEST)


def _to_rgba(image: Image.Image) -> Image.Image | None:
    """With how opaque it is; None where it is so everywhere."""
    if image.mode not in ("RGBA", "LA", "PA", "La", "RGBa") and "transparency" not in image.info:
        return None
    with_alpha = image.convert("RGBA")
    return with_alpha if np.asarray(with_alpha.getchannel("A")).min() < 255 else None


def _laid(image: Image.Image) -> Image.Image:
    """A transparent picture laid onto white, one that could not be seen there onto black."""
    grounds = (Image.alpha_composite(Image.new("RGBA", image.size, ground), image) for ground in ("white", "black"))
    on_white, on_black = (laid.convert("RGB") for laid in grounds)
    unseen = is_flat(np.asarray(on_white)) and not is_flat(np.asarray(on_black))
    return on_black if unseen else on_white


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    turn = {
        2: Turn.FLIP_LEFT_RIGHT,
        3: Turn.ROTATE_180,
        4: Turn.FLIP_TOP_BOTTOM,
        5: Turn.TRANSPOSE,
        6: Turn.ROTATE_270,
        7: Turn.TRANSVERSE,
        8: Turn.ROTATE_90,
    }
    return image.transpose(turn[orientation]) if orientation in turn else image


def _orientation(image: Image.Image) -> int:
    """Which way up the camera was held, by its EXIF data; 1 where these say nothing that can be read."""
    with suppress(*UNREADABLE):
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


def _profile(image: Image.Image) -> bytes:
    """The colour profile that still holds when the picture is red, green and blue: not that of CMYK or of grey levels."""
    profile = image.info.get("icc_profile") or b""
    return profile if profile[16:20] == b"RGB " else b""


def _dropped(image: Image.Image) -> tuple[str, ...]:
    """What reading a picture that is not yet decoded leaves out: more than 8 bits a level, some profiles, further frames."""
    raw = [str(tile[3]) for tile in getattr(image, "tile", ()) if len(tile) > 3]
    lost = {
        "more than 8 bits a level": image.mode.startswith(("I", "F")) or any("16" in mode for mode in raw),
        PROFILE: bool(image.info.get("icc_profile")) and not _profile(image),
        "all frames but the first": getattr(image, "n_frames", 1) > 1,
    }
    return tuple(what for what, is_lost in lost.items() if is_lost)


def _opened(name: str, content: bytes, longest: int | None) -> Image.Image:
    """A picture of an allowed size, not yet decoded; a large JPEG will be at half, a quarter or an eighth."""
    if not content:
        raise ImageError(f"{name} is empty; upload the picture again")
    image = _open(name, content)
    _check_size(name, *image.size, longest)
    return image


def _reduce(image: Image.Image, longest: int | None) -> int:
    """Have a picture decoded as small as its format can; how many pixels that will be."""
    if longest:
        image.draft(None, (2 * longest, 2 * longest))  # a large JPEG is decoded at half, a quarter or an eighth
    return image.width * image.height


def read_image(name: str, content: bytes, longest: int | None = STORED_SIDE, wanted: Wanted = always) -> Picture:
    """Read one picture, upright by its EXIF data, no side longer than `longest`; None keeps its size.

    A large one waits for its turn among all that this process decodes, as long as it is `wanted`.
    """
    name = _printable(name)
    image = _opened(name, content, longest)
    try:
        profile, dropped = _profile(image), _dropped(image)
        pixels = _reduce(image, longest)
    except UNREADABLE as error:
        raise _damaged(name, error) from error
    with DECODING.turn(pixels, wanted):
        return _decoded(name, image, longest, profile, dropped)


def _damaged(name: str, error: BaseException) -> ImageError:
    return ImageError(f"{name} is damaged or cut short ({reason_of(error)}); save or upload it again")


def _decoded(name: str, image: Image.Image, longest: int | None, profile: bytes, dropped: tuple[str, ...]) -> Picture:
    try:
        image.load()
        orientation = _orientation(image)
        image = smaller(image, longest) if longest else in_bytes(image)  # the large one is let go
        image = _upright(image, orientation)
        with_alpha = _to_rgba(image)
        image = _laid(with_alpha) if with_alpha else image.convert("RGB")
    except UNREADABLE as error:
        raise _damaged(name, error) from error
    transparent = np.array(with_alpha) if with_alpha else None
    return Picture(name, np.array(image), transparent, profile, dropped)


def _check_together(files: list[tuple[str, bytes]], longest: int | None, wanted: Wanted) -> None:
    """ImageError, before anything is decoded, for what the headers of all pictures together say."""
    decoded = kept = 0.0
    for number, (upload, name, content) in enumerate(_one_by_one(files), start=1):
        check_wanted(wanted)
        image = _opened(_printable(name), content, longest)
        kept += image.width * image.height * min(1.0, (longest or math.inf) / max(image.size)) ** 2
        with suppress(*UNREADABLE):  # what is damaged is named when it is decoded
            decoded += _reduce(image, longest)
        if number > MOST_PICTURES:
            raise ImageError(f"{upload} brings more than {MOST_PICTURES:,} pictures; upload fewer")
        for pixels, most in ((kept, MOST_PIXELS), (decoded, MOST_DECODED)):
            if pixels > most:
                limit = f"{most // 1_000_000:,} million pixels in all"
                raise ImageError(f"{upload} brings more than {limit}; upload fewer pictures or smaller ones")


def read_uploads(files: list[tuple[str, bytes]], longest: int | None = STORED_SIDE, wanted: Wanted = always) -> list[Picture]:
    """Read uploads (name, content); a ZIP counts as the pictures inside it. ImageError names the first file that fails.

    Before every picture it is asked whether they are still `wanted`, with an ImageError when they are not.
    """
    _check_together(files, longest, wanted)
    pictures = []
    for _, name, content in _one_by_one(files):
        check_wanted(wanted)
        pictures.append(read_image(name, content, longest, wanted))
    return pictures


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
