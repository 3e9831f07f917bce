"""What Yahoo would answer: the bodies behind `tests/yahoo_server.py`, with our shipped samples as prices.

Where the samples have only closes, open, high and low repeat them. AAPL has one split and one dividend, of 2020, and answers as
Yahoo did before and after each. Bars inside a day lie on a straight line from one close to the next: nobody shipped real ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from core.rnn.prices import samples
from core.rnn.prices.prices import Prices

NEW_YORK = ZoneInfo("America/New_York")
OPEN, CLOSE = time(9, 30), time(16)
DAY = 86_400  # seconds
KINDS = {**dict.fromkeys(samples.INDICES, "INDEX"), **dict.fromkeys(samples.FUNDS, "ETF")}
EXCHANGES = {"INDEX": ("SNP", "SNP"), "ETF": ("PCX", "NYSEArca"), "EQUITY": ("NYQ", "NYSE")}
SPLITS = {"AAPL": {date(2020, 8, 31): 4}}  # new shares for an old one
DIVIDENDS = {"AAPL": {date(2020, 11, 6): 0.205}}  # in the shares of after the split
MINUTES = {"5m": 5, "15m": 15, "30m": 30, "60m": 60, "1h": 60}
REACH = {"5m": 60, "15m": 60, "30m": 60, "60m": 730, "1h": 730}  # days


class Problem(Exception):
    """An answer that is an error: HTTP status and description."""


def known(symbol: str) -> Prices:
    if symbol not in samples.tickers():
        raise Problem(404, "No data found, symbol may be delisted")
    return samples.fetch(symbol)


def stamp(day: date, clock: time) -> int:
    """A time in New York as seconds since 1970."""
    return int(datetime.combine(day, clock, NEW_YORK).timestamp())


@cache
def opening_stamps(symbol: str) -> np.ndarray:
    return np.array([stamp(day, OPEN) for day in samples.fetch(symbol).days.tolist()])


@cache
def split_adjusted(symbol: str) -> np.ndarray:
    """Closes without the dividends: on the eve of each, the price falls by what is paid."""
    prices = samples.fetch(symbol)
    close, factor = prices.close.copy(), 1.0
    for day, amount in sorted(DIVIDENDS.get(symbol, {}).items(), reverse=True):
        at = int(np.searchsorted(prices.days, np.datetime64(day)))
        eve = prices.close[at - 1]
        factor = eve / (eve / factor + amount)
        close[:at] = prices.close[:at] / factor
    return close


def bars_of(symbol: str, seen: int) -> dict[str, np.ndarray]:
    """The columns of the first `seen` days as Yahoo had them on the last of these: later splits and dividends not applied."""
    prices = samples.fetch(symbol)
    traded = split_adjusted(symbol)[:seen].copy()
    last = prices.days[seen - 1].item()
    for day, ratio in SPLITS.get(symbol, {}).items():
        traded *= ratio if day > last else 1
    adjusted = prices.close[:seen] * (traded[-1] / prices.close[seen - 1])
    bars = {"close": traded, "adjclose": adjusted}
    for name in ("open", "high", "low"):
        own = getattr(prices, name)[:seen]
        bars[name] = np.where(np.isnan(own), traded, own) if own.size else traded
    bars["volume"] = prices.volume[:seen] if prices.volume.size else np.full(seen, np.nan)
    return bars


def chart(symbol: str, query: Mapping[str, str], now: datetime, fault: str) -> dict[str, Any]:
    """The answer of v8/finance/chart: the bars of the asked window, as far as `now` knows them."""
    prices, stamps = known(symbol), opening_stamps(symbol)
    seen = int((stamps <= now.timestamp()).sum())
    columns, stamps = bars_of(symbol, seen), stamps[:seen]
    about = meta(prices, stamps, columns["close"], now)
    interval = query.get("interval", "1d")
    if minutes := MINUTES.get(interval):
        refuse_too_old(interval, query, now)
        about["tradingPeriods"] = [[session(datetime.fromtimestamp(one, NEW_YORK).date())] for one in stamps.tolist()]
        stamps, columns = inside_days(stamps, columns, minutes, now)
        if fault == "empty":
            about["tradingPeriods"] = []
    first, last = window(query, stamps, now)
    rows = np.flatnonzero((first <= stamps) & (stamps <= last))
    result: dict[str, Any] = {"meta": about, "indicators": {"quote": [{}]}}
    if fault == "null_result":
        return {"chart": {"result": None, "error": None}}
    if fault != "empty" and rows.size:
        fill(result, stamps, {name: plain(values[rows]) for name, values in columns.items()}, rows, fault)
        result["events"] = events(symbol, stamps[rows])
    return {"chart": {"result": [result], "error": None}}


def window(query: Mapping[str, str], stamps: np.ndarray, now: datetime) -> tuple[float, float]:
    """The first and last second that are asked for."""
    if "period1" in query:
        return int(query["period1"]), min(int(query["period2"]), now.timestamp())
    days = int(query["range"].removesuffix("d"))
    return (stamps[-min(5, len(stamps))] if days < 30 else now.timestamp() - days * DAY), now.timestamp()


def refuse_too_old(interval: str, query: Mapping[str, str], now: datetime) -> None:
    start = int(query.get("period1", now.timestamp()))
    if start < now.timestamp() - REACH[interval] * DAY:
        days = f"The requested range must be within the last {REACH[interval]} days."
        raise Problem(422, f"{interval} data not available for startTime={start}. {days}")


def inside_days(
    stamps: np.ndarray, columns: Mapping[str, np.ndarray], minutes: int, now: datetime
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Bars of some minutes, of the latest 750 days; Yahoo has no closes adjusted for dividends there."""
    starts = np.arange(0, 390, minutes)  # minutes after the open
    share = np.minimum(starts + minutes, 390) / 390
    days = np.arange(max(1, len(stamps) - 750), len(stamps))
    close, before = columns["close"][days], columns["close"][days - 1]
    closes = (before[:, None] + share * (close - before)[:, None]).ravel()
    opens = np.append(before[0], closes[:-1])
    times = (stamps[days][:, None] + 60 * starts).ravel()
    made = {"open": opens, "high": np.maximum(opens, closes), "low": np.minimum(opens, closes), "close": closes}
    made["volume"] = np.full(len(closes), 1000.0)
    there = times <= now.timestamp()
    return times[there], {name: values[there] for name, values in made.items()}


