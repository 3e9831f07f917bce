"""Prediction intervals of backtests, and the forecasts of days after the last price, as tables.

An interval is computed from the errors between the first validation day and its origin; all of them are out of sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.rnn.dataset.features import Scaler
from core.rnn.dataset.series import Series
from core.rnn.dataset.splits import Splits
from core.rnn.evaluation.backtest import Backtest, Forecasts
from core.rnn.evaluation.columns import AHEAD, BANDS
from core.rnn.evaluation.conformal import Bands, bands, conformity, errors
from core.rnn.prices.bar_sizes import MINUTES, WEEKEND
from core.rnn.prices.prices import Prices

_WEEK = np.timedelta64(7, "D")
_ENDS = ("low", "high", "adaptive_low", "adaptive_high", "crps")


@dataclass(frozen=True, eq=False)
class Intervals:
    """90 % intervals of all forecasts of some backtests; those of one backtest and step are computed once."""

    backtests: Sequence[Backtest]
    series: Series
    splits: Splits

    @property
    def bounded(self) -> bool:
        """Whether forecasts have intervals: probabilities have none."""
        return self.series.target.has_intervals

    @property
    def horizon(self) -> int:
        return self.backtests[0].test.point.shape[1]

    @cached_property
    def scale(self) -> np.ndarray:
        """The scale of the errors, (T + 1,): the running mean size of moves before the first day and after each."""
        return Scaler.fit(self.series.sizes, self.splits.train_end).levels(self.series.sizes)

    @cached_property
    def by_step(self) -> list[list[dict[str, np.ndarray]]]:
        """For every backtest and step the columns `_ENDS`, from every origin of the test and from those after it."""
        steps = range(1, self.horizon + 1)
        return [[_ends_of(self._bands(one, step)) for step in steps] for one in self.backtests]

    def table(self) -> pd.DataFrame:
        """`BANDS` of every forecast of the test; no row where forecasts have no intervals."""
        if not self.bounded:
            return pd.DataFrame(columns=BANDS.names)
        tables = [
            self._rows(one, step, ends)
            for one, by_step in zip(self.backtests, self.by_step, strict=True)
            for step, ends in enumerate(by_step, start=1)
        ]
        return pd.concat(tables, ignore_index=True)[list(BANDS.names)]

    def _rows(self, one: Backtest, step: int, ends: dict[str, np.ndarray]) -> pd.DataFrame:
        count, days = len(one.test.point), self.series.days.astype("datetime64[s]")
        origins = self.splits.test_start - 1 + np.arange(count)
        place = {"model": one.model, "seed": one.seed, "step": step}
        dates = {"cutoff": days[origins], "date": days[origins + step]}
        return pd.DataFrame(place | dates | {name: values[:count] for name, values in ends.items()})

    def ahead(self, prices: Prices) -> pd.DataFrame:
        """`AHEAD`: forecasts from the last of these prices on, a row a model, seed and step.

        For returns also the price: the last close times the exponential of the summed forecasts, with the interval of that sum.
        """
        dates, close = dates_ahead(prices, self.horizon), float(prices.close[-1])
        rows = [
            {"model": one.model, "seed": one.seed, "step": step, "date": day}
            | {"forecast": one.open.point[-1, step - 1]}
            | self._ends(number, step, close)
            for number, one in enumerate(self.backtests)
            for step, day in enumerate(dates, start=1)
        ]
        return pd.DataFrame(rows)[list(AHEAD.names)]

    def _ends(self, number: int, step: int, close: float) -> dict[str, float]:
        """The interval of the forecast from the last day, and of the price it means; NaN where there is none."""
        ends = dict.fromkeys(("low", "high", "price", "price_low", "price_high"), np.nan)
        if self.bounded:
            last = self.by_step[number][step - 1]
            ends |= {"low": last["adaptive_low"][-1], "high": last["adaptive_high"][-1]}
        if self.series.target.is_return:
            one = self.backtests[number]
            path = self._bands(one, step, whole=True)
            ends["price"] = close * np.exp(one.open.point[-1, :step].sum())
            ends["price_low"], ends["price_high"] = close * np.exp([path.adaptive_low[-1], path.adaptive_high[-1]])
        return ends

    def _bands(self, one: Backtest, step: int, whole: bool = False) -> Bands:
        """Intervals of one step, from every origin on; `whole`: of the sum of all steps up to it."""
        before, stated = _at(one.before, step, whole)
        forecast, quantiles = _at(Forecasts.joined([one.test, one.open]), step, whole)
        scale = self.scale[self.splits.train_end :][: len(before)]
        actual_before = self._actual(self.splits.train_end, len(before), step, whole)
        past = errors(actual_before, before, scale) if stated is None else conformity(actual_before, stated, scale)
        return bands(
            self._actual(self.splits.test_start, len(forecast), step, whole),
            forecast,
            self.scale[self.splits.test_start :],
            past,
            delay=step,
            quantiles=quantiles,
            lowest=self.series.target.lowest,
        )

    def _actual(self, first: int, count: int, step: int, whole: bool) -> np.ndarray:
        """The values `step` days after the close before day `first`, and after the origins that follow, (count,); NaN: not yet.

        `whole`: the sum of these days and those between.
        """
        values = np.concatenate([np.asarray(self.series.values), np.full(step, np.nan)])
        if not whole:
            return values[first + step - 1 :][:count]
        sums = np.concatenate([[0.0], np.cumsum(values)])
        return (sums[step:] - sums[:-step])[first:][:count]


def _ends_of(intervals: Bands) -> dict[str, np.ndarray]:
    """The columns `_ENDS`, without the quantiles, which are large."""
    return {name: getattr(intervals, name) for name in _ENDS}


def _at(forecasts: Forecasts, step: int, whole: bool) -> tuple[np.ndarray, np.ndarray | None]:
    """Forecasts (N,) and quantiles (N, LEVELS) of one step, or forecasts of the sum of all steps up to it."""
    if whole:
        return forecasts.point[:, :step].sum(axis=1), None
    return forecasts.point[:, step - 1], None if forecasts.quantiles is None else forecasts.quantiles[:, step - 1]


def dates_ahead(prices: Prices, count: int) -> np.ndarray:
    """The next `count` trading days after the last one, datetime64[s]; of weeks every seventh day.

    NaT inside a day, and for the rows of a file that are further apart than a week.
    """
    from core.rnn.prices.calendars import calendar_of

    weekly = prices.bar == "week"
    if prices.bar_size in MINUTES or (prices.spacing > WEEKEND and not weekly):
        return np.full(count, np.datetime64("NaT", "s"))
    if weekly:
        return (prices.days[-1] + _WEEK * np.arange(1, count + 1)).astype("datetime64[s]")
    return calendar_of(prices).next_sessions(prices.days[-1], count).astype("datetime64[s]")
