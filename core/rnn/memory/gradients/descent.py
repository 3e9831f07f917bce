"""One step of gradient descent for one weight, with real numbers: W_new = W_old − η ∂L/∂W.

L is the mean loss over fixed training days, as a function of this weight alone; all others stay as they are.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.errors import InvalidRequest
from core.rnn.dataset.series import Series
from core.rnn.networks.learning import mean_loss
from core.rnn.networks.network import Network

DAYS = 800  # training days, the last ones, that the loss is a mean over: few enough for a slider
WINDOWS = 200  # or so many windows
PLAYED = 10  # steps
CURVE = 41  # points
RATES = (1e-3, 1e6)  # learning rates among which the one that diverges is looked for
_PRECISION = 1.02  # ratio of the two rates between which it lies at the end


@dataclass(frozen=True)
class Weight:
    """One number among the parameters of a network."""

    name: str  # of the parameter: "cell.weight_hh_l0"
    place: tuple[int, ...]  # row and column, or the place in a bias


@dataclass(frozen=True)
class Descent:
    """A weight before and after one step, the loss along it, and ten steps."""

    weight: Weight
    rate: float  # η
    trained: float  # where the training has left it
    value: float  # W_old
    loss: float  # L
    slope: float  # ∂L/∂W
    values: np.ndarray  # (CURVE,) of the weight
    losses: np.ndarray  # (CURVE,) the loss at these
    path: np.ndarray  # (PLAYED + 1, 2) weight and loss after 0, 1, … steps; NaN after one that left the numbers

    @property
    def new_value(self) -> float:
        """W_new = W_old − η ∂L/∂W."""
        return self.value - self.rate * self.slope

    @property
    def formulas(self) -> tuple[str, str]:
        """The lecture's step with its numbers (LaTeX)."""
        loss, slope, old, new = (_number(one) for one in (self.loss, self.slope, self.value, self.new_value))
        step = r"W_{new} &= W_{old} - \eta\,\frac{\partial L}{\partial W}"
        numbers = rf"{old} - {self.rate:g} \cdot ({slope}) = \mathbf{{{new}}}"
        return (
            rf"L = {loss} \qquad \frac{{\partial L}}{{\partial W}} = {slope}",
            rf"\begin{{aligned}} {step} \\ &= {numbers} \end{{aligned}}",
        )

    @property
    def text(self) -> str:
        """What ten steps do, in a sentence."""
        last = float(self.path[-1, 1])
        said = f"With η = {self.rate:g} the loss goes from {self.loss:.4f} to"
        if not math.isfinite(last):
            return f"{said} beyond every number within {PLAYED} steps: η is too large."
        after = f"{said} {f'{last:,.4f}' if last < 1e4 else f'{last:,.0f}'} in {PLAYED} steps"
        if self.diverges:
            return f"{after}: η is too large, it diverges."
        beyond = (self.path[1, 0] - self.path[2, 0]) * self.slope < 0
        return f"{after}, jumping across the lowest point from side to side." if beyond else f"{after}."

    @property
    def diverges(self) -> bool:
        """Whether the loss is higher after the steps than before, or no number any more."""
        last = float(self.path[-1, 1])
        return not math.isfinite(last) or last > self.loss