def plain(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]


def fill(result: dict[str, Any], stamps: np.ndarray, bars: dict[str, list], rows: np.ndarray, fault: str) -> None:
    """Put the bars into an answer, with the holes of a fault."""
    times = stamps[rows].tolist()
    holes = {"nulls": range(5, len(times), 10), "nan_last": range(len(times) - 1, len(times))}.get(fault, range(0))
    for at in holes:
        for name in bars:
            if fault == "nulls" or name != "volume":
                bars[name][at] = None
    if fault == "duplicate_last":
        times.append(times[-1] + 23_401)  # the same day again, a second after its close
        for values in bars.values():
            values.append(values[-1])
    if fault == "unadjusted":  # a split is listed, earlier prices are as they were before it
        for day, ratio in SPLITS["AAPL"].items():
            for name in bars:
                bars[name] = [
                    value and value * ratio if at < stamp(day, OPEN) else value
                    for value, at in zip(bars[name], times, strict=True)
                ]
    if fault == "negative" and (when := stamp(date(2020, 4, 20), OPEN)) in times:
        at = times.index(when)
        bars |= {name: [*bars[name][:at], -37.63, *bars[name][at + 1 :]] for name in ("low", "close", "adjclose")}
    if fault == "pence":
        bars |= {
            name: [value and value / 100 if 2000 <= at < 2020 else value for at, value in enumerate(bars[name])]
            for name in ("open", "high", "low", "close", "adjclose")
        }
    adjusted = bars.pop("adjclose", None)
    result["timestamp"] = times
    result["indicators"] = {"quote": [bars]} | ({"adjclose": [{"adjclose": adjusted}]} if adjusted else {})


def events(symbol: str, stamps: np.ndarray) -> dict[str, Any]:
    """The splits and dividends in a window."""
    inside = {day: at for day in SPLITS.get(symbol, {}) | DIVIDENDS.get(symbol, {}) if (at := stamp(day, OPEN)) in stamps}
    splits = {
        str(at): {"date": at, "numerator": SPLITS[symbol][day], "denominator": 1, "splitRatio": f"{SPLITS[symbol][day]}:1"}
        for day, at in inside.items()
        if day in SPLITS[symbol]
    }
    paid = {str(at): {"date": at, "amount": DIVIDENDS[symbol][day]} for day, at in inside.items() if day in DIVIDENDS[symbol]}
    return {name: listed for name, listed in (("splits", splits), ("dividends", paid)) if listed}


def session(day: date) -> dict[str, Any]:
    return {"timezone": "EST", "gmtoffset": -18000, "start": stamp(day, OPEN), "end": stamp(day, CLOSE)}


def meta(prices: Prices, stamps: np.ndarray, close: np.ndarray, now: datetime) -> dict[str, Any]:
    """What Yahoo says about a ticker: among it the latest session, and the time of the last trade by its own clock."""
    latest = session(datetime.fromtimestamp(int(stamps[-1]), NEW_YORK).date())
    kind = KINDS.get(prices.symbol, "EQUITY")
    code, exchange = EXCHANGES[kind]
    return {
        "symbol": prices.symbol, "currency": "USD", "instrumentType": kind,
        "longName": prices.name, "shortName": prices.name, "exchangeName": code, "fullExchangeName": exchange,
        "exchangeTimezoneName": NEW_YORK.key, "timezone": "EST", "gmtoffset": -18000, "firstTradeDate": int(stamps[0]),
        "regularMarketTime": min(int(now.timestamp()), latest["end"] + 1), "regularMarketPrice": close[-1],
        "currentTradingPeriod": {name: dict(latest) for name in ("pre", "regular", "post")}, "range": "",
        "priceHint": 2, "dataGranularity": "1d", "validRanges": ["1d", "5d", "1mo", "1y", "max"],
    }  # fmt: skip


def without_zone(data: Any) -> Any:
    """An answer that does not say which time zone its times are of."""
    if isinstance(data, list):
        return [without_zone(one) for one in data]
    if isinstance(data, dict):
        return {name: without_zone(value) for name, value in data.items() if "timezone" not in name.lower()}
    return data


def search(words: str) -> dict[str, Any]:
    """The answer of v1/finance/search."""
    wanted = words.lower()
    hits = [(s, n) for s, n in samples.tickers().items() if s.lower().startswith(wanted) or wanted in n.lower()]
    return {"quotes": [found(symbol, name) for symbol, name in hits], "news": []}


def found(symbol: str, name: str) -> dict[str, str]:
    kind = KINDS.get(symbol, "EQUITY")
    return {"symbol": symbol, "longname": name, "quoteType": kind, "exchDisp": EXCHANGES[kind][1]}


def evening(day: date) -> datetime:
    """Six in the evening in New York, when the day's prices are final."""
    return datetime.combine(day, CLOSE, NEW_YORK) + timedelta(hours=2)
