"""Images laid on top of each other, in colour: what a common view sees of each, their mean, their variance, its sharpness.

All figures are taken inside the disc that a turning square keeps, in brightness from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.stn.geometry.frames import in_disc, points_of
from core.stn.geometry.kinds import reach
from core.stn.geometry.pixels import shrunk
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import move

SMALLEST_SIDE = 96  # pixels: the longest side of a common view is no smaller


def _brightness(photo: np.ndarray) -> Tensor:
    return torch.from_numpy(photo).permute(2, 0, 1).float() / 255


def _reach(image: Tensor) -> Tensor:
    return image.new_tensor(reach(image.shape[2], image.shape[1]))


@dataclass(frozen=True)
class Stack:
    """Images of any sizes, and the common view they are seen through."""

    images: tuple[Tensor, ...]  # (3, H, W) each, brightness from 0 to 1
    width: int
    height: int

    @classmethod
    def of(cls, photos: list[np.ndarray], longest: int) -> Stack:
        """From photos (H, W, 3), uint8. The view has the shape of the photos if they share one, else it is square."""
        side = min(longest, max(SMALLEST_SIDE, *(max(photo.shape[:2]) for photo in photos)))
        ratios = [photo.shape[1] / photo.shape[0] for photo in photos]
        ratio = ratios[0] if max(ratios) < 1.01 * min(ratios) else 1.0
        width, height = round(side * min(1.0, ratio)), round(side / max(1.0, ratio))
        return cls(tuple(_brightness(shrunk(photo, side)) for photo in photos), max(1, width), max(1, height))

    def views(self, thetas: Tensor) -> Tensor:
        """What the view sees of each image through theta (N, 2, 3), in square coordinates: (N, 3, height, width)."""
        looks = move(thetas, points_of(self.width, self.height))  # (N, height, width, 2)
        each = zip(self.images, looks, strict=True)
        return torch.cat([sample(image[None], look[None] / _reach(image)) for image, look in each])


def variance(views: Tensor) -> float:
    """How much the images (N, 3, H, W) differ: the variance over them, mean over pixels and colours."""
    inside = in_disc(views.shape[3], views.shape[2])
    return views.var(dim=0, unbiased=False)[:, inside].mean().item()


def apart(views: Tensor) -> np.ndarray:
    """How far each image (N, 3, H, W) is from the mean of the others: (N,), mean square, as `variance`."""
    inside = in_disc(views.shape[3], views.shape[2])
    others = (views.sum(dim=0) - views) / (len(views) - 1)
    return (views - others).square()[..., inside].mean(dim=(1, 2)).numpy()


def sharpness(mean: Tensor) -> float:
    """The gradient energy of a mean image (3, H, W): mean of its squared slope, in brightness per half short side."""
    height, width = mean.shape[1:]
    unit = min(width, height) / 2
    across, down = mean.diff(dim=2)[:, :-1] * unit, mean.diff(dim=1)[:, :, :-1] * unit  # (3, H - 1, W - 1)
    inside = in_disc(width, height)[:-1, :-1]
    return (across.square() + down.square())[:, inside].mean().item()
