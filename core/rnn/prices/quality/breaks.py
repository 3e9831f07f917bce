"""Moves that look like no returns: pence for pounds, splits that nobody adjusted for, prices of a few wrong days.

What a move looks like is one of `KINDS`. Such prices are trained on only after somebody has said that they are right. A move of
2:1 or more is asked about wherever it is close to the ratio of a split; one of 3:2 may be a crash, so it has to stand out, too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from core.errors import DoubtfulPrices
from core.rnn.prices.prices import Prices
from core.rnn.prices.sources import source_named
from core.system.dates import say_day

LEAST = np.log(1.9)  # a move, in logarithms, that may be more than one of the market
ALIKE = 0.08  # by how much it may differ from the ratio that it looks like: what the market did that day
BACK = 0.3  # by how much two moves there and back may differ, and no more than a quarter of the first
BLOCK, WRONG = 260, 5  # bars that a block is long at most, and what is called a few wrong ones
SPLITS = tuple((count, 1) for count in (2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100))
FRACTIONS = ((5, 4), (4, 3), (3, 2), (5, 3), (5, 2))  # splits that are asked about only where the move stands out
AROUND, FEWEST = 61, 60  # bars whose median move is the usual one in their middle, and that a series needs
CLOSE, LEAST_CLOSE = 2.5, 0.005  # by how much a move may differ from a fraction: in usual moves, at least, and at most `ALIKE`
FAR = 8.0  # usual moves that one that stands out has at least
STANDS_OUT = 4.0  # times as many usual moves as in any other move of the series
MOVES = "the price moves by"  # how a sentence on such moves begins
_HUNDRED = np.log(100.0)
_MOST = 3  # that are named


@dataclass(frozen=True)
class Move:
    """A large move into the bar `at`, in logarithms, and the bar into which the price moves back, if it does so soon."""

    at: int
    size: float
    back: int | None
    stands_out: bool = False


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
    ratios = SPLITS + (FRACTIONS if move.stands_out else ())
    more, fewer = min(ratios, key=lambda ratio: abs(np.log(ratio[0] / ratio[1]) - abs(move.size)))
    if move.back is not None or abs(np.log(more / fewer) - abs(move.size)) > ALIKE:
        return ""
    return f"a split of {f'{more}:{fewer}' if move.size < 0 else f'{fewer}:{more}'} that is not adjusted"


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


def outstanding(moves: np.ndarray, times: float = STANDS_OUT) -> np.ndarray:
    """Which moves (N,), in logarithms, are close to a split of `FRACTIONS` and `times` as large as any other of the series.

    Sizes are counted in usual moves: the median size of the bars around, as the standard deviation of a normal distribution.
    Other moves that are close to a fraction or at least `LEAST` do not count: there may be several splits.
    """
    sizes = np.abs(moves)
    distance = np.abs(sizes[:, None] - np.log([more / fewer for more, fewer in FRACTIONS])).min(axis=1)  # (N,)
    if len(moves) < FEWEST or not (distance <= ALIKE).any():
        return np.zeros(len(moves), bool)
    median = pd.Series(sizes).rolling(AROUND, center=True, min_periods=AROUND // 2).median().to_numpy()
    usual = np.maximum(1.4826 * median, 1e-4)  # a median of 0: a price that stands still most of the time
    close = (distance <= np.clip(CLOSE * usual, LEAST_CLOSE, ALIKE)) & (sizes >= FAR * usual)
    others = (sizes / usual)[~close & (sizes < LEAST)]
    return close & (sizes / usual >= times * others.max(initial=0.0))


def breaks_of(prices: Prices) -> tuple[Break, ...]:
    """The moves of some prices that look like none, oldest first; the way back of a block belongs to the way there."""
    moves = np.diff(np.log(prices.close))
    stand_out = outstanding(moves)
    large = (np.flatnonzero((np.abs(moves) >= LEAST) | stand_out) + 1).tolist()
    breaks, ways_back = list[Break](), set[int]()
    for at in large:
        if at in ways_back:
            continue
        size = float(moves[at - 1])
        apart = min(BACK, abs(size) / 4)
        back = next((to for to in large if at < to <= at + BLOCK and abs(moves[to - 1] + size) < apart), None)
        move = Move(at, size, back, bool(stand_out[at - 1]))
        looks_like = next(filter(None, (kind.looks_like(move) for kind in KINDS)), "")
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
    return f"{MOVES} {'; by '.join(one.text for one in breaks[:_MOST])}{more}"


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
