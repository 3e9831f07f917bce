"""Notes on the quality of a series of prices (gaps, jumps, unfinished sessions), one short sentence each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from core.rnn.prices.bar_sizes import A_YEAR, ADVERBS, BAR_SIZES, WEEKEND
from core.rnn.prices.calendars import HOLIDAYS, calendar_of, periods_a_year
from core.rnn.prices.prices import Prices
from core.rnn.prices.quality.bars import bar_notes, stale_note
from core.rnn.prices.quality.breaks import MOVES, breaks_of, outstanding, sentence_of
from core.rnn.prices.samples import SURVIVORS, SURVIVORSHIP
from core.rnn.prices.sources import source_named
from core.system.dates import say_day

JUMP = np.log(1.5)  # up by half or down by a third from one price to the next: a common split does that, correct prices seldom
NOTED = 1.5  # times as large as any other, of a smaller move that is close to the ratio of a split
LONG = 10  # days without a price; the longest that a big exchange stayed closed since 1950 were 6
_NAMED = 5  # days at most that are named; the others are counted


def caption_of(prices: Prices) -> str:
    """Where prices come from, how far they go and what they mean, in one line."""
    period = f"{say_day(prices.days[0])} to {say_day(prices.days[-1])}"
    often = () if prices.bar_size == "1d" else (BAR_SIZES[prices.bar_size],)
    return " · ".join([prices.symbol, *often, prices.origin or source_named(prices.source).origin, period, prices.basis])


def _constant_note(close: np.ndarray) -> tuple[str, ...]:
    """A price that never changes."""
    still = len(close) > 1 and bool((close == close[0]).all())
    return (f"every price is {close[0]:g}: there is nothing to forecast",) if still else ()


def _counted(things: np.ndarray, what: str) -> str:
    return f"{len(things):,} {what}{'s' * (len(things) > 1)}"


def _named(days: np.ndarray) -> str:
    more = f" and {len(days) - _NAMED:,} more" if len(days) > _NAMED else ""
    return ", ".join(map(say_day, days[:_NAMED].astype("datetime64[D]"))) + more


def _gap_note(gaps: np.ndarray, where: str) -> tuple[str, ...]:
    """The days, as days since 1970-01-01, on which a source lists no price."""
    return (f"{_counted(gaps, 'day')} without a price {where}: {_named(gaps)}",) if gaps.size else ()


def _frequency_note(prices: Prices) -> tuple[str, ...]:
    """That a file's prices are not daily: weeks, months, quarters, or at what distance they are."""
    if prices.bar_size != "1d" or prices.spacing <= WEEKEND:
        return ()
    if prices.bar not in A_YEAR:
        return (f"a price about every {prices.spacing:g} days, {periods_a_year(prices):g} a year",)
    return (f"{ADVERBS[prices.bar]} prices, {A_YEAR[prices.bar]:g} a year",)


def _jump_note(dates: np.ndarray, close: np.ndarray) -> tuple[str, ...]:
    """The largest of the moves that may be a split nobody adjusted for, though they need not be confirmed."""
    moves = np.diff(np.log(close))
    if not (large := np.flatnonzero((np.abs(moves) >= JUMP) | outstanding(moves, NOTED))).size:
        return ()
    most = large[np.argmax(np.abs(moves[large]))]
    more = f", and {len(large) - 1} more such moves" if len(large) > 1 else ""
    day = say_day(dates[most + 1].astype("datetime64[D]"))
    change = 100 * np.expm1(moves[most])
    return (f"{MOVES} {change:+.0f} % to {day}{more}: a split that is not adjusted, or an error, looks like this",)


def _hole_note(dates: np.ndarray) -> tuple[str, ...]:
    """The longest time without any price, where that is far longer than usual."""
    steps = np.diff(dates)
    if not steps.size or steps.max() <= max(LONG, 3 * np.median(steps)):
        return ()
    at = int(np.argmax(steps))
    first, last = (say_day(dates[place].astype("datetime64[D]")) for place in (at, at + 1))
    return (f"no price for {steps[at]:,} days, from {first} to {last}: the first return after that is one of many days",)


