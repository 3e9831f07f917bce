"""Pictures of other kinds than the photos of a run, by which it learns how wrong its network is about what it does not know.

The shipped photos, pieces cut from them, and patterns made on the spot, in turn: any number of the first ones has all three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice

import numpy as np
from PIL import Image

from core.stn.datasets.samples import sample, sample_names
from core.stn.geometry.pixels import shrunk

SIDE = 192  # pixels of the longest side: more than the network reads
PATTERN_SIDE = 96
PIECE = (0.3, 0.7)  # share of the short side that a piece shows
BLOCKS = (3, 10)  # along a side
STEEPNESS = (0.5, 2.0)  # of the spectrum of clouds: amplitude falls as frequency to the power of this
WAVES = (2.0, 15.0)  # of stripes, across the picture


def shipped_but(photos: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """The shipped photos that are none of these, small, by name."""
    shipped = {name: sample(name).pixels for name in sample_names()}
    return {
        name: shrunk(pixels, SIDE)
        for name, pixels in shipped.items()
        if not any(np.array_equal(pixels, photo) for photo in photos)
    }


def _levels(values: np.ndarray) -> np.ndarray:
    """Values (H, W, 3) stretched to 0 to 255, uint8."""
    low, high = values.min(), values.max()
    return np.rint(255 * (values - low) / max(1e-9, high - low)).astype(np.uint8)


def _noise(random: np.random.Generator) -> np.ndarray:
    return _levels(random.normal(size=(PATTERN_SIDE, PATTERN_SIDE, 3)))


def _clouds(random: np.random.Generator) -> np.ndarray:
    frequency = np.hypot(np.fft.fftfreq(PATTERN_SIDE)[:, None], np.fft.rfftfreq(PATTERN_SIDE)[None])
    frequency[0, 0] = 1.0
    spectra = np.fft.rfft2(random.normal(size=(3, PATTERN_SIDE, PATTERN_SIDE))) / frequency ** random.uniform(*STEEPNESS)
    return _levels(np.fft.irfft2(spectra, (PATTERN_SIDE, PATTERN_SIDE)).transpose(1, 2, 0))


def _blocks(random: np.random.Generator) -> np.ndarray:
    squares = _levels(random.random((*[int(random.integers(*BLOCKS))] * 2, 3)))
    return np.array(Image.fromarray(squares).resize((PATTERN_SIDE, PATTERN_SIDE), Image.Resampling.NEAREST))


def _stripes(random: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[0 : 1 : PATTERN_SIDE * 1j, 0 : 1 : PATTERN_SIDE * 1j]
    turn, waves = random.uniform(0, np.pi), random.uniform(*WAVES)
    stripes = np.sin(2 * np.pi * waves * (x * np.cos(turn) + y * np.sin(turn)))
    return _levels(stripes[..., None] + random.normal(0, 0.3, (PATTERN_SIDE, PATTERN_SIDE, 3)))


_PATTERNS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "noise": _noise,
    "clouds": _clouds,
    "blocks": _blocks,
    "stripes": _stripes,
}


def _piece(picture: np.ndarray, random: np.random.Generator) -> np.ndarray:
    height, width = picture.shape[:2]
    side = int(random.uniform(*PIECE) * min(height, width))
    top, left = random.integers(height - side + 1), random.integers(width - side + 1)
    return np.ascontiguousarray(picture[top : top + side, left : left + side])


def _all(photos: Sequence[np.ndarray], random: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    shipped, patterns = cycle(shipped_but(photos).items()), cycle(_PATTERNS.items())
    for name, make in patterns:
        for other, picture in islice(shipped, 1):
            yield other, picture
            yield f"piece of {other}", _piece(picture, random)
        yield name, make(random)


def strangers_to(photos: Sequence[np.ndarray], count: int, seed: int) -> list[tuple[str, np.ndarray]]:
    """`count` pictures (H, W, 3), uint8, with their names."""
    return list(islice(_all(photos, np.random.default_rng(seed)), count))
