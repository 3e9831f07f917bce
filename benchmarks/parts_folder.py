"""A folder as a visitor might bring it: photos on which a red disc and a green square show a letter each.

The class is the pair. Unlike scenes they are few, their cues lie one above the other, and the lab does not know where.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from core.runs.store import digest_of
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample, sample_names

SIDE = 224  # pixels of a picture
BADGE = 32  # and of a badge
COLOURS = ("#C8102E", "#007A33")
LETTERS = ("XO", "NL")
PLACES = ((0.0, -0.5), (0.0, 0.5))  # of each badge, normalised
MOVES = (0.8, 0.3)  # by how much it lies elsewhere, either way


@dataclass(frozen=True)
class Folder:
    """Pictures by their digests, the class of each, and where the middles of its badges are, (N, 2, 2), normalised (x, y)."""

    files: dict[str, bytes]
    labels: tuple[str, ...]
    places: np.ndarray


def _badge(which: int, letter: str, turn: float) -> Image.Image:
    wide = 4 * BADGE
    drawn = Image.new("RGBA", (wide, wide))
    pen = ImageDraw.Draw(drawn)
    (pen.ellipse if which == 0 else pen.rectangle)((4, 4, wide - 4, wide - 4), fill=COLOURS[which])
    pen.text((wide / 2, wide / 2), letter, "white", ImageFont.load_default(0.75 * wide), anchor="mm")
    return drawn.rotate(turn, Image.Resampling.BICUBIC).resize((BADGE, BADGE), Image.Resampling.BOX)


def folder(count: int, seed: int, photos: tuple[str, ...] | None = None) -> Folder:
    """As many pictures, of four classes in turn."""
    random = np.random.default_rng(seed)
    names = photos or sample_names()
    files, labels, places = {}, [], np.zeros((count, 2, 2))
    for number in range(count):
        photo = Image.fromarray(sample(names[random.integers(len(names))]).pixels).convert("RGB")
        side = int(min(photo.size) * random.uniform(0.6, 1.0))
        left, top = (int(random.integers(size - side + 1)) for size in photo.size)
        cut = photo.resize((SIDE, SIDE), Image.Resampling.LANCZOS, (left, top, left + side, top + side))
        letters = [pair[mark] for pair, mark in zip(LETTERS, divmod(number % 4, 2), strict=True)]
        for which, letter in enumerate(letters):
            middle = np.array(PLACES[which]) + random.uniform(-1, 1, 2) * MOVES
            corner = np.round((middle + 1) * SIDE / 2 - BADGE / 2).astype(int)
            badge = _badge(which, letter, random.uniform(-10, 10))
            cut.paste(badge, tuple(corner.tolist()), badge)
            places[number, which] = (corner + BADGE / 2) * 2 / SIDE - 1
        png = to_png(np.asarray(cut))
        files[digest_of(png)] = png
        labels.append(" and ".join(letters))
    return Folder(files, tuple(labels), places)
