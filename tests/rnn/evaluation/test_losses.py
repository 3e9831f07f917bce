from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued
from core.rnn.compare.verdict import judge
from core.rnn.evaluation import losses as module
from core.rnn.evaluation.evidence import Evidence
from core.rnn.evaluation.losses import Losses
from core.rnn.evaluation.metrics import rank
from core.rnn.evaluation.significance import confidence_set, diebold_mariano, superior_ability
from tests.rnn.compare.results import made_result
from tests.rnn.tables import forecast_table, horizon_table


@pytest.fixture
def forecasts() -> pd.DataFrame:
    random = np.random.default_rng(0)
    actual = random.standard_normal(200)
    noise = {"random-walk": 1.0, "har": 0.8, "drift": 1.1}
    classical = {model: actual + size * random.standard_normal(200) for model, size in noise.items()}
    return forecast_table(actual, classical | {"gru": actual + 0.9 * random.standard_normal((3, 200))})


def test_losses_agree_with_the_tests_they_stand_for(forecasts: pd.DataFrame) -> None:
    losses = Losses.of(forecasts)
    assert losses.models == ("random-walk", "har", "drift", "gru")
    assert losses.test("gru") == diebold_mariano(losses["gru"], losses["random-walk"])
    assert losses.test("gru", "har") == diebold_mariano(losses["gru"], losses["har"])
    assert losses.skill("gru", "har") == pytest.approx(1 - losses["gru"].mean() / losses["har"].mean())
    assert losses.confidence_set == confidence_set(losses.by_model)
    assert losses.superior_ability == superior_ability(losses.by_model, "random-walk")


class Counted:
    """Counts the calls of a test by its losses."""

    def __init__(self, test) -> None:
        self.test, self.calls = test, Counter[bytes]()

    def __call__(self, *losses, **options):
        arrays = losses[0].values() if isinstance(losses[0], dict) else losses[:2]
        self.calls[b"".join(one.tobytes() for one in arrays)] += 1
        return self.test(*losses, **options)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Counted]:
    tests = {name: Counted(getattr(module, name)) for name in ("diebold_mariano", "confidence_set", "superior_ability")}
    for name, test in tests.items():
        monkeypatch.setattr(module, name, test)
    return tests


def test_ranking_and_verdict_make_every_test_once(forecasts: pd.DataFrame, counted: dict[str, Counted]) -> None:
    evidence = Evidence(forecasts, 1.0)
    rank(evidence)
    for trials in (0, 100, 200):
        judge(evidence, trials)
    against_the_walk, against_the_best = 4, 3  # of four models; the walk against the best is the same differences, turned
    assert sum(counted["diebold_mariano"].calls.values()) == against_the_walk + against_the_best + 1
    for test in counted.values():
        assert set(test.calls.values()) == {1}


def test_other_costs_and_trials_make_no_test_again(counted: dict[str, Counted]) -> None:
    result = made_result()
    for test in counted.values():
        test.calls.clear()
    for valuation in (Valuation(cost_bp=1), Valuation(trials=50), Valuation(cost_bp=9, trials=99)):
        valued(result, valuation)
    for test in counted.values():
        assert set(test.calls.values()) <= {1}


def test_the_committees_loss_is_that_of_the_mean_forecast_of_its_seeds(forecasts: pd.DataFrame) -> None:
    gru = forecasts[forecasts.model == "gru"].groupby("cutoff")[["actual", "forecast"]].mean()
    losses = Losses.of(forecasts)
    np.testing.assert_allclose(losses["gru"], (gru.actual - gru.forecast) ** 2, rtol=1e-12)
    assert losses.mean("gru") < losses.by_seed["gru"].mean().min()  # noise of single seeds averages out
    assert losses.by_seed["gru"].shape == (200, 3)


def test_another_loss_reads_the_same_forecasts(forecasts: pd.DataFrame) -> None:
    losses = Losses.of(forecasts.assign(actual=forecasts.actual.abs(), forecast=forecasts.forecast.abs() + 0.1))
    qlike = losses.by("qlike")
    har = losses.forecasts["har", 0].to_numpy()
    np.testing.assert_allclose(qlike["har"], np.log(har) + losses.actual / har)
    assert qlike.skill("har") == pytest.approx(qlike.mean("random-walk") - qlike.mean("har"))
    assert losses.by("squared") is losses


def test_a_loss_of_several_steps_is_the_mean_over_the_steps_of_an_origin() -> None:
    random = np.random.default_rng(3)
    actual, forecasts = random.random(52) + 0.5, random.random((1, 50, 3)) + 0.5
    table = horizon_table(actual, {"random-walk": forecasts})
    losses = Losses.of(table, loss="qlike")
    days = np.arange(50)[:, None] + np.arange(3)
    expected = (np.log(forecasts[0]) + actual[days] / forecasts[0]).mean(axis=1)
    np.testing.assert_allclose(losses["random-walk"], expected)
    assert (losses.origins, losses.horizon) == (50, 3)


def test_a_random_walk_alone_has_no_rival_to_test() -> None:
    losses = Losses.of(forecast_table([1, 2, 3], {"random-walk": [0, 0, 0]}))
    assert np.isnan(losses.superior_ability)
    assert np.isnan(losses.test("random-walk").p)