def _number(value: float) -> str:
    """Four significant digits, as a formula has them."""
    if value == 0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.4g}"
    mantissa, exponent = f"{value:.2e}".split("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"


class LossAlong:
    """The loss of a network as a function of one weight, and its slope."""

    def __init__(self, network: Network, series: Series, train_end: int, weight: Weight, offset: float = 0.0) -> None:
        """The weight starts beside its trained value by `offset`; the network stays as it is.

        InvalidRequest where it has no such weight.
        """
        self.weight, self._network = weight, network
        self._model: nn.Module = copy.deepcopy(network.model)
        parameters = dict(self._model.named_parameters())
        if weight.name not in parameters:
            raise InvalidRequest(f"there is no weight {weight.name!r}; choose one of {', '.join(parameters)}")
        self._parameter = parameters[weight.name]
        shape = tuple(self._parameter.shape)
        if len(weight.place) != len(shape) or not all(0 <= at < size for at, size in zip(weight.place, shape, strict=True)):
            raise InvalidRequest(f"{weight.name} has the shape {shape}; {weight.place} does not lie in it")
        self._inputs, self._labels = _examples(network, series, train_end)
        self.trained = float(self._parameter[weight.place].item())
        self.value = self.trained + offset

    def at(self, value: float) -> float:
        """L where the weight has this value."""
        with torch.no_grad():
            return self._loss(value).item()

    def slope(self, value: float) -> tuple[float, float]:
        """L and ∂L/∂W where the weight has this value."""
        loss = self._loss(value)
        (gradient,) = torch.autograd.grad(loss, self._parameter)
        return loss.item(), float(gradient[self.weight.place].item())

    def path(self, rate: float, steps: int = PLAYED) -> np.ndarray:
        """Weight and loss after 0, 1, … steps of gradient descent, (steps + 1, 2)."""
        path, value = np.full((steps + 1, 2), np.nan), self.value
        for step in range(steps + 1):
            loss, slope = self.slope(value)
            path[step] = value, loss
            value -= rate * slope
            if not math.isfinite(value) or not math.isfinite(loss):
                break
        return path

    def diverges(self, rate: float) -> bool:
        """Whether the loss is higher after `PLAYED` steps with this rate than before, or no number."""
        path = self.path(rate)
        return not path[-1, 1] <= path[0, 1]

    def _loss(self, value: float) -> Tensor:
        with torch.no_grad():
            self._parameter[self.weight.place] = value
        return mean_loss(self._network.loss, self._model(self._inputs), self._labels)


def descend(along: LossAlong, rate: float, reach: float | None = None) -> Descent:
    """One step and ten of them from where the weight is, and the curve `reach` to both sides of its trained value.

    By default it reaches as far as the path goes, and at least as far as 1.
    """
    loss, slope = along.slope(along.value)
    path = along.path(rate)
    farthest = float(np.nanmax(np.abs(path[:, 0] - along.trained)))
    wide = reach if reach is not None else max(1.0, 1.2 * min(farthest, 10.0))
    values = along.trained + np.linspace(-wide, wide, CURVE)
    losses = np.array([along.at(float(value)) for value in values])
    return Descent(along.weight, rate, along.trained, along.value, loss, slope, values, losses, path)


def diverging_rate(along: LossAlong) -> float:
    """The η from which ten steps end higher than they began; infinite where none up to the largest of `RATES` does.

    The first rate of a doubling row that diverges, then by bisection.
    """
    low, most = RATES
    if along.slope(along.value)[1] == 0:
        return math.inf
    high = _first(along.diverges, low, most)
    if high is None:
        return math.inf
    low = high / 2
    while high / low > _PRECISION:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if along.diverges(middle) else (middle, high)
    return high


def _first(holds: Callable[[float], bool], low: float, most: float) -> float | None:
    rate = low
    while rate <= most:
        if holds(rate):
            return rate
        rate *= 2
    return None


def weights_of(network: Network) -> Sequence[tuple[str, tuple[int, ...]]]:
    """The parameters of a network by name, and their shapes."""
    return [(name, tuple(parameter.shape)) for name, parameter in network.model.named_parameters()]


def _examples(network: Network, series: Series, train_end: int) -> tuple[Tensor, Tensor]:
    """The last training days as the network learns from them: inputs, and labels whose last dimension is the horizon."""
    end = train_end - network.architecture.horizon
    features, labels = network.features(series)[:end], network.labels(series)[:end]
    if network.window is None:
        length, skipped = network.recipe.chunk, network.recipe.warm_up
        count = max(1, min(DAYS, end) // length)
        last = slice(end - count * length, end)
        inputs, after = (part[last].unflatten(0, (count, length)) for part in (features, labels))
        return inputs, after[:, skipped:]
    ends = np.unique(np.linspace(network.window - 1, end - 1, WINDOWS).round().astype(np.int64))
    places = ends[:, None] + np.arange(1 - network.window, 1)
    return features[torch.from_numpy(places)], labels[torch.from_numpy(ends)]
