"""On which days a ticker trades: its exchange's sessions, five days a week, or all seven.

Sessions are those of exchange_calendars, which knows holidays and the closures of the past. Where it has no calendar for an
exchange, or none for some years, weekdays stand in and `note` says so. Days are datetime64[D] throughout.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from core.rnn.prices.bar_sizes import A_YEAR, MINUTES, WEEKEND
from core.rnn.prices.prices import Prices
from core.rnn.prices.sources import source_named
from core.system.dates import say_day

WEEKDAYS, EVERY_DAY = "weekdays", "every day"
NEW_YORK = "XNYS"  # where nothing points to another exchange
TITLES = {WEEKDAYS: "Monday to Friday", EVERY_DAY: "all seven days"}
_EXCHANGES = """
XNYS NYQ NYS NMS NGM NCM NAS NIM ASE PCX BTS PNK OQB OQX OEM SNP DJI | XCBF CBO CXI WCB
XETR GER .DE | XFRA FRA MUN BER .F .MU .BE | XSTU STU .SG | XDUS DUS .DU | XHAM HAM .HM
XLON LSE IOB FGI .L .IL | XPAR PAR .PA | XAMS AMS .AS | XBRU BRU .BR | XLIS LIS .LS | XDUB ISE .IR
XMIL MIL .MI | XMAD MCE .MC | XSWX EBS VTX .SW | XWBO VIE .VI | XSTO STO .ST | XCSE CPH .CO | XHEL HEL .HE | XOSL OSL .OL
XICE ICE .IC | ASEX ATH .AT | XWAR WSE .WA | XPRA PRA .PR | XBUD BUD .BD | XIST IST .IS | XTAE TLV .TA | XSAU SAU .SR
XJSE JNB .JO | XTSE TOR NEO CNQ .TO .NE .CN | XTSX VAN .V | XMEX MEX .MX | BVMF SAO .SA | XBUE BUE .BA | XSGO SGO .SN
XTKS JPX OSA TYO .T | XHKG HKG .HK | XSHG SHH SHZ .SS .SZ | XTAI TAI TWO .TW .TWO | XKRX KSC KOE .KS .KQ
XBOM BSE NSI .BO .NS | XSES SES .SI | XKLS KLS .KL | XIDX JKT .JK | XBKK SET .BK | XASX ASX .AX | XNZE NZE .NZ
CMES CME CBT NYM CMX NYB CFE =F
every day CCC
weekdays CCY =X
"""  # calendar, Yahoo's codes of its exchanges, and how its tickers end at Yahoo
_INDICES = {
    "^GDAXI": "XETR", "^MDAXI": "XETR", "^STOXX50E": "XETR", "^STOXX": "XETR", "^FTSE": "XLON", "^FTMC": "XLON",
    "^FCHI": "XPAR", "^AEX": "XAMS", "^BFX": "XBRU", "^IBEX": "XMAD", "^SSMI": "XSWX", "^ATX": "XWBO", "^N225": "XTKS",
    "^HSI": "XHKG", "^KS11": "XKRX", "^TWII": "XTAI", "^BSESN": "XBOM", "^NSEI": "XBOM", "^AXJO": "XASX", "^GSPTSE": "XTSE",
    "^BVSP": "BVMF", "^MXX": "XMEX", "^STI": "XSES", "^VIX": "XCBF",
}  # fmt: skip
CLOSE_UNKNOWN = {WEEKDAYS, "CMES", "XFRA", "XSTU", "XDUS", "XHAM"}  # some of their prices are of another hour than their close
_CRYPTO = re.compile(r"[A-Z0-9]+-(USD|EUR|GBP|JPY|CAD|AUD|KRW|INR|BTC|ETH|USDT)")
_YEAR = 365.2425  # days
SEVEN_DAYS = 0.2  # share of weekends above which prices are taken to come on all days: two of seven are 0.29
_ENOUGH = 30  # days with prices from which on their number a year can be told
HOLIDAYS = 0.08  # no exchange is closed on a larger share of the weekdays
EARLIEST, LATEST = np.datetime64("1950-01-01"), np.datetime64("2100-12-31")  # of calendars that name no bounds


def _rows() -> dict[str, str]:
    """Yahoo's code or ending -> calendar."""
    calendars: dict[str, str] = {}
    for row in _EXCHANGES.replace("|", "\n").split("\n"):
        name = next((title for title in TITLES if row.strip().startswith(title)), row.split()[0] if row.split() else "")
        calendars |= dict.fromkeys(row.strip().removeprefix(name).split(), name)
    return calendars


BY_EXCHANGE = _rows()


