"""Scenes: photos with two small cues, which together say the class and are too far apart for one crop to show any of both.

One cue is a pink disc, the other a dark blue square right of it, each with stripes that lie or are upright; the class is
the pair. A small picture shows where they are, and only a detailed one their stripes. Backgrounds are cut from the shipped
photos, in changed colours; those of the test from other photos, as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Generator, Tensor

from core.stn.datasets.images import Picture, read_image
from core.stn.datasets.samples import sample, sample_names
from core.stn.parts.cues import CLASSES, CUE

FRAME = ((-0.5, 0.0), (0.5, 0.0))  # where each cue lies on the object, in half sides of the scene
MOVES = (0.3, 0.7)  # by how much the object is moved either way
JITTER = (0.04, 0.15)  # and each cue on the object
RECOLOURED = (0.5, 1.2)  # by how much each colour of a background that is learned from is scaled, in any order
VARIANTS = 24  # of each mark: turned, larger or smaller, brighter or darker
ROOM = 1.2  # side of a photo by that of the scene that is cut from it, at least
TEST_PHOTOS = ("china.jpg", "flower.jpg")  # of scikit-learn, which nothing here is learned from or chosen by
TINTS = ((1.1, 0.25, 0.8), (0.2, 0.8, 2.2))  # of the light disc and of the dark square: pink and blue, as photos seldom are
STRIPES = 4  # pairs of light and dark across a cue: too fine for a picture that is made small
_LARGE = 6  # times a mark is drawn larger and averaged down


@dataclass(frozen=True)
class Scenes:
    """Scenes, their classes, and where the cues are: for the test only, never for a network."""

    images: Tensor  # (N, 3, side, side), uint8
    labels: Tensor  # (N,)
    cues: Tensor  # (N, 2, 2): the middle of each cue as (x, y), normalised


def _mark(cue: int, mark: int, side: int, turn: float, size: float, grey: int) -> np.ndarray:
    """A cue as uint8 (side, side, 2), its brightness and how opaque it is."""
    wide = side * _LARGE
    bright, opaque = Image.new("L", (wide, wide)), Image.new("L", (wide, wide))
    pens = ImageDraw.Draw(bright), ImageDraw.Draw(opaque)
    low, high = wide * (1 - size) / 2, wide * (1 + size) / 2
    paper, ink = (255 - grey, 128 - grey) if cue == 0 else (grey, 128 + grey)  # a light disc, a dark square
    for pen, colour in zip(pens, (paper, 255), strict=True):
        (pen.ellipse if cue == 0 else pen.rectangle)((low, low, high, high), fill=colour)
    stripes = np.sin(2 * np.pi * STRIPES * np.linspace(0, 1, wide, endpoint=False)) > 0
    across = np.broadcast_to(stripes[:, None] if mark == 0 else stripes, (wide, wide))
    bright = Image.fromarray(np.where(across, np.asarray(bright), ink).astype(np.uint8))
    turned = [layer.rotate(turn, Image.Resampling.BILINEAR) for layer in (bright, opaque)]
    return np.stack([np.asarray(layer.resize((side, side), Image.Resampling.BOX)) for layer in turned], axis=-1)


@cache
def marks(side: int) -> Tensor:
    """All cues for scenes of `side` pixels: (2, 2, VARIANTS, cue, cue, 2) as cue, mark and variant; brightness and opacity."""
    random = np.random.default_rng(0)
    own = round(CUE * side)
    drawn = [
        _mark(cue, mark, own, random.uniform(-12, 12), random.uniform(0.75, 0.95), int(random.integers(10, 60)))
        for cue in range(2) for mark in range(2) for _ in range(VARIANTS)
    ]  # fmt: skip
    return torch.from_numpy(np.stack(drawn)).unflatten(0, (2, 2, VARIANTS)).float()


def _test_photos() -> list[Picture]:
    folder = files("sklearn.datasets.images")
    return [read_image(name, (folder / name).read_bytes()) for name in TEST_PHOTOS]


@cache
def backgrounds(side: int, test: bool) -> tuple[Tensor, ...]:
    """The photos, (3, H, W) uint8, from which the backgrounds of the test are cut, or those of what is learned from."""
    photos = []
    for picture in _test_photos() if test else map(sample, sample_names()):
        pixels = picture.pixels
        scale = ROOM * side / min(pixels.shape[:2])
        size = round(scale * pixels.shape[1]), round(scale * pixels.shape[0])
        photos.append(torch.from_numpy(np.array(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS))).movedim(-1, 0))
    return tuple(photos)


def _middles(count: int, generator: Generator) -> Tensor:
    """The middles (N, 2, 2) of both cues as (x, y), normalised: about their places in the frame of an object that moves."""
    moved, own = ((2 * torch.rand(count, parts, 2, generator=generator) - 1) for parts in (1, 2))
    return torch.tensor(FRAME) + moved * torch.tensor(MOVES) + own * torch.tensor(JITTER)


def _recoloured(picture: Tensor, generator: Generator) -> Tensor:
    """A picture (3, H, W) whose colours are in any order and scaled: a few photos do not show all of them."""
    low, high = RECOLOURED
    scale = low + (high - low) * torch.rand(3, 1, 1, generator=generator)
    return (picture[torch.randperm(3, generator=generator)] * scale).clamp(0, 255).round()


def scenes_of(count: int, side: int, generator: Generator, test: bool = False) -> Scenes:
    """`count` scenes of all four classes alike, in any order; equal generators give equal scenes."""
    photos, bank, own = backgrounds(side, test), marks(side), round(CUE * side)
    labels = torch.randint(len(CLASSES), (count,), generator=generator)
    corners = ((_middles(count, generator) + 1) * side / 2 - own / 2).round().long()
    variants = torch.randint(VARIANTS, (count, 2), generator=generator).tolist()
    draws = torch.rand(count, 4, generator=generator).tolist()
    tints = torch.tensor(TINTS)[..., None, None]  # (2, 3, 1, 1)
    images = torch.empty(count, 3, side, side, dtype=torch.uint8)
    for number, (which, down, right, flip) in enumerate(draws):
        photo = photos[int(which * len(photos))]
        top, left = int(down * (photo.shape[1] - side + 1)), int(right * (photo.shape[2] - side + 1))
        cut = photo[:, top : top + side, left : left + side]
        images[number] = cut.flip(-1) if flip < 0.5 else cut
        if not test:
            images[number] = _recoloured(images[number], generator)
        for cue, mark in enumerate(divmod(int(labels[number]), 2)):
            x, y = corners[number, cue].tolist()
            bright, opaque = bank[cue, mark, variants[number][cue]].unbind(-1)
            place = images[number, :, y : y + own, x : x + own]
            place.copy_((place + ((bright * tints[cue]).clamp(max=255) - place) * opaque / 255).round())
    return Scenes(images, labels, (corners + own / 2) * 2 / side - 1)
