"""Intervals around forecasts, and the forecasts of days that are still to come, as tables.

The errors that an interval is made of begin with those of the validation days, and end with the last one that was known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.rnn.dataset.features import Scaler
from core.rnn.dataset.series import Series
from core.rnn.dataset.splits import Splits
from core.rnn.evaluation.backtest import Backtest, Told
from core.rnn.evaluation.conformal import Bands, bands, conformity, errors
from core.rnn.prices.bar_sizes import MINUTES
from core.rnn.prices.prices import Prices

BAND = ["model", "seed", "cutoff", "step", "date", "low", "high", "adaptive_low", "adaptive_high", "crps"]
AHEAD = ["model", "seed", "step", "date", "forecast", "low", "high", "price", "price_low", "price_high"]
_WEEK = np.timedelta64(7, "D")


@dataclass(frozen=True)
class _Past:
    """What is known of a series, and how much it moved at each of its days."""

    series: Series
    splits: Splits
    levels: np.ndarray  # (T + 1,) before the first day and after each

    @classmethod
    def of(cls, series: Series, splits: Splits) -> _Past:
        return cls(series, splits, Scaler.fit(series.sizes, splits.train_end).levels(series.sizes))


def band_table(backtests: Sequence[Backtest], series: Series, splits: Splits) -> pd.DataFrame:
    """90 % intervals and the CRPS of every forecast of the test, `BAND`; of directions none: a probability has none."""
    past, tables = _Past.of(series, splits), [pd.DataFrame(columns=BAND)]
    if series.target.name == "direction":
        return tables[0]
    for one in backtests:
        for step in range(1, one.test.forecasts.shape[1] + 1):
            made = _rows(_around(one, past, step), past, len(one.test.forecasts), step)
            tables.append(made.assign(model=one.contestant.model, seed=one.contestant.seed))
    return pd.concat(tables[1:], ignore_index=True)[BAND]


def ahead_table(backtests: Sequence[Backtest], series: Series, splits: Splits, prices: Prices) -> pd.DataFrame:
    """Forecasts from the last day on, a row a model, seed and step: date, forecast, 90 % interval; of returns also the price.

    Columns `AHEAD`. Prices are the path that the forecasts mean, their interval that of the whole way from the last close.
    """
    past, rows = _Past.of(series, splits), []
    dates = dates_ahead(prices, backtests[0].test.forecasts.shape[1])
    for one in backtests:
        for step, day in enumerate(dates, start=1):
            row = {"model": one.contestant.model, "seed": one.contestant.seed, "step": step, "date": day}
            rows.append(row | {"forecast": one.open.forecasts[-1, step - 1]} | _ends(one, past, step, float(prices.close[-1])))
    return pd.DataFrame(rows)[AHEAD]


def dates_ahead(prices: Prices, count: int) -> np.ndarray:
    """The next `count` trading days after the last one, datetime64[s]; of weeks every seventh day, NaT inside a day."""
    from core.rnn.prices.calendars import calendar_of

    if prices.bar_size in MINUTES:
        return np.full(count, np.datetime64("NaT", "s"))
    if prices.bar_size == "1wk":
        return (prices.days[-1] + _WEEK * np.arange(1, count + 1)).astype("datetime64[s]")
    return calendar_of(prices).next_sessions(prices.days[-1], count).astype("datetime64[s]")


def _ends(one: Backtest, past: _Past, step: int, last: float) -> dict[str, float]:
    """The interval of the forecast from the last day, and of the price it means."""
    nothing = dict.fromkeys(("low", "high", "price", "price_low", "price_high"), np.nan)
    if past.series.target.name == "direction":
        return nothing
    around = _around(one, past, step)
    told = nothing | {"low": around.adaptive_low[-1], "high": around.adaptive_high[-1]}
    if past.series.target.name == "return":
        way = _around(one, past, step, whole=True)
        price = last * np.exp(one.open.forecasts[-1, :step].sum())
        low, high = last * np.exp(way.adaptive_low[-1]), last * np.exp(way.adaptive_high[-1])
        told |= {"price": price, "price_low": low, "price_high": high}
    return told


def _around(one: Backtest, past: _Past, step: int, whole: bool = False) -> Bands:
    """Intervals from every origin of the test and those after it, at one step; `whole`: of the sum of all steps up to it."""
    first, target = past.splits.test_start, past.series.target.name
    told = Told(np.concatenate([one.test.forecasts, one.open.forecasts]), _joined(one.test.quantiles, one.open.quantiles))
    forecast, quantiles = _at(told, step, whole)
    before, stated = _at(one.before, step, whole)
    scale = past.levels[past.splits.train_end :][: len(before)]
    known = _actual(past.series, past.splits.train_end, len(before), step, whole)
    wrong = errors(known, before, scale) if stated is None else conformity(known, stated, scale)
    actual = _actual(past.series, first, len(forecast), step, whole)
    lowest = 0.0 if target == "volatility" else -np.inf
    return bands(actual, forecast, past.levels[first:], wrong, delay=step, quantiles=quantiles, lowest=lowest)


def _joined(one: np.ndarray | None, other: np.ndarray | None) -> np.ndarray | None:
    return None if one is None or other is None else np.concatenate([one, other])


def _at(told: Told, step: int, whole: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Forecasts (N,) and quantiles (N, LEVELS) of one step, or forecasts of the sum of all steps up to it."""
    if whole:
        return told.forecasts[:, :step].sum(axis=1), None
    return told.forecasts[:, step - 1], None if told.quantiles is None else told.quantiles[:, step - 1]


def _actual(series: Series, first: int, count: int, step: int, whole: bool) -> np.ndarray:
    """What came `step` days after the close before day `first`, and after the origins that follow, (count,); NaN: not yet.

    `whole`: the sum of these days and those between.
    """
    values = np.concatenate([np.asarray(series.values), np.full(step, np.nan)])
    if not whole:
        return values[first + step - 1 :][:count]
    sums = np.concatenate([[0.0], np.cumsum(values)])
    return (sums[step:] - sums[:-step])[first:][:count]


def _rows(around: Bands, past: _Past, count: int, step: int) -> pd.DataFrame:
    days, origins = past.series.days.astype("datetime64[s]"), past.splits.test_start - 1 + np.arange(count)
    sides = {name: getattr(around, name)[:count] for name in ("low", "high", "adaptive_low", "adaptive_high", "crps")}
    return pd.DataFrame({"cutoff": days[origins], "step": step, "date": days[origins + step]} | sides)
