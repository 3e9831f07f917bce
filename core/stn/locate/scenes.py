"""Scenes: one object somewhere in an empty image, alone or amid clutter.

Jaderberg et al. 2015, appendix A.2: a digit of 28 × 28 pixels anywhere in 84 × 84 black ones; clutter is 16 pieces of 6 × 6
pixels, cut anywhere from other images and laid anywhere.

Where the object lies is a box, see `boxes`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor

from core.stn.datasets.clutter import PIECES, with_pieces
from core.stn.datasets.digits import shipped
from core.stn.datasets.images import Picture
from core.stn.locate.cut_out import objects_of

SCENE, OBJECT = 84, 28  # pixels a side
ZOOM = OBJECT / SCENE  # s of a box that fits the object
BLOCKS = 4  # along a side of a jigsaw
HELD_BACK = 4  # one picture of so many


@dataclass(frozen=True)
class Scenes:
    """Images with one object each, and where it is: for the test only, never for the network."""

    images: Tensor  # (N, C, 84, 84), uint8
    boxes: Tensor  # (N, 3)

    @property
    def grey(self) -> Tensor:
        """What the network sees: (N, 1, 84, 84), 0 to 1."""
        return self.images.float().mean(dim=1, keepdim=True) / 255

    def __len__(self) -> int:
        return len(self.images)


def held_back(count: int) -> np.ndarray:
    """Which of so many pictures are held back for the test: every fourth and one at least; of a single one none."""
    return np.arange(count) % HELD_BACK == 1


@dataclass(frozen=True)
class Material:
    """What scenes are made of: objects (M, C, 28, 28) to learn from, others to be tested on, and donors of clutter; uint8.

    Digits are thin and no brighter than clutter. Of pictures any rule finds the brightest square, so decoys lie beside them.
    """

    objects: Tensor
    others: Tensor
    donors: Tensor
    decoys: bool = False

    @classmethod
    def of_digit(cls, digit: int) -> Material:
        """Digits of one class; those of the test were not learned from. Clutter comes from the other classes."""
        test, training = shipped().test, shipped().train
        objects, others, donors = (
            torch.from_numpy(part)[:, None]
            for part in (
                test.images[test.labels == digit],
                training.images[training.labels == digit],
                test.images[test.labels != digit],
            )
        )
        return cls(objects, others, donors)

    @classmethod
    def of_pictures(cls, pictures: list[Picture]) -> Material:
        """Pictures of one thing, cut out; some are held back for the test, and clutter is cut from the others."""
        small = torch.from_numpy(objects_of(pictures, OBJECT))
        back = torch.from_numpy(held_back(len(pictures)))
        learned = small[~back]
        return cls(learned, small[back] if back.any() else learned, learned, decoys=True)


def _placed(images: Tensor, objects: Tensor, corner: Tensor) -> Tensor:
    """The images with each object at its corner (N, 2), as x and y in pixels; the brighter pixel is seen."""
    span = torch.arange(OBJECT)
    rows, columns = corner[:, 1:] + span, corner[:, :1] + span  # (N, 28)
    places = (rows[:, :, None] * SCENE + columns[:, None]).flatten(1)[:, None].expand(-1, images.shape[1], -1)
    return images.flatten(2).scatter_reduce(2, places, objects.flatten(2), "amax").view_as(images)


def scrambled(objects: Tensor, generator: Generator) -> Tensor:
    """Objects (N, C, 28, 28) as jigsaws of 4 × 4 pieces, each laid in an order of its own: equally bright, and unlike."""
    rows = objects.unflatten(-1, (BLOCKS, -1)).unflatten(-3, (BLOCKS, -1))  # (N, C, 4, 7, 4, 7)
    pieces = rows.movedim(-3, -2).flatten(2, 3)  # (N, C, 16, 7, 7)
    order = torch.rand(len(objects), BLOCKS**2, generator=generator).argsort(dim=1)
    laid = pieces.take_along_dim(order[:, None, :, None, None], dim=2)
    return laid.unflatten(2, (BLOCKS, BLOCKS)).movedim(-2, -3).flatten(-2).flatten(-3, -2)


def _corners(count: int, generator: Generator) -> Tensor:
    """Corners (N, 2), x and y in pixels, of objects that lie anywhere within their scenes."""
    return torch.randint(SCENE - OBJECT + 1, (count, 2), generator=generator)


def _beside(corners: Tensor, generator: Generator) -> Tensor:
    """Corners (N, 2) of other objects that cover nothing of those."""
    others = corners
    while (covering := (others - corners).abs().amax(dim=1) < OBJECT).any():
        others = torch.where(covering[:, None], _corners(len(corners), generator), others)
    return others


def scenes_of(objects: Tensor, count: int, donors: Tensor | None, generator: Generator, decoys: bool = False) -> Scenes:
    """`count` scenes with one of the objects (M, C, 28, 28), uint8, each; as many different ones as there are.

    Clutter is cut from `donors`, of the same shape; None: no clutter. The object lies on top. With `decoys` a jigsaw of it
    lies somewhere else, so that to be large and bright is not enough.
    """
    rounds = [torch.randperm(len(objects), generator=generator) for _ in range(-(-count // len(objects)))]
    chosen = objects[torch.cat(rounds)[:count]]
    corner = _corners(count, generator)
    empty = torch.zeros(count, objects.shape[1], SCENE, SCENE, dtype=torch.uint8)
    images = empty if donors is None else with_pieces(empty, donors, PIECES, generator)
    if decoys:
        images = _placed(images, scrambled(chosen, generator), _beside(corner, generator))
    centre = (corner + OBJECT / 2) * 2 / SCENE - 1
    return Scenes(_placed(images, chosen, corner), torch.cat([torch.full((count, 1), ZOOM), centre], dim=1))


def shifted(images: Tensor, shift: Tensor) -> Tensor:
    """Images (B, C, H, W), each moved by its own whole pixels (B, 2) to the right and down; what leaves comes in again."""
    height, width = images.shape[-2:]
    rows = (torch.arange(height) - shift[:, 1:]) % height  # (B, H)
    columns = (torch.arange(width) - shift[:, :1]) % width
    batch = torch.arange(len(images))[:, None, None]
    return images[batch, :, rows[:, :, None], columns[:, None]].movedim(-1, 1)
