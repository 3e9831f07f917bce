"""The targets: the next days' log return, its direction or its size, a row each with everything that depends on the target.

Forecasts and scores are always in the units of the target. A network works in units of a level: the running mean size of the
days so far, with the decay of RiskMetrics (J.P. Morgan 1996), so that what it learned in calm years still fits volatile ones.
Only the start and the range of the level are fitted (`features.Scaler`), on the training days alone.

To add a target, write a row, and a function that makes its values of returns and sizes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal

import numpy as np

from core.errors import InvalidRequest
from core.rnn.dataset.level import size_to_sigma
from core.rnn.words import true_minus
from core.rows import name_in

LossName = Literal["auto", "squared", "absolute", "student-t", "quantile"]
EDGE = 0.01  # forecast probabilities stay this far from 0 and 1, where the log loss of an error would be infinite
UNCHANGED = 0.5  # the direction of a day that neither rose nor fell: no forecast of it is right or wrong
_LOG2 = np.log(2.0)

Columns = Callable[[str], np.ndarray]  # "open", "high", "low" or "close" -> that price on every day, (T + 1,)


def log_returns(close: np.ndarray) -> np.ndarray:
    """r_t = log(p_t / p_{t-1}) of closes (T + 1,): (T,), without unit; 0.01 is about 1 %."""
    return np.diff(np.log(close))


def smallest_size(training: np.ndarray) -> float:
    """The smallest size that counts as a forecast, from the sizes of the training days (T,): a twentieth of their mean."""
    return 0.05 * float(np.mean(training))


def parkinson(high: np.ndarray, low: np.ndarray) -> np.ndarray:
    """A day's volatility from its high and low, (T,): sqrt(log(H / L)² / (4 log 2)) (Parkinson 1980)."""
    return np.log(high / low) / np.sqrt(4 * _LOG2)


def garman_klass(open: np.ndarray, high: np.ndarray, low: np.ndarray, close: np.ndarray) -> np.ndarray:
    """A day's volatility from its four prices, (T,): sqrt(log(H/L)² / 2 − (2 log 2 − 1) log(C/O)²) (Garman & Klass 1980).

    The variance is never negative where low ≤ open, close ≤ high; rounding below 0 gives 0.
    """
    variance = np.log(high / low) ** 2 / 2 - (2 * _LOG2 - 1) * np.log(close / open) ** 2
    return np.sqrt(np.maximum(variance, 0.0))


def _size_of_return(returns: np.ndarray, price: Columns) -> np.ndarray:
    return np.abs(returns)


def _size_by_parkinson(returns: np.ndarray, price: Columns) -> np.ndarray:
    return parkinson(price("high"), price("low"))[1:]


def _size_by_garman_klass(returns: np.ndarray, price: Columns) -> np.ndarray:
    return garman_klass(price("open"), price("high"), price("low"), price("close"))[1:]


