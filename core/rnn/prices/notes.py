"""What a reader should know about a series of prices before believing it, one short sentence each."""

from __future__ import annotations

import numpy as np

from core.rnn.words import say_day

JUMP = np.log(1.5)  # up by half or down by a third from one price to the next: common splits do that, sound prices seldom
LONG = 10  # days without a price; the longest that a big exchange stayed closed since 1950 were 6
_NAMED = 5  # so many days are named, the others counted


def gap_note(gaps: np.ndarray, source: str) -> tuple[str, ...]:
    """The days, as days since 1970-01-01, on which a source lists no price."""
    return (f"{_counted(gaps, 'day')} without a price at {source}: {_named(gaps)}",) if gaps.size else ()


def constant_note(close: np.ndarray) -> tuple[str, ...]:
    """A price that never changes."""
    still = len(close) > 1 and bool((close == close[0]).all())
    return (f"every price is {close[0]:g}: there is nothing to forecast",) if still else ()


def jump_note(dates: np.ndarray, close: np.ndarray) -> tuple[str, ...]:
    """The largest of the moves that look like a split nobody adjusted for."""
    moves = np.diff(np.log(close))
    if not (large := np.flatnonzero(np.abs(moves) >= JUMP)).size:
        return ()
    most = large[np.argmax(np.abs(moves[large]))]
    more = f", and {len(large) - 1} more such moves" if len(large) > 1 else ""
    day = say_day(dates[most + 1].astype("datetime64[D]"))
    change = 100 * np.expm1(moves[most])
    return (f"the price moves by {change:+.0f} % to {day}{more}: a split that is not adjusted, or an error, looks like this",)


def hole_note(dates: np.ndarray) -> tuple[str, ...]:
    """The longest time without any price, where that is far longer than usual."""
    steps = np.diff(dates)
    if not steps.size or steps.max() <= max(LONG, 3 * np.median(steps)):
        return ()
    at = int(np.argmax(steps))
    first, last = (say_day(dates[place].astype("datetime64[D]")) for place in (at, at + 1))
    return (f"no price for {steps[at]:,} days, from {first} to {last}: the first return after that is one of many days",)


def session_note(missing: np.ndarray, surplus: np.ndarray, calendar: str) -> tuple[str, ...]:
    """Sessions of a calendar without a price, and prices on days that are none; both datetime64[D]."""
    lacking = f"{_counted(missing, 'session')} of {calendar} without a price: {_named(missing)}" if missing.size else ""
    extra = f"{_counted(surplus, 'price')} on days that are no session of {calendar}: {_named(surplus)}" if surplus.size else ""
    return tuple(filter(None, (lacking, extra)))


def _counted(things: np.ndarray, what: str) -> str:
    return f"{len(things):,} {what}{'s' * (len(things) > 1)}"


def _named(days: np.ndarray) -> str:
    more = f" and {len(days) - _NAMED:,} more" if len(days) > _NAMED else ""
    return ", ".join(map(say_day, days[:_NAMED].astype("datetime64[D]"))) + more
