"""Yahoo's bars of one ticker as they are kept on disk: one parquet file a ticker and bar_size, replaced whole or not at all.

The file holds the bars as Yahoo gave them: closes split-adjusted, `Adj Close` also dividend-adjusted, NaN where Yahoo had no
price. `History.prices` makes of them what an experiment learns from. Nothing here asks the network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from core.rnn.prices.bar_sizes import BAR_SIZES, MINUTES, BarSize
from core.rnn.prices.calendars import calendar_name
from core.rnn.prices.prices import ADJUSTED, LEVEL, SPLITS_ONLY, Prices, Unfinished
from core.rnn.words import say_day

COLUMNS = ["Open", "High", "Low", "Close", "Adj Close", "Volume", "Dividends", "Stock Splits"]
TERMS = "Yahoo's prices are unofficial and for personal use"
SETTLING = timedelta(minutes=30)  # Yahoo corrects closes for a while after the session
IN_SESSION = timedelta(minutes=15)  # while one runs, so often the price so far may be asked for
WOBBLE = 1e-6  # relative: the same adjusted close comes out this much differently from one call to the next
MOVED = 1e-5  # relative: by so much a close has been adjusted or corrected
REACH = {"1h": "730d", "30m": "60d", "15m": "60d", "5m": "60d"}  # how far back Yahoo gives bars inside a day


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


@dataclass(frozen=True)
class History:
    """All settled bars of one ticker. `bars` has `COLUMNS` and is indexed by the exchange's day, inside a day by UTC, naive."""

    about: About
    bars: pd.DataFrame

    @property
    def due(self) -> datetime:
        """When there is something new: in a session soon, else half an hour after its next end, as if there were one daily."""
        if self.about.running:
            return self.about.fetched_at + IN_SESSION
        settled = self.about.session_end + SETTLING
        days = max(0, (self.about.fetched_at - settled) // timedelta(days=1) + 1)
        return settled + timedelta(days=days)

    @property
    def known(self) -> pd.DataFrame:
        """The bars with a price."""
        return self.bars.dropna(subset=["Close", "Adj Close"])

    def prices(self, *fetch_notes: str) -> Prices:
        """The prices in these bars; days without one become `gaps`. PriceError when they cannot be used."""
        known, about = self.known, self.about
        inside = about.bar_size in MINUTES
        level = about.kind == "INDEX"
        return Prices(
            symbol=about.symbol,
            name=about.name,
            source="yahoo",
            currency=about.currency,
            basis=LEVEL if level else SPLITS_ONLY if inside else ADJUSTED,
            bar_size=about.bar_size,
            calendar=self._calendar,
            dates=self._days(known),
            times=known.index.to_numpy().astype("datetime64[s]").astype(np.int64) if inside else None,
            zone=about.zone if inside else "",
            close=known["Adj Close"].to_numpy(),
            volume=_volume(known),
            gaps=np.setdiff1d(self._days(self.bars), self._days(known)) if not inside else np.empty(0, np.int64),
            facts=(TERMS, *self._inside_notes()) if inside else (TERMS,),
            fetch_notes=fetch_notes,
            unfinished=about.unfinished,
            fetched_at=about.fetched_at,
            **_ranges(known),
        )

    def missing_in(self, other: History) -> np.ndarray:
        """The bars that have a price here but none there, though they are not too old for it: datetime64[s]."""
        ours = self.known.index[self.known.index >= other.bars.index[0]] if self.about.bar_size in MINUTES else self.known.index
        return np.setdiff1d(ours.to_numpy(), other.known.index.to_numpy())

    def like(self, old: History) -> History:
        """This history with the adjusted closes of `old` where both differ only by Yahoo's wobble: equal data, equal bytes."""
        before = old.bars["Adj Close"].reindex(self.bars.index)
        same = np.isclose(before, self.bars["Adj Close"], rtol=WOBBLE, atol=0)
        return replace(self, bars=self.bars.assign(**{"Adj Close": self.bars["Adj Close"].mask(same, before)}))

    def news_since(self, old: History) -> tuple[str, ...]:
        """What moved prices that were there before: splits and dividends since, or corrections without either."""
        now, before = self.known, old.known.reindex(self.known.index)
        since = now[now.index > old.bars.index[-1]]
        splits = [f"a split of {ratio:g}:1 on {say_day(day)}" for day, ratio in _events(since, "Stock Splits")]
        paid = [f"a dividend of {amount:g} on {say_day(day)}" for day, amount in _events(since, "Dividends")]
        moved = [int((np.abs(now[name] / before[name] - 1) > MOVED).sum()) for name in ("Close", "Adj Close")]
        if (splits and moved[0]) or (paid and moved[1]):
            return (f"earlier prices are adjusted anew, for {' and '.join(splits + paid)}",)
        return (f"Yahoo changed {max(moved):,} earlier prices",) if max(moved) else ()

    def unadjusted_split(self) -> str:
        """The latest split after which the price still moves by its ratio: what Yahoo looks like before it adjusts."""
        known = self.known
        for day, ratio in reversed(_events(known, "Stock Splits")):
            at = int(known.index.searchsorted(day))
            if at and abs(np.log(ratio)) > np.log(1.4):
                move = np.log(known["Close"].iloc[at] / known["Close"].iloc[at - 1])
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
        notes = (f"Yahoo keeps {BAR_SIZES[bar_size]} prices of the last {REACH[bar_size][:-1]} days only",)
        traded = np.isin(self._days(self.bars), self._days(self.known))  # the client makes empty bars for nights and weekends
        empty = int((self.bars["Close"].isna() & traded).sum())
        return notes + ((f"{empty:,} bars without a price at Yahoo are left out",) if empty else ())


def _events(bars: pd.DataFrame, column: str) -> list[tuple[pd.Timestamp, float]]:
    """The splits or dividends among some bars, oldest first."""
    happened = bars[column][bars[column] > 0]
    return list(zip(happened.index, happened.tolist(), strict=True))


def _ranges(known: pd.DataFrame) -> dict[str, np.ndarray]:
    """Open, high and low, adjusted like the close; nothing when every high is its low. NaN where Yahoo has none or zero."""
    if (known["High"] == known["Low"]).all():
        return {}
    factor = known["Adj Close"] / known["Close"]
    return {name.lower(): (known[name].where(known[name] > 0) * factor).to_numpy() for name in ("Open", "High", "Low")}


def _volume(known: pd.DataFrame) -> np.ndarray:
    """Shares a day; empty when Yahoo has none, which its client writes as zeros."""
    volume = known["Volume"].to_numpy(np.float64)
    return volume if volume.any() else volume[:0]
