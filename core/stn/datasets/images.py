"""One picture's file to pixels: every format a browser sends becomes uint8 (H, W, 3), or one readable ImageError.

The header is checked before any pixel is decoded, so a small file that claims a huge picture costs nothing.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pillow_heif
from PIL import ExifTags, Image

from core.errors import ImageError
from core.stn.datasets.decoding import float_tiff
from core.stn.datasets.decoding.colours import is_srgb, space_of, to_srgb
from core.stn.datasets.decoding.levels import Levels, stated_top
from core.stn.datasets.decoding.pages import FORMATS_OF_MANY, page_name, pages_of
from core.stn.datasets.decoding.shrinking import deep_of, in_bytes, smaller
from core.system.unreadable import UNREADABLE, printable, reason_of

pillow_heif.register_heif_opener()
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")
FORMATS_IN_WORDS = "PNG, JPEG, WebP, GIF, BMP, TIFF, HEIC or AVIF"
SUFFIXES = frozenset(
    {".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif"}
)
STORED_SIDE = 384  # pixels: longest side of a picture that is kept for training
SMALLEST_SIDE = 8  # pixels
FLATTEST = 2.0  # grey levels: a picture whose standard deviation is below this shows nothing
LARGEST_AREA = 50_000_000  # pixels, by the header
BYTES_A_PIXEL = 10  # of memory, at most, while it is decoded
PROFILE = "the colour profile"  # in words
DEEP = "more than 8 bits a level"


UNDECODABLE = (*UNREADABLE, Image.DecompressionBombError)
Turn = Image.Transpose
Ground = Literal["white", "black"]


@dataclass(frozen=True)
class Picture:
    """One picture: its name and its pixels, uint8 (H, W, 3), and what of its file these do not hold."""

    name: str
    pixels: np.ndarray
    transparent: np.ndarray | None = None  # uint8 (H, W, 4): red, green, blue and how opaque; None where all of it is
    profile: bytes = b""  # ICC, of the colours red, green and blue
    dropped: tuple[str, ...] = ()  # in words: what reading it has left out
    dark: bool = False  # so few of its levels are used that it is nearly black
    ground: Ground = "white"  # that the pixels lie on where they are transparent

    @property
    def beyond_pixels(self) -> tuple[str, ...]:
        """In words, what of the file the pixels alone do not show."""
        transparency = f"transparency (laid onto {self.ground})"
        lost = {transparency: self.transparent is not None, PROFILE: bool(self.profile)}
        return (*(what for what, is_lost in lost.items() if is_lost), *self.dropped)


_UNKNOWN = f"{{name}} is not a picture that can be read; use {FORMATS_IN_WORDS}, or a ZIP"


def _open(name: str, content: bytes) -> Image.Image | None:
    """None for a TIFF whose numbers Pillow does not read."""
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"{name} has more than {LARGEST_AREA // 1_000_000} million pixels; make it smaller first") from error
    except UNREADABLE as error:
        if float_tiff.is_tiff(content):
            return None
        raise ImageError(_UNKNOWN.format(name=name)) from error


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


def _laid(image: Image.Image) -> tuple[Image.Image, Ground]:
    """A transparent picture laid onto white, one that could not be seen there onto black; and which of both it is."""
    grounds = (Image.alpha_composite(Image.new("RGBA", image.size, ground), image) for ground in ("white", "black"))
    on_white, on_black = (laid.convert("RGB") for laid in grounds)
    unseen = is_flat(np.asarray(on_white)) and not is_flat(np.asarray(on_black))
    return (on_black, "black") if unseen else (on_white, "white")


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


def _dropped(image: Image.Image, pages: int) -> tuple[str, ...]:
    """What reading one page of a picture that is not yet decoded leaves out: more than 8 bits a level, further pages."""
    raw = [str(tile[3]) for tile in getattr(image, "tile", ()) if len(tile) > 3]
    lost = {
        DEEP: image.mode.startswith(("I", "F")) or any("16" in mode for mode in raw),
        f"all {FORMATS_OF_MANY.get(image.format or '', 'frame')}s but the first": pages > 1,
    }
    return tuple(what for what, is_lost in lost.items() if is_lost)


def reduced(image: Image.Image, longest: int | None) -> int:
    """Have a picture decoded as small as its format can; how many pixels that will be."""
    if longest:
        image.draft(None, (2 * longest, 2 * longest))  # a large JPEG is decoded at half, a quarter or an eighth
    return image.width * image.height


def _damaged(name: str, error: BaseException) -> ImageError:
    if isinstance(error, MemoryError):
        return ImageError(f"{name} needs too much memory to be decoded; make it smaller first")
    return ImageError(f"{name} is damaged or cut short ({reason_of(error)}); save or upload it again")


@dataclass(frozen=True)
class _Decoded:
    """A picture with 8 bits a level, no side longer than was asked for, not yet upright."""

    image: Image.Image
    levels: Levels | None  # where it had more bits


@dataclass(frozen=True)
class Undecoded:
    """A picture whose header has been read; of a file of many, one page."""

    name: str
    size: tuple[int, int]  # pixels: width, height
    longest: int | None  # side that it shall have
    profile: bytes
    dropped: tuple[str, ...]
    decoded_pixels: int  # that will be decoded, of a large JPEG fewer than it has
    _decode: Callable[[bool], _Decoded]  # brighten? Raises what decoders raise
    _orientation: Callable[[], int]  # after it is decoded

    @property
    def need(self) -> int:
        """Bytes of memory, at most, while it is decoded."""
        return BYTES_A_PIXEL * self.decoded_pixels

    def decoded(self, brighten: bool = False) -> Picture:
        """Its pixels; once. `brighten` makes one that is nearly black as bright as the levels that it uses allow."""
        try:
            decoded = self._decode(brighten)
            image, profile, dropped = self._in_srgb(_upright(decoded.image, self._orientation()))
            with_alpha = _to_rgba(image)
            image, ground = _laid(with_alpha) if with_alpha else (image.convert("RGB"), "white")
        except UNDECODABLE as error:
            raise _damaged(self.name, error) from error
        transparent, pixels, levels = np.array(with_alpha) if with_alpha else None, np.array(image), decoded.levels
        if levels is None and DEEP in dropped:  # colours of 16 bits, of which Pillow reads the upper 8
            levels = Levels(0.0, 255.0, float(pixels.max()) / 255)
            if brighten and levels.dark:
                levels = levels.brightened
                pixels = levels.in_bytes(pixels)
        return Picture(self.name, pixels, transparent, profile, dropped, levels is not None and levels.dark, ground)

    def _in_srgb(self, image: Image.Image) -> tuple[Image.Image, bytes, tuple[str, ...]]:
        """Its colours, the profile that they still have, and what was dropped. At its full size it keeps wide colours."""
        kept = space_of(self.profile) == "RGB" and (self.longest is None or is_srgb(self.profile))
        if not self.profile or kept:
            return image, self.profile, self.dropped
        turned = to_srgb(image, self.profile)
        return (turned, b"", self.dropped) if turned else (image, b"", (*self.dropped, PROFILE))


def _page(name: str, image: Image.Image, number: int, pages: int, longest: int | None, every: bool) -> Undecoded:
    """One page of a picture that Pillow has opened, from its header."""
    if image.format == "TIFF":  # the pages of others are of one size
        image.seek(number)
    _check_size(name, *image.size, longest)
    size, stated = image.size, stated_top(image)
    profile, dropped = image.info.get("icc_profile") or b"", _dropped(image, 1 if every else pages)

    def decode(brighten: bool) -> _Decoded:
        if image.tell() != number:
            image.seek(number)
            _check_size(name, *image.size, longest)  # a frame of a GIF may be larger than those before it
        image.load()
        deep = deep_of(image, stated)
        if deep and brighten:
            deep = replace(deep, levels=deep.levels.brightened)
        small = smaller(image, longest, deep) if longest else in_bytes(image, deep)  # the large one is let go
        return _Decoded(small, deep.levels if deep else None)

    return Undecoded(name, size, longest, profile, dropped, reduced(image, longest), decode, lambda: _orientation(image))


def _float_page(name: str, content: bytes, longest: int | None) -> Undecoded:
    """The first page of a TIFF whose numbers Pillow does not read, from its header."""
    page = float_tiff.opened(content)
    if page is None:
        raise ImageError(_UNKNOWN.format(name=name))
    _check_size(name, *page.size, longest)

    def decode(brighten: bool) -> _Decoded:
        image, levels = float_tiff.decoded(page, brighten)
        return _Decoded(smaller(image, longest) if longest else image, levels)

    return Undecoded(name, page.size, longest, b"", (DEEP,), page.size[0] * page.size[1] * float_tiff.WEIGHT, decode, lambda: 1)


def pages_in(name: str, content: bytes, longest: int | None, every: bool) -> Iterator[Undecoded | ImageError]:
    """The pictures of one file, not yet decoded, or why a page cannot be; the first alone unless `every` page is one.

    To be decoded in this order. Raises ImageError where the file is no picture.
    """
    name = printable(name)
    if not content:
        raise ImageError(f"{name} is empty; upload the picture again")
    image = _open(name, content)
    if image is None:
        yield _float_page(name, content, longest)
        return
    try:
        pages = pages_of(image)
    except UNDECODABLE as error:
        raise _damaged(name, error) from error
    for number in pages if every else pages[:1]:
        own = page_name(name, image.format or "", number) if every and len(pages) > 1 else name
        try:
            page: Undecoded | ImageError = _page(own, image, number, len(pages), longest, every)
        except ImageError as error:
            page = error
        except UNDECODABLE as error:
            page = _damaged(own, error)
        yield page


def read_image(name: str, content: bytes, longest: int | None = STORED_SIDE, brighten: bool = False) -> Picture:
    """Read one picture, upright by its EXIF data, no side longer than `longest`; None keeps its size."""
    page = next(pages_in(name, content, longest, every=False))
    if isinstance(page, ImageError):
        raise page
    return page.decoded(brighten)


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


def to_webp(pixels: np.ndarray, quality: int = 80) -> bytes:
    """A small WebP of (H, W, 3) or, with a part that is clear, (H, W, 4), for pictures that are only looked at."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", quality=quality, method=0)
    return buffer.getvalue()
