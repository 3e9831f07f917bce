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
from torch.nn import functional

from core.stn.datasets.clutter import PIECES, with_pieces
from core.stn.datasets.digits import shipped
from core.stn.datasets.labels import squares

SCENE, OBJECT = 84, 28  # pixels a side
ZOOM = OBJECT / SCENE  # s of a box that fits the object


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


@dataclass(frozen=True)
class Material:
    """What scenes are made of: objects (M, C, 28, 28) to learn from, others to be tested on, and donors of clutter; uint8."""

    objects: Tensor
    others: Tensor
    donors: Tensor

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
    def of_pictures(cls, pictures: list[np.ndarray]) -> Material:
        """Pictures (H, W, 3) of one thing, made small; clutter is cut from them as well."""
        small = torch.from_numpy(squares(pictures, OBJECT))
        return cls(small, small, small)


def _placed(images: Tensor, objects: Tensor, corner: Tensor) -> Tensor:
    """The images with each object at its corner (N, 2), as x and y in pixels; the brighter pixel is seen."""
    span = torch.arange(OBJECT)
    rows, columns = corner[:, 1:] + span, corner[:, :1] + span  # (N, 28)
    places = (rows[:, :, None] * SCENE + columns[:, None]).flatten(1)[:, None].expand(-1, images.shape[1], -1)
    return images.flatten(2).scatter_reduce(2, places, objects.flatten(2), "amax").view_as(images)


def scenes_of(objects: Tensor, count: int, donors: Tensor | None, generator: Generator) -> Scenes:
    """`count` scenes with one of the objects (M, C, 28, 28), uint8, each; as many different ones as there are.

    Clutter is cut from `donors`, of the same shape; None: no clutter. The object lies on top.
    """
    rounds = [torch.randperm(len(objects), generator=generator) for _ in range(-(-count // len(objects)))]
    chosen = objects[torch.cat(rounds)[:count]]
    corner = torch.randint(SCENE - OBJECT + 1, (count, 2), generator=generator)  # x, y
    empty = torch.zeros(count, objects.shape[1], SCENE, SCENE, dtype=torch.uint8)
    images = empty if donors is None else with_pieces(empty, donors, PIECES, generator)
    centre = (corner + OBJECT / 2) * 2 / SCENE - 1
    return Scenes(_placed(images, chosen, corner), torch.cat([torch.full((count, 1), ZOOM), centre], dim=1))


def shifted(images: Tensor, shift: Tensor) -> Tensor:
    """Images (B, C, H, W), each moved by its own whole pixels (B, 2) to the right and down; black comes in."""
    height, width = images.shape[-2:]
    reach = int(shift.abs().max())
    padded = functional.pad(images, (reach, reach, reach, reach))
    rows = torch.arange(height) + reach - shift[:, 1:]  # (B, H)
    columns = torch.arange(width) + reach - shift[:, :1]
    batch = torch.arange(len(images))[:, None, None]
    return padded[batch, :, rows[:, :, None], columns[:, None]].movedim(-1, 1)
