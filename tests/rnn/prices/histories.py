"""A history of three days, as Yahoo would have given it."""

from __future__ import annotations

from datetime import UTC, datetime

import pandas as pd

from core.rnn.prices.yahoo_history import COLUMNS, About, History

FRIDAY = datetime(2022, 12, 9, 21, tzinfo=UTC)  # the end of a session in New York
DAYS = pd.DatetimeIndex(["2022-12-07", "2022-12-08", "2022-12-09"]).as_unit("s")


def history(symbol: str = "AAPL", fetched_at: datetime = FRIDAY, **columns: list[float]) -> History:
    bars = {"Open": 10.0, "High": 12.0, "Low": 8.0, "Close": 10.0, "Adj Close": 5.0, "Volume": 100, "Dividends": 0.0}
    about = About(symbol=symbol, currency="USD", fetched_at=fetched_at, session_end=FRIDAY)
    return History(about, pd.DataFrame({**bars, "Stock Splits": 0.0, **columns}, index=DAYS)[COLUMNS])
