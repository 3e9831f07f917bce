"""Levels of any depth as 8 bits: by the range that the file states or the values imply. A strip is held a second time, no more.

Before anything is resized: a smooth filter overshoots, and a value of 1.02 would make 255 of the range 0 to 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

USUAL = (1.0, 255.0, 65535.0)  # the brightest level of numbers that have no stated range
FEW = 0.001  # share of the values that may lie beyond a range: reflections, dead pixels
DARK = 8.0  # times the range that is used: where it is as much as this, the picture is nearly black
UNSIGNED = 1  # of TIFF's SampleFormat
BITS, BRIGHTEST, SAMPLE_FORMAT = 258, 281, 339  # TIFF tags


def is_deep(image: Image.Image) -> bool:
    return image.mode.startswith(("I", "F"))


def stated_top(image: Image.Image) -> float | None:
    """The brightest level that a TIFF says its numbers can have; None where it says nothing but 16 bits."""
    tags = getattr(image, "tag_v2", {})
    bits = tags.get(BITS)
    if not image.mode.startswith("I;16") or not bits:
        return None
    brightest = tags.get(BRIGHTEST)
    brightest = brightest[0] if isinstance(brightest, tuple) and brightest else brightest
    if isinstance(brightest, int) and 1 < brightest < 65535:
        return float(brightest)
    return float(2 ** bits[0] - 1) if bits[0] < 16 else None


@dataclass(frozen=True)
class Levels:
    """The level that becomes black and the number of levels up to white, and how much of that is used, 0 to 1."""

    start: float
    top: float
    used: float

    @classmethod
    def of(cls, strips: Iterable[np.ndarray], stated: float | None = None) -> Levels:
        """Of numbers of any kind; `stated` is the brightest level by the file."""
        if stated:
            high = max((float(strip.max()) for strip in strips), default=0.0)
            return cls(0.0, stated, min(high, stated) / stated)
        counts = np.zeros(len(USUAL) + 2, np.int64)  # beyond each usual range, below zero, all
        lows, highs = [0.0], [0.0]
        usual_highs = np.zeros(len(USUAL))  # the highest within each
        for strip in strips:
            values = strip[np.isfinite(strip)]
            if not values.size:
                continue
            lows.append(float(values.min()))
            highs.append(float(values.max()))
            for number, top in enumerate(USUAL):
                within = values <= top
                counts[number] += values.size - np.count_nonzero(within)
                usual_highs[number] = max(usual_highs[number], float(values.max(initial=0.0, where=within)))
            counts[-2] += np.count_nonzero(values < 0)
            counts[-1] += values.size
        low, high, few = min(lows), max(highs), FEW * counts[-1]
        start = low if counts[-2] > few else 0.0
        if start < 0:
            return cls(start, (high - start) or 1.0, 1.0)
        for number, top in enumerate(USUAL):
            if counts[number] <= few:
                return cls(0.0, top, float(usual_highs[number]) / top)
        return cls(0.0, high or 1.0, 1.0)

    @property
    def dark(self) -> bool:
        """Whether so few of the levels are used that the picture is nearly black."""
        return 0 < self.used * DARK < 1

    @property
    def brightened(self) -> Levels:
        """With the fewest bits that hold what is used, where the picture is dark."""
        if not self.dark:
            return self
        highest = self.used * self.top
        top = highest if self.top == 1.0 else float(2 ** math.ceil(math.log2(highest + 1)) - 1)
        return Levels(self.start, top, highest / top)

    def in_bytes(self, numbers: np.ndarray) -> np.ndarray:
        """Numbers of a strip as uint8; what is not a number is black, what is beyond the range as bright as that."""
        top = self.start + self.top
        finite = np.nan_to_num(numbers.astype(np.float32), nan=self.start, posinf=top, neginf=self.start)
        scaled = (finite - np.float32(self.start)) * np.float32(255.0 / self.top) + np.float32(0.5)
        return np.clip(scaled, 0, 255).astype(np.uint8)


@dataclass(frozen=True)
class Deep:
    """How the numbers of a decoded picture of more than 8 bits become bytes."""

    levels: Levels
    unsigned: bool  # of 32 bits, which Pillow reads as signed

    @classmethod
    def of(cls, image: Image.Image, strips: Iterator[Image.Image], stated: float | None = None) -> Deep:
        """`strips` are those of the picture, from top to bottom."""
        tags = getattr(image, "tag_v2", {})
        bits, form = tags.get(BITS) or (0,), tags.get(SAMPLE_FORMAT) or (UNSIGNED,)
        unsigned = image.mode == "I" and bits[0] == 32 and form[0] == UNSIGNED
        top = 65535.0 if image.mode.startswith("I;16") and stated is None else stated
        return cls(Levels.of((_values(strip, unsigned) for strip in strips), top), unsigned)

    def convert(self, strip: Image.Image) -> Image.Image:
        return Image.fromarray(self.levels.in_bytes(_values(strip, self.unsigned)))


def _values(strip: Image.Image, unsigned: bool) -> np.ndarray:
    numbers = np.asarray(strip)
    return numbers.view(np.uint32) if unsigned else numbers
