"""One picture's file to pixels: every format a browser sends becomes uint8 (H, W, 3), or one readable ImageError.

The header is checked before any pixel is decoded, so a small file that claims a huge picture costs nothing.
"""

from __future__ import annotations

import io
import math
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image

from core.errors import ImageError
from core.stn.datasets.decoding.shrinking import in_bytes, smaller
from core.system.unreadable import UNREADABLE, printable, reason_of

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"})
STORED_SIDE = 384  # pixels: longest side of a picture that is kept for training
SMALLEST_SIDE = 8  # pixels
FLATTEST = 2.0  # grey levels: a picture whose standard deviation is below this shows nothing
LARGEST_AREA = 50_000_000  # pixels, by the header
BYTES_A_PIXEL = 10  # of memory, at most, while it is decoded
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


def opened(name: str, content: bytes, longest: int | None) -> Image.Image:
    """A picture of an allowed size, not yet decoded."""
    if not content:
        raise ImageError(f"{name} is empty; upload the picture again")
    image = _open(name, content)
    _check_size(name, *image.size, longest)
    return image


def reduced(image: Image.Image, longest: int | None) -> int:
    """Have a picture decoded as small as its format can; how many pixels that will be."""
    if longest:
        image.draft(None, (2 * longest, 2 * longest))  # a large JPEG is decoded at half, a quarter or an eighth
    return image.width * image.height


def _damaged(name: str, error: BaseException) -> ImageError:
    if isinstance(error, MemoryError):
        return ImageError(f"{name} needs too much memory to be decoded; make it smaller first")
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


@dataclass(frozen=True)
class Undecoded:
    """A picture whose header has been read."""

    name: str
    image: Image.Image
    longest: int | None
    profile: bytes
    dropped: tuple[str, ...]
    need: int  # bytes of memory, at most, while it is decoded

    @classmethod
    def of(cls, name: str, content: bytes, longest: int | None) -> Undecoded:
        name = printable(name)
        image = opened(name, content, longest)
        try:
            profile, dropped = _profile(image), _dropped(image)
            return cls(name, image, longest, profile, dropped, BYTES_A_PIXEL * reduced(image, longest))
        except UNREADABLE as error:
            raise _damaged(name, error) from error

    def decoded(self) -> Picture:
        """Its pixels; once."""
        return _decoded(self.name, self.image, self.longest, self.profile, self.dropped)


def read_image(name: str, content: bytes, longest: int | None = STORED_SIDE) -> Picture:
    """Read one picture, upright by its EXIF data, no side longer than `longest`; None keeps its size."""
    return Undecoded.of(name, content, longest).decoded()


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
