"""Sampling kernels k of eq. 3, V_i = Σ_n Σ_m U_nm k(x_i − m; Φ_x) k(y_i − n; Φ_y), and what is read outside the picture.

Jaderberg et al. 2015, section 3.3. A kernel is one row of this table: its shape k, its slope k′, how far it reaches; the sums
are in `interpolation`. Distances x − m are in pixels.

Where the gradient cannot be trusted, and why: a bilinear V is a chain of straight lines with KINKS where x is a whole number.
There it has two slopes and no gradient; this file takes the one towards larger x. On the row 0, 1, 4, 9, 16 the identity grid
sits on every kink: the gradient is 1, 3, 5, 7, where central differences say 2, 4, 6. An integer kernel is flat between its
jumps, so its gradient is 0 everywhere and nothing can be learned through it.

The file loads without torch, so that names and titles cost nothing; the functions import it when they are called.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from core.rows import name_in

if TYPE_CHECKING:
    from torch import Tensor

SHARPEST = 1 / 6  # Φ in pixels: so narrow that the next pixel counts e⁻¹⁸, and the identity is the identity
BROADEST = 8.0  # Φ in pixels: reads 64 × 64 neighbours for every output pixel
TRUNCATED_AT = 4.0  # standard deviations at which a Gaussian ends
_KEYS = -0.75  # Keys 1981 proposes -0.5; torch and OpenCV use this sharper one


@dataclass(frozen=True)
class Kernel:
    """One row of the table. `shape` and `slope` take distances x − m in pixels, of any shape, and Φ in pixels.

    In the stand-alone program a kernel that torch does not have is export/templates/kernel_NAME.py.txt.
    """

    name: str
    title: str
    shape: Callable[[Tensor, Tensor], Tensor]  # k(d; Φ)
    slope: Callable[[Tensor, Tensor], Tensor]  # k′(d; Φ); at a kink the one towards larger d
    reach: Callable[[float], float]  # half the support in pixels, given Φ
    normalised: bool = False  # divided by Σ k over the neighbours, which is not 1 by itself
    in_torch: str | None = None  # the name of torch's sampler that computes the same
    rounds: bool = False  # points are first put at the centres of pixels: torch would round halves to even pixels
    kinks: bool = False  # V has corners or jumps where the neighbours change: no gradient there
    learns: bool = True  # False: flat between its jumps, so that no gradient reaches theta
    width: bool = False  # reads Φ, which a network can learn


def _integer(d: Tensor, _: Tensor) -> Tensor:
    import torch

    return 1 - torch.floor(d + 0.5).abs().clamp(max=1)


def _integer_slope(d: Tensor, _: Tensor) -> Tensor:
    import torch

    return torch.zeros_like(d)


def _bilinear(d: Tensor, _: Tensor) -> Tensor:
    import torch

    return torch.where(d < 0, 1 + d, 1 - d).clamp(min=0)


def _bilinear_slope(d: Tensor, _: Tensor) -> Tensor:
    import torch

    return torch.where(d < 0, 1.0, -1.0).to(d) * (d.abs() <= 1)


def _bicubic(d: Tensor, _: Tensor) -> Tensor:
    import torch

    r, a = d.abs(), _KEYS
    near = ((a + 2) * r - (a + 3)) * r * r + 1
    far = ((r - 5) * r + 8) * r * a - 4 * a
    return torch.where(r <= 1, near, far) * (r < 2)


def _bicubic_slope(d: Tensor, _: Tensor) -> Tensor:
    import torch

    r, a = d.abs(), _KEYS
    near = (3 * (a + 2) * r - 2 * (a + 3)) * r
    far = ((3 * r - 10) * r + 8) * a
    return torch.where(r <= 1, near, far) * (r < 2) * d.sign()


def _sinc(d: Tensor) -> Tensor:
    """sin(πd)/πd; by its series near 0, where the gradient of the quotient loses all digits."""
    import torch

    near = d.abs() < 0.05
    angle = torch.where(near, 1.0, math.pi * d)
    z = (math.pi * d).square()
    return torch.where(near, 1 - z / 6 * (1 - z / 20 * (1 - z / 42)), torch.sin(angle) / angle)


def _sinc_slope(d: Tensor, value: Tensor) -> Tensor:
    """The slope of the sinc at d, where its value is `value`."""
    import torch

    near = d.abs() < 0.05
    z = (math.pi * d).square()
    series = math.pi**2 * d * (-1 / 3 + z / 30 * (1 - z / 28))
    return torch.where(near, series, (torch.cos(math.pi * d) - value) / torch.where(near, 1.0, d))


def _lanczos(d: Tensor, _: Tensor) -> Tensor:
    return _sinc(d) * _sinc(d / 3) * (d.abs() < 3)


def _lanczos_slope(d: Tensor, _: Tensor) -> Tensor:
    wave, window = _sinc(d), _sinc(d / 3)
    return (_sinc_slope(d, wave) * window + wave * _sinc_slope(d / 3, window) / 3) * (d.abs() < 3)


def _gaussian(d: Tensor, phi: Tensor) -> Tensor:
    """Relative to the largest value among the neighbours, so that a narrow one does not underflow; normalisation cancels it."""
    import torch

    nearest = d.detach().square().amin(dim=0, keepdim=True)
    return torch.exp((nearest - d.square()) / (2 * phi.square()))


def _gaussian_slope(d: Tensor, phi: Tensor) -> Tensor:
    return -d / phi.square() * _gaussian(d, phi)


_ROWS = (
    Kernel(
        "integer", "the nearest pixel", _integer, _integer_slope, lambda _: 0.5, in_torch="nearest", rounds=True, kinks=True,
        learns=False,
    ),
    Kernel("bilinear", "bilinear", _bilinear, _bilinear_slope, lambda _: 1, in_torch="bilinear", kinks=True),
    Kernel("bicubic", "bicubic (Keys, a = −0.75)", _bicubic, _bicubic_slope, lambda _: 2, in_torch="bicubic"),
    Kernel("lanczos", "Lanczos-3", _lanczos, _lanczos_slope, lambda _: 3, normalised=True),
    Kernel(
        "gaussian", "Gaussian, Φ its standard deviation", _gaussian, _gaussian_slope,
        lambda phi: max(1, math.ceil(TRUNCATED_AT * phi)), normalised=True, width=True,
    ),
)  # fmt: skip
KERNELS: dict[KernelName, Kernel] = {kernel.name: kernel for kernel in _ROWS}
PADDINGS: dict[Padding, str] = {  # what is read outside the picture
    "border": "the nearest edge pixel is repeated",
    "zeros": "black is read",
    "reflection": "the picture is mirrored at its edges",
}

KernelName = Annotated[str, name_in(lambda: KERNELS)]
Padding = Annotated[str, name_in(lambda: PADDINGS)]
