"""Forecasting from here on: the models that a comparison has fitted, shown the latest prices.

Networks come back from their stored weights; classical models are fitted again on the days that they were fitted on then.
Nothing is trained.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from core.errors import InvalidRequest, PriceError
from core.rnn.compare.request import CompareRequest
from core.rnn.compare.result import CompareResult
from core.rnn.compare.run import contestants, material
from core.rnn.dataset.series import Series, series_of
from core.rnn.evaluation.backtest import Contestant, again, refits
from core.rnn.evaluation.interval_tables import ahead_table
from core.rnn.names import TITLES
from core.rnn.prices.prices import Prices
from core.rnn.prices.reader import reader_of
from core.rnn.prices.sources import source_named
from core.rnn.words import say_day
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.request import Inputs
from core.runs.result import rows_of

ADVICE = "Not investment advice."
_SHOWN = ["date", "point", "low", "high", "price", "price_low", "price_high"]


@dataclass(frozen=True)
class Ahead:
    """The next days of one model, the mean over its seeds."""

    symbol: str
    model: str
    last: date  # the last day that was known
    price: float  # and its close
    table: pd.DataFrame  # step, and `_SHOWN`
    note: str = ""

    @property
    def plain(self) -> dict[str, Any]:
        """For JSON: dates, point, low and high as lists of equal length, prices for returns, and all of it by day."""
        days = [row | {"date": str(row["date"])[:10] if row["date"] is not None else None} for row in rows_of(self.table)]
        columns = {name + ("s" if name == "date" else ""): [row[name] for row in days] for name in _SHOWN}
        about = {"symbol": self.symbol, "model": self.model, "last": str(self.last), "close": self.price, "level": 0.9}
        return about | columns | {"days": days, "note": self.note, "advice": ADVICE}

    @property
    def text(self) -> str:
        lines = [f"{self.symbol} after {say_day(self.last)} by the {TITLES[self.model]}, 90 % intervals"]
        row: Any
        for row in self.table.itertuples():
            when = f"{row.step} ahead" if pd.isna(row.date) else say_day(row.date.date())
            between = "" if np.isnan(row.low) else f" ({row.low:+.4f} to {row.high:+.4f})"
            price = "" if np.isnan(row.price) else f", price {row.price:,.2f} ({row.price_low:,.2f} to {row.price_high:,.2f})"
            lines.append(f"{when}: {row.point:+.4f}{between}{price}")
        return "\n".join([*lines, *filter(None, [self.note, ADVICE])])


def look_ahead(run: Run, lab: Lab, days: int | None = None, model: str | None = None) -> Ahead:
    """The next `days` trading days by one model of a finished comparison; by default all of them, and the best model.

    Raises InvalidRequest for another kind of run, for more days than it looks ahead, and for a model that was not in it.
    """
    request, result = run.request, lab.result(run)
    if not isinstance(request, CompareRequest) or not isinstance(result, CompareResult):
        raise InvalidRequest(f"run {run.id} is a {run.kind}; only a comparison forecasts")
    days, model = days or request.horizon, model or result.verdict.best
    if not 1 <= days <= request.horizon:
        raise InvalidRequest(
            f"run {run.id} looks {request.horizon} {result.bar}{'s' * (request.horizon > 1)} ahead, not {days}; "
            f"compare with --horizon {days} first"
        )
    if model not in set(result.ranking["model"]):
        raise InvalidRequest(f"{model!r} is not in run {run.id}; it has {', '.join(result.ranking['model'])}")
    inputs = lab.inputs_of(request)
    prices, note = _latest(request, Prices.from_bytes(inputs[request.prices]))
    table = told_now(request, result, inputs, prices, [model])
    table = _over_seeds(table[table["step"] <= days])
    return Ahead(request.symbol, model, prices.days[-1].item(), float(prices.close[-1]), table, note)


def told_now(
    request: CompareRequest, result: CompareResult, inputs: Inputs, prices: Prices, models: Iterable[str]
) -> pd.DataFrame:
    """`around.ahead_table` of some models of a comparison, from the last of these prices."""
    then = material(request, inputs)
    beside = Prices.from_bytes(inputs[request.beside]) if request.beside else None
    series = series_of(prices, request.asked, request.extras, beside)
    test = then.splits.test.model_copy(update={"last": prices.days[-1].item(), "days": len(series) - then.splits.test_start})
    splits = then.splits.model_copy(update={"test": test})
    fitted_before = refits(then.series, then.splits, request.refit_days)[-1]
    asked = [one for one in contestants(request, then.series) if one.model in set(models)]
    for one in asked:
        _bring_back(one, result, then.series.until(fitted_before))
    return ahead_table([again(one, series, splits) for one in asked], series, splits, prices)


def _bring_back(one: Contestant, result: CompareResult, known: Series) -> None:
    """Make a contestant what it was at the end of the comparison."""
    name = f"{one.model}/{one.seed}/"
    stored = {part.removeprefix(name): array for part, array in result.weights.items() if part.startswith(name)}
    one.forecaster.restore(stored, known)


def _latest(request: CompareRequest, stored: Prices) -> tuple[Prices, str]:
    """The prices of the run, continued to today where their source has more; and what a reader should know of them."""
    of_run = stored.between(request.start, request.end)
    source = source_named(request.source)
    if not source.online or request.end or request.beside:
        return of_run, ""
    try:
        latest = reader_of(source.name).fetch(request.symbol, stored.bar_size).between(request.start)
    except PriceError as error:
        return of_run, f"These are the prices of the run, because {error}."
    if len(latest.dates) < len(of_run.dates) or not np.array_equal(latest.dates[: len(of_run.dates)], of_run.dates):
        return of_run, f"These are the prices of the run: {source.title} now has other trading days for its period."
    return latest, "; ".join(latest.fetch_notes)


def _over_seeds(table: pd.DataFrame) -> pd.DataFrame:
    """The mean over a model's seeds: step, and `_SHOWN`."""
    means = table.drop(columns=["model", "seed"]).groupby(["step"], as_index=False).mean()
    return means.rename(columns={"forecast": "point"})[["step", *_SHOWN]]
