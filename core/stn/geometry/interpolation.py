"""The sampler as the paper writes it, for any kernel: V_i = Σ_n Σ_m U_nm k(x_i − m; Φ_x) k(y_i − n; Φ_y), and its gradients.

Jaderberg et al. 2015, section 3.3, eqs. 3 to 7, with the kernels of `kernels`. Here x and y are source coordinates in PIXELS:
the centre of the first pixel is 0, x to the right, y down; `in_pixels` translates from normalised ones (align_corners=False).
Here neighbours are gathered one by one, for any kernel; `sampling.sample` computes the same, by torch's own sampler where it
has the kernel.

Beyond the picture there is a DEAD ZONE: with padding border or zeros all neighbours are the same, and no small change of theta
is seen (`dead_zone`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from core.errors import InvalidRequest
from core.stn.geometry.kernels import BROADEST, KERNELS, SHARPEST, Kernel, KernelName, Padding

Phi = float | tuple[float, float] | Tensor | None  # Φ, or (Φ_x, Φ_y), in pixels; None is SHARPEST


@dataclass(frozen=True)
class Axis:
    """What the output pixels read along one axis: the K neighbours of each, all tensors (K, B, H, W)."""

    kernel: Kernel
    phi: Tensor  # ()
    distance: Tensor  # x − m
    position: Tensor  # m as it is, perhaps outside
    index: Tensor  # m after the padding rule, always in the picture
    inside: Tensor  # False where zero is read instead

    @cached_property
    def shares(self) -> Tensor:
        """k(x − m; Φ) before padding; the K of a pixel sum to 1."""
        return self._shape / self._shape.sum(dim=0) if self.kernel.normalised else self._shape

    @cached_property
    def weights(self) -> Tensor:
        """k(x − m; Φ): how much of each neighbour is read; 0 where padding says so."""
        return self.shares * self.inside

    @cached_property
    def slopes(self) -> Tensor:
        """∂k/∂x of the weights; exactly 0 where all neighbours are the same pixel."""
        slopes = self.kernel.slope(self.distance, self.phi)
        if self.kernel.normalised:
            slopes = (slopes - self.shares * slopes.sum(dim=0)) / self._shape.sum(dim=0)
        return slopes * (self.inside & ~self.constant)

    @cached_property
    def constant(self) -> Tensor:
        """True where all K neighbours are one and the same pixel, or nothing at all: (B, H, W)."""
        pixels = torch.where(self.inside, self.index, -1)
        return (pixels == pixels[:1]).all(dim=0)

    @cached_property
    def blank(self) -> Tensor:
        """True where all K neighbours are outside and read as zero: (B, H, W)."""
        return ~self.inside.any(dim=0)

    @cached_property
    def _shape(self) -> Tensor:
        return self.kernel.shape(self.distance, self.phi)


def _pixel(coordinate: Tensor, size: int) -> Tensor:
    x = coordinate * (size / 2) + (size - 1) / 2
    away = torch.round(2 * x.detach()) / 2 - x.detach()
    return x + torch.where(away.abs() < 4 * size * torch.finfo(x.dtype).eps, away, 0)


def in_pixels(grid: Tensor, height: int, width: int) -> tuple[Tensor, Tensor]:
    """Normalised points (…, 2) as pixel coordinates x and y, (…) each.

    What lies within rounding error of a pixel's centre or edge is put there: the identity reads one pixel and not two.
    """
    return _pixel(grid[..., 0], width), _pixel(grid[..., 1], height)


def _phis(phi: Phi, like: Tensor) -> tuple[Tensor, Tensor]:
    both = torch.as_tensor(SHARPEST if phi is None else phi, dtype=like.dtype, device=like.device).expand(2)
    if not 0 < both.min().item() <= both.max().item() <= BROADEST:
        x, y = both.tolist()
        raise InvalidRequest(f"Φ is ({x:.3g}, {y:.3g}) pixels; give widths above 0 and up to {BROADEST:g}")
    return both[0], both[1]


def _pad(position: Tensor, size: int, padding: Padding) -> tuple[Tensor, Tensor]:
    """Which pixel is read for position m, and whether it counts. Reflection is about the outer edges: …, 1, 0, 0, 1, …."""
    everywhere = torch.ones_like(position, dtype=torch.bool)
    if padding == "reflection":
        turn = position % (2 * size)
        return torch.minimum(turn, 2 * size - 1 - turn), everywhere
    index = position.clamp(0, size - 1)
    return index, index == position if padding == "zeros" else everywhere


def _axis(x: Tensor, size: int, kernel: Kernel, padding: Padding, phi: Tensor) -> Axis:
    reach = kernel.reach(phi.item())
    first = torch.floor(x.detach() - reach + 1)  # (B, H, W)
    offsets = torch.arange(int(2 * reach), device=x.device).view(-1, *(1 for _ in x.shape))
    position = first.long() + offsets  # (K, B, H, W)
    index, inside = _pad(position, size, padding)
    return Axis(kernel, phi, (x - first) - offsets, position, index, inside)


def axes(
    grid: Tensor, height: int, width: int, kernel: KernelName = "bilinear", padding: Padding = "border", phi: Phi = None
) -> tuple[Axis, Axis]:
    """What grid (B, H, W, 2) reads of a picture `height` by `width`: across (x) and down (y)."""
    x, y = in_pixels(grid, height, width)
    phi_x, phi_y = _phis(phi, grid)
    return _axis(x, width, KERNELS[kernel], padding, phi_x), _axis(y, height, KERNELS[kernel], padding, phi_y)


def _read(flat: Tensor, index: Tensor) -> Tensor:
    """Pixels (B, C, H'W') at flat positions (B, H, W): (B, C, H, W)."""
    each = index.flatten(1)[:, None].expand(-1, flat.shape[1], -1)
    return flat.gather(2, each).unflatten(2, index.shape[1:])


def _combine(image: Tensor, across: Axis, by_column: Tensor, down: Axis, by_row: Tensor) -> Tensor:
    """Σ_n by_row_n Σ_m by_column_m U_nm, one neighbour at a time: (B, C, H, W)."""
    flat = image.flatten(2)  # (B, C, H'W')
    total = torch.zeros((), dtype=image.dtype, device=image.device)
    for row, share in zip(down.index * image.shape[-1], by_row, strict=True):
        line = torch.zeros_like(total)
        for column, weight in zip(across.index, by_column, strict=True):
            line = line + _read(flat, row + column) * weight[:, None]
        total = total + line * share[:, None]
    return total


def interpolate(
    image: Tensor, grid: Tensor, kernel: KernelName = "bilinear", padding: Padding = "border", phi: Phi = None
) -> Tensor:
    """Eq. 3: U (B, C, H', W') at normalised grid (B, H, W, 2) gives V (B, C, H, W), differentiable in U, grid and Φ.

    Φ is read by the Gaussian alone: its standard deviation in pixels. At SHARPEST, the default, the identity is the identity;
    a larger Φ blurs, on purpose.
    """
    across, down = axes(grid, image.shape[-2], image.shape[-1], kernel, padding, phi)
    return _combine(image, across, across.weights, down, down.weights)


@dataclass(frozen=True)
class Gradients:
    """How V changes when its source point moves by one pixel: ∂V/∂x and ∂V/∂y, (B, C, H, W) each."""

    by_x: Tensor
    by_y: Tensor


def gradients(
    image: Tensor, grid: Tensor, kernel: KernelName = "bilinear", padding: Padding = "border", phi: Phi = None
) -> Gradients:
    """Eq. 7 for any kernel, in closed form: the derivative kernel along one axis, the kernel itself along the other."""
    across, down = axes(grid, image.shape[-2], image.shape[-1], kernel, padding, phi)
    by_x = _combine(image, across, across.slopes, down, down.weights)
    by_y = _combine(image, across, across.weights, down, down.slopes)
    return Gradients(by_x, by_y)


def by_image(
    upstream: Tensor, grid: Tensor, height: int, width: int,
    kernel: KernelName = "bilinear", padding: Padding = "border", phi: Phi = None,
) -> Tensor:  # fmt: skip
    """Eq. 6: ∂L/∂U (B, C, height, width) from ∂L/∂V (B, C, H, W); ∂V_i/∂U_nm is the weight with which V_i reads U_nm.

    With ones as upstream: how much every pixel of the input counts in the output.
    """
    across, down = axes(grid, height, width, kernel, padding, phi)
    total = upstream.new_zeros(*upstream.shape[:2], height * width)
    for row, share in zip(down.index * width, down.weights, strict=True):
        for column, weight in zip(across.index, across.weights, strict=True):
            each = (row + column).flatten(1)[:, None].expand(-1, upstream.shape[1], -1)
            total.scatter_add_(2, each, (upstream * (share * weight)[:, None]).flatten(2))
    return total.unflatten(2, (height, width))


def dead_zone(
    grid: Tensor, height: int, width: int, kernel: KernelName = "bilinear", padding: Padding = "border", phi: Phi = None
) -> Tensor:
    """True (B, H, W) where ∂V/∂x and ∂V/∂y are 0 whatever the picture shows: nothing there can move theta."""
    across, down = axes(grid, height, width, kernel, padding, phi)
    return (across.constant & down.constant) | across.blank | down.blank
