from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from core.rnn.classical import boosted_trees
from core.rnn.classical.boosted_trees import BAGS, FURTHER_BAGS, RATE, BoostedTrees, Shape
from core.rnn.dataset.series import Series
from core.rnn.dataset.splits import training_days
from core.rnn.dataset.target import target_of
from core.rnn.dataset.trailing import trailing
from tests.rnn.series import as_series, garch

PAST = 500
RETURNS = garch(560, seed=2)
SHAPE = Shape(4, 20, 25)
KINDS = {
    "return": ("squared_error", HistGradientBoostingRegressor),
    "volatility": ("gamma", HistGradientBoostingRegressor),
    "direction": ("log_loss", HistGradientBoostingClassifier),
}
named = pytest.mark.parametrize("name", KINDS)


def series_of(name: str) -> Series:
    return as_series(RETURNS, target_of(name))


def level_of(sizes: np.ndarray, past: int) -> np.ndarray:
    """The running mean size before the first day and after each, by hand."""
    level = [sizes[:past].mean()]
    for size in sizes:
        level.append(0.94 * level[-1] + 0.06 * size)
    return np.maximum(0.05 * level[0], level)


@pytest.fixture
def _one_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosted_trees, "chosen_shape", lambda *_: SHAPE)


@named
@pytest.mark.usefixtures("_one_shape")
def test_forecasts_are_those_of_scikit_learn_called_directly(name: str) -> None:
    series, (loss, estimator) = series_of(name), KINDS[name]
    level, values = level_of(np.abs(RETURNS), PAST), np.asarray(series.values)
    rows = np.column_stack([trailing(RETURNS, np.abs(RETURNS), level[1:]), np.log(level[1:] / level[0])])
    unit = np.ones(len(level)) if name == "direction" else level
    paths = BoostedTrees.fit(series.until(PAST), 3).forecasts(series, PAST, 3)
    for step in (1, 3):
        labels = np.array([values[origin + step] / unit[origin + 1] for origin in range(PAST - step)])
        if name == "volatility":
            labels = np.maximum(labels, 1e-3)
        outputs = []
        for seed in range(BAGS if step == 1 else FURTHER_BAGS):
            model = estimator(
                loss=loss, learning_rate=RATE, max_iter=25, max_leaf_nodes=4, min_samples_leaf=20, l2_regularization=10,
                max_features=0.5, early_stopping=False, random_state=seed,
            ).fit(rows[: PAST - step], labels)  # fmt: skip
            later = rows[PAST - 1 :]
            outputs.append(model.predict_proba(later)[:, 1] if name == "direction" else model.predict(later))
        assert paths[:, step - 1] == pytest.approx(np.mean(outputs, axis=0) * unit[PAST:], rel=1e-9, abs=1e-15)


@named
def test_the_shape_with_the_lowest_loss_on_the_last_days_is_chosen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boosted_trees, "MOST_TREES", 30)
    past = series_of(name).until(PAST)
    learning, scaler = boosted_trees.learning_of(past.target), boosted_trees.Scaler.fit(past.sizes, PAST)
    examples, cut = boosted_trees._examples(scaler, past, 0), training_days(PAST)
    growing, judging = examples.between(0, cut), examples.between(cut, PAST)
    assert judging.days[[0, -1]].tolist() == [cut, PAST - 1]
    losses = {
        Shape(leaves, least, trees): learning.losses(
            judging.labels, boosted_trees.fitted(learning, growing, Shape(leaves, least, trees), 0)(judging.rows)
        ).mean()
        for leaves in boosted_trees.LEAVES
        for least in (20, len(growing.labels) // 20)
        for trees in (1, 10, 30)
    }
    chosen = boosted_trees.chosen_shape(learning, examples, cut)
    loss = learning.losses(judging.labels, boosted_trees.fitted(learning, growing, chosen, 0)(judging.rows)).mean()
    assert loss <= min(losses.values()) + 1e-12


@pytest.mark.usefixtures("_one_shape")
def test_a_hint_among_the_further_inputs_is_read() -> None:
    blind, random, sizes = series_of("volatility"), np.random.default_rng(1), np.abs(RETURNS)
    hint = np.concatenate([sizes[1:], [0.0]]) / 0.01 + 0.2 * random.standard_normal(len(RETURNS))
    reading = replace(blind, extras=hint[:, None])
    errors = [
        np.abs(BoostedTrees.fit(each.until(PAST), 1).forecasts(each, PAST, 1)[:-1, 0] - sizes[PAST:]).mean()
        for each in (blind, reading)
    ]
    assert errors[1] < 0.8 * errors[0]


@pytest.mark.usefixtures("_one_shape")
def test_days_that_did_not_move_teach_nothing_about_directions() -> None:
    still = RETURNS.copy()
    still[::3] = 0.0
    past = as_series(still, target_of("direction")).until(PAST)
    examples = boosted_trees._examples(boosted_trees.Scaler.fit(past.sizes, PAST), past, 0)
    assert set(examples.labels) == {0.0, 1.0}
    assert len(examples.labels) == (still[1:PAST] != 0).sum()


def test_inputs_are_the_means_of_their_spans() -> None:
    sizes, level = np.abs(RETURNS), np.full(len(RETURNS), 0.01)
    rows = pd.DataFrame(trailing(RETURNS, sizes, level))
    day = 300
    falls = np.where(RETURNS < 0, sizes, 0)

    def mean(values: np.ndarray, days: int) -> float:
        return values[day + 1 - days : day + 1].mean()

    expected = [np.log(mean(sizes, days) / 0.01 + 0.1) for days in (1, 2, 5, 10, 22, 66)]
    for halflife in (1, 3, 10, 40, 120):
        weights = 0.5 ** (np.arange(day + 1)[::-1] / halflife)
        expected.append(np.log(weights @ sizes[: day + 1] / weights.sum() / 0.01 + 0.1))
    expected += [np.log(mean(falls, days) / 0.01 + 0.1) for days in (1, 5, 22)]
    expected += [mean(RETURNS, days) / 0.01 for days in (1, 5, 22)]
    expected.append(np.log(mean(sizes, 22) / mean(sizes, 250)))
    assert rows.loc[day].tolist() == pytest.approx(expected, rel=1e-9)


def test_trees_state_no_quantiles() -> None:
    model = BoostedTrees(boosted_trees.Scaler(1, 1.0), [])
    assert model.quantiles(series_of("return"), PAST, 1) is None
