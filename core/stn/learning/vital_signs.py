"""Vital signs of a spatial transformer that is learning, measured on a fixed batch of images about twice a second.

Everything is measured on a lattice of points that theta maps, in the coordinates of theta, so that it means the same for every
family: a matrix, a homography and a spline. `health` turns the measurements into words.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.stn.geometry.frames import centres
from core.stn.geometry.theta import jacobian, move
from core.stn.networks.spatial_transformer import ThetaLayer
from core.training import History, untouched

SECONDS = 0.5  # least time between two measurements
LATTICE = 7  # points along a side
FLAT = 0.1  # an output that varies less than this share of its input shows nothing
DARK = 1e-3  # inputs that vary less than this are flat themselves, and are not counted


@dataclass(frozen=True)
class Vitals:
    """One measurement. Lengths in the coordinates of theta, where the picture spans [-1, 1]; means over images and points."""

    step: int
    seconds: float
    loss: float
    outside: float  # share of the points that look outside the picture
    area: float  # |det A|: the factor by which areas grow from output to input
    condition: float  # of A: 1 for a similarity; the median
    distance: float  # between where a point is and where it looks: |theta - identity|
    spread: float  # standard deviation over the images of where a point looks
    jump: float  # how far the points have moved since the measurement before
    gradient_ratio: float  # gradient norm of the localiser by that of all other weights; nan where there are none
    blank: float  # share of outputs that are flat although their inputs are not
    saturated: float  # share of the localiser's last hidden units that are 0 for every image
    mirrored: float = 0.0  # share of the points round which the picture is seen mirrored: det A < 0

    @property
    def finite(self) -> bool:
        return all(map(math.isfinite, (self.area, self.distance, self.spread)))


def _mean(values: Tensor) -> float:
    return float(values.float().mean())


def blank_share(inputs: Tensor, outputs: Tensor) -> float:
    """The share of outputs that are flat, among those whose input is not."""
    before, after = (images.float().flatten(1).std(dim=1) for images in (inputs, outputs))
    varied = before > DARK
    return _mean((after < FLAT * before)[varied]) if varied.any() else 0.0


def gradient_norm(weights: Iterable[nn.Parameter]) -> float:
    squares = [weight.grad.square().sum() for weight in weights if weight.grad is not None]
    return float(torch.stack(squares).sum().sqrt()) if squares else 0.0


class Gauge:
    """Takes the vital signs of one localiser. It changes nothing: weights, running means and gradients stay as they are."""

    def __init__(
        self,
        localizer: nn.Module,
        look: Callable[[Tensor, Tensor], Tensor],
        images: Tensor,
        rest: Iterable[nn.Parameter] = (),
    ) -> None:
        """`localizer` gives thetas of images (B, C, H, W), `look(images, thetas)` what they show; `rest` are other weights."""
        self.localizer, self.look, self.images = localizer, look, images
        self.rest = list(rest)
        self._before: Tensor | None = None
        line = centres(LATTICE)
        self._lattice = torch.cartesian_prod(line, line).flip(-1)[None]  # (1, LATTICE², 2)

    def take(self, history: History) -> Vitals:
        """Measure now; the gradients are those of the last step."""
        theta, saturated, blank = self._look_at_all()
        points = self._lattice.to(theta).expand(len(theta), -1, -1)
        sources = move(theta, points)  # (B, LATTICE², 2)
        matrices = jacobian(theta, points).nan_to_num()  # (B, LATTICE², 2, 2)
        slopes = torch.linalg.svdvals(matrices)  # (B, LATTICE², 2), the larger first
        vitals = Vitals(
            step=history.steps,
            seconds=history.seconds,
            loss=history.loss[-1] if history.loss else math.nan,
            outside=_mean(sources.abs().amax(-1) > 1),
            area=_mean(slopes.prod(-1)),
            condition=float((slopes[..., 0] / slopes[..., 1].clamp(min=1e-6)).median()),
            distance=_mean((sources - points).norm(dim=-1)),
            spread=_mean(sources.var(dim=0, unbiased=False).sum(-1).sqrt()),
            jump=_mean((sources - self._before).norm(dim=-1)) if self._before is not None else 0.0,
            gradient_ratio=gradient_norm(self.localizer.parameters()) / (gradient_norm(self.rest) or math.nan),
            blank=blank,
            saturated=saturated,
            mirrored=_mean(torch.linalg.det(matrices) < 0),
        )
        self._before = sources
        return vitals

    def state(self) -> Tensor | None:
        """Where the points were at the measurement before."""
        return self._before

    def restore(self, before: np.ndarray | None) -> None:
        self._before = None if before is None else torch.from_numpy(before)

    def _look_at_all(self) -> tuple[Tensor, float, float]:
        """The thetas, the share of dead units and the share of blank outputs."""
        features: list[Tensor] = []
        layers = [layer for layer in self.localizer.modules() if isinstance(layer, ThetaLayer)]
        hooks = [layer.register_forward_pre_hook(lambda _, inputs: features.append(inputs[0])) for layer in layers]
        try:
            with untouched(self.localizer):
                theta = self.localizer(self.images).float()
                outputs = self.look(self.images, theta)
        finally:
            for hook in hooks:
                hook.remove()
        saturated = _mean((features[-1] == 0).all(dim=0)) if features else math.nan
        return theta, saturated, blank_share(self.images, outputs)
