"""What a panel's models learn, and that none of them knows the future."""

from __future__ import annotations

from pkgutil import resolve_name

import numpy as np
import pytest
from scipy.optimize import minimize

from core.drive import returned
from core.rnn.classical.forecaster import Classical
from core.rnn.dataset.another_future import with_another_future
from core.rnn.dataset.market import market_of
from core.rnn.dataset.panel import Panel
from core.rnn.panel.learner import run as learner_run
from core.rnn.panel.learner.certificate import Certificate
from core.rnn.panel.learner.inputs import Inputs
from core.rnn.panel.learner.learned import Learned, Points
from core.rnn.panel.learner.linear import SMALLEST, _rows
from core.rnn.panel.learner.recipes import RECIPES
from core.rnn.panel.models import HAR_MARKET, HAR_POOLED, TREES, each_name, panel_models, pooled_name
from core.rnn.prices.prices import Prices
from tests.rnn.dataset.test_panel import abroad, aligned
from tests.rnn.panel.panels import data_of, files, learned, without

EVERY_KIND = ("har", HAR_POOLED, HAR_MARKET, TREES, each_name("gru"), pooled_name("birnn"))
EVERY_RECIPE = tuple(pooled_name("gru", recipe) for recipe in RECIPES)


@pytest.mark.parametrize("model", EVERY_KIND + EVERY_RECIPE)
def test_no_model_knows_the_future_of_any_ticker(model: str) -> None:
    first, second, _ = files()
    prices = [first, without(second, np.arange(500, 505)), abroad("TKY", "XTKS"), abroad("ZZZ", "", 8, "csv")]
    result = learned(prices, model, hidden=3, steps=2)
    assert result.causal == {model: True}
    forecasts, expected = result.points[f"{model}/0"][:-1], aligned(prices).actual[aligned(prices).train_end :]
    assert np.array_equal(np.isfinite(forecasts), np.isfinite(expected))


@pytest.mark.parametrize("model", [HAR_POOLED, HAR_MARKET, TREES, pooled_name("gru")])
def test_a_forecast_does_not_move_with_what_others_could_learn_after_its_close(model: str) -> None:
    """New York's last evening before the test comes after Tokyo's last close: trained anew, Tokyo's first forecast stays."""
    tokyo, new_york = abroad("TKY", "XTKS"), abroad("NYC", "XNYS", 8)
    panel = aligned([tokyo, new_york])
    altered = with_another_future(new_york, panel.test_start, seed=1)  # price i is of row i - 1
    first = panel.test_start - panel.train_end
    before, after = (learned([tokyo, one], model, hidden=3, steps=3).points[f"{model}/0"][first] for one in (new_york, altered))
    column = panel.symbols.index("TKY")
    assert before[column] == after[column]
    assert before[1 - column] != after[1 - column]


def certified(prices: list[Prices], points: Points) -> bool:
    build = learner_run.aligned(data_of(prices))
    return Certificate(build(prices), prices, build).holds(Learned("leak", 0, points, points))


def reads(matrix_of: object) -> Points:
    def points(panel: Panel, first: int) -> np.ndarray:
        values = matrix_of(panel)  # type: ignore[operator]
        own = {one.symbol: np.append(values[one.places[one.since(first) :]], 0.0) for one in panel.members}
        return panel.on_axis(own, first)

    return points


def test_a_model_that_reads_the_market_of_the_day_it_forecasts_fails() -> None:
    assert not certified(files(), reads(lambda panel: market_of(panel, None).sizes))
    assert certified(files(), reads(lambda panel: np.append(0.0, market_of(panel, None).sizes[:-1])))


def test_a_model_whose_market_holds_a_ticker_that_closes_later_fails() -> None:
    prices = [abroad("TKY", "XTKS"), abroad("NYC", "XNYS", 8)]
    assert not certified(prices, reads(lambda panel: np.append(0.0, market_of(panel, None).sizes[:-1])))

    def honest(panel: Panel, first: int) -> np.ndarray:
        own = {}
        for one in panel.members:
            sizes = market_of(panel, one.closing).sizes[one.places]
            own[one.symbol] = sizes[one.since(first) - 1 :]
        return panel.on_axis(own, first)

    assert certified(prices, honest)


def test_a_model_that_is_measured_by_all_days_fails() -> None:
    def points(panel: Panel, first: int) -> np.ndarray:
        own = {one.symbol: np.full(len(one.series) - one.since(first) + 1, one.series.sizes.mean()) for one in panel.members}
        return panel.on_axis(own, first)

    assert not certified(files(), points)


def test_a_classical_model_of_a_panel_forecasts_as_it_does_alone() -> None:
    prices = files()
    result = learned(prices, "har")
    panel = aligned(prices)
    for place, one in enumerate(panel.members):
        model = Classical("har", panel.target, 1)
        returned(model.fit(one.series.until(panel.test_start), one.training))
        alone = model.forecast(one.series, panel.test_start)[:, 0]
        assert result.points["har/0"][panel.test_start - panel.train_end :, place] == pytest.approx(alone, rel=1e-12)
        returned(model.fit(one.series.until(panel.train_end), one.training))
        before = model.forecast(one.series.until(panel.test_start), panel.train_end)[:-1, 0]
        assert result.points["har/0"][: len(before), place] == pytest.approx(before, rel=1e-12)


def test_pooled_har_minimises_qlike_over_all_tickers() -> None:
    prices = files()
    panel = aligned(prices).until(aligned(prices).test_start)
    inputs = Inputs(panel)
    rows = np.concatenate([_rows(inputs, one, True)[21:-1] for one in panel.members])
    labels = np.concatenate([one.series.sizes[22:] / one.unit for one in panel.members])

    def loss(weights: np.ndarray) -> float:
        sizes = np.maximum(rows @ weights, SMALLEST)
        return float((np.log(sizes) + labels / sizes).mean())

    start = np.linalg.lstsq(rows, labels, rcond=None)[0]
    best = minimize(loss, start, method="Powell", options={"maxiter": 20_000, "xtol": 1e-8, "ftol": 1e-12}).fun
    result = learned(prices, HAR_MARKET)
    test = aligned(prices)
    first = test.test_start - test.train_end
    again = np.concatenate([_rows(Inputs(test), one, True)[test.test_start - 1 :, :] for one in test.members])
    forecasts = result.points[f"{HAR_MARKET}/0"][first:].T.ravel()
    units = np.repeat(test.units, len(again) // 3)
    weights = np.linalg.lstsq(again, forecasts / units, rcond=None)[0]  # no forecast is at the floor
    assert loss(weights) == pytest.approx(best, abs=2e-4)


def test_a_model_of_an_unseen_ticker_learns_nothing_of_it() -> None:
    prices = files()
    other = prices[2].model_copy(update={"close": prices[2].close ** 1.7})  # another CCC, twice as wild
    settings = {"unseen": "CCC", "symbols": ("CCC",), "hidden": 3, "steps": 3}
    one, changed = (learned(each, "gru-pooled", **settings) for each in (prices, [*prices[:2], other]))
    assert np.isnan(one.points["gru-pooled/0"][:, :2]).all()
    ratio = changed.points["gru-pooled/0"][:, 2] / one.points["gru-pooled/0"][:, 2]
    assert ratio == pytest.approx(1.7, rel=2e-2)  # the same network in larger units


def test_every_row_names_a_function_that_learns() -> None:
    for row in panel_models().values():
        if row.learner:
            assert callable(resolve_name(row.learner))
