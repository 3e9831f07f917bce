"""Moves that look like no returns: pence for pounds, splits that nobody adjusted for, prices of a few wrong days.

What a move looks like is one of `KINDS`. Such prices are trained on only after somebody has said that they are right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np

from core.errors import DoubtfulPrices
from core.rnn.prices.prices import Prices
from core.rnn.prices.sources import source_named
from core.rnn.words import say_day

LEAST = np.log(1.9)  # a move, in logarithms, that may be more than one of the market
ALIKE = 0.08  # by how much it may differ from the ratio that it looks like: what the market did that day
BACK = 0.3  # by how much two moves there and back may differ
BLOCK, WRONG = 260, 5  # bars that a block is long at most, and what is called a few wrong ones
SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100)
_HUNDRED = np.log(100.0)
_MOST = 3  # that are named


@dataclass(frozen=True)
class Move:
    """A large move into the bar `at`, in logarithms, and the bar into which the price moves back, if it does so soon."""

    at: int
    size: float
    back: int | None


@dataclass(frozen=True)
class Kind:
    """What a move may look like: in words, "" where it does not."""

    title: str
    looks_like: Callable[[Move], str]


def _pence(move: Move) -> str:
    if abs(abs(move.size) - _HUNDRED) > BACK:
        return ""
    return "pounds after pence" if move.size < 0 else "pence after pounds"


def _wrong(move: Move) -> str:
    if move.back is None or move.back - move.at > WRONG:
        return ""
    return "a wrong price" if move.back - move.at == 1 else f"{move.back - move.at} wrong prices"


def _split(move: Move) -> str:
    ratio = min(SPLITS, key=lambda one: abs(np.log(one) - abs(move.size)))
    if move.back is not None or abs(np.log(ratio) - abs(move.size)) > ALIKE:
        return ""
    return f"a split of {f'{ratio}:1' if move.size < 0 else f'1:{ratio}'} that is not adjusted"


KINDS = (Kind("pence and pounds", _pence), Kind("wrong prices", _wrong), Kind("splits", _split))


@dataclass(frozen=True)
class Break:
    """A move that looks like no return."""

    day: np.datetime64  # of the first price after it
    change: float  # a share
    looks_like: str  # "a split of 4:1 that is not adjusted"
    until: np.datetime64 | None  # the first day after it at the former level

    @property
    def text(self) -> str:
        back = f", and back on {say_day(self.until)}" if self.until is not None else ""
        return f"{100 * self.change:+,.0f} % on {say_day(self.day)}{back}, like {self.looks_like}"

    @property
    def after(self) -> np.datetime64:
        """The first day that it does not touch."""
        return self.day if self.until is None else self.until


def breaks_of(prices: Prices) -> tuple[Break, ...]:
    """The moves of some prices that look like none, oldest first; the way back of a block belongs to the way there."""
    moves = np.diff(np.log(prices.close))
    large = (np.flatnonzero(np.abs(moves) >= LEAST) + 1).tolist()
    breaks, ways_back = list[Break](), set[int]()
    for at in large:
        if at in ways_back:
            continue
        size = float(moves[at - 1])
        back = next((to for to in large if at < to <= at + BLOCK and abs(moves[to - 1] + size) < BACK), None)
        looks_like = next(filter(None, (kind.looks_like(Move(at, size, back)) for kind in KINDS)), "")
        if looks_like:
            ways_back |= {back} if back is not None else set()
            until = None if back is None else prices.days[back]
            breaks.append(Break(prices.days[at], float(np.expm1(size)), looks_like, until))
    return tuple(breaks)


def doubt_about(prices: Prices, start: date | None = None, end: date | None = None) -> str:
    """What has to be confirmed before prices of a period are trained on, in a sentence; "" where nothing has.

    Prices that ship with the lab were checked.
    """
    if source_named(prices.source).verified:
        return ""
    return sentence_of(breaks_of(prices.between(start, end)))


def sentence_of(breaks: tuple[Break, ...]) -> str:
    """Some breaks in a sentence; "" where there are none."""
    if not breaks:
        return ""
    more = f"; and {len(breaks) - _MOST:,} more such moves" if len(breaks) > _MOST else ""
    return f"the price moves by {'; by '.join(one.text for one in breaks[:_MOST])}{more}"


def taken_as_they_are(prices: Prices, symbol: str, start: date | None, end: date | None, confirmed: bool) -> bool:
    """Whether prices are trained on though they hold moves that look like no returns, because somebody has said that they are
    right; DoubtfulPrices, under the symbol that a request gives them, where nobody has. A request's check asks this, whichever
    way the request comes in."""
    doubt = doubt_about(prices, start, end)
    if doubt and not confirmed:
        day = say_day(breaks_of(prices.between(start, end))[-1].after)
        raise DoubtfulPrices(
            f"{symbol}: {doubt}; if the prices are right, say so (on the command line with --as-they-are), else begin on {day}",
            symbol,
        )
    return bool(doubt)
