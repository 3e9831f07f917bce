"""90 % intervals around a panel's forecasts, from each model's own past errors on each ticker (`evaluation.conformal`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.rnn.dataset.target import Target
from core.rnn.evaluation.columns import Columns
from core.rnn.evaluation.conformal import Bands, bands, errors

INTERVALS = Columns(
    "panel intervals",
    ("symbol", "model", "cutoff", "date", "actual", "forecast", "low", "high", "adaptive_low", "adaptive_high"),
)
MOST_TICKERS = 20  # of which coverage is counted


@dataclass(frozen=True)
class Intervals:
    """What intervals are made of: rows from the first validation day on, and one for the day to come; a column a ticker."""

    target: Target
    points: Mapping[str, np.ndarray]  # model -> (R, N)
    actual: np.ndarray  # (R - 1, N) NaN where a ticker does not trade
    levels: np.ndarray  # (R, N) the running mean size at the cutoff: the scale of errors
    first_test: int

    def of(self, model: str, ticker: int) -> tuple[np.ndarray, Bands]:
        """The rows of a ticker's test days, then that of its day to come, and the intervals of these, (D + 1,) each."""
        rows = np.append(np.flatnonzero(np.isfinite(self.actual[:, ticker])), len(self.actual))
        points, scale = self.points[model][rows, ticker], self.levels[rows, ticker]
        actual = np.append(self.actual[rows[:-1], ticker], np.nan)
        test = rows >= self.first_test
        past = errors(actual[~test], points[~test], scale[~test])
        return rows[test], bands(actual[test], points[test], scale[test], past, lowest=self.target.lowest)

    def coverage(self, model: str) -> tuple[float, float]:
        """The share of test days inside the static and inside the adaptive interval; NaN where forecasts have none."""
        if not self.target.has_intervals:
            return np.nan, np.nan
        inside = list[np.ndarray]()
        for ticker in range(min(MOST_TICKERS, self.actual.shape[1])):
            rows, ends = self.of(model, ticker)
            actual = self.actual[rows[:-1], ticker]
            pairs = ((ends.low, ends.high), (ends.adaptive_low, ends.adaptive_high))
            inside.append(np.stack([(low[:-1] <= actual) & (actual <= high[:-1]) for low, high in pairs]))
        static, adaptive = np.concatenate(inside, axis=1).mean(axis=1)
        return float(static), float(adaptive)

    def table(self, models: Iterable[str], symbols: tuple[str, ...], days: np.ndarray, cutoffs: np.ndarray) -> pd.DataFrame:
        """`INTERVALS` of some models, for the test days (R - 1,) and the day to come, whose date is not a time."""
        tables = [pd.DataFrame(columns=INTERVALS.names)]
        for model in models if self.target.has_intervals else ():
            for ticker, symbol in enumerate(symbols):
                rows, ends = self.of(model, ticker)
                columns = {name: getattr(ends, name) for name in INTERVALS.names[-4:]}
                known = {
                    "cutoff": cutoffs[rows, ticker].astype("datetime64[s]"),
                    "date": np.append(days, np.datetime64("NaT", "s"))[rows],
                    "actual": np.append(self.actual[:, ticker], np.nan)[rows],
                    "forecast": self.points[model][rows, ticker],
                }
                tables.append(pd.DataFrame({"symbol": symbol, "model": model} | known | columns))
        return pd.concat(tables[1:] or tables, ignore_index=True)[list(INTERVALS.names)]
