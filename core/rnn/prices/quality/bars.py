"""Bars that cannot be: low ≤ open, close ≤ high holds for every bar that was traded, whatever the source.

A few bars that break it are widened to hold all of their prices, and told. Where more than a few do, or where the opens are
copies of the closes, measures of the range are refused: they would be biased, or negative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import InvalidRequest
from core.rnn.prices.prices import Prices
from core.system.dates import say_day

ROUNDING = 1e-6  # relative: by so much a price may be outside its range after adjustment
TOLD = 1e-3  # relative: from here on a bar is said to contradict itself
FEW, FEW_SHARE = 3, 0.01  # bars that may, or a share of them
COPIES = 0.5  # share of bars that open at their close from which on the opens are no opens
STALE = 10  # bars at one price


@dataclass(frozen=True)
class Ranges:
    """The bars of some prices, (N,), beside what is wrong with them."""

    outside: np.ndarray  # by how much a price is outside its range, relative; 0 where none is or the bar is not whole
    high: np.ndarray  # widened where it has to be
    low: np.ndarray
    swapped: np.ndarray  # whether the high is below the low
    copied: float  # share of the bars that open at their close though they moved

    @property
    def contradictions(self) -> np.ndarray:
        """Which bars contradict themselves."""
        return self.outside > TOLD

    @property
    def too_many(self) -> bool:
        return int(self.contradictions.sum()) > max(FEW, FEW_SHARE * len(self.outside))


def ranges_of(prices: Prices) -> Ranges:
    """The bars of prices with highs and lows."""
    high, low = prices.high, prices.low if prices.low.size else prices.high
    inner = [values for values in (prices.open, prices.close) if values.size]
    top, bottom = np.fmax.reduce([*inner, high, low]), np.fmin.reduce([*inner, high, low])
    with np.errstate(invalid="ignore", divide="ignore"):
        outside = np.nan_to_num(np.maximum(top / high, low / bottom) - 1, nan=0.0, posinf=0.0)
    wide = (outside > ROUNDING) & np.isfinite(high) & np.isfinite(low)
    moved = (high > low) & np.isfinite(prices.open if prices.open.size else high)
    copied = float((prices.open == prices.close)[moved].mean()) if prices.open.size and moved.any() else 0.0
    return Ranges(np.where(wide, outside, 0.0), np.where(wide, top, high), np.where(wide, bottom, low), high < low, copied)


def usable_column(prices: Prices, name: str, purpose: str, since: int = 0) -> np.ndarray:
    """A column that has a value on every day from the bar `since` on, highs and lows widened where a few bars need it.

    InvalidRequest says on which days it has values, or why the bars cannot be used for this.
    """
    values = _possible(prices, name, purpose) if name in ("open", "high", "low") else getattr(prices, name)
    usable = np.isfinite(values) & (values > 0)
    usable[:since] |= usable[since:].any()
    if not usable.any():
        raise InvalidRequest(f"{prices.symbol} has no {name} in this period, which {purpose} needs; choose another input")
    if not usable.all():
        first, last = (say_day(prices.days[usable][place]) for place in (0, -1))
        raise InvalidRequest(
            f"{prices.symbol} lacks the {name} on {(~usable).sum():,} days of this period, which {purpose} needs; "
            f"it is known from {first} to {last}: choose a period inside"
        )
    return values


def _possible(prices: Prices, name: str, purpose: str) -> np.ndarray:
    """Opens, highs or lows of bars that can be; InvalidRequest where too many cannot."""
    if not prices.high.size:
        return getattr(prices, name)
    ranges = ranges_of(prices)
    if ranges.too_many:
        raise InvalidRequest(f"{prices.symbol}: {_contradiction(prices, ranges)}, so {purpose} cannot be had; correct them")
    if name == "open" and ranges.copied > COPIES:
        raise InvalidRequest(
            f"{prices.symbol}: {_copies(prices, ranges)}, so {purpose} would be biased; choose Parkinson's measure"
        )
    return {"open": prices.open, "high": ranges.high, "low": ranges.low}[name]


def _contradiction(prices: Prices, ranges: Ranges) -> str:
    wrong = ranges.contradictions
    count, day = int(wrong.sum()), say_day(prices.days[int(np.argmax(wrong))])
    swapped = ", as if highs and lows were swapped" if ranges.swapped[wrong].mean() > 0.9 else ""
    bars = f"{count:,} {prices.bar}{'s' * (count > 1)}"
    return f"on {bars}, the first {day}, a price lies outside the range from low to high{swapped}"


def _copies(prices: Prices, ranges: Ranges) -> str:
    return f"the open equals the close on {100 * ranges.copied:.0f} % of the {prices.bar}s that moved: it is a copy"


def bar_notes(prices: Prices) -> tuple[str, ...]:
    """What is wrong with the bars of some prices, a sentence each."""
    if not prices.high.size:
        return ()
    ranges = ranges_of(prices)
    notes = tuple[str, ...]()
    if ranges.contradictions.any():
        then = "measures of the range cannot be had" if ranges.too_many else "their ranges are widened to hold all prices"
        notes += (f"{_contradiction(prices, ranges)}; {then}",)
    return notes + ((_copies(prices, ranges),) if ranges.copied > COPIES else ())


def stale_note(prices: Prices) -> tuple[str, ...]:
    """The longest time at one price, where that is long and the price moves otherwise."""
    close = prices.close
    moves = np.flatnonzero(np.diff(close)) + 1
    starts = np.concatenate([[0], moves])
    lengths = np.diff(np.append(starts, len(close)))
    at = int(np.argmax(lengths))
    if lengths[at] < STALE or lengths[at] == len(close):
        return ()
    first, last = (say_day(prices.days[place]) for place in (starts[at], starts[at] + lengths[at] - 1))
    still = f"the price stays at {close[starts[at]]:,.6g} for {lengths[at]:,} {prices.bar}s, from {first} to {last}"
    return (f"{still}: stale, or not traded",)