@cache
def _bounds(name: str) -> tuple[np.datetime64, np.datetime64] | None:
    """The first and last day that a calendar of exchange_calendars covers; None for `WEEKDAYS` and `EVERY_DAY`."""
    if name in TITLES:
        return None
    from exchange_calendars import get_calendar

    calendar = type(get_calendar(name))
    first, last = calendar.bound_min(), calendar.bound_max()
    return (
        EARLIEST if first is None else first.to_datetime64().astype("datetime64[D]"),
        LATEST if last is None else last.to_datetime64().astype("datetime64[D]"),
    )


def _decades(days: np.ndarray) -> tuple[int, int]:
    """The decades that days lie in, as first and last year: the unit in which schedules are cached."""
    first, last = (int(str(day)[:4]) // 10 * 10 for day in (days.min(), days.max()))
    return first, last + 9


@cache
def _schedule(name: str, first: int, last: int) -> tuple[np.ndarray, np.ndarray, str]:
    """All sessions of some years that the calendar covers, when each closes by the exchange's clock, [s], and its time zone."""
    from exchange_calendars import get_calendar

    bounds = _bounds(name)
    assert bounds  # not for WEEKDAYS and EVERY_DAY
    start = max(bounds[0], np.datetime64(f"{first}-01-01"))
    end = min(bounds[1], np.datetime64(f"{last}-12-31"))
    calendar = get_calendar(name, start=str(start), end=str(end))
    closes = calendar.closes.dt.tz_convert(calendar.tz).dt.tz_localize(None)
    return closes.index.to_numpy().astype("datetime64[D]"), closes.to_numpy().astype("datetime64[s]"), str(calendar.tz)


@dataclass(frozen=True)
class Calendar:
    """The days on which something trades. `name` is one of exchange_calendars, `WEEKDAYS` or `EVERY_DAY`."""

    name: str
    reason: str = ""  # why weekdays stand in, where they do

    @property
    def title(self) -> str:
        """The calendar as it stands in a sentence."""
        return TITLES.get(self.name, self.name)

    def next_sessions(self, last: np.datetime64, count: int) -> np.ndarray:
        """The first `count` sessions after a day, (count,)."""
        after = last.astype("datetime64[D]") + 1
        days = after + np.arange(2 * count + 40)
        return days[self._trades(days)][:count]

    def missing_sessions(self, days: np.ndarray) -> np.ndarray:
        """The sessions from the first to the last of some days that are not among them, as far as the calendar covers."""
        all_days = np.arange(days[0], days[-1] + 1, dtype="datetime64[D]")
        covered = self._covers(all_days)
        return np.setdiff1d(all_days[covered & self._trades(all_days)], days)

    def surplus(self, days: np.ndarray) -> np.ndarray:
        """The days that are no session, as far as the calendar covers."""
        return days[self._covers(days) & ~self._trades(days)]

    def closes(self, days: np.ndarray) -> np.ndarray:
        """When trading ends on each of some days, UTC, datetime64[s] (N,); NaT where that is unknown.

        Early closes and summer time are those of the exchange; a day that is no session ends like those around it. What
        trades on all days has days of UTC.
        """
        if self.name == EVERY_DAY:
            return (days + 1).astype("datetime64[s]")
        closes = np.full(len(days), np.datetime64("NaT", "s"))
        covered = self._covers(days)
        if self.name in CLOSE_UNKNOWN or not covered.any():
            return closes
        sessions, ends, zone = _schedule(self.name, *_decades(days[covered]))
        at = np.searchsorted(sessions, days)
        places = np.clip(at + np.arange(-2, 2)[:, None], 0, len(sessions) - 1)  # (4, N); the third is the day's own
        usual = (ends - sessions)[places]  # from midnight to the close
        local = days + np.where(sessions[places[2]] == days, usual[2], usual.max(0))
        utc = pd.DatetimeIndex(local).tz_localize(zone).tz_convert("UTC").tz_localize(None)
        return np.where(covered, utc.to_numpy().astype("datetime64[s]"), closes)

    def days_a_year(self, last: np.datetime64) -> float:
        """Sessions a year, the mean of the ten years that end with a day."""
        days = last.astype("datetime64[D]") - np.arange(round(10 * _YEAR))
        days = days[self._covers(days)] if self._covers(days).any() else days
        return round(float(self._trades(days).mean() * _YEAR), 1)

    def note(self, first: np.datetime64, last: np.datetime64) -> str:
        """What to know about this calendar between two days; empty when there is nothing."""
        if self.reason:
            return f"{self.reason}; {TITLES[self.name]} stand in"
        if (bounds := _bounds(self.name)) is None:
            return ""
        sides = ((first < bounds[0], "before", bounds[0]), (last > bounds[1], "after", bounds[1]))
        unknown = " and ".join(f"{side} {say_day(bound)}" for beyond, side, bound in sides if beyond)
        return f"the calendar of {self.name} says nothing {unknown}; weekdays stand in there" if unknown else ""

    def _covers(self, days: np.ndarray) -> np.ndarray:
        """Whether the calendar covers each of some days; weekdays that stand in cover none."""
        bounds = _bounds(self.name)
        return np.full(len(days), not self.reason) if bounds is None else (bounds[0] <= days) & (days <= bounds[1])

    def _trades(self, days: np.ndarray) -> np.ndarray:
        """Whether each of some days is a session; by weekday where the calendar does not say."""
        if self.name == EVERY_DAY:
            return np.ones(len(days), bool)
        weekdays = np.is_busday(days)
        if self.name == WEEKDAYS:
            return weekdays
        covered = self._covers(days)
        sessions = _schedule(self.name, *_decades(days[covered]))[0] if covered.any() else days[:0]
        return np.where(covered, np.isin(days, sessions), weekdays)


@cache
def calendar_named(name: str) -> Calendar:
    """The calendar of a name, or weekdays where the library has none of that name or cannot make it."""
    if name in TITLES:
        return Calendar(name)
    from exchange_calendars.errors import CalendarError, InvalidCalendarName

    try:
        _bounds(name)
    except InvalidCalendarName:
        return Calendar(WEEKDAYS, f"no calendar is known for exchange {name}")
    except (CalendarError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):  # some fail with new pandas
        return Calendar(WEEKDAYS, f"the calendar of {name} cannot be used")
    return Calendar(name)


def _calendar_by(days: np.ndarray) -> Calendar:
    """The calendar by the days of prices: every day, or New York's where no price is on one of its holidays; else weekdays."""
    if 1 - np.is_busday(days).mean() > SEVEN_DAYS:
        return Calendar(EVERY_DAY)
    usual = calendar_named(NEW_YORK)
    if len(days) >= 250 and not usual.surplus(days).size:
        return usual
    return Calendar(WEEKDAYS, "the exchange of these prices is not known")


def calendar_name(symbol: str, exchange: str = "", kind: str = "") -> str:
    """The calendar of a ticker at Yahoo, by its kind and Yahoo's code of the exchange, else by how the ticker is written.

    An unknown exchange is its own name: `calendar_named` says what stands in for it.
    """
    if kind == "CRYPTOCURRENCY" or _CRYPTO.fullmatch(symbol):
        return EVERY_DAY
    if kind == "CURRENCY":
        return WEEKDAYS
    ending = symbol[at:] if (at := max(symbol.rfind("."), symbol.rfind("="))) > 0 else ""
    for code in (exchange, ending):
        if code in BY_EXCHANGE:
            return BY_EXCHANGE[code]
    return _INDICES.get(symbol) or exchange or ending or NEW_YORK


def _by_exchange(prices: Prices) -> Calendar | None:
    """The calendar that prices name, else that of their ticker; None where neither says on which exchange they were paid."""
    if prices.calendar:
        return calendar_named(prices.calendar)
    return None if source_named(prices.source).calendar_from == "days" else calendar_named(calendar_name(prices.symbol))


def calendar_of(prices: Prices) -> Calendar:
    """The calendar of the exchange or, where their source does not say which it is, that of the days with prices."""
    return _by_exchange(prices) or _calendar_by(np.unique(prices.days))


def closes(prices: Prices) -> np.ndarray:
    """When each bar ended, UTC, datetime64[s] (N,); NaT where that is unknown.

    A bar inside a day ends after its minutes or with the session, a day with its session, a week with its last one. Days of
    a file may be of any exchange, even where they lack the holidays of one, so their ends are unknown.
    """
    calendar = _by_exchange(prices)
    ends = calendar.closes(prices.days) if calendar else np.full(len(prices.dates), np.datetime64("NaT", "s"))
    if prices.times is None:
        return ends
    begins = prices.times.astype("datetime64[s]")
    if not prices.zone:  # by a clock that nobody knows
        return np.full(len(prices.dates), np.datetime64("NaT", "s"))
    full = begins + np.timedelta64(MINUTES[prices.bar_size], "m")
    return np.where(begins < ends, np.minimum(full, ends), full)


def periods_a_year(prices: Prices) -> float:
    """Bars a year: what a mean return is multiplied by, and a volatility by the root of.

    Weeks, months and quarters have their number. Where prices are otherwise further apart than a weekend, or no calendar is
    known, as many as their own dates come to.
    """
    if prices.bar in A_YEAR:
        return A_YEAR[prices.bar]
    calendar, (days, bars) = calendar_of(prices), np.unique(prices.dates, return_counts=True)
    by_dates = len(days) > 1 and (prices.spacing > WEEKEND or (len(days) > _ENOUGH and calendar.reason))
    own = _YEAR * (len(days) - 1) / float(days[-1] - days[0]) if by_dates else calendar.days_a_year(prices.days[-1])
    return round(float(np.median(bars) * own), 1)