def _the_return(returns: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return returns


def _whether_it_rose(returns: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.where(returns == 0, UNCHANGED, returns > 0)


def _the_size(returns: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return sizes


@dataclass(frozen=True)
class Target:
    """One target; rows of the same name differ in their measure. In texts `{bar}` is replaced by "day", `{count}` by "5"."""

    name: str
    title: str
    axis: str  # the title of an axis, in percent
    subject: str  # "the next day's return"
    subjects: str  # "the returns of the next 5 days"
    values_of: Callable[[np.ndarray, np.ndarray], np.ndarray]  # returns (T,), sizes (T,) -> what is forecast, (T,)
    rules: tuple[str, ...]  # trading rules, see `worth.accounts.RULES`; none: forecasts are not traded
    losses: tuple[LossName, ...]  # losses a network may be trained with, see `networks.losses`
    default_loss: str  # what "auto" is
    measure: str = "absolute"
    measure_title: str = "Absolute"  # on the screen; "Volatility" is the target, "Parkinson" its measure
    sizes_of: Callable[[np.ndarray, Columns], np.ndarray] = _size_of_return  # returns (T,), prices -> how much a day moved
    needs: tuple[str, ...] = ()  # prices of a day beside its close
    reference: str = "random-walk"  # the model that all others are measured against, a row of `models.MODELS`
    scores: tuple[str, ...] = ("squared",)  # what forecasts are judged by, see `evaluation.loss_functions`; the first leads
    random_walk: float | None = None  # what the random walk forecasts for every day; None: the value of the last day
    lowest: float = -math.inf  # a forecast is not below this
    highest: float = math.inf  # or above this
    of_return: Literal["itself", "rise", "size"] | None = (
        None  # the function of the day's return that it is; None: it needs other prices
    )
    meanings: Mapping[str, str] = field(
        default_factory=dict, hash=False
    )  # by model: what its forecast is called for this target
    is_probability: bool = False  # whether values are 0, 1 or `UNCHANGED`, and a forecast the probability that a 1 is not a 0

    @property
    def label(self) -> str:
        """Its name on the screen."""
        return self.name.replace("-", " ").capitalize()

    @property
    def needs_ranges(self) -> bool:
        """Whether it is computed from highs and lows."""
        return bool(self.needs)

    @property
    def is_return(self) -> bool:
        """Whether values of several days add up to the change of the log price."""
        return self.of_return == "itself"

    @property
    def is_rise(self) -> bool:
        """Whether it is 1 where the price rises, 0 where it falls: its probability follows from a distribution of returns."""
        return self.of_return == "rise"

    @property
    def is_signed(self) -> bool:
        """Whether it can be below 0."""
        return self.lowest < 0

    @property
    def is_size(self) -> bool:
        """Whether it says how much a price moves: its forecast times a factor is the standard deviation of the return."""
        return not self.is_signed and not self.is_probability

    @property
    def has_intervals(self) -> bool:
        """Whether there are prediction intervals around its forecasts: a probability has none."""
        return not self.is_probability

    @property
    def in_levels(self) -> bool:
        """Whether labels and outputs of networks are in units of the running level."""
        return not self.is_probability

    @property
    def middle(self) -> float:
        """The forecast between rise and fall: 0 for returns, ½ for directions, NaN for targets without a direction."""
        return self.random_walk if self.random_walk is not None and (self.is_return or self.is_rise) else math.nan

    @property
    def quantity(self) -> str:
        """What a value is, in words: "log return", "probability of a rise", "size of the log return"."""
        return self.axis.removesuffix(" (%)")

    def about(self, count: int, bar: str) -> str:
        """What is forecast, `count` steps ahead, in a sentence."""
        return (self.subject if count == 1 else self.subjects).format(bar=bar, count=count)

    def counts(self, values: np.ndarray) -> np.ndarray:
        """Which values (T,) there was something to forecast of, (T,): all, but of directions those of days that moved."""
        return values != UNCHANGED if self.is_probability else np.ones(len(values), bool)

    def mean_of(self, values: np.ndarray) -> float:
        """The mean of the values that count: of directions the share of rises among the moves; `UNCHANGED` without a move."""
        counted = values[self.counts(values)]
        return float(counted.mean()) if len(counted) else UNCHANGED

    def sigma_of(self, returns: np.ndarray, values: np.ndarray) -> float:
        """The standard deviation of a return whose forecast size is 1, from returns and values of some days in a row, (T,)
        each, see `level.size_to_sigma`; NaN where no size is forecast, or nothing moved."""
        return size_to_sigma(returns, values) if self.is_size else math.nan

    def said(self, value: float) -> str:
        """A forecast in words: "+0.12 %", or "53.10 %" of a probability and a size."""
        return true_minus(f"{100 * value:{'+' if self.is_signed else ''}.2f} %")

    def bounded(self, forecasts: np.ndarray) -> np.ndarray:
        """Forecasts, clipped to the range of the target."""
        return np.clip(forecasts, self.lowest, self.highest)

    def reference_errors(self, values: np.ndarray) -> np.ndarray:
        """One-step errors of the random walk on values (T,): (T,), or (T - 1,) where its forecast is the last value."""
        return np.diff(values) if self.random_walk is None else values - self.random_walk

    def changes(self, values: np.ndarray) -> np.ndarray:
        """Changes from day to day of values (N,): returns are changes themselves, (N,); of others the differences, (N - 1,)."""
        return values if self.is_return else np.diff(values)


RETURN = Target(
    "return",
    "log return",
    "log return (%)",
    "the next {bar}'s return",
    "the returns of the next {count} {bar}s",
    _the_return,
    rules=("long-short", "long-flat", "scaled"),
    losses=("auto", "squared", "absolute", "student-t", "quantile"),
    default_loss="squared",
    random_walk=0.0,
    of_return="itself",
)
DIRECTION = Target(
    "direction",
    "direction of the log return",
    "probability of a rise (%)",
    "the direction of the next {bar}'s move",
    "the directions of the next {count} {bar}s' moves",
    _whether_it_rose,
    rules=("long-short", "long-flat", "scaled"),
    losses=("auto",),
    default_loss="cross-entropy",
    reference="mean",
    scores=("log", "brier"),
    random_walk=0.5,
    lowest=EDGE,
    highest=1 - EDGE,
    of_return="rise",
    meanings={"random-walk": "a coin", "mean": "the share of rises so far"},
    is_probability=True,
)
VOLATILITY = Target(
    "volatility",
    "size of the log return",
    "size of the log return (%)",
    "the size of the next {bar}'s move",
    "the sizes of the next {count} {bar}s' moves",
    _the_size,
    rules=("steady-risk",),
    losses=("auto", "squared", "absolute", "quantile"),
    default_loss="exponential",
    reference="har",
    scores=("qlike", "squared", "qlike-variance", "squared-variance"),
    lowest=0.0,
    of_return="size",
)
PARKINSON = replace(
    VOLATILITY,
    title="volatility by Parkinson",
    axis="volatility by Parkinson (%)",
    measure="parkinson",
    measure_title="Parkinson",
    sizes_of=_size_by_parkinson,
    needs=("high", "low"),
    of_return=None,
)
GARMAN_KLASS = replace(
    PARKINSON,
    title="volatility by Garman and Klass",
    axis="volatility by Garman and Klass (%)",
    measure="garman-klass",
    measure_title="Garman–Klass",
    sizes_of=_size_by_garman_klass,
    needs=("open", "high", "low"),
)
TARGETS: dict[tuple[str, str], Target] = {
    (row.name, row.measure): row for row in (RETURN, DIRECTION, VOLATILITY, PARKINSON, GARMAN_KLASS)
}
TargetName = Annotated[str, name_in(lambda: [name for name, _ in TARGETS])]
MeasureName = Annotated[str, name_in(lambda: [measure for _, measure in TARGETS])]


def target_of(name: str = "return", measure: str = "absolute") -> Target:
    """The row of a target; InvalidRequest for a measure that is not one of this target."""
    if (name, measure) not in TARGETS:
        others = [other for other, own in TARGETS if own == measure]
        meaning = f"{measure} measures {others[0]}" if others else f"there is no measure {measure}"
        raise InvalidRequest(f"{meaning}, but the target is {name}; choose one of them")
    return TARGETS[name, measure]


def measures_of(name: str) -> list[Target]:
    """The rows of a target that is measured in several ways; a single one where it is not."""
    return [row for row in TARGETS.values() if row.name == name]


def first_measures() -> list[Target]:
    """Every target once, with its default measure."""
    return [measures_of(name)[0] for name in dict.fromkeys(name for name, _ in TARGETS)]
