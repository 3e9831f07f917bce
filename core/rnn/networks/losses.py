"""The losses of networks, a row each: how many numbers a network gives per forecast, and how they are scored and read.

A network gives raw numbers (…, K) of any size. The activation makes outputs of them (a positive size, quantiles in order);
everything else takes the outputs. Labels (…) are in units of the level (`features.Scaler`); directions are 0, 1, or ½.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from core.rnn.dataset.target import UNCHANGED, LossName, Target
from core.rnn.forecaster import LEVELS

_MIDDLE = len(LEVELS) // 2  # the median's place among the quantiles
_NARROWEST = 1e-3  # levels: the scale of a distribution does not fall to 0
_SPREAD = math.sqrt(math.pi / 2)  # standard deviation of a normal move whose mean size is one level
_HEAVIEST, _HEAVY = 2.0, 6.0  # degrees of freedom: above 2 there is a variance; where training starts
Link = Literal["identity", "softplus", "σ"]  # from a raw number to what the forecast is made of


@dataclass(frozen=True)
class Loss:
    """A loss with its outputs. `start` are the K raw numbers that an untrained network gives.

    `link` and `read` say the forecast once more, for formulas: it is the sum of link(raw number) over the numbers in `read`.
    """

    start: tuple[float, ...]
    activation: Callable[[Tensor], Tensor]  # raw numbers (…, K) -> outputs (…, K)
    of: Callable[[Tensor, Tensor], Tensor]  # outputs (…, K), labels (…) -> losses (…)
    point: Callable[[Tensor], Tensor]  # outputs (…, K) -> the forecast (…)
    quantiles: Callable[[Tensor], Tensor] | None = None  # outputs (…, K) -> (…, LEVELS), where a distribution is learned
    link: Link = "identity"
    read: tuple[int, ...] = (0,)


def loss_of(target: Target, name: LossName = "auto") -> Loss:
    """The loss of this name for a target; `Target.losses` says which it has, `Target.default_loss` what "auto" is.

    The forecast is the conditional mean; with the absolute and the quantile loss the conditional median.
    """
    return LOSSES[target.default_loss if name == "auto" else name](target)


def squared(outputs: Tensor, labels: Tensor) -> Tensor:
    """(y − f)²; least where f is the mean."""
    return (labels - outputs[..., 0]).square()


def absolute(outputs: Tensor, labels: Tensor) -> Tensor:
    """|y − f|; least where f is the median."""
    return (labels - outputs[..., 0]).abs()


def exponential(outputs: Tensor, labels: Tensor) -> Tensor:
    """log f + y / f of sizes: the exponential likelihood, QLIKE but for a constant (Patton 2011).

    Like squared error it is least where f is the mean, but calm and volatile months have equal weight.
    """
    return outputs[..., 0].log() + labels / outputs[..., 0]


def cross_entropy(outputs: Tensor, labels: Tensor) -> Tensor:
    """−y log p − (1 − y) log(1 − p) of the probability p that y is 1; 0 where nothing moved."""
    losses = functional.binary_cross_entropy(outputs[..., 0], labels, reduction="none")
    return torch.where(labels == UNCHANGED, 0.0, losses)


def student_t(outputs: Tensor, labels: Tensor) -> Tensor:
    """−log density at y of a Student-t with location μ, scale σ and ν degrees of freedom, outputs (…, 3)."""
    location, scale, degrees = outputs.unbind(-1)
    z = (labels - location) / scale
    constant = torch.lgamma(degrees / 2) - torch.lgamma((degrees + 1) / 2) + 0.5 * torch.log(math.pi * degrees)
    return constant + scale.log() + (degrees + 1) / 2 * torch.log1p(z.square() / degrees)


def pinball(outputs: Tensor, labels: Tensor) -> Tensor:
    """Twice the mean of max(τ u, (τ − 1) u), u = y − q_τ, over the levels τ (Koenker & Bassett 1978): about the CRPS."""
    levels = torch.as_tensor(LEVELS, dtype=outputs.dtype)
    short = labels[..., None] - outputs  # (…, LEVELS)
    return 2 * torch.maximum(levels * short, (levels - 1) * short).mean(-1)


def _location_scale_degrees(raw: Tensor) -> Tensor:
    location, scale, degrees = raw.unbind(-1)
    return torch.stack(
        [location, _NARROWEST + functional.softplus(scale), _HEAVIEST + _NARROWEST + functional.softplus(degrees)], -1
    )


def _student_quantiles(outputs: Tensor) -> Tensor:
    from scipy.special import stdtrit  # here: it loads for a quarter of a second

    location, scale, degrees = (part[..., None].double().numpy() for part in outputs.unbind(-1))
    return torch.from_numpy(location + scale * stdtrit(degrees, LEVELS))


def _signed_quantiles(raw: Tensor) -> Tensor:
    """Quantiles (…, LEVELS) in order: the middle number is the median, the others the softplus of steps away from it."""
    median, steps = raw[..., _MIDDLE : _MIDDLE + 1], functional.softplus(raw)
    down = median - steps[..., :_MIDDLE].flip(-1).cumsum(-1).flip(-1)
    return torch.cat([down, median, median + steps[..., _MIDDLE + 1 :].cumsum(-1)], -1)


def _positive_quantiles(raw: Tensor) -> Tensor:
    return functional.softplus(raw).cumsum(-1)


def _initial_quantiles(positive: bool) -> tuple[float, ...]:
    """Raw numbers whose quantiles are those of a normal return of mean size 1; `positive`: those of its size."""
    from scipy.special import ndtri  # here: it loads for a quarter of a second

    levels = np.asarray(LEVELS)
    if positive:
        return tuple(_raw(step) for step in np.diff(_SPREAD * ndtri((1 + levels) / 2), prepend=0.0))
    steps = [_raw(step) for step in np.diff(_SPREAD * ndtri(levels))]
    return (*steps[:_MIDDLE], 0.0, *steps[_MIDDLE:])


def _raw(size: float) -> float:
    """The number whose softplus is `size`."""
    return float(np.log(np.expm1(size)))


def _identity(numbers: Tensor) -> Tensor:
    return numbers


def _first(outputs: Tensor) -> Tensor:
    return outputs[..., 0]


def _median(outputs: Tensor) -> Tensor:
    return outputs[..., _MIDDLE]


def _one_number(of: Callable[[Tensor, Tensor], Tensor]) -> Callable[[Target], Loss]:
    """A loss of a single output, positive where the target is."""

    def row(target: Target) -> Loss:
        if target.is_signed:
            return Loss((0.0,), _identity, of, _first)
        return Loss((_raw(1.0),), functional.softplus, of, _first, link="softplus")

    return row


def _probability(target: Target) -> Loss:
    return Loss((0.0,), torch.sigmoid, cross_entropy, _first, link="σ")


def _student(target: Target) -> Loss:
    start = (0.0, _raw(_SPREAD), _raw(_HEAVY - _HEAVIEST))
    return Loss(start, _location_scale_degrees, student_t, _first, _student_quantiles)


def _quantile(target: Target) -> Loss:
    start = _initial_quantiles(not target.is_signed)
    if target.is_signed:
        return Loss(start, _signed_quantiles, pinball, _median, _identity, read=(_MIDDLE,))
    upwards = tuple(range(_MIDDLE + 1))  # each quantile is so much above the one before
    return Loss(start, _positive_quantiles, pinball, _median, _identity, "softplus", upwards)


LOSSES: dict[str, Callable[[Target], Loss]] = {
    "squared": _one_number(squared),
    "absolute": _one_number(absolute),
    "exponential": _one_number(exponential),
    "cross-entropy": _probability,
    "student-t": _student,
    "quantile": _quantile,
}
