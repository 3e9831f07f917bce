"""Gradient-boosted trees for all tickers: those of one ticker (`classical.boosted_trees`), grown on the days of all.

They read what `dataset.trailing` makes of the ticker's past and of the market's. Shapes are larger than those for one ticker,
since there are more days.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from itertools import product

import numpy as np

from core.rnn.classical.boosted_trees import BAGS, MOST_TREES, Examples, Outputs, Shape, fitted, learning_of, tried_shapes
from core.rnn.dataset.panel import Member, Panel
from core.rnn.panel.learner.inputs import Inputs
from core.rnn.panel.learner.learned import Learned, Points, Task
from core.runs.request import Progress

LEAVES, LEAST_LEAF = (4, 8, 16), (200, 1000)


def boosted(task: Task) -> Generator[Progress, None, list[Learned]]:
    """Trees for all tickers of the panel; leaves, their least size and the count of trees are chosen on the validation days."""
    panel, unseen, learning = task.panel, task.request.unseen, learning_of(task.panel.target)
    past = panel.learnable(panel.test_start)
    taught = [one for one in past.members if one.symbol != unseen]
    examples = _examples(Inputs(past, unseen), taught, task.model.reads_market)
    choices, most = list(product(LEAVES, LEAST_LEAF)), min(MOST_TREES, task.request.steps or MOST_TREES)
    tried, bags = list[tuple[float, Shape]](), list[Outputs]()
    for number, one in enumerate(tried_shapes(learning, examples, panel.train_end, choices, most)):
        tried.append(one)
        yield Progress(phase=task.model.title, step=number, total=len(choices) + BAGS)
    shape = min(tried, key=lambda each: each[0])[1]
    for bag in range(BAGS):
        yield Progress(phase=task.model.title, step=len(choices) + bag, total=len(choices) + BAGS)
        bags.append(fitted(learning, examples, shape, bag))
    before = fitted(learning, examples.between(0, panel.train_end), shape, 0)
    return [Learned(task.model.name, 0, _points(task, [before]), _points(task, bags))]


def _examples(inputs: Inputs, members: Iterable[Member], market: bool) -> Examples:
    """Every own day but the first whose value counts, of all tickers, explained by the day before; its day is its row."""
    rows, labels, days = list[np.ndarray](), list[np.ndarray](), list[np.ndarray]()
    for one in members:
        values = np.asarray(one.series.values)
        counted = np.flatnonzero(inputs.panel.target.counts(values)[1:]) + 1
        rows.append(inputs.trailing(one, market)[counted - 1])
        labels.append(values[counted] / inputs.units(one)[counted])
        days.append(one.places[counted])
    return Examples(np.concatenate(rows), np.concatenate(labels), np.concatenate(days))


def _points(task: Task, bags: list[Outputs]) -> Points:
    def points(panel: Panel, first: int) -> np.ndarray:
        inputs, own = Inputs(panel, task.request.unseen), dict[str, np.ndarray]()
        for one in panel.members:
            if one.symbol in task.symbols:
                start = one.since(first)
                rows = inputs.trailing(one, task.model.reads_market)[start - 1 :]
                outputs = np.mean([bag(rows) for bag in bags], axis=0)
                own[one.symbol] = panel.target.bounded(outputs * inputs.units(one)[start:])
        return panel.on_axis(own, first)

    return points
