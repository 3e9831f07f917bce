"""Gradient-boosted trees: machine learning without recurrence (Friedman 2001, by scikit-learn's histograms).

They read what `dataset.trailing` makes of one ticker's past, the log of its level and the further inputs of the comparison, and
learn in units of the level: sizes by gamma deviance, which is QLIKE but for terms in the size alone, returns by squared error,
directions by log loss. Leaves, their least size and the number of trees are chosen on the last part of the days that a model is
fitted on, one step ahead; then several bags with other random inputs a split are fitted on all of these days, for every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from core.rnn.classical.direct_regression import days_to_explain
from core.rnn.classical.forecaster import FittedModel
from core.rnn.dataset.features import Scaler
from core.rnn.dataset.series import Series
from core.rnn.dataset.splits import training_days
from core.rnn.dataset.target import UNCHANGED, Target
from core.rnn.dataset.trailing import trailing

RATE, MOST_TREES = 0.03, 300
BAGS, FURTHER_BAGS = 5, 2  # of the first step and of each later one, which would take too long with as many
LEAVES, LEAST_LEAF = (2, 4, 8), (20, 100)
LEAST_LABEL = 1e-3  # levels: gamma deviance has no size of 0

Outputs = Callable[[np.ndarray], np.ndarray]  # inputs (N, K) -> outputs (N,), in units of the level or a probability


@dataclass(frozen=True)
class Shape:
    """What is chosen by validation."""

    leaves: int
    least: int  # days in a leaf
    trees: int


@dataclass(frozen=True)
class Examples:
    """Inputs (N, K), labels (N,) in the units of the outputs, and the days (N,) whose values these are."""

    rows: np.ndarray
    labels: np.ndarray
    days: np.ndarray

    @property
    def vary(self) -> bool:
        """Whether there is something to learn."""
        return len(self.labels) > 0 and self.labels.min() < self.labels.max()

    def between(self, start: int, end: int) -> Examples:
        """The examples of the days from `start` to before `end`."""
        part = (start <= self.days) & (self.days < end)
        return Examples(self.rows[part], self.labels[part], self.days[part])


@dataclass(frozen=True)
class Learning:
    """How the values of a kind of target are learned."""

    estimator: str  # of sklearn.ensemble
    loss: str  # the estimator's name of it
    losses: Callable[[np.ndarray, np.ndarray], np.ndarray]  # labels (N,), outputs (N,) -> the same loss, (N,)
    outputs: Callable[[Any, np.ndarray], np.ndarray]  # a grown model, inputs (N, K) -> outputs (N,)
    staged: Callable[[Any, np.ndarray], Iterator[np.ndarray]]  # the same after each tree
    least: float = -np.inf  # smaller labels count as this


def _squared(labels: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    return (labels - outputs) ** 2


def _qlike(labels: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    return np.log(outputs) + labels / outputs


def _log_loss(labels: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    return -np.log(np.where(labels > 0.5, outputs, 1 - outputs))


def _predicted(model: Any, rows: np.ndarray) -> np.ndarray:
    return model.predict(rows)


def _stages(model: Any, rows: np.ndarray) -> Iterator[np.ndarray]:
    return model.staged_predict(rows)


def _chances(model: Any, rows: np.ndarray) -> np.ndarray:
    return model.predict_proba(rows)[:, 1]


def _chance_stages(model: Any, rows: np.ndarray) -> Iterator[np.ndarray]:
    return (chances[:, 1] for chances in model.staged_predict_proba(rows))


_REGRESSOR, _CLASSIFIER = "HistGradientBoostingRegressor", "HistGradientBoostingClassifier"
SIGNED = Learning(_REGRESSOR, "squared_error", _squared, _predicted, _stages)
SIZE = Learning(_REGRESSOR, "gamma", _qlike, _predicted, _stages, LEAST_LABEL)
CHANCE = Learning(_CLASSIFIER, "log_loss", _log_loss, _chances, _chance_stages)


def learning_of(target: Target) -> Learning:
    """How trees learn a target."""
    if target.is_probability:
        return CHANCE
    return SIGNED if target.is_signed else SIZE


@dataclass(frozen=True)
class BoostedTrees(FittedModel):
    """The bags of every step; the forecast is their mean."""

    scaler: Scaler
    steps: list[list[Outputs]]

    @classmethod
    def fit(cls, past: Series, horizon: int) -> BoostedTrees:
        learning, scaler = learning_of(past.target), Scaler.fit(past.sizes, len(past))
        steps = [_examples(scaler, past, step) for step in range(horizon)]
        shape = chosen_shape(learning, steps[0], training_days(len(past)))
        return cls(scaler, [_bags(learning, each, shape, step) for step, each in enumerate(steps)])

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H)."""
        rows = _rows(self.scaler, series)[first - 1 :]
        outputs = [np.mean([bag(rows) for bag in bags], axis=0) for bags in self.steps[:horizon]]
        return np.stack(outputs, axis=1) * _units(self.scaler, series)[first:, None]


