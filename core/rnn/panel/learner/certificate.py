"""The causality certificate of a panel's models: no forecast may change when later prices do.

Every file is altered after a reader's close, from the first of its bars on that is not over then; the panel, the market and all
inputs are built again from the altered files, and what that reader forecast until then must stay the same to the last bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.rnn.dataset.another_future import bars_over, with_another_future
from core.rnn.dataset.panel import Member, Panel
from core.rnn.panel.learner.learned import Learned
from core.rnn.prices.prices import Prices

CUTOFFS = (0.2, 0.7)  # shares of the test days at which files are altered


@dataclass(frozen=True)
class _Altered:
    """A panel built from files that were altered after a row, as the readers among its columns can know them there."""

    row: int
    readers: np.ndarray  # (N,) bool
    panel: Panel


class Certificate:
    """A panel beside panels that are built from altered files: for every cutoff, and for tickers that close together."""

    def __init__(self, panel: Panel, files: Sequence[Prices], build: Callable[[Sequence[Prices]], Panel]) -> None:
        self.panel = panel
        by_symbol = {one.symbol: one for one in files}
        taking_part = [by_symbol[symbol] for symbol in panel.symbols]
        self._altered = [
            self._altered_at(int(row), reader, taking_part, build, number)
            for number, row in enumerate(panel.test_start + share * (len(panel) - panel.test_start) for share in CUTOFFS)
            for reader in _readers(panel, number)
        ]

    def _altered_at(
        self, row: int, reader: int, files: list[Prices], build: Callable[[Sequence[Prices]], Panel], seed: int
    ) -> _Altered:
        member = self.panel.members[reader]
        own = max(0, int(np.searchsorted(member.places, row, "right")) - 1)  # its last own day until the row
        bar = own + 1  # of its prices, which begin a day earlier
        kept = [bar + 1 if place == reader else bars_over(one, files[reader], bar) for place, one in enumerate(files)]
        readers = np.array([place == reader or _together(one, member) for place, one in enumerate(self.panel.members)])
        changed = [
            with_another_future(one, max(1, count), 1000 * seed + place)
            for place, (one, count) in enumerate(zip(files, kept, strict=True))
        ]
        return _Altered(int(member.places[own]), readers, build(changed))

    def holds(self, learned: Learned) -> bool:
        """Whether a fitted model's forecasts stay, bit by bit."""
        first = self.panel.test_start
        forecasts = learned.test(self.panel, first)[:-1]
        for one in self._altered:
            then = self.panel.origins[first:][:, one.readers] <= one.row  # forecasts made until the cutoff
            before, after = (matrix[:, one.readers][then] for matrix in (forecasts, learned.test(one.panel, first)[:-1]))
            if not np.array_equal(before, after, equal_nan=True):
                return False
        return True


def _readers(panel: Panel, number: int) -> Iterator[int]:
    """A ticker of every closing; of those whose closing is unknown another one at each cutoff."""
    unknown = [place for place, one in enumerate(panel.members) if not one.closing]
    if unknown:
        yield unknown[number % len(unknown)]
    closings = {one.closing: place for place, one in enumerate(panel.members) if one.closing}
    yield from closings.values()


def _together(one: Member, other: Member) -> bool:
    """Whether two tickers are known to close at the same moments."""
    return bool(one.closing) and one.closing == other.closing
