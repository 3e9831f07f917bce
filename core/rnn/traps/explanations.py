"""The texts and numbers of the six traps, from their measurements. Every number is the mean over the seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.rnn.traps.result import Number, Trap, accuracy, explained, number
from core.rnn.words import say_p, say_percent, true_minus
from core.system.dates import say_day

if TYPE_CHECKING:
    from core.rnn.traps.best_of_many import Lottery
    from core.rnn.traps.price_levels import Levels
    from core.rnn.traps.reads_the_future import Future

OLDEST = 60  # days: how old a price is compared with a network's


def future(forecasts: Sequence[Future]) -> Trap:
    """Trap 1, from one network a seed."""
    passed = (any(one.flattering_causal for one in forecasts), all(one.honest_causal for one in forecasts))
    return Trap(
        name="future",
        flattering=number([explained(one.actual, one.flattering) for one in forecasts], _r2, "read after every day"),
        honest=number([explained(one.actual, one.honest) for one in forecasts], _r2, "read at the last day known"),
        done=(
            "A bidirectional LSTM reads the whole series of daily returns and forecasts the next day after every day, "
            "many-to-many."
        ),
        why=(
            "Its backward half has read the next day already: it copies, and does not forecast. Where the window ends "
            "at the last known day there is nothing to copy, and hardly any R² is left."
        ),
        caught=(
            "The causality check replaces the days after the origin and forecasts again: those made after every day "
            f"{'stay' if passed[0] else 'change'}, so they {'pass' if passed[0] else 'fail'}; those made at the last known day "
            f"{'stay equal to the last bit' if passed[1] else 'change'}, so they {'pass' if passed[1] else 'fail'}. The lab "
            "refuses to build the first."
        ),
    )


def scaler(all_days: Sequence[Levels], training_days: Sequence[Levels], days: np.ndarray) -> Trap:
    """Trap 2, from one network of each kind a seed; days (T,) datetime64 of the closes."""
    flattering, honest = _explained(all_days, "scaled by all days"), _explained(training_days, "scaled by the training days")
    gains = [_fit(one) - _fit(other) for one, other in zip(all_days, training_days, strict=True)]
    gain, lifted = float(np.mean(gains)), int(np.sum(np.array(gains) > 0))
    size = (
        f"Here it {'lifts' if gain > 0 else 'lowers'} R² by {abs(gain):.2f}, and lifts it with {lifted} of {len(gains)} seeds."
    )
    training_range, full_range = scaler_range(training_days), scaler_range(all_days)
    return Trap(
        name="scaler",
        flattering=flattering,
        honest=honest,
        done="Prices are scaled to 0 … 1 by the lowest and highest of all days, and only then cut into training and test.",
        why=(
            f"The range of the scaler reveals how high the test goes: to {full_range[1]:,.2f}, where the training days end at "
            f"{training_range[1]:,.2f}. {size} That depends on the data, and it may even lower the score: look "
            "for the leak, not at the score."
        ),
        caught=(
            f"A scaler keeps on which days it was fitted. This one was fitted to {_day(days, all_days)}, the honest one to "
            f"{_day(days, training_days)}, the day before the test begins; in the lab none is fitted later than that."
        ),
    )


def level(networks: Sequence[Levels], lags: pd.DataFrame) -> Trap:
    """Trap 3, from one network a seed, scaled as in the tutorials; `lags` as `diagnostics.lag_correlation` gives them."""
    copies = lags.groupby("lag")["correlation"].mean()
    ratio = number([_to_last(one) for one in networks], lambda value: f"{value:.1f}×", "the error of the last close, repeated")
    return Trap(
        name="level",
        flattering=_explained(networks, "on the price"),
        honest=ratio,
        done="A network forecasts tomorrow's price; a high R² and two nearly equal lines in a chart are taken as proof.",
        why=(
            "A price is nearly the price of the day before, so repeating that explains nearly all of its variance. The "
            "random walk does so without a network, and "
            + ("its error is smaller." if ratio.value > 1 else "its error is not smaller.")
        ),
        caught=(
            "Changes of the forecast are correlated with changes of the price, at several lags: the correlation is "
            f"{_signed(copies[0])} on the same day and {_signed(copies[1])} one day late"
            + (", as for a copy. " if copies[1] > 2 * abs(copies[0]) else ". ")
            + "The random walk is in every comparison of the lab, and skill is counted from it."
        ),
    )


def shuffle(shuffled: Sequence[Levels], in_time: Sequence[Levels]) -> Trap:
    """Trap 4, from one network of each kind a seed."""
    beside = 100 * np.mean([one.split.next_to_a_training_day for one in shuffled])
    return Trap(
        name="shuffle",
        flattering=_explained(shuffled, "days drawn at random"),
        honest=_explained(in_time, "the last fifth of the days"),
        done="The series is cut into overlapping windows, and the windows are split at random into training and test.",
        why=(
            f"For {beside:.0f} % of the test days the very next day was learned from, with nearly the same window. Filling "
            "gaps between known days is not forecasting: a network that learns from earlier days alone reaches only the "
            "honest number."
        ),
        caught=(
            "Training, validation and test follow each other in time, and every comparison shows the three as bands. No day is "
            "forecast by a network that has learned from a later one."
        ),
    )


def luck(lottery: Lottery) -> Trap:
    """Trap 5."""
    count, p = len(lottery.p), float(lottery.p[0])
    significant = int(np.sum((lottery.p < 0.05) & (lottery.stat < 0)))
    before = f"{'better' if lottery.better_before else 'worse'} than the random walk, p = {lottery.p_before:.2f}"
    still = f"{significant} of them beat" if significant > 1 else "one of them beats" if significant else "this time none beats"
    return Trap(
        name="luck",
        flattering=number([p], say_p, f"the best of {count}"),
        honest=number([lottery.p_sidak], say_p, f"corrected for {count} tries"),
        done=f"{count} networks are tried on one test period, and the best is reported with its p-value.",
        why=(
            f"These {count} networks are untrained and read noise instead of prices. Still {still} the random walk with "
            f"p < 0.05; by chance alone about {0.025 * count:.0f} do. On as many days before, by which it was not chosen, the "
            f"best one is {before}."
        ),
        caught=(
            f"The lab counts every variant, seed and setting that was tried on a ticker, and corrects for n of them by Šidák's "
            f"1 − (1 − p)ⁿ. Holm's correction, over the models of one comparison, gives "
            f"{say_p(lottery.p_holm)}."
        ),
    )


def forgiving(networks: Sequence[Levels], ages: pd.DataFrame) -> Trap:
    """Trap 6, from one network a seed, and `price_ages`."""
    flattering = number([accuracy(one.actual, one.forecast) for one in networks], _percent, "of the network")
    honest = number([accuracy(one.actual, one.last) for one in networks], _percent, "of the last close, repeated")
    return Trap(
        name="accuracy",
        flattering=flattering,
        honest=honest,
        done="Forecasts of the price are given an “accuracy” of 100 · (1 − RMSPE), the error as a share of the price.",
        why=(
            "A price moves by a percent or two a day, so hardly any forecast is far off in percent. "
            f"{_as_old(flattering.value, ages)}"
        ),
        caught=(
            "The lab has no such measure. Errors are counted against the random walk's: skill = 1 − MSE / MSE of the random "
            f"walk, here {_skill(networks)}, and MASE. Where these show no skill, a percentage does not either."
        ),
    )


def price_ages(close: np.ndarray, test: np.ndarray) -> pd.DataFrame:
    """days (1 … `OLDEST`), accuracy (%): how the price of so many days ago scores on the test days, positions in closes."""
    ages = np.arange(1, min(OLDEST, int(test[0])) + 1)
    return pd.DataFrame({"days": ages, "accuracy": [accuracy(close[test], close[test - age]) for age in ages]})


def scaler_range(networks: Sequence[Levels]) -> tuple[float, float]:
    """The lowest and the highest price that the scaler was fitted on."""
    return networks[0].split.low, networks[0].split.high


def _as_old(score: float, ages: pd.DataFrame) -> str:
    """A sentence: how old a price still scores as much as the network."""
    as_good = ages.loc[ages["accuracy"] >= score, "days"]
    if as_good.empty:
        return "This network scores more than the last close does."
    oldest = int(as_good.iloc[-1])
    if oldest == ages["days"].iloc[-1]:
        return f"Even the price of {oldest} days ago, repeated, scores more than the network."
    return f"The price of {oldest} day{'s' if oldest > 1 else ''} ago, repeated, scores as much as the network."


def _explained(networks: Sequence[Levels], label: str) -> Number:
    return number([_fit(one) for one in networks], _r2, label)


def _fit(one: Levels) -> float:
    return explained(one.actual, one.forecast)


def _to_last(one: Levels) -> float:
    """RMSE as a multiple of the random walk's."""
    return float(np.sqrt(np.mean((one.actual - one.forecast) ** 2) / np.mean((one.actual - one.last) ** 2)))


def _skill(networks: Sequence[Levels]) -> str:
    return say_percent(float(np.mean([1 - _to_last(one) ** 2 for one in networks])), digits=0)


def _day(days: np.ndarray, networks: Sequence[Levels]) -> str:
    return say_day(days[networks[0].split.fitted_to])


def _r2(value: float) -> str:
    return f"R² {_signed(value, sign='-')}"


def _percent(value: float) -> str:
    return f"{value:.1f} %"


def _signed(value: float, sign: str = "+") -> str:
    digits = 3 if value > 0.99 else 2
    return true_minus(f"{value:{sign}.{digits}f}")
