"""One and two weeks of made-up daily prices."""

from __future__ import annotations

import numpy as np

from core.rnn.prices.prices import Prices

WEEK = np.arange("2022-12-05", "2022-12-10", dtype="datetime64[D]")  # Monday to Friday


def week(**how: object) -> Prices:
    fields: dict[str, object] = {"symbol": "AAPL", "source": "csv", "dates": WEEK, "close": [9.0, 8.0, 7.0, 6.0, 5.0]}
    return Prices(**fields | how)  # type: ignore[arg-type]


TWO_WEEKS = np.busday_offset("2022-11-28", np.arange(10)).astype("datetime64[D]")  # Monday to Friday, twice


def two_weeks(**how: object) -> Prices:
    bars = np.arange(10.0) + 10
    fields: dict[str, object] = {"close": bars, "open": bars - 1, "high": bars + 2, "low": bars - 2, "volume": bars * 10}
    return week(**{"dates": TWO_WEEKS, "calendar": "XNYS"} | fields | how)
