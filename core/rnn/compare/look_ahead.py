"""Forecasts of the next days by the fitted models of a finished comparison, from the latest prices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from core.errors import InvalidRequest, PriceError
from core.rnn.compare.request import CompareRequest
from core.rnn.compare.restored_models import fitted, forecast_latest
from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import ADVICE
from core.rnn.evaluation.conformal import COVERAGE
from core.rnn.models import TITLES
from core.rnn.prices.prices import Prices
from core.rnn.prices.reader import reader_of
from core.rnn.prices.sources import source_named
from core.rnn.words import say_day
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.result import rows_of

_SHOWN = ["date", "point", "low", "high", "price", "price_low", "price_high"]


@dataclass(frozen=True)
class Ahead:
    """One model's forecasts of the next days: those of the committee of its seeds, which the comparison ranked."""

    symbol: str
    model: str
    last: date  # the day of the latest price
    price: float  # its close
    table: pd.DataFrame  # step, and `_SHOWN`
    note: str = ""

    @property
    def plain(self) -> dict[str, Any]:
        """For JSON: every column as a list, and the same values by day. Prices are None unless returns are forecast."""
        days = [row | {"date": str(row["date"])[:10] if row["date"] is not None else None} for row in rows_of(self.table)]
        columns = {name + ("s" if name == "date" else ""): [row[name] for row in days] for name in _SHOWN}
        about = {"symbol": self.symbol, "model": self.model, "last": str(self.last), "close": self.price, "level": COVERAGE}
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
    table = forecast_latest(fitted(result, request, inputs, [model]), request, inputs, prices)
    table = table[table["step"] <= days].rename(columns={"forecast": "point"})[["step", *_SHOWN]]
    return Ahead(request.symbol, model, prices.days[-1].item(), float(prices.close[-1]), table, note)


def _latest(request: CompareRequest, stored: Prices) -> tuple[Prices, str]:
    """The latest prices of the run's source, or those of the run where there are none or they do not match; and a note why."""
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