def trees(past: Series, horizon: int) -> BoostedTrees:
    return BoostedTrees.fit(past, horizon)


def _bags(learning: Learning, examples: Examples, shape: Shape, step: int) -> list[Outputs]:
    return [fitted(learning, examples, shape, bag) for bag in range(FURTHER_BAGS if step else BAGS)]


def fitted(learning: Learning, examples: Examples, shape: Shape, seed: int) -> Outputs:
    """The outputs of trees of one seed; where all labels are the same, that one."""
    if not examples.vary:
        label = float(examples.labels[0]) if len(examples.labels) else UNCHANGED
        return lambda rows: np.full(len(rows), label)
    return partial(learning.outputs, _grown(learning, examples, shape, seed))


def chosen_shape(learning: Learning, examples: Examples, cut: int) -> Shape:
    """The shape with the lowest loss on the days from `cut` on, of trees that were grown on the days before."""
    return min(tried_shapes(learning, examples, cut, product(LEAVES, LEAST_LEAF)), key=lambda each: each[0])[1]


def tried_shapes(
    learning: Learning, examples: Examples, cut: int, choices: Iterable[tuple[int, int]], most_trees: int = MOST_TREES
) -> Iterator[tuple[float, Shape]]:
    """For each of some (leaves, days in a leaf) the lowest loss on the days from `cut` on, and the shape with as many trees."""
    growing, judging = examples.between(0, cut), examples.between(cut, int(examples.days.max()) + 1)
    most = max(1, len(growing.labels) // 20)
    for leaves, least in choices:
        shape = Shape(leaves, min(least, most), most_trees)
        if not growing.vary or not len(judging.labels):
            yield 0.0, replace(shape, trees=1)
        else:
            loss, count = _best_count(learning, _grown(learning, growing, shape, 0), judging)
            yield loss, replace(shape, trees=count)


def _grown(learning: Learning, examples: Examples, shape: Shape, seed: int) -> Any:
    from sklearn import ensemble  # here: it loads for more than a second

    estimator = getattr(ensemble, learning.estimator)(
        loss=learning.loss,
        learning_rate=RATE,
        max_iter=shape.trees,
        max_leaf_nodes=shape.leaves,
        min_samples_leaf=shape.least,
        l2_regularization=10.0,
        max_features=0.5,
        early_stopping=False,
        random_state=seed,
    )
    return estimator.fit(examples.rows, np.maximum(learning.least, examples.labels))


def _best_count(learning: Learning, model: Any, judging: Examples) -> tuple[float, int]:
    """The lowest loss while trees are added, and how many there were."""
    losses = [float(learning.losses(judging.labels, outputs).mean()) for outputs in learning.staged(model, judging.rows)]
    best = int(np.argmin(losses))
    return losses[best], best + 1


def _examples(scaler: Scaler, past: Series, step: int) -> Examples:
    """The days from which the value `step` + 1 days later is known and counts."""
    days = np.flatnonzero(days_to_explain(past))
    days = days[days > step]
    origins = days - step - 1
    labels = np.asarray(past.values)[days] / _units(scaler, past)[origins + 1]
    return Examples(_rows(scaler, past)[origins], labels, days)


def _rows(scaler: Scaler, series: Series) -> np.ndarray:
    """The inputs after each day, (T, 19 + E)."""
    level = scaler.levels(series.sizes)[1:]
    return np.column_stack([trailing(series.returns, series.sizes, level), np.log(level / scaler.start), series.extras])


def _units(scaler: Scaler, series: Series) -> np.ndarray:
    """The unit of the outputs before the first day and after each, (T + 1,): the level, or 1 for a probability."""
    return scaler.levels(series.sizes) if series.target.in_levels else np.ones(len(series) + 1)
