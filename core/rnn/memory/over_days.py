"""Gates and states of a network after every day of a series: what its highest layer held when it had read that day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.rnn.memory.equations import Layer, Values
from core.rnn.memory.inspection import TABLE, features_by_name, followed, saturated
from core.rnn.memory.trace import Part, Tracer
from core.rnn.networks.modules import FeedForward, OneToMany
from core.rnn.networks.windows import windows

AT_ONCE = 256  # windows that are read at once


@dataclass(frozen=True)
class OverDays:
    """The highest layer that reads days. Of a bidirectional one, the units of the backwards direction follow the others:
    what they held at the first day of the window, which is what the head reads."""

    positions: np.ndarray  # (D,) of the days in the series
    held: Values  # gates, c, h: (D, units) each
    mode: str
    units: pd.DataFrame  # `inspection.FOLLOWED`

    @property
    def order(self) -> list[int]:
        """Units, counted from 1, sorted by what they follow."""
        return [int(unit) for unit in self.units["unit"]]

    @property
    def saturated(self) -> dict[str, dict[str, float]]:
        """By gate the shares at a bound, see `inspection.saturated`."""
        part = Part("all", self.positions, np.empty((len(self.positions), 0)), self.held, self.mode)
        return {name.removeprefix("all, "): shares for name, shares in saturated([part]).items()}

    def table(self, model: str, seed: int, days: np.ndarray) -> pd.DataFrame:
        """`inspection.TABLE` of some days: `days` are the dates (T,) of the series, NaT where one is left out."""
        kept = ~np.isnat(days[self.positions])
        dates = days[self.positions][kept]
        tables = []
        for gate, values in self.held.items():
            count = values.shape[1]
            columns = {"date": np.repeat(dates, count), "unit": np.tile(np.arange(1, count + 1), len(dates)),
                       "value": values[kept].ravel()}  # fmt: skip
            tables.append(pd.DataFrame(columns).assign(variant=model, seed=seed, part="highest layer", gate=gate))
        return pd.concat(tables, ignore_index=True)[list(TABLE)]


def over_days(tracer: Tracer) -> OverDays:
    """InvalidRequest for a cell without equations."""
    network, series = tracer.opened.network, tracer.series
    if network.window is None:
        top = tracer.until(len(series) - 1).parts[-1]
        positions, values, mode = top.steps, top.held, top.mode
    else:
        positions = np.arange(network.window - 1, len(series))
        read = windows(tracer.features, network.window)  # (D, W, F)
        pieces = [_last(tracer, read[at : at + AT_ONCE]) for at in range(0, len(read), AT_ONCE)]
        values = {name: np.concatenate([piece[name] for piece in pieces]) for name in pieces[0]}
        mode = "feed-forward" if isinstance(network.model, FeedForward) else tracer.opened.layers("cell")[-1][0].mode
    follows = followed(values["h"], features_by_name(network, series, positions))
    return OverDays(positions, values, mode, follows)


def _last(tracer: Tracer, read: np.ndarray) -> Values:
    """What the highest layer holds at the end of windows (B, W, F): (B, units) each."""
    model = tracer.opened.network.model
    if isinstance(model, FeedForward):
        return {"h": _feed_forward(tracer, read.reshape(len(read), -1))}
    if isinstance(model, OneToMany):  # no forecast has been fed yet
        read = np.concatenate([read, np.zeros((*read.shape[:-1], 1))], axis=-1)
    return _ends(tracer.opened.layers("cell"), read)


def _ends(stack: Sequence[Sequence[Layer]], read: np.ndarray) -> Values:
    """Of recurrent layers: forwards at the last day, backwards at the first."""
    held: list[Values] = []
    for directions in stack:
        held = [layer.read(read) for layer in directions]
        read = np.concatenate([one["h"] for one in held], axis=-1)
    both = zip(held, stack[-1], strict=True)
    ends = [{name: value[:, 0 if layer.backwards else -1] for name, value in one.items()} for one, layer in both]
    return {name: np.concatenate([end[name] for end in ends], axis=-1) for name in ends[0]}


def _feed_forward(tracer: Tracer, h: np.ndarray) -> np.ndarray:
    weights = tracer.opened.weights
    for place in range(0, 2 * tracer.opened.network.architecture.layers, 2):
        h = np.tanh(h @ weights[f"layers.{place}.weight"].astype(np.float64).T + weights[f"layers.{place}.bias"])
    return h
