"""One warp as it is asked for by hand: a picture, a theta of any kind, and how it is sampled; and where that looks.

Here theta is always in SQUARE coordinates (`families`); `sampling.warp` bends the same way in strips, for pictures of any size.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from core.stn.geometry.frames import centres
from core.stn.geometry.interpolation import Phi
from core.stn.geometry.kernels import SHARPEST, KernelName, Padding
from core.stn.geometry.kinds import reach
from core.stn.geometry.pixels import to_pixels, to_tensor
from core.stn.geometry.sampling import blend_levels, deepest_level, pyramid, pyramid_levels, sample, sample_antialiased
from core.stn.geometry.theta import for_frame, frame_grid, is_spline, jacobian, regular_grid

_STRIP = 1 << 18  # pixels that `warp` samples at once; bounds its memory on large photos


def warp(
    image: np.ndarray,
    theta: np.ndarray,
    *,
    padding: Padding = "border",
    size: tuple[int, int] | None = None,
    kernel: KernelName = "bilinear",
    phi: Phi = None,
    antialias: bool = False,
) -> np.ndarray:
    """Bend a picture (H, W, C) or (H, W), uint8, by one theta: a matrix in its frame's coordinates, a spline in square ones.

    `size` is (height, width) of the output, by default that of the picture. Large pictures are sampled strip by strip.
    """
    height, width = size or (image.shape[0], image.shape[1])
    source = torch.from_numpy(image.copy()).view(image.shape[0], image.shape[1], -1)
    source = source.permute(2, 0, 1)[None].float()  # (1, C, H', W')
    copies = pyramid(source, most=deepest_level(torch.tensor(source.shape[-2:]).log2())) if antialias else [source]
    bent = torch.as_tensor(theta, dtype=torch.float32)[None]
    rows = max(1, _STRIP // width)
    strips = []  # each (C, rows, W)
    for top in range(0, height, rows):
        grid = _looks(bent, height, width, slice(top, top + rows + antialias))  # a row more: how far the last one steps
        if antialias:
            seen = blend_levels(copies, pyramid_levels(grid, image.shape[0], image.shape[1]), grid, padding, kernel, phi)
        else:
            seen = sample(source, grid, padding, kernel, phi)
        strips.append(seen[0, :, :rows])
    pixels = torch.cat(strips, dim=1).add_(0.5).clamp_(0, 255).to(torch.uint8)
    return pixels.permute(1, 2, 0).reshape(height, width, *image.shape[2:]).contiguous().numpy()


def _looks(theta: Tensor, height: int, width: int, rows: slice) -> Tensor:
    """Some rows of the grid of a frame, in its own coordinates: (1, rows, W, 2)."""
    x, y = centres(width), centres(height)[rows]
    if not is_spline(theta):
        return regular_grid(theta, x, y)
    if len(y) == height:
        return frame_grid(theta, height, width)  # which remembers its size
    across, down = reach(width, height)
    return regular_grid(theta, x * across, y * down) / theta.new_tensor([across, down])


def bend(photo: np.ndarray, theta: Tensor) -> np.ndarray:
    """A photo seen through one theta of any kind, in square coordinates."""
    height, width = photo.shape[:2]
    return warp(photo, framed(theta.numpy(), width, height))


FRAME = 512  # pixels: shares of larger frames are counted on one of this size
_BLOCKS = 48  # along a side of a map of folds


@dataclass(frozen=True)
class Sampling:
    """How the input is read."""

    kernel: KernelName = "bilinear"
    padding: Padding = "border"
    phi: float = SHARPEST  # pixels, read by the Gaussian alone
    antialias: bool = False

    def of(self, image: Tensor, grid: Tensor) -> Tensor:
        """V (B, C, H, W): what is seen of U (B, C, H', W') at grid (B, H, W, 2), in the coordinates of its frame."""
        read = sample_antialiased if self.antialias else sample
        return read(image, grid, self.padding, self.kernel, self.phi)


@dataclass(frozen=True)
class Bend:
    """A theta laid on a frame of so many pixels, the same for input and output."""

    theta: np.ndarray  # (2, 3), (3, 3) or (16, 2), square coordinates
    height: int
    width: int

    @cached_property
    def grid(self) -> Tensor:
        """Where every output pixel looks, in the frame's own coordinates: (1, H, W, 2)."""
        return frame_grid(torch.as_tensor(self.theta, dtype=torch.float32)[None], self.height, self.width)

    @cached_property
    def exact(self) -> Tensor:
        """The same as float64: what lies on the centre of a pixel is found there."""
        return frame_grid(torch.as_tensor(self.theta, dtype=torch.float64)[None], self.height, self.width)

    @cached_property
    def outside(self) -> np.ndarray:
        """True (H, W) where an output pixel looks outside the input."""
        return (self.grid[0].abs().amax(dim=-1) > 1).numpy()

    @cached_property
    def folded(self) -> np.ndarray:
        """True (H, W) where the output shows the input mirrored or squeezed flat: det J ≤ 0, told block by block."""
        rows, columns = (min(_BLOCKS, side) for side in (self.height, self.width))
        across, down = reach(self.width, self.height)
        points = torch.cartesian_prod(centres(rows) * down, centres(columns) * across).flip(-1)[None].double()
        slopes = jacobian(torch.as_tensor(self.theta, dtype=torch.float64)[None], points)
        coarse = (torch.linalg.det(slopes) <= 0).view(rows, columns).numpy()
        row, column = (np.arange(side) * count // side for side, count in ((self.height, rows), (self.width, columns)))
        return coarse[row[:, None], column]

    def of(self, picture: np.ndarray, sampling: Sampling) -> np.ndarray:
        """The picture (H, W, C), uint8, seen through the grid: the same shape and type."""
        return to_pixels(sampling.of(to_tensor(picture), self.grid))


def laid_on(theta: np.ndarray, height: int, width: int) -> Bend:
    """A theta on a frame, or on a smaller one of the same proportions: to count shares in large photos."""
    scale = min(1.0, FRAME / max(height, width))
    return Bend(theta, max(1, round(height * scale)), max(1, round(width * scale)))


def framed(theta: np.ndarray, width: int, height: int) -> np.ndarray:
    """What `sampling.warp` takes: matrices in the coordinates of the frame, a spline as it is."""
    tensor = torch.from_numpy(theta)
    return theta if is_spline(tensor) else for_frame(tensor, width, height).numpy()
