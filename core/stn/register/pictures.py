"""The two pictures of a registration on every level of a pyramid, and what is seen of one in the other's frame.

A theta maps the fixed picture's square coordinates to the moving picture's: both frames have their centres at 0 and short sides
from -1 to 1, whatever their proportions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.stn.geometry.kernels import KERNELS, SHARPEST, KernelName
from core.stn.geometry.kinds import reach
from core.stn.geometry.pixels import picture_of, to_grey, to_tensor
from core.stn.geometry.sampling import pyramid, sample
from core.stn.geometry.theta import frame_grid
from core.stn.register.measures import Measure

COARSEST = 24  # pixels: about the longest side of the smallest copies
LEVELS = 5  # at most: 24, 48, 96, 192, 384 pixels
LEAST_OVERLAP = 0.2  # share of the fixed picture below which two pictures count as apart
NEIGHBOURHOOD = 1 / 12  # standard deviation of what is around a pixel, as a share of the longer side
RANGE = 6.0  # standard deviations of a levelled picture from black to white
_APART = 10.0  # what a whole picture less of overlap costs, squared


def grid_between(theta: Tensor, fixed: tuple[int, int], moving: tuple[int, int]) -> Tensor:
    """Where each pixel of the fixed frame (height, width) looks in the moving frame, in that one's own coordinates."""
    grid = frame_grid(theta, *fixed)
    units = [own / other for own, other in zip(reach(fixed[1], fixed[0]), reach(moving[1], moving[0]), strict=True)]
    return grid if units == [1, 1] else grid * theta.new_tensor(units)


def laid(moving: np.ndarray, theta: np.ndarray, fixed: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """What of the moving picture (H, W, 3), uint8, lies over a fixed frame (height, width), and where (height, width), bool."""
    grid = grid_between(torch.as_tensor(theta, dtype=torch.float32)[None], fixed, (moving.shape[0], moving.shape[1]))
    inside = (grid[0].abs().amax(-1) <= 1).numpy()
    return picture_of(sample(to_tensor(moving), grid)[0], 255), inside


def _soft_edge(height: int, width: int) -> Tensor:
    """1 inside a picture (1, 1, H, W), falling to 0 within its last pixels, so that a pixel comes and goes without a jump."""
    y, x = (torch.minimum(torch.arange(n) + 0.5, n - 0.5 - torch.arange(n)).clamp(max=2) / 2 for n in (height, width))
    return (y[:, None] * x)[None, None]


@dataclass(frozen=True)
class Level:
    """Both pictures of one resolution, grey from 0 to 1: (1, 1, H, W) each."""

    moving: Tensor
    fixed: Tensor
    moving_mask: Tensor
    fixed_mask: Tensor

    @classmethod
    def of(cls, moving: Tensor, fixed: Tensor) -> Level:
        return cls(moving, fixed, _soft_edge(*moving.shape[-2:]), _soft_edge(*fixed.shape[-2:]))

    def details(self, coarser: Level) -> Level:
        """What this level shows and a coarser one does not."""
        pairs = ((self.moving, coarser.moving), (self.fixed, coarser.fixed))
        return Level.of(*(own - functional.interpolate(one, own.shape[-2:], mode="bilinear") for own, one in pairs))

    @property
    def side(self) -> int:
        """Pixels of the longer side of the fixed picture."""
        return max(self.fixed.shape[-2:])

    @property
    def pixel(self) -> float:
        """One pixel of the fixed picture in square coordinates."""
        return 2 / min(self.fixed.shape[-2:])

    def seen(
        self, theta: Tensor, kernel: KernelName = "bilinear", phi: float = SHARPEST, stride: int = 1
    ) -> tuple[Tensor, Tensor]:
        """The moving picture through thetas (B, …): views and the mask of where both pictures are, (B, 1, H, W) each."""
        grid = grid_between(theta, self._size(self.fixed), self._size(self.moving))[:, ::stride, ::stride]
        count = len(theta)
        views = sample(self.moving.expand(count, -1, -1, -1), grid, "border", kernel, phi)
        ends = grid if KERNELS[kernel].learns else grid.detach()  # whose mask has no gradient either
        inside = sample(self.moving_mask.expand(count, -1, -1, -1), ends, "zeros")
        return views, inside * self.fixed_mask[..., ::stride, ::stride]

    def loss(
        self, measure: Measure, theta: Tensor, kernel: KernelName = "bilinear", phi: float = SHARPEST, pixels: int | None = None
    ) -> Tensor:
        """How unlike both are where both are, (B,), and what too small an overlap costs; by about so many pixels of a grid."""
        stride = max(1, math.isqrt(self.fixed.numel() // (pixels or measure.pixels)))
        views, mask = self.seen(theta, kernel, phi, stride)
        area = mask.sum((1, 2, 3), keepdim=True)
        overlap = area[:, 0, 0, 0] / self.fixed_mask[..., ::stride, ::stride].sum()
        unlike = measure.loss(views, self.fixed[..., ::stride, ::stride], mask / area.clamp(min=1e-6))
        return unlike + _APART * (2 * LEAST_OVERLAP - overlap).clamp(min=0).square()

    @staticmethod
    def _size(image: Tensor) -> tuple[int, int]:
        return image.shape[-2], image.shape[-1]


def _surroundings(copies: list[Tensor]) -> Tensor:
    """What is around each pixel, from the smallest copy: a Gaussian of a twelfth of the longer side."""
    small = copies[-1]
    deviation = max(small.shape[-2:]) * NEIGHBOURHOOD
    half = math.ceil(3 * deviation)
    weights = torch.exp(-torch.arange(-half, half + 1).square() / (2 * deviation**2))
    weights = weights / weights.sum()
    for size, edges in (((1, 1, 1, -1), (half, half, 0, 0)), ((1, 1, -1, 1), (0, 0, half, half))):
        small = functional.conv2d(functional.pad(small, edges, mode="replicate"), weights.view(size))
    return small


def depth_of(*pictures: np.ndarray) -> int:
    """How many times pictures (H, W, 3) can be halved, all of them."""
    longest = min(max(one.shape[:2]) for one in pictures)
    return max(0, min(LEVELS - 1, round(math.log2(longest / COARSEST))))


def copies_of(picture: np.ndarray, depth: int, levelled: bool) -> list[Tensor]:
    """A picture (H, W, 3), uint8, and its smaller copies, grey.

    Levelled: less what is around each pixel, in standard deviations; 0.5 is as bright as around.
    """
    copies = pyramid(to_tensor(to_grey(picture)) / 255, most=depth)
    if not levelled:
        return copies
    around = _surroundings(copies)
    less = [copy - functional.interpolate(around, copy.shape[-2:], mode="bicubic") for copy in copies]
    deviation = less[0].std().clamp(min=1e-3)
    return [0.5 + copy / (RANGE * deviation) for copy in less]


def levels_of(moving: np.ndarray, fixed: np.ndarray, levelled: bool = True) -> list[Level]:
    """The levels of two pictures (H, W, 3), uint8, coarse to fine."""
    both = (copies_of(one, depth_of(moving, fixed), levelled) for one in (moving, fixed))
    return [Level.of(*copies) for copies in zip(*both, strict=True)][::-1]
