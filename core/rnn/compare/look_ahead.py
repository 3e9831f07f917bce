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
from core.rnn.compare.valued_result import speaking_of
from core.rnn.compare.views import sigma_a_year
from core.rnn.dataset.target import Target
from core.rnn.evaluation.conformal import COVERAGE
from core.rnn.models import TITLES
from core.rnn.prices.prices import Prices
from core.rnn.prices.reader import reader_of
from core.rnn.prices.sources import source_named
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.result import rows_of
from core.system.dates import say_day

_SHOWN = ["date", "point", "low", "high", "price", "price_low", "price_high", "sigma_a_year"]


@dataclass(frozen=True)
class Ahead:
    """One model's forecasts of the next days: those of the committee of its seeds, which the comparison ranked."""

    prices: Prices  # the latest
    model: str
    target: Target
    bar: str  # what a step is, in words
    table: pd.DataFrame  # step, and `_SHOWN`: values and σ as shares, 0.01 is 1 %; σ a year is NaN where no size is forecast
    note: str = ""

    @property
    def plain(self) -> dict[str, Any]:
        """For JSON: every column as a list, and the same values by day. Prices are None unless returns are forecast."""
        days = [row | {"date": str(row["date"])[:10] if row["date"] is not None else None} for row in rows_of(self.table)]
        columns = {name + ("s" if name == "date" else ""): [row[name] for row in days] for name in _SHOWN}
        about = {"symbol": self.symbol, "model": self.model, "last": str(self.last), "close": self.price, "level": COVERAGE}
        about |= {"target": self.target.name, "measure": self.target.measure, "unit": self.unit}
        return about | columns | {"days": days, "note": self.note, "advice": ADVICE}

    @property
    def symbol(self) -> str:
        return self.prices.symbol

    @property
    def last(self) -> date:
        """The day of the latest price."""
        day: date = self.prices.days[-1].item()
        return day

    @property
    def price(self) -> float:
        """The latest close."""
        return float(self.prices.close[-1])

    @property
    def unit(self) -> str:
        """What a value is."""
        return f"{self.target.quantity}, of one {self.bar}; 0.01 is 1 %"

    @property
    def text(self) -> str:
        about = f"{self.target.quantity} of one {self.bar}"
        lines = [f"{self.symbol} after {say_day(self.last)} by the {TITLES[self.model]}, {about}, 90 % intervals"]
        row: Any
        for row in self.table.itertuples():
            when = f"{row.step} ahead" if pd.isna(row.date) else say_day(row.date.date())
            between = "" if np.isnan(row.low) else f" ({self.target.said(row.low)} to {self.target.said(row.high)})"
            risk = "" if np.isnan(row.sigma_a_year) else f", σ {100 * row.sigma_a_year:.1f} % a year"
            price = "" if np.isnan(row.price) else f", price {row.price:,.2f} ({row.price_low:,.2f} to {row.price_high:,.2f})"
            lines.append(f"{when}: {self.target.said(row.point)}{between}{risk}{price}")
        return "\n".join([*lines, *filter(None, [self.note, ADVICE])])


def look_ahead(run: Run, lab: Lab, days: int | None = None, model: str | None = None) -> Ahead:
    """The next `days` trading days by one model of a finished comparison; by default all of them, and the model that is judged.

    Raises InvalidRequest for another kind of run, for no day or more than it looks ahead, and for a model that was not in it.
    """
    request, result = run.request, lab.result(run)
    if not isinstance(request, CompareRequest) or not isinstance(result, CompareResult):
        raise InvalidRequest(f"run {run.id} is a {run.kind}; only a comparison forecasts")
    days, model = request.horizon if days is None else days, model or speaking_of(result)
    if days < 1:
        raise InvalidRequest(f"{days} days are no forecast; choose 1 to {request.horizon}")
    if days > request.horizon:
        raise InvalidRequest(
            f"run {run.id} looks {request.horizon} {result.bar}{'s' * (request.horizon > 1)} ahead, not {days}; "
            f"compare with --horizon {days} first"
        )
    if model not in set(result.ranking["model"]):
        raise InvalidRequest(f"{model!r} is not in run {run.id}; it has {', '.join(result.ranking['model'])}")
    inputs = lab.inputs_of(request)
    prices, note = _latest(request, Prices.from_bytes(inputs[request.prices]))
    table = forecast_latest(fitted(result, request, inputs, [model]), request, inputs, prices)
    table = table[table["step"] <= days].rename(columns={"forecast": "point"})
    table = table.assign(sigma_a_year=sigma_a_year(result, table["point"]))[["step", *_SHOWN]]
    return Ahead(prices, model, result.target_row, result.bar, table, note)


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
