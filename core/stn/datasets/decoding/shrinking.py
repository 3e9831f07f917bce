"""A decoded picture made smaller, strip by strip, so that no second copy of it is ever held at its full size.

An average over whole blocks first, then Lanczos, as Pillow's `resize` with a reducing gap does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PIL import Image

from core.stn.datasets.decoding.levels import Deep, is_deep

STRIP = 1 << 20  # pixels that are held a second time
GAP = 3.0  # times the wanted size: blocks are averaged down to no less

Strip = Callable[[Image.Image], Image.Image]


def _strips(image: Image.Image, step: int) -> Iterator[tuple[int, Image.Image]]:
    """The top row and the pixels of each strip; its height is a multiple of `step`, but for the last."""
    rows = max(1, STRIP // (image.width * step)) * step
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(image.height, top + rows)))


def deep_of(image: Image.Image, stated: float | None = None) -> Deep | None:
    """How the levels of a decoded picture become bytes; None where they are bytes. `stated`: its brightest, by the file."""
    if not is_deep(image):
        return None
    return Deep.of(image, (strip for _, strip in _strips(image, 1)), stated)


def _averageable(strip: Image.Image) -> Image.Image:
    """In a mode whose numbers can be averaged: colours by how opaque they are."""
    if strip.mode in ("1", "P", "PA", "LA", "RGBA") or "transparency" in strip.info:
        return strip.convert("RGBA").convert("RGBa")
    return strip


def _joined(strips: Iterator[tuple[int, Image.Image]], height: int) -> Image.Image:
    """One picture of strips that lie at these rows."""
    whole: Image.Image | None = None
    for top, strip in strips:
        whole = whole or Image.new(strip.mode, (strip.width, height))
        whole.paste(strip, (0, top))
    assert whole is not None
    return whole


def in_bytes(image: Image.Image, deep: Deep | None) -> Image.Image:
    """A picture of any depth with 8 bits a level; others as they are."""
    if deep is None:
        return image
    return _joined(((top, deep.convert(strip)) for top, strip in _strips(image, 1)), image.height)


def _by_strips(image: Image.Image, size: tuple[int, int], convert: Strip) -> Image.Image:
    """Pillow's `resize` with a reducing gap, one direction after the other: equal to it but for one level of rounding."""
    width = size[0]
    across, down = (int(before / after / GAP) or 1 for before, after in zip(image.size, size, strict=True))

    def narrowed(strip: Image.Image) -> Image.Image:
        reduced = _averageable(convert(strip)).reduce((across, down))
        box = (0, 0, image.width / across, reduced.height)
        return reduced.resize((width, reduced.height), Image.Resampling.LANCZOS, box)

    narrow = _joined(((top // down, narrowed(strip)) for top, strip in _strips(image, down)), -(-image.height // down))
    return narrow.resize(size, Image.Resampling.LANCZOS, (0, 0, width, image.height / down))


def smaller(image: Image.Image, longest: int, deep: Deep | None = None) -> Image.Image:
    """A picture with 8 bits a level and no side longer than `longest`; `deep` as `deep_of` gives it."""
    if max(image.size) <= longest:
        return in_bytes(image, deep)
    scale = longest / max(image.size)
    width, height = (max(1, round(side * scale)) for side in image.size)
    convert = deep.convert if deep else lambda strip: strip
    if image.width * image.height <= STRIP:
        small = _averageable(convert(image)).resize((width, height), Image.Resampling.LANCZOS, reducing_gap=GAP)
    else:
        small = _by_strips(image, (width, height), convert)
    return small.convert("RGBA") if small.mode == "RGBa" else small
