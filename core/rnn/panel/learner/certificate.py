"""The causality certificate of a panel's models: no forecast may change when later prices do.

Every file is altered after a cutoff, the panel, the market and all inputs are built again from the altered files, and forecasts
made at or before the cutoff must stay the same to the last bit. A ticker whose exchange closes later than the forecaster's is
altered on the day of the cutoff, too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.rnn.dataset.panel import Panel
from core.rnn.panel.learner.learned import Learned
from core.rnn.prices.prices import Prices

CUTOFFS = (0.2, 0.7)  # shares of the test days at which files are altered
_WILD = 0.05  # standard deviation of an altered day's log return


class Certificate:
    """The panel beside panels that are built from altered files, for each cutoff and closing."""

    def __init__(self, panel: Panel, prices: Sequence[Prices], build: Callable[[Sequence[Prices]], Panel]) -> None:
        self.panel = panel
        self.altered = list[tuple[int, str, Panel]]()
        closings = dict.fromkeys(one.closing for one in panel.members)
        for number, share in enumerate(CUTOFFS):
            row = panel.test_start + int(share * (len(panel) - panel.test_start))
            for closing in closings:
                later = {one.symbol for one in panel.members if not closing or one.closing != closing}
                files = [
                    altered(one, panel.days[row], one.symbol in later, 1000 * number + place)
                    for place, one in enumerate(prices)
                ]
                self.altered.append((row, closing, build(files)))

    def holds(self, learned: Learned) -> bool:
        """Whether a fitted model's forecasts stay, bit by bit."""
        first = self.panel.test_start
        forecasts = learned.test(self.panel, first)
        for row, closing, changed in self.altered:
            mine = [one.closing == closing for one in self.panel.members]
            known = self.panel.origins[first:][:, mine] <= row  # forecasts made at or before the cutoff
            before, after = (matrix[:-1][:, mine][known] for matrix in (forecasts, learned.test(changed, first)))
            if not np.array_equal(before, after, equal_nan=True):
                return False
        return True


def altered(prices: Prices, day: np.datetime64, included: bool, seed: int) -> Prices:
    """The same days with other prices after a day, or from it on, where it is `included`."""
    moments = prices.moments
    later = moments >= day if included else moments > day
    steps = np.random.default_rng(seed).normal(0, _WILD, len(moments))
    factor = np.exp(np.cumsum(np.where(later, steps, 0.0)))
    columns = {name: getattr(prices, name) for name in ("close", "open", "high", "low")}
    return prices.model_copy(update={name: values * factor for name, values in columns.items() if values.size})
