"""Gradient-boosted trees for all tickers, scikit-learn's histogram trees (after Ke et al. 2017, LightGBM).

Sizes are learned by gamma deviance, which is QLIKE but for a constant; returns by squared error, both in units of the level; a
direction by a classifier. Leaves, their least size and the number of trees are chosen on the validation days; then five bags
with other random features a split are fitted on all days before the test.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from core.rnn.dataset.panel import Member, Panel
from core.rnn.dataset.target import Target
from core.rnn.panel.learner.inputs import Inputs
from core.rnn.panel.learner.learned import Learned, Points, Task
from core.runs.request import Progress

RATE, MOST_TREES, BAGS = 0.03, 300, 5
LEAVES, LEAST_LEAF = (4, 8, 16), (200, 1000)
SMALLEST = 1e-3  # levels: gamma deviance has no zero
_EVERY = 8  # trees between two looks at the validation days
Output = Callable[[Any, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class _Shape:
    """What is chosen on the validation days."""

    leaves: int
    least: int
    trees: int = MOST_TREES


@dataclass(frozen=True)
class _Days:
    """Inputs (M, K) and labels (M,) in the units of the outputs."""

    rows: np.ndarray
    labels: np.ndarray


def boosted(task: Task) -> Generator[Progress, None, list[Learned]]:
    """Trees for all tickers of the panel."""
    panel, market, unseen = task.panel, task.model.reads_market, task.request.unseen
    past = panel.until(panel.test_start)
    inputs = Inputs(past, unseen)
    taught = [one for one in past.members if one.symbol != unseen]
    training = _days(inputs, taught, market, lambda one: slice(0, one.training - 1))
    validation = _days(inputs, taught, market, lambda one: slice(one.training - 1, None))
    choices, most = list(product(LEAVES, LEAST_LEAF)), min(MOST_TREES, task.request.steps or MOST_TREES)
    best: tuple[float, _Shape, Any] | None = None
    for number, (leaves, least) in enumerate(choices):
        yield Progress(phase=task.model.title, step=number, total=len(choices) + BAGS)
        model = _fit(past.target, training, _Shape(leaves, min(least, len(training.labels) // 20), most), 0)
        loss, trees = _best_count(past.target, model, validation)
        if best is None or loss < best[0]:
            best = loss, _Shape(leaves, min(least, len(training.labels) // 20), trees), model
    assert best is not None
    shape, both = best[1], _joined(training, validation)
    bags = []
    for seed in range(BAGS):
        yield Progress(phase=task.model.title, step=len(choices) + seed, total=len(choices) + BAGS)
        bags.append(_fit(past.target, both, shape, seed))
    chosen = _fit(past.target, training, shape, 0)
    before, test = (_points(models, task.symbols, market, unseen) for models in ([chosen], bags))
    return [Learned(task.model.name, 0, before, test)]


def _days(inputs: Inputs, members: Iterable[Member], market: bool, part: Callable[[Member], slice]) -> _Days:
    """The days of all tickers together; the label of a day is the next own day's value. Unchanged days have no direction."""
    rows, labels = list[np.ndarray](), list[np.ndarray]()
    for one in members:
        values = np.asarray(one.series.values)
        after = values[1:] / inputs.units(one)[1 : len(values)]
        read = inputs.trailing(one, market)[:-1]
        rows.append(read[part(one)])
        labels.append(after[part(one)])
    together = _Days(np.concatenate(rows), np.concatenate(labels))
    if not inputs.panel.target.is_probability:
        return together
    decided = (together.labels == 0) | (together.labels == 1)
    return _Days(together.rows[decided], together.labels[decided])


def _joined(*parts: _Days) -> _Days:
    return _Days(np.concatenate([one.rows for one in parts]), np.concatenate([one.labels for one in parts]))


def _fit(target: Target, days: _Days, shape: _Shape, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    settings = {
        "learning_rate": RATE,
        "max_iter": shape.trees,
        "max_leaf_nodes": shape.leaves,
        "min_samples_leaf": shape.least,
        "l2_regularization": 10.0,
        "max_features": 0.5,
        "early_stopping": False,
        "random_state": seed,
    }
    if target.is_probability:
        return HistGradientBoostingClassifier(**settings).fit(days.rows, days.labels.astype(int))
    loss = "squared_error" if target.is_signed else "gamma"
    labels = days.labels if target.is_signed else np.maximum(days.labels, SMALLEST)
    return HistGradientBoostingRegressor(loss=loss, **settings).fit(days.rows, labels)


def _best_count(target: Target, model: Any, validation: _Days) -> tuple[float, int]:
    """The lowest validation loss while trees are added, and with how many."""
    staged = model.staged_predict_proba if target.is_probability else model.staged_predict
    losses = {
        count: _loss(target, validation.labels, outputs[:, 1] if target.is_probability else outputs)
        for count, outputs in enumerate(staged(validation.rows), start=1)
        if count % _EVERY == 0 or count == model.max_iter
    }
    best = min(losses, key=lambda count: losses[count])
    return losses[best], best


def _loss(target: Target, labels: np.ndarray, outputs: np.ndarray) -> float:
    if target.is_probability:
        return float(-np.log(np.where(labels == 1, outputs, 1 - outputs)).mean())
    if target.is_signed:
        return float(((labels - outputs) ** 2).mean())
    return float((np.log(outputs) + labels / outputs).mean())


def _points(models: list[Any], symbols: tuple[str, ...], market: bool, unseen: str) -> Points:
    def points(panel: Panel, first: int) -> np.ndarray:
        inputs, own = Inputs(panel, unseen), dict[str, np.ndarray]()
        for one in panel.members:
            if one.symbol in symbols:
                start = one.since(first)
                read = inputs.trailing(one, market)[start - 1 :]
                outputs = np.mean([_outputs(panel.target, model, read) for model in models], axis=0)
                own[one.symbol] = panel.target.bounded(outputs * inputs.units(one)[start:])
        return panel.on_axis(own, first)

    return points


def _outputs(target: Target, model: Any, rows: np.ndarray) -> np.ndarray:
    return model.predict_proba(rows)[:, 1] if target.is_probability else model.predict(rows)
