"""What Yahoo's answer holds: settled bars, the one of a session that still runs, and what it says about the ticker.

Whether a bar is settled is told by Yahoo's clock, the time of its last trade, never by ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pandas as pd

from core.rnn.prices.bar_sizes import MINUTES, BarSize
from core.rnn.prices.prices import Unfinished
from core.rnn.prices.yahoo_history import COLUMNS, About, History
from core.rnn.words import say_day


def history_of(
    symbol: str, bar_size: BarSize, bars: pd.DataFrame, meta: Mapping[str, Any], now: datetime
) -> tuple[History, tuple[str, ...]]:
    """The settled bars of yfinance's table, and what was left out. KeyError when Yahoo says nothing about the time zone."""
    zone = meta["exchangeTimezoneName"]
    session = meta.get("currentTradingPeriod", {}).get("regular", {})
    traded = meta.get("regularMarketTime")
    settled, unfinished = bars, None
    if running := bool(session) and traded is not None and session["start"] <= traded < session["end"]:
        settled, unfinished = _split(bars, bar_size, traded)
    about = About(
        symbol=symbol,
        name=meta.get("longName") or meta.get("shortName") or "",
        currency=meta.get("currency"),
        kind=meta.get("instrumentType") or "",
        exchange=meta.get("fullExchangeName") or meta.get("exchangeName") or "",
        code=meta.get("exchangeName") or "",
        zone=zone,
        bar_size=bar_size,
        fetched_at=now,
        session_end=session.get("end", now),
        running=running,
        unfinished=unfinished,
    )
    notes: tuple[str, ...] = ()
    if bar_size not in MINUTES and len(settled) and settled[["Close", "Adj Close"]].iloc[-1].isna().any():
        notes = (f"the session of {say_day(settled.index[-1].date())} has no final price yet and is left out",)
        settled = settled.iloc[:-1]
    return History(about, settled[COLUMNS].set_axis(_index(settled, bar_size))), notes


def _split(bars: pd.DataFrame, bar_size: BarSize, traded: pd.Timestamp) -> tuple[pd.DataFrame, Unfinished | None]:
    """The bars that were over at the last trade of a running session, and the price so far where one was not."""
    begins = pd.Series(pd.DatetimeIndex(bars.index))
    running = begins.dt.date == traded.date()
    if bar_size in MINUTES:
        running &= begins + pd.Timedelta(minutes=MINUTES[bar_size]) > traded
    rest = bars[running.to_numpy()]["Close"].dropna()
    so_far = Unfinished(day=traded.date(), price=float(rest.iloc[-1]), at=traded.to_pydatetime()) if len(rest) else None
    return bars[~running.to_numpy()], so_far


def _index(bars: pd.DataFrame, bar_size: BarSize) -> pd.DatetimeIndex:
    """The exchange's days, or UTC inside a day: naive, in seconds."""
    index = pd.DatetimeIndex(bars.index)
    plain = index.tz_convert("UTC").tz_localize(None) if bar_size in MINUTES else index.tz_localize(None).normalize()
    return pd.DatetimeIndex(plain.astype("datetime64[s]"))
