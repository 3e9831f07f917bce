"""A picture warped by a theta, for screens, exports and the command line; and which of its pixels fall outside or fold over.

Theta is of any kind, in SQUARE coordinates (`families`). Networks do the same to batches, by `theta.frame_grid` and
`sampling.sample`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from core.stn.geometry.frames import centres
from core.stn.geometry.kernels import SHARPEST, KernelName, Padding
from core.stn.geometry.kinds import reach
from core.stn.geometry.pixels import picture_of, to_tensor
from core.stn.geometry.sampling import blend_levels, deepest_level, pyramid, pyramid_levels, sample, sample_antialiased
from core.stn.geometry.theta import FOLDED, for_frame, frame_grid, is_spline, jacobian, parts, regular_grid

_STRIP = 1 << 18  # pixels that `warp` samples at once; bounds its memory on large photos
_LARGE = 6_000_000  # levels of a picture of which it takes one channel at a time
FRAME = 512  # pixels: shares of larger frames are counted on one of this size
_BLOCKS = 48  # along a side of a map of folds


@dataclass(frozen=True)
class Sampling:
    """How the input is read: kernel, padding and antialiasing."""

    kernel: KernelName = "bilinear"
    padding: Padding = "border"
    phi: float = SHARPEST  # pixels, read by the Gaussian alone
    antialias: bool = False

    def of(self, image: Tensor, grid: Tensor) -> Tensor:
        """V (B, C, H, W): what is seen of U (B, C, H', W') at grid (B, H, W, 2), in the coordinates of its frame."""
        read = sample_antialiased if self.antialias else sample
        return read(image, grid, self.padding, self.kernel, self.phi)

    def between(self, copies: list[Tensor], grid: Tensor) -> Tensor:
        """The same of an image and its smaller copies (`sampling.pyramid`), which antialiasing reads and nothing else."""
        if not self.antialias:
            return sample(copies[0], grid, self.padding, self.kernel, self.phi)
        levels = pyramid_levels(grid, copies[0].shape[-2], copies[0].shape[-1])
        return blend_levels(copies, levels, grid, self.padding, self.kernel, self.phi)


BILINEAR = Sampling()


def _grid(theta: Tensor, height: int, width: int, rows: slice) -> Tensor:
    """Some rows of the grid of a frame, float32, in its own coordinates: (1, rows, W, 2)."""
    x, y = centres(width), centres(height)[rows]
    if not is_spline(theta):
        return regular_grid(for_frame(theta, width, height)[None].float(), x, y)
    if len(y) == height:
        return frame_grid(theta[None].float(), height, width)  # whose basis is cached by size
    across, down = reach(width, height)
    return regular_grid(theta[None].float(), x * across, y * down) / torch.tensor([across, down])


def warp(
    picture: np.ndarray, theta: np.ndarray | Tensor, sampling: Sampling = BILINEAR, size: tuple[int, int] | None = None
) -> np.ndarray:
    """A picture (H, W, C) or (H, W), uint8, seen through one theta of any kind, in square coordinates.

    `size` is (height, width) of the output, by default that of the picture. Large pictures are sampled strip by strip, and
    channel by channel.
    """
    if picture.ndim == 3 and picture.size > _LARGE:  # as floating-point numbers all channels would need four times their memory
        return np.stack([warp(channel, theta, sampling, size) for channel in np.moveaxis(picture, -1, 0)], axis=-1)
    height, width = size or picture.shape[:2]
    source = to_tensor(picture.reshape(*picture.shape[:2], -1))
    copies = pyramid(source, most=deepest_level(torch.tensor(source.shape[-2:]).log2())) if sampling.antialias else [source]
    rows = max(1, _STRIP // width)
    strips = []  # each (rows, W, C)
    for top in range(0, height, rows):
        grid = _grid(torch.as_tensor(theta), height, width, slice(top, top + rows + sampling.antialias))
        seen = sampling.between(copies, grid)[:, :, :rows]  # antialiasing needs a row more: how far the last one steps
        strips.append(picture_of(seen[0], 255))
    return np.concatenate(strips).reshape(height, width, *picture.shape[2:])


@dataclass(frozen=True)
class Bend:
    """A theta laid on a frame of so many pixels."""

    theta: np.ndarray  # (2, 3), (3, 3) or (16, 2), square coordinates
    height: int
    width: int

    @cached_property
    def grid(self) -> Tensor:
        """Where every output pixel looks, in the frame's own coordinates: (1, H, W, 2)."""
        return frame_grid(torch.as_tensor(self.theta, dtype=torch.float32)[None], self.height, self.width)

    @cached_property
    def exact(self) -> Tensor:
        """The same as float64: a point on the centre of a pixel stays there."""
        return frame_grid(torch.as_tensor(self.theta, dtype=torch.float64)[None], self.height, self.width)

    @cached_property
    def outside(self) -> np.ndarray:
        """True (H, W) where an output pixel looks outside the input."""
        return (self.grid[0].abs().amax(dim=-1) > 1).numpy()

    @cached_property
    def farthest(self) -> float:
        """The farthest that a point of the grid lies from where the identity has it, in pixels."""
        y, x = torch.meshgrid(centres(self.height).double(), centres(self.width).double(), indexing="ij")
        moved = (self.exact[0] - torch.stack([x, y], dim=-1)) * torch.tensor([self.width / 2, self.height / 2])
        return float(moved.norm(dim=-1).max())

    @cached_property
    def squeezed(self) -> bool:
        """Whether the whole output looks at one line or point: the matrix is singular but for rounding. No spline is."""
        if is_spline(torch.as_tensor(self.theta)):
            return False
        if self.theta.shape == (2, 3) or tuple(self.theta[2]) == (0, 0, 1):
            return not parts(self.theta[:2]).determinant
        singular = np.linalg.svd(self.theta.astype(np.float64), compute_uv=False)
        return bool(singular[-1] <= FOLDED * singular[0])

    @cached_property
    def folded(self) -> np.ndarray:
        """True (H, W) where the output shows the input mirrored or squeezed flat: det J ≤ 0, computed block by block."""
        rows, columns = (min(_BLOCKS, side) for side in (self.height, self.width))
        across, down = reach(self.width, self.height)
        points = torch.cartesian_prod(centres(rows) * down, centres(columns) * across).flip(-1)[None].double()
        slopes = jacobian(torch.as_tensor(self.theta, dtype=torch.float64)[None], points)
        coarse = (torch.linalg.det(slopes) <= 0).view(rows, columns).numpy()
        row, column = (np.arange(side) * count // side for side, count in ((self.height, rows), (self.width, columns)))
        return coarse[row[:, None], column]

    def of(self, picture: np.ndarray, sampling: Sampling) -> np.ndarray:
        """A picture (H', W', C), uint8, seen through the grid: (H, W, C), uint8."""
        return warp(picture, self.theta.astype(np.float32), sampling, (self.height, self.width))


def laid_on(theta: np.ndarray, height: int, width: int) -> Bend:
    """A theta on a frame, or on a smaller one of the same proportions: to count shares in large photos."""
    scale = min(1.0, FRAME / max(height, width))
    return Bend(theta, max(1, round(height * scale)), max(1, round(width * scale)))
