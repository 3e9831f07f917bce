"""The losses that forecasts are judged by, a row each. They read stored forecasts, so choosing another trains nothing.

A volatility is never observed: the size of a day's move is a noisy measure of it, and so is r² of the variance. QLIKE and
squared error rank forecasts by either as they would by the true volatility (Patton 2011, "Volatility forecast comparison using
imperfect volatility proxies"); QLIKE weighs calm and wild days alike. What a network is trained with is another choice
(`networks.losses`).

To add a loss, write its function of `Scored` and its row, and name it in `Target.scores`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from core.rnn.dataset.target import UNCHANGED


@dataclass(frozen=True)
class Scored:
    """N forecasts and what happened, arrays (N,); `sigma` and `smallest` are fitted on the training days."""

    actual: np.ndarray  # in units of the target
    forecast: np.ndarray
    variance: np.ndarray  # r² of the day that is forecast, which stands for its variance
    sigma: float = float("nan")  # standard deviation of a return whose forecast size is 1; NaN where no size is forecast
    smallest: float = 0.0  # QLIKE takes a smaller forecast, such as 0 after a still day, as this: `target.smallest_size`

    @property
    def size(self) -> np.ndarray:
        """The forecast, no smaller than `smallest`."""
        return np.maximum(self.forecast, self.smallest)


def ratio_skill(loss: float, reference: float) -> float:
    """1 − loss / loss of the reference; NaN where the reference made no error."""
    return 1 - loss / reference if reference > 0 else float("nan")


def difference_skill(loss: float, reference: float) -> float:
    """Loss of the reference − loss: for losses without a zero, whose differences have no unit."""
    return reference - loss


def squared(scored: Scored) -> np.ndarray:
    """(y − f)²."""
    return (scored.actual - scored.forecast) ** 2


def squared_noise(scored: Scored) -> float:
    """Of squared errors: (f + g − y)² gains E g² where it is right, and varies by 4 E g² times the mean squared error."""
    return 4 * float(np.mean(squared(scored)))


def the_actual_values(scored: Scored) -> np.ndarray:
    return scored.actual


@dataclass(frozen=True)
class LossFunction:
    """One loss; lower is better, and its mean is least where the forecast is the conditional mean."""

    name: str
    title: str
    help: str
    of: Callable[[Scored], np.ndarray]  # (N,)
    skill: Callable[[float, float], float] = ratio_skill  # of the mean losses of a model and of what it is compared with
    noise: Callable[[Scored], float] = squared_noise  # variance over gain of a forecast that is moved a little, see `power`
    ideal: Callable[[Scored], np.ndarray] = the_actual_values  # the forecast (N,) with the smallest loss of all


def qlike(scored: Scored) -> np.ndarray:
    """log f + y / f."""
    return np.log(scored.size) + scored.actual / scored.size


def qlike_noise(scored: Scored) -> float:
    """A forecast f · (1 + g) gains E g² / 2 where it is right, and varies by E g² times the variance of y / f."""
    return 2 * float(np.mean((scored.actual / scored.size - 1) ** 2))


def the_root_of_the_variance(scored: Scored) -> np.ndarray:
    """The size that implies the variance r²."""
    return np.sqrt(scored.variance) / scored.sigma


def qlike_of_variance(scored: Scored) -> np.ndarray:
    """log h + r² / h, with the variance h = (σ f)²."""
    variance = (scored.sigma * scored.size) ** 2
    return np.log(variance) + scored.variance / variance


def noise_of_variance(scored: Scored) -> float:
    """As `qlike_noise`, of the variance."""
    return 2 * float(np.mean((scored.variance / (scored.sigma * scored.size) ** 2 - 1) ** 2))


def squared_of_variance(scored: Scored) -> np.ndarray:
    """(r² − h)², with the variance h = (σ f)²."""
    return (scored.variance - (scored.sigma * scored.forecast) ** 2) ** 2


def squared_noise_of_variance(scored: Scored) -> float:
    """As `squared_noise`, of the variance."""
    return 4 * float(np.mean(squared_of_variance(scored)))


def log_loss(scored: Scored) -> np.ndarray:
    """−log of the probability that was given to what happened; y is 1 or 0, f the probability of 1; 0 where y = ½."""
    given = np.where(scored.actual > UNCHANGED, scored.forecast, 1 - scored.forecast)
    return np.where(scored.actual == UNCHANGED, 0.0, -np.log(given))


def log_noise(scored: Scored) -> float:
    """A probability p + g gains E g² / 2p(1 − p) where it is right, and varies by twice that, whatever p is."""
    return 2.0


def brier(scored: Scored) -> np.ndarray:
    """(y − f)²; y is 1 or 0, f the probability of 1; 0 where y = ½."""
    return np.where(scored.actual == UNCHANGED, 0.0, squared(scored))


def brier_noise(scored: Scored) -> float:
    """As `squared_noise`, of the days that moved."""
    moved = scored.actual != UNCHANGED
    return 4 * float(np.mean(squared(scored)[moved])) if moved.any() else float("nan")


LOSS_FUNCTIONS: dict[str, LossFunction] = {
    row.name: row
    for row in (
        LossFunction("squared", "MSE", "mean squared error", squared),
        LossFunction("qlike", "QLIKE", "mean of log f + y / f (Patton 2011)", qlike, difference_skill, qlike_noise),
        LossFunction(
            "qlike-variance",
            "QLIKE of r²",
            "mean of log h + r² / h, with the variance h that the forecast implies (Patton 2011)",
            qlike_of_variance,
            difference_skill,
            noise_of_variance,
            the_root_of_the_variance,
        ),
        LossFunction(
            "squared-variance",
            "MSE of r²",
            "mean of (r² − h)², with the variance h that the forecast implies",
            squared_of_variance,
            noise=squared_noise_of_variance,
            ideal=the_root_of_the_variance,
        ),
        LossFunction("log", "log loss", "mean of −log of the probability given to what happened", log_loss, noise=log_noise),
        LossFunction("brier", "Brier score", "mean squared error of the probability (Brier 1950)", brier, noise=brier_noise),
    )
}


def by_which(holds: Mapping[str, bool], others: str = "one does") -> str:
    """By which losses something holds, of those that judge a target, the one that leads first; and by which it does not.

    "by MSE", "by all 4 losses", "by QLIKE only, not by the 3 other losses"; where it holds by none "by any of 4 losses", and
    where it holds, but not by the first, "by QLIKE, though one does by MSE". `holds` has a row at least.
    """
    yes, no = ([LOSS_FUNCTIONS[loss].title for loss, held in holds.items() if held is wanted] for wanted in (True, False))
    first = LOSS_FUNCTIONS[next(iter(holds))].title
    if len(holds) == 1:
        return f"by {first}"
    if not no:
        return f"by {'both' if len(yes) == 2 else f'all {len(yes)}'} losses"
    if not yes:
        return "by either loss" if len(no) == 2 else f"by any of {len(no)} losses"
    if first in no:
        return f"by {first}, though {others} by {_listed(yes)}"
    others = no[0] if len(no) == 1 else f"the {len(no)} other losses"
    return f"by {_listed(yes)}{' only' if len(yes) == 1 else ''}, not by {others}"


def _listed(titles: list[str]) -> str:
    """ "QLIKE", "QLIKE and MSE", "QLIKE, MSE and MSE of r²" """
    return " and ".join(filter(None, [", ".join(titles[:-1]), titles[-1]]))
