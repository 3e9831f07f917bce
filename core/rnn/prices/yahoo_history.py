"""Yahoo's bars of one ticker as Yahoo gave them: closes split-adjusted, `Adj Close` also dividend-adjusted, or NaN.

`history_of` makes them of an answer, `History.prices` makes prices of them. Nothing here uses the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from core.rnn.prices.bar_sizes import BAR_SIZES, MINUTES, BarSize
from core.rnn.prices.calendars import calendar_name
from core.rnn.prices.prices import ADJUSTED, INDEX_LEVEL, SPLITS_ONLY, Prices, Unfinished
from core.rnn.prices.sources import source_named
from core.system.dates import say_day

COLUMNS = ["Open", "High", "Low", "Close", "Adj Close", "Volume", "Dividends", "Stock Splits"]
SETTLING = timedelta(minutes=30)  # Yahoo corrects closes for a while after the session
IN_SESSION = timedelta(minutes=15)  # during a session, prices are asked anew after so long
NOISE = 1e-6  # relative: the same adjusted close differs by so much from one answer to the next
MOVED = 1e-5  # relative: by so much a close has been adjusted or corrected
HISTORY_LIMITS = {"1h": "730d", "30m": "60d", "15m": "60d", "5m": "60d"}  # how far back Yahoo gives bars inside a day


class About(BaseModel):
    """What Yahoo says about a ticker, and when it said so."""

    model_config = ConfigDict(frozen=True)

    symbol: str
    name: str = ""
    currency: str | None = None
    kind: str = ""  # EQUITY, ETF, INDEX, …
    exchange: str = ""  # in words
    code: str = ""  # Yahoo's for the exchange
    zone: str = ""  # the exchange's, by its IANA name
    bar_size: BarSize = Field("1d", validation_alias=AliasChoices("bar_size", "interval"))  # files of before say interval
    fetched_at: datetime  # UTC
    session_end: datetime  # UTC, of the latest session at that time
    running: bool = False  # whether that session was running, by Yahoo's clock
    unfinished: Unfinished | None = None  # the price so far, of a session that was running


def _events(bars: pd.DataFrame, column: str) -> list[tuple[pd.Timestamp, float]]:
    """The splits or dividends among some bars, oldest first."""
    happened = bars[column][bars[column] > 0]
    return list(zip(happened.index, happened.tolist(), strict=True))


def _volume(priced: pd.DataFrame) -> np.ndarray:
    """Shares a day; empty when Yahoo has none, which its client writes as zeros."""
    volume = priced["Volume"].to_numpy(np.float64)
    return volume if volume.any() else volume[:0]


def _ranges(priced: pd.DataFrame) -> dict[str, np.ndarray]:
    """Open, high and low, adjusted like the close; nothing when every high is its low. NaN where Yahoo has none or zero."""
    if (priced["High"] == priced["Low"]).all():
        return {}
    factor = priced["Adj Close"] / priced["Close"]
    return {name.lower(): (priced[name].where(priced[name] > 0) * factor).to_numpy() for name in ("Open", "High", "Low")}


@dataclass(frozen=True)
class History:
    """All settled bars of one ticker. `bars` has `COLUMNS` and is indexed by the exchange's day, inside a day by UTC, naive."""

    about: About
    bars: pd.DataFrame

    @property
    def due(self) -> datetime:
        """When to ask again: soon in a session, else half an hour after the end of the next one, if there is one a day."""
        if self.about.running:
            return self.about.fetched_at + IN_SESSION
        settled = self.about.session_end + SETTLING
        days = max(0, (self.about.fetched_at - settled) // timedelta(days=1) + 1)
        return settled + timedelta(days=days)

    @property
    def priced(self) -> pd.DataFrame:
        """The bars with a price above zero."""
        return self._as_sent[(self._as_sent[["Close", "Adj Close"]] > 0).all(axis=1)]

    @property
    def _as_sent(self) -> pd.DataFrame:
        """The bars with a price."""
        return self.bars.dropna(subset=["Close", "Adj Close"])

    @property
    def _below_zero(self) -> np.ndarray | None:
        """Day and close of the bars whose price is not above zero, (K, 2): futures have had such prices."""
        wrong = self._as_sent[(self._as_sent[["Close", "Adj Close"]] <= 0).any(axis=1)]
        closes = wrong["Close"].where(wrong["Close"] <= 0, wrong["Adj Close"])
        return np.stack([self._days(wrong).astype(np.int64), closes], axis=1).astype(np.float64) if len(wrong) else None

    def prices(self, *fetch_notes: str) -> Prices:
        """The prices in these bars; days without one become `gaps`. PriceError when they cannot be used."""
        priced, about = self.priced, self.about
        inside = about.bar_size in MINUTES
        level = about.kind == "INDEX"
        return Prices(
            symbol=about.symbol,
            name=about.name,
            source="yahoo",
            currency=about.currency,
            basis=INDEX_LEVEL if level else SPLITS_ONLY if inside else ADJUSTED,
            bar_size=about.bar_size,
            calendar=self._calendar,
            dates=self._days(priced),
            times=priced.index.to_numpy().astype("datetime64[s]").astype(np.int64) if inside else None,
            zone=about.zone if inside else "",
            close=priced["Adj Close"].to_numpy(),
            volume=_volume(priced),
            below_zero=self._below_zero,
            gaps=np.setdiff1d(self._days(self.bars), self._days(self._as_sent)) if not inside else np.empty(0, np.int64),
            facts=(source_named("yahoo").terms, *(self._inside_notes() if inside else ())),
            fetch_notes=fetch_notes,
            unfinished=about.unfinished,
            fetched_at=about.fetched_at,
            **_ranges(priced),
        )

    def missing_in(self, other: History) -> np.ndarray:
        """The bars that have a price here but none there, though they are not too old for it: datetime64[s]."""
        bars = self.priced.index
        if self.about.bar_size in MINUTES:
            bars = bars[bars >= other.bars.index[0]]
        return np.setdiff1d(bars.to_numpy(), other.priced.index.to_numpy())

    def without_noise(self, old: History) -> History:
        """This history with the adjusted closes of `old` where only Yahoo's noise differs: equal data have equal bytes."""
        before = old.bars["Adj Close"].reindex(self.bars.index)
        same = np.isclose(before, self.bars["Adj Close"], rtol=NOISE, atol=0)
        return replace(self, bars=self.bars.assign(**{"Adj Close": self.bars["Adj Close"].mask(same, before)}))

    def news_since(self, old: History) -> tuple[str, ...]:
        """Why earlier prices have changed: splits and dividends since, or corrections without either."""
        now, before = self.priced, old.priced.reindex(self.priced.index)
        since = now[now.index > old.bars.index[-1]]
        splits = [f"a split of {ratio:g}:1 on {say_day(day)}" for day, ratio in _events(since, "Stock Splits")]
        paid = [f"a dividend of {amount:g} on {say_day(day)}" for day, amount in _events(since, "Dividends")]
        moved = [int((np.abs(now[name] / before[name] - 1) > MOVED).sum()) for name in ("Close", "Adj Close")]
        if (splits and moved[0]) or (paid and moved[1]):
            return (f"earlier prices are adjusted anew, for {' and '.join(splits + paid)}",)
        return (f"Yahoo changed {max(moved):,} earlier prices",) if max(moved) else ()

    def unadjusted_split(self) -> str:
        """The latest split, if the price still moves by its ratio: Yahoo has not adjusted for it yet."""
        priced = self.priced
        for day, ratio in reversed(_events(priced, "Stock Splits")):
            at = int(priced.index.searchsorted(day))
            if at and abs(np.log(ratio)) > np.log(1.4):
                move = np.log(priced["Close"].iloc[at] / priced["Close"].iloc[at - 1])
                return f"the split of {ratio:g}:1 on {say_day(day)}" if abs(move + np.log(ratio)) < abs(move) else ""
        return ""

    @property
    def _calendar(self) -> str:
        """The calendar's name, where the ticker's spelling does not tell it."""
        name = calendar_name(self.about.symbol, self.about.code, self.about.kind)
        return "" if name == calendar_name(self.about.symbol) else name

    def _days(self, bars: pd.DataFrame) -> np.ndarray:
        """The exchange's day of each bar, datetime64[D]."""
        index = pd.DatetimeIndex(bars.index)
        if self.about.bar_size in MINUTES:
            index = index.tz_localize("UTC").tz_convert(self.about.zone or "UTC").tz_localize(None)
        return index.to_numpy().astype("datetime64[D]")

    def _inside_notes(self) -> tuple[str, ...]:
        """What bars inside a day do not hold: Yahoo keeps only the latest, and some bars of a session are empty."""
        bar_size = self.about.bar_size
        notes = (f"Yahoo keeps {BAR_SIZES[bar_size]} prices of the last {HISTORY_LIMITS[bar_size][:-1]} days only",)
        traded = np.isin(self._days(self.bars), self._days(self.priced))  # the client makes empty bars for nights and weekends
        empty = int((self.bars["Close"].isna() & traded).sum())
        return notes + ((f"{empty:,} bars without a price at Yahoo are left out",) if empty else ())


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


def history_of(
    symbol: str, bar_size: BarSize, bars: pd.DataFrame, meta: Mapping[str, Any], now: datetime
) -> tuple[History, tuple[str, ...]]:
    """The settled bars of yfinance's table, and notes on what was left out. KeyError when Yahoo does not say the time zone.

    Whether a bar is settled follows from Yahoo's clock, the time of its last trade, never from ours.
    """
    zone = meta["exchangeTimezoneName"]
    session = meta.get("currentTradingPeriod", {}).get("regular", {})
    traded = meta.get("regularMarketTime")
    settled, unfinished = bars, None
    running = bool(session) and traded is not None and session["start"] <= traded < session["end"]
    if around_the_clock := meta.get("instrumentType") == "CRYPTOCURRENCY" and traded is not None and len(bars) > 0:
        running = (
            bars.index[-1].date() >= traded.date()
        )  # the next day's bar begins at midnight, sessions and quotes lag behind
    if running and traded is not None:
        settled, unfinished = _split(bars, bar_size, max(traded, bars.index[-1]) if around_the_clock else traded)
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
