"""Somebody's own PyTorch network with any spatial transformer: its health line, its doubt, where it looks.

Nothing is asked of the network but that it samples with `torch.nn.functional.grid_sample`, as all do: every call is noted while
it looks at a batch, so the transformer may be affine, a homography, a spline or anything that makes a grid.

    from core.stn import HealthLine, doubt, thetas_of

    health = HealthLine(network, images)  # a fixed batch (B, C, H, W)
    for batch in batches:
        loss = …; loss.backward(); optimizer.step()
        print(health(loss.item()))
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from core.errors import InvalidRequest
from core.stn.geometry.frames import axes_of
from core.stn.geometry.kinds import reach
from core.stn.learning.diagnosis import Diagnosis, without_gradient, worst
from core.stn.learning.equivariance import TURNS, Answer, scatter_of_turns
from core.stn.learning.health import diagnose
from core.stn.learning.trials import gain, judged
from core.stn.learning.vital_signs import SECONDS, Vitals, blank_share, gradient_norm
from core.training import untouched

_LATTICE = 9  # points along a side, at most, on which a grid is measured
_WITHOUT_SLOPE = ("nearest",)  # modes of grid_sample whose output does not change with a small move of the grid


@dataclass(frozen=True)
class Look:
    """One call of `grid_sample`: what was read, where, and what that gave."""

    image: Tensor  # (B, C, H', W')
    grid: Tensor  # (B, H, W, 2), in the image's own normalised coordinates
    output: Tensor  # (B, C, H, W)
    mode: str
    align_corners: bool

    @property
    def points(self) -> Tensor:
        """The grid that changes nothing, (1, H, W, 2)."""
        height, width = self.grid.shape[1:3]
        x, y = axes_of(height, width, self.grid)
        if self.align_corners:
            x, y = (torch.linspace(-1, 1, side).to(self.grid) for side in (width, height))
        return torch.stack(torch.meshgrid(y, x, indexing="ij"), dim=-1).flip(-1)[None]


class _Listener(TorchFunctionMode):
    """Notes every call of `grid_sample` of two dimensions."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: list[Look] = []

    def __torch_function__(
        self, function: Callable[..., Any], types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = dict(kwargs or {})
        answer = function(*args, **given)
        if function is functional.grid_sample:
            named = dict(zip(("input", "grid", "mode", "padding_mode", "align_corners"), args, strict=False)) | given
            if named["grid"].shape[-1] == 2:
                mode, corners = named.get("mode", "bilinear"), bool(named.get("align_corners"))
                self.looks.append(Look(named["input"], named["grid"], answer, mode, corners))
        return answer


def looks_of(network: nn.Module, images: Tensor) -> list[Look]:
    """Where a network samples when it is given images, in the order of the calls; InvalidRequest where it never does."""
    with _Listener() as listener:
        network(images)
    if not listener.looks:
        raise InvalidRequest("this network never calls grid_sample on these images; it has no spatial transformer to look at")
    return listener.looks


def _affine_of(look: Look) -> Tensor:
    """The affine thetas (B, 2, 3), in square coordinates, nearest to the grids of a look."""
    height, width = look.image.shape[-2:]
    units = look.grid.new_tensor(reach(width, height))
    source, target = (look.grid * units).flatten(1, 2), (look.points * units).flatten(1, 2)[0]  # (B, N, 2), (N, 2)
    design = torch.cat([target, torch.ones_like(target[:, :1])], dim=1)
    return torch.linalg.lstsq(design.expand(len(source), -1, -1), source).solution.mT


def thetas_of(network: nn.Module, number: int = 0) -> Answer:
    """A function from images (B, C, H, W) to the affine thetas (B, 2, 3) of the `number`th sampling, in square coordinates."""

    def answer(images: Tensor) -> Tensor:
        with untouched(network):
            return _affine_of(looks_of(network, images)[number]).float()

    return answer


def doubt(network: nn.Module, images: Tensor, turns: Sequence[float] = TURNS, number: int = 0) -> Tensor:
    """How far the answers of a network to images (B, C, H, W) scatter when these are turned: (B,), half the short side being 1.

    What the corners differ by after the turns are undone: little where it knows what it sees (`equivariance.scatter_of_turns`).
    A distance and no probability: that is what `own_belief.calibrated_belief` makes of it.
    """
    return scatter_of_turns(thetas_of(network, number), images, turns)


def _slopes(look: Look) -> Tensor:
    """∂source/∂target of a grid by differences: (B, H - 1, W - 1, 2, 2)."""
    points, grid = look.points, look.grid
    across = (grid[:, :-1, 1:] - grid[:, :-1, :-1]) / (points[:, :-1, 1:, :1] - points[:, :-1, :-1, :1])
    down = (grid[:, 1:, :-1] - grid[:, :-1, :-1]) / (points[:, 1:, :-1, 1:] - points[:, :-1, :-1, 1:])
    return torch.stack([across, down], dim=-1)


def _thinned(values: Tensor) -> Tensor:
    """(B, H, W, …) at no more than _LATTICE rows and columns: (B, N, …)."""
    rows, columns = (torch.linspace(0, side - 1, min(side, _LATTICE)).round().long() for side in values.shape[1:3])
    return values[:, rows][:, :, columns].flatten(1, 2)


class HealthLine:
    """Measures the spatial transformers of a network on a fixed batch while it is trained, and says how they do."""

    def __init__(self, network: nn.Module, images: Tensor) -> None:
        """`images` (B, C, H, W) are what the network is called with; a few dozen will do."""
        self._network, self._images, self._began = network, images, time.monotonic()
        self._before: list[Tensor] = []
        self.steps = 0
        self.history: list[list[Vitals]] = []  # of each transformer
        self.diagnosis = diagnose(())
        self._localizers = self._weights_before_the_grid()

    def __call__(self, loss: float) -> str:
        """After every step of the optimiser: the diagnosis in words, measured at most twice a second."""
        self.steps += 1
        seconds = time.monotonic() - self._began
        if not self.history or seconds - self.history[0][-1].seconds >= SECONDS:
            self._measure(float(loss), seconds)
        return self.diagnosis.words

    def tested(self, errors: Any, baseline: Any) -> Diagnosis:
        """After the training: healthy only where errors (N,) are below those of a baseline by two standard errors, paired."""
        measured = gain(np.asarray(baseline), np.asarray(errors))
        than = f"{measured.after:.3g} in the median of {measured.trials} trials where the baseline gives {measured.before:.3g}"
        return judged(self.diagnosis, measured.sure, than)

    def _weights_before_the_grid(self) -> list[nn.Parameter]:
        weights = [weight for weight in self._network.parameters() if weight.requires_grad]
        training = self._network.training
        self._network.eval()
        with torch.enable_grad():
            grids = [look.grid for look in looks_of(self._network, self._images[:1]) if look.grid.requires_grad]
        self._network.train(training)
        if not grids or not weights:
            return []
        slopes = torch.autograd.grad(torch.stack([grid.sum() for grid in grids]).sum(), weights, allow_unused=True)
        return [weight for weight, slope in zip(weights, slopes, strict=True) if slope is not None]

    def _measure(self, loss: float, seconds: float) -> None:
        with untouched(self._network):
            looks = looks_of(self._network, self._images)
        self.history = self.history or [[] for _ in looks]
        before: list[Tensor | None] = [*self._before] or [None] * len(looks)
        sources = [_thinned(look.grid.float()) for look in looks]
        for history, look, source, last in zip(self.history, looks, sources, before, strict=False):
            history.append(self._vitals(look, source, last, loss, seconds))
        self._before = sources
        flat = [look.mode for look in looks if look.mode in _WITHOUT_SLOPE]
        self.diagnosis = without_gradient(flat[0]) if flat else worst(map(diagnose, self.history))

    def _vitals(self, look: Look, source: Tensor, last: Tensor | None, loss: float, seconds: float) -> Vitals:
        points, matrices = _thinned(look.points), _thinned(_slopes(look)).float().nan_to_num()
        slopes = torch.linalg.svdvals(matrices)
        taken = set(map(id, self._localizers))
        rest = [weight for weight in self._network.parameters() if id(weight) not in taken]
        return Vitals(
            step=self.steps,
            seconds=seconds,
            loss=loss,
            outside=float((source.abs().amax(-1) > 1).float().mean()),
            area=float(slopes.prod(-1).mean()),
            condition=float((slopes[..., 0] / slopes[..., 1].clamp(min=1e-6)).median()),
            distance=float((source - points).norm(dim=-1).mean()),
            spread=float(source.var(dim=0, unbiased=False).sum(-1).sqrt().mean()),
            jump=float((source - last).norm(dim=-1).mean()) if last is not None else 0.0,
            gradient_ratio=gradient_norm(self._localizers) / (gradient_norm(rest) or math.nan),
            blank=blank_share(look.image, look.output),
            saturated=math.nan,
            mirrored=float((torch.linalg.det(matrices) < 0).float().mean()),
        )
