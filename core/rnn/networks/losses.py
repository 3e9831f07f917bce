"""What a network's reading means and how it is judged: a row a loss, with the numbers it needs a day and what they forecast.

A network gives raw numbers (…, K) of any size. `reading` makes them what they stand for (a positive size, quantiles in order);
everything else is said of the reading. Labels (…) are in units of the level (`targets.Scaler`); directions are 0 or 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats
from torch import Tensor
from torch.nn import functional

from core.rnn.dataset.target import TargetName
from core.rnn.forecaster import LEVELS
from core.rnn.names import LossName

_MIDDLE = len(LEVELS) // 2  # the median's place among the quantiles
_NARROWEST = 1e-3  # levels: the scale of a distribution does not fall to 0
_SPREAD = math.sqrt(math.pi / 2)  # standard deviation of a normal move whose mean size is one level
_HEAVIEST, _HEAVY = 2.0, 6.0  # degrees of freedom: above 2 there is a variance; where training starts


@dataclass(frozen=True)
class Loss:
    """One way to judge forecasts. What a network gives before it knows anything is `start`, K raw numbers."""

    start: tuple[float, ...]
    reading: Callable[[Tensor], Tensor]  # raw numbers (…, K) -> what they stand for (…, K)
    of: Callable[[Tensor, Tensor], Tensor]  # readings (…, K), labels (…) -> losses (…)
    point: Callable[[Tensor], Tensor]  # readings (…, K) -> the forecast (…)
    quantiles: Callable[[Tensor], Tensor] | None = None  # readings (…, K) -> (…, LEVELS), where a distribution is learned


def loss_of(target: TargetName, name: LossName) -> Loss:
    """The loss of this name for this target; `architecture.LOSSES` says which there are.

    The forecast is the mean of what may come, but its median with the absolute and the quantile loss.
    """
    positive = target == "volatility"
    if target == "direction":
        return Loss((0.0,), torch.sigmoid, cross_entropy, _first)
    if name == "student-t":
        start = (0.0, _raw(_SPREAD), _raw(_HEAVY - _HEAVIEST))
        return Loss(start, _location_scale_degrees, student_t, _first, _student_quantiles)
    if name == "quantile":
        return Loss(_quantiles_at_first(positive), _rising_from_0 if positive else _rising, pinball, _median, _themselves)
    functions = {"squared": squared, "absolute": absolute, "auto": exponential if positive else squared}
    return Loss((_raw(1.0) if positive else 0.0,), functional.softplus if positive else _themselves, functions[name], _first)


def squared(readings: Tensor, labels: Tensor) -> Tensor:
    """(y − f)²; least where f is the mean."""
    return (labels - readings[..., 0]).square()


def absolute(readings: Tensor, labels: Tensor) -> Tensor:
    """|y − f|; least where f is the median."""
    return (labels - readings[..., 0]).abs()


def exponential(readings: Tensor, labels: Tensor) -> Tensor:
    """log f + y / f of sizes: the exponential likelihood, QLIKE but for a constant (Patton 2011).

    Like squared error it is least where f is the mean, but calm and wild months weigh the same.
    """
    return readings[..., 0].log() + labels / readings[..., 0]


def cross_entropy(readings: Tensor, labels: Tensor) -> Tensor:
    """−y log p − (1 − y) log(1 − p) of the probability p that y is 1."""
    return functional.binary_cross_entropy(readings[..., 0], labels, reduction="none")


def student_t(readings: Tensor, labels: Tensor) -> Tensor:
    """−log density at y of a Student-t with location μ, scale σ and ν degrees of freedom, readings (…, 3)."""
    location, scale, degrees = readings.unbind(-1)
    z = (labels - location) / scale
    constant = torch.lgamma(degrees / 2) - torch.lgamma((degrees + 1) / 2) + 0.5 * torch.log(math.pi * degrees)
    return constant + scale.log() + (degrees + 1) / 2 * torch.log1p(z.square() / degrees)


def pinball(readings: Tensor, labels: Tensor) -> Tensor:
    """Twice the mean of max(τ u, (τ − 1) u), u = y − q_τ, over the levels τ (Koenker & Bassett 1978): about the CRPS."""
    levels = torch.as_tensor(LEVELS, dtype=readings.dtype)
    short = labels[..., None] - readings  # (…, LEVELS)
    return 2 * torch.maximum(levels * short, (levels - 1) * short).mean(-1)


def _location_scale_degrees(raw: Tensor) -> Tensor:
    location, scale, degrees = raw.unbind(-1)
    return torch.stack(
        [location, _NARROWEST + functional.softplus(scale), _HEAVIEST + _NARROWEST + functional.softplus(degrees)], -1
    )


def _student_quantiles(readings: Tensor) -> Tensor:
    location, scale, degrees = (part[..., None].double().numpy() for part in readings.unbind(-1))
    return torch.from_numpy(location + scale * stats.t.ppf(LEVELS, degrees))


def _rising(raw: Tensor) -> Tensor:
    """The middle number is the median; the others are the raw steps up and down from it."""
    median, steps = raw[..., _MIDDLE : _MIDDLE + 1], functional.softplus(raw)
    down = median - steps[..., :_MIDDLE].flip(-1).cumsum(-1).flip(-1)
    return torch.cat([down, median, median + steps[..., _MIDDLE + 1 :].cumsum(-1)], -1)


def _rising_from_0(raw: Tensor) -> Tensor:
    return functional.softplus(raw).cumsum(-1)


def _quantiles_at_first(positive: bool) -> tuple[float, ...]:
    """The raw numbers of a normal move of mean size 1, or of its size."""
    if positive:
        return tuple(_raw(step) for step in np.diff(_SPREAD * stats.halfnorm.ppf(LEVELS), prepend=0.0))
    steps = [_raw(step) for step in np.diff(_SPREAD * stats.norm.ppf(LEVELS))]
    return (*steps[:_MIDDLE], 0.0, *steps[_MIDDLE:])


def _raw(size: float) -> float:
    """The number whose softplus is `size`."""
    return float(np.log(np.expm1(size)))


def _themselves(numbers: Tensor) -> Tensor:
    return numbers


def _first(readings: Tensor) -> Tensor:
    return readings[..., 0]


def _median(readings: Tensor) -> Tensor:
    return readings[..., _MIDDLE]
