"""Trap 5: the best of many forecasters without skill: untrained networks fed with noise.

Each forecast is centred and scaled to a fixed small share of the standard deviation of returns, so that the noise it adds
costs nearly nothing and its test against the random walk depends on chance alone.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch

from core.rnn.dataset.features import FEATURES
from core.rnn.dataset.series import Series
from core.rnn.dataset.target import target_of
from core.rnn.evaluation.significance import diebold_mariano, holm, sidak
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.modules import network
from core.runs.request import Progress

COUNT = 300  # forecasters
SCALE = 0.01  # of the standard deviation of returns
RUN_IN = 100  # days read before the first that counts
_ARCHITECTURE = Architecture("rnn", target_of(), "many-to-many", hidden=8)


@dataclass(frozen=True)
class Lottery:
    """Diebold–Mariano against the random walk, by forecaster, the best first: (COUNT,) each; negative stat is better."""

    stat: np.ndarray
    p: np.ndarray
    p_holm: float  # of the best, corrected for all
    p_sidak: float
    p_before: float  # of the best one, on as many days before the test, by which it was not chosen
    better_before: bool


def draw_forecasters(series: Series, first: int, seed: int) -> Generator[Progress, None, Lottery]:
    """Test every forecaster on the days from `first` on, and the best of them also on as many days before."""
    days = len(series) - first
    start = first - days
    size, actual = SCALE * float(series.returns[:start].std()), series.returns[start:]
    losses = np.empty((COUNT, 2 * days))
    for number in range(COUNT):
        raw = _outputs(2 * days, COUNT * seed + number)
        forecast = size * (raw - raw[:days].mean()) / raw[:days].std()
        losses[number] = (actual - forecast) ** 2
        if number % 10 == 0:
            yield Progress(phase="testing forecasters", step=number, total=COUNT)
    tests = [diebold_mariano(one[days:], actual[days:] ** 2) for one in losses]
    stat, p = np.array([test.stat for test in tests]), np.array([test.p for test in tests])
    order = np.argsort(stat, kind="stable")
    before = diebold_mariano(losses[order[0], :days], actual[:days] ** 2)
    best = float(p[order[0]])
    return Lottery(stat[order], p[order], float(holm(p)[order[0]]), sidak(best, COUNT), before.p, before.stat < 0)


def _outputs(days: int, seed: int) -> np.ndarray:
    """The outputs of an untrained network for so many days, (days,), while it reads noise."""
    noise = np.random.default_rng(seed).standard_normal((1, RUN_IN + days, FEATURES)).astype(np.float32)
    with torch.inference_mode():
        outputs = network(_ARCHITECTURE, 1, seed)(torch.from_numpy(noise))  # (1, RUN_IN + days, H, K)
    return outputs[0, RUN_IN:, 0, 0].double().numpy()