def notes_of(prices: Prices) -> tuple[str, ...]:
    """All notes on a series of prices but those on its calendar."""
    source = source_named(prices.source)
    closes_only = () if prices.has_ranges else ("closes only",)
    gaps = _gap_note(prices.gaps, "in the file" if source.from_file else f"at {source.title}")
    notes = closes_only + _frequency_note(prices) + gaps + _constant_note(prices.close)
    notes += bar_notes(prices) + stale_note(prices)
    if not source.verified:
        broken = breaks_of(prices)
        notes += (sentence_of(broken),) if broken else _jump_note(prices.dates, prices.close)
        notes += _hole_note(prices.dates)
    so_far = (prices.unfinished.text,) if prices.unfinished else ()
    return in_plain_words(notes + prices.facts + prices.fetch_notes + so_far)


def in_plain_words(notes: Sequence[str]) -> tuple[str, ...]:
    """Notes, of stored results too, as people read them."""
    return tuple(note.replace(SURVIVORS, SURVIVORSHIP) for note in notes)


def _session_note(missing: np.ndarray, surplus: np.ndarray, calendar: str) -> tuple[str, ...]:
    """Sessions of a calendar without a price, and prices on days that are none; both datetime64[D]."""
    lacking = f"{_counted(missing, 'session')} of {calendar} without a price: {_named(missing)}" if missing.size else ""
    extra = f"{_counted(surplus, 'price')} on days that are no session of {calendar}: {_named(surplus)}" if surplus.size else ""
    return tuple(filter(None, (lacking, extra)))


def calendar_notes(prices: Prices) -> tuple[str, ...]:
    """Sessions without a price, prices on days without a session, and what stands in for an unknown calendar."""
    calendar, days = calendar_of(prices), np.unique(prices.days)
    if prices.bar_size == "1d" and prices.bar in A_YEAR:  # a calendar of days says nothing about weeks and months
        return ()
    notes = tuple(filter(None, [calendar.note(days[0], days[-1])]))
    lost = 1 - len(days) / max(1, np.busday_count(days[0], days[-1] + 1))
    if calendar.reason and lost > HOLIDAYS and len(days) > 20:  # a few days may lie around Christmas
        notes += (f"{100 * lost:.0f} % of the weekdays from {say_day(days[0])} to {say_day(days[-1])} have no price",)
    if prices.bar_size == "1wk":  # made of days, so their dates are no sessions to compare
        return notes
    missing = np.setdiff1d(calendar.missing_sessions(days), prices.gaps.astype("datetime64[D]"))
    return notes + _session_note(missing, calendar.surplus(days), calendar.title)


def _late_note(prices: Prices, start: date | None) -> tuple[str, ...]:
    """A listing later than the period that was chosen."""
    if start is None or prices.days[0] - np.datetime64(start, "D") <= np.timedelta64(LONG, "D"):
        return ()
    return (f"the first price is that of {say_day(prices.days[0])}, the period begins on {say_day(start)}",)


def all_notes(prices: Prices, start: date | None = None) -> tuple[str, ...]:
    """What to know about prices that are to be used from a day on: their quality, their calendar, a late listing."""
    return notes_of(prices) + calendar_notes(prices) + _late_note(prices, start)


def notes_together(series: Sequence[Prices], start: date | None = None) -> tuple[str, ...]:
    """All notes on the prices of several tickers, each sentence once, behind the tickers that it is about."""
    symbols: dict[str, list[str]] = {}
    for prices in series:
        for note in all_notes(prices, start):
            symbols.setdefault(note, []).append(prices.symbol)
    return tuple(f"{_tickers(about, len(series))}: {note}" for note, about in symbols.items())


def _tickers(symbols: list[str], count: int) -> str:
    if count > 1 and len(symbols) == count:
        return f"all {count} tickers"
    more = f" and {len(symbols) - _NAMED} more" if len(symbols) > _NAMED else ""
    return ", ".join(symbols[:_NAMED]) + more
