"""Days like this one: other days after which a network's state was most alike, and what came after them beside what comes after
any day (the match view of LSTMVis, Strobelt et al. 2018)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.rnn.dataset.series import Series
from core.rnn.dataset.target import Target
from core.rnn.networks.network import Network

COUNT = 20  # days
APART = 10  # days between any two of them, and between them and the day itself: neighbours share their windows
DRAWS = 2000  # sets of as many days drawn at random
SEED = 20
ALPHA = 0.05  # of one day that is looked at


@dataclass(frozen=True)
class Alike:
    """The days most like one, the nearest first."""

    origin: int  # position of the day in the series
    days: np.ndarray  # (N,) positions
    distances: np.ndarray  # (N,) of their states, standardised, as a share of the mean distance of any day
    after: np.ndarray  # (N, H) what came on the H days after each
    any_day: np.ndarray  # (D, H) what came after any day
    p: float  # share of as many days drawn at random whose mean after them lies as far from that of any day

    @property
    def difference(self) -> float:
        """The mean after these days, less that after any day."""
        return float(self.after.mean() - self.any_day.mean())

    def text(self, target: Target, day: str, bar: str = "day") -> str:
        """What came after the days most like `day` beside what comes after any day, and whether that could be chance."""
        count, ahead = self.after.shape
        after, any_day = (target.said(float(values.mean())) for values in (self.after, self.any_day))
        compared = (
            f"On the {ahead} {bar}s after the {count} {bar}s most like {day} the {target.quantity} was {after} on average; "
        )
        compared += f"after any {bar} it is {any_day}."
        if np.isnan(self.p):
            return compared
        share = f"{100 * self.p:.0f} of 100" if self.p >= 0.005 else "less than one of 100"
        chance = f"So many {bar}s drawn at random differ from any {bar} by as much in {share} cases"
        return f"{compared} {chance}: {'more than chance' if self.p <= ALPHA else 'no more than chance'}."


def states_of(network: Network, series: Series) -> tuple[np.ndarray, np.ndarray]:
    """The state that the head reads after each day: positions (D,) of the days, and states (D, S)."""
    features, window = network.features(series), network.window
    first = 0 if window is None else window - 1
    places = np.arange(first, len(series))
    read = features[None] if window is None else features[torch.from_numpy(places[:, None] + np.arange(1 - window, 1))]
    states: list[Tensor] = []

    def note(_: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        states.append(inputs[0])

    hook = network.model.head.register_forward_pre_hook(note)
    try:
        with torch.inference_mode():
            network.model(read)
    finally:
        hook.remove()
    return places, states[0].reshape(len(places), -1).double().numpy()


def days_alike(
    positions: np.ndarray, states: np.ndarray, series: Series, origin: int, ahead: int = 5, count: int = COUNT
) -> Alike:
    """The days of a series whose states (D, S) were nearest to that of day `origin`, and the values of `ahead` days after each.

    Days without as many days after them are left out, as are those less than APART days from the day or from a nearer one.
    """
    values = np.asarray(series.values, dtype=np.float64)
    spread = states.std(axis=0)
    standard = (states - states.mean(axis=0)) / np.where(spread > 0, spread, 1)
    distances = np.linalg.norm(standard - standard[np.searchsorted(positions, origin)], axis=1)  # (D,)
    complete = positions + ahead < len(series)
    days = _apart(positions[complete], distances[complete], origin, count)
    any_day = np.stack([values[place + 1 : place + 1 + ahead] for place in positions[complete]])
    after = any_day[np.searchsorted(positions[complete], days)]
    scale = float(distances.mean()) or 1.0
    return Alike(origin, days, distances[np.searchsorted(positions, days)] / scale, after, any_day, _chance(after, any_day))


def _apart(positions: np.ndarray, distances: np.ndarray, origin: int, count: int) -> np.ndarray:
    """The nearest positions, each APART from the origin and from those before it."""
    chosen: list[int] = []
    for place in positions[np.argsort(distances, kind="stable")]:
        if len(chosen) == count:
            break
        if all(abs(int(place) - other) >= APART for other in (origin, *chosen)):
            chosen.append(int(place))
    return np.array(chosen, dtype=np.int64)


def _chance(after: np.ndarray, any_day: np.ndarray) -> float:
    """p of the mean after the chosen days, two-sided, among the means after as many days drawn at random."""
    if not len(after):
        return np.nan
    random, means = np.random.default_rng(SEED), any_day.mean(axis=1)
    drawn = means[random.integers(len(means), size=(DRAWS, len(after)))].mean(axis=1)
    apart = np.abs(drawn - means.mean()) >= abs(after.mean() - means.mean())
    return float((1 + apart.sum()) / (DRAWS + 1))
