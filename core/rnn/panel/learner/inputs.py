"""What pooled models read of each ticker on each day: its own moves, the market's, and further inputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from core.rnn.dataset.features import CLIP, QUIET, Scaler
from core.rnn.dataset.market import Market, market_of
from core.rnn.dataset.panel import Member, Panel
from core.rnn.dataset.trailing import trailing
from core.rnn.panel.learner.recipes import InputName


class Inputs:
    """The inputs of one panel. The market counts all its tickers but one; it is computed once for each closing."""

    def __init__(self, panel: Panel, without: str = "") -> None:
        self.panel, self.without = panel, without
        self._markets: dict[str, Market] = {}
        self._scalers = {one.symbol: Scaler.fit(one.series.sizes, one.training) for one in panel.members}

    def market(self, member: Member) -> Market:
        """The market as a ticker knows it at its close."""
        if member.closing not in self._markets:
            self._markets[member.closing] = market_of(self.panel, member.closing, self.without)
        return self._markets[member.closing]

    def levels(self, member: Member) -> np.ndarray:
        """The ticker's running mean size before its first own day and after each, (T_i + 1,)."""
        return self._scalers[member.symbol].levels(member.series.sizes)

    def units(self, member: Member) -> np.ndarray:
        """The unit of forecasts before the first own day and after each, (T_i + 1,): the level, or 1 for probabilities."""
        return self.levels(member) if self.panel.target.in_levels else np.ones(len(member.series) + 1)

    def features(self, member: Member, names: tuple[InputName, ...]) -> np.ndarray:
        """What a network reads on each own day, float32 (T_i, F)."""
        own = self._scalers[member.symbol].features(member.series.returns, member.series.sizes)
        further = [_FURTHER[name](self, member, "market" in names) for name in names]
        return np.concatenate([own, *further], axis=1).astype(np.float32)

    def trailing(self, member: Member, market: bool) -> np.ndarray:
        """What boosted trees read on each own day, (T_i, 19), or (T_i, 39) with the market."""
        levels, scaler = self.levels(member)[1:], self._scalers[member.symbol]
        columns = [trailing(member.series.returns, member.series.sizes, levels), np.log(levels / scaler.start)[:, None]]
        if market:
            moved = self.market(member)
            of_market = trailing(moved.moves, moved.sizes, moved.level)
            size_of_move = np.log(np.abs(moved.moves) / moved.level + QUIET)
            level = np.log(moved.level / moved.scaler.start)
            columns.append(np.column_stack([of_market, size_of_move, level])[member.places])
        return np.clip(np.concatenate(columns, axis=1), -CLIP, CLIP)


_FURTHER: dict[InputName, Callable[[Inputs, Member, bool], np.ndarray]] = {
    "market": lambda inputs, member, market: inputs.market(member).features[member.places],
    "dispersion": lambda inputs, member, market: inputs.market(member).dispersion[member.places],
    "trailing": lambda inputs, member, market: inputs.trailing(member, market),
}
