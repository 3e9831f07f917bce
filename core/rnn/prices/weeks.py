"""Weekly bars, made of daily ones."""

from __future__ import annotations

import numpy as np

from core.errors import InvalidRequest, NoData
from core.rnn.prices.bar_sizes import ADVERBS, BAR_SIZES, WEEKEND, BarSize
from core.rnn.prices.calendars import calendar_of
from core.rnn.prices.prices import Prices
from core.system.dates import say_day

WEEKS = "weeks are made of daily prices"
_OF_A_WEEK = {"high": np.maximum, "low": np.minimum, "volume": np.add}


def _next_session(prices: Prices) -> int:
    """The first day after these prices on which there is trading, in days since 1970-01-01."""
    return int(calendar_of(prices).next_sessions(prices.days[-1], 1)[0].astype(np.int64))


def weekly(daily: Prices) -> Prices:
    """One bar a week, Monday to Sunday, dated by its last trading day.

    A week that is not over is left out: the next session of the calendar would still belong to it. A high, low or volume
    that is unknown on one day is unknown for its week. NoData when no whole week remains.
    """
    if daily.bar_size != "1d":
        raise InvalidRequest(f"{WEEKS}, and these are {BAR_SIZES[daily.bar_size]}")
    if daily.spacing > WEEKEND and daily.bar != "week":
        often = ADVERBS.get(daily.bar, "thinner")
        raise InvalidRequest(f"{WEEKS}, and {daily.symbol} has {often} ones; choose daily bars, which takes them as they are")
    weeks = (daily.dates + 3) // 7  # 1970-01-01 was a Thursday
    last = np.flatnonzero(np.diff(weeks, append=weeks[-1] + 1))
    first = np.concatenate([[0], last[:-1] + 1])
    running = _next_session(daily) <= weeks[-1] * 7 + 3  # the Sunday of the last week
    whole = slice(0, len(last) - 1 if running else len(last))
    if len(last[whole]) == 0:
        raise NoData(f"{daily.symbol} has not one whole week of prices; they run from {daily.days[0]} to {daily.days[-1]}")
    joined = {name: how.reduceat(values, first) for name, how in _OF_A_WEEK.items() if (values := getattr(daily, name)).size}
    joined |= {"open": daily.open[first]} if daily.open.size else {}
    joined |= {"dates": daily.dates[last], "close": daily.close[last]}
    monday = say_day((weeks[-1] * 7 - 3).astype("datetime64[D]"))
    notes = (f"the week of {monday} is not over and left out",) if running else ()
    return daily.model_copy(
        update={name: values[whole] for name, values in joined.items()}
        | {"bar_size": "1wk", "facts": (*daily.facts, WEEKS), "fetch_notes": daily.fetch_notes + notes}
    )


def in_bars(daily: Prices, bar_size: BarSize) -> Prices:
    """Prices as they are, or weekly ones made of daily ones."""
    return weekly(daily) if bar_size == "1wk" else daily
