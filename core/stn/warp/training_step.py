"""One training step through a sampler, taken apart: θ, grid, sample, loss, and back: ∂L/∂V, ∂L/∂T_θ(G), ∂L/∂θ, the new θ.

There is no network: the numbers of θ are the weights, and U is the target as well, so that the loss is smallest where the grid
lies still. All of it is what training does: the grid of `theta.frame_grid`, the sampler of `sampling`, torch's autograd
(Jaderberg et al. 2015, eqs. 1, 3, 6 and 7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.pixels import shrunk, to_grey
from core.stn.geometry.theta import frame_grid
from core.stn.geometry.warping import Sampling

LONGEST = 96  # pixels: longest side of the picture that a step is taken on
_ROUNDING = 1e-7  # of a gradient by finite differences
_DIFFERENCE = 1e-8  # of a number of θ: so small that hardly a point of the grid crosses a kink of the kernel


@dataclass(frozen=True)
class TrainingStep:
    """One step of gradient descent; float64. Grey levels are 0 to 1, the loss is the mean of (V − U)².

    The grid is in the frame's own coordinates, ±1 the edges of the picture; `by_grid` is by pixels, (x, y).
    """

    image: np.ndarray  # U, and the target: (H, W)
    names: tuple[str, ...]  # of the numbers of θ: those of its family
    numbers: np.ndarray  # (n,)
    theta: np.ndarray  # square coordinates
    grid: np.ndarray  # T_θ(G): (H, W, 2)
    output: np.ndarray  # V: (H, W)
    loss: float
    by_output: np.ndarray  # ∂L/∂V: (H, W)
    by_grid: np.ndarray  # ∂L/∂T_θ(G), per pixel: (H, W, 2)
    by_numbers: np.ndarray  # ∂L/∂θ: (n,)
    by_difference: np.ndarray  # the same by finite differences of the loss: (n,)
    rate: float  # η
    new_numbers: np.ndarray  # θ − η ∂L/∂θ: (n,)
    new_theta: np.ndarray
    new_output: np.ndarray
    new_loss: float

    @property
    def difference(self) -> float:
        """The largest deviation of autograd from finite differences, as a share of the largest gradient; 0 where all is 0."""
        largest = np.abs([self.by_numbers, self.by_difference]).max()
        return float(np.abs(self.by_numbers - self.by_difference).max() / largest) if largest > _ROUNDING else 0.0


def _loss(output: Tensor, target: Tensor) -> Tensor:
    return (output - target).square().mean()


def training_step(picture: np.ndarray, theta: np.ndarray, family: FamilyName, sampling: Sampling, rate: float) -> TrainingStep:
    """One step from a theta of a family (square coordinates) on a picture (H, W, 3), uint8, made small and grey."""
    row = FAMILIES[family]
    grey = to_grey(shrunk(picture, LONGEST))[..., 0] / 255
    height, width = grey.shape
    image = torch.from_numpy(grey)[None, None]  # (1, 1, H, W)

    def forward(numbers: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        moved = row.theta(numbers)  # θ
        grid = frame_grid(moved, height, width)  # T_θ(G): (1, H, W, 2)
        output = sampling.of(image, grid)  # V: (1, 1, H, W)
        return moved, grid, output, _loss(output, image)

    numbers = row.params(torch.from_numpy(theta)[None].double()).detach().requires_grad_()  # (1, n)
    moved, grid, output, loss = forward(numbers)
    by_output, by_grid, by_numbers = torch.autograd.grad(loss, (output, grid, numbers))
    with torch.no_grad():
        new_numbers = numbers - rate * by_numbers
        new_theta, _, new_output, new_loss = forward(new_numbers)
        sides = [[forward(numbers + sign * _DIFFERENCE * unit)[3] for sign in (1, -1)] for unit in torch.eye(numbers.shape[1])]
    per_pixel = by_grid[0] * by_grid.new_tensor([2 / width, 2 / height])
    differences = [((after - before) / (2 * _DIFFERENCE)).item() for after, before in sides]
    return TrainingStep(
        grey, row.parameters, numbers.detach()[0].numpy(), moved.detach()[0].numpy(), grid.detach()[0].numpy(),
        output.detach()[0, 0].numpy(), loss.item(), by_output[0, 0].numpy(), per_pixel.numpy(), by_numbers[0].numpy(),
        np.array(differences), rate, new_numbers[0].numpy(), new_theta[0].numpy(), new_output[0, 0].numpy(), new_loss.item(),
    )  # fmt: skip
