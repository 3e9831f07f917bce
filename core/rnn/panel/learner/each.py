"""Models that learn one ticker alone, as a comparison of that ticker would fit them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from core.rnn.classical.forecaster import Classical
from core.rnn.dataset.panel import Member, Panel
from core.rnn.forecaster import FittedForecaster
from core.rnn.panel.learner.learned import Learned, Points, Task
from core.runs.request import Progress

if TYPE_CHECKING:
    from core.rnn.networks.network import Network


def _members(task: Task) -> list[Member]:
    return [one for one in task.panel.members if one.symbol in task.symbols]


def classical(task: Task) -> Generator[Progress, None, list[Learned]]:
    """A classical model for each ticker; fitted on the training days for the choice, on all before the test for the test."""
    by_end, not_converged = dict[int, dict[str, FittedForecaster]](), dict[str, None]()
    for row in (task.panel.train_end, task.panel.test_start):
        fitted = by_end.setdefault(row, {})
        for member in _members(task):
            forecaster = Classical(task.model.source, task.panel.target, 1)
            for progress in forecaster.fit(member.series.until(member.since(row)), member.training):
                yield progress.model_copy(update={"phase": f"{task.model.title}, {member.symbol}"})
            fitted[member.symbol] = forecaster
            if not forecaster.converged:
                not_converged[member.symbol] = None
    before, test = (_points(by_end[row]) for row in (task.panel.train_end, task.panel.test_start))
    return [Learned(task.model.name, 0, before, test, not_converged=tuple(not_converged))]


def networks(task: Task) -> Generator[Progress, None, list[Learned]]:
    """A network for each ticker and seed."""
    learned = list[Learned]()
    for seed in task.request.seeds:
        fitted = dict[str, FittedForecaster]()
        for member in _members(task):
            network = _untrained(task, seed)
            past = member.series.until(member.since(task.panel.test_start))
            for progress in network.fit(past, member.training):
                yield progress.model_copy(update={"phase": f"{task.model.title}, {member.symbol}"})
            fitted[member.symbol] = network
        learned.append(Learned(task.model.name, seed, _points(fitted), _points(fitted)))
    return learned


def _untrained(task: Task, seed: int) -> Network:
    from core.rnn.networks.architecture import Architecture
    from core.rnn.networks.learning import RECIPE
    from core.rnn.networks.network import Network

    architecture = Architecture(task.model.source, task.panel.target, hidden=task.request.hidden or 32)
    steps = min(RECIPE.steps, task.request.steps or RECIPE.steps)
    from dataclasses import replace

    return Network(architecture, seed, replace(RECIPE, steps=steps))


def _points(fitted: Mapping[str, FittedForecaster]) -> Points:
    def points(panel: Panel, first: int) -> np.ndarray:
        own = {
            one.symbol: fitted[one.symbol].forecast(one.series, one.since(first))[:, 0]
            for one in panel.members
            if one.symbol in fitted
        }
        return panel.on_axis(own, first)

    return points
