from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued
from core.rnn.compare.verdict import judge
from core.rnn.dataset.target import RETURN
from core.rnn.evaluation import losses as module
from core.rnn.evaluation.losses import Losses, skill
from core.rnn.evaluation.metrics import Evidence, rank
from core.rnn.evaluation.significance import confidence_set, diebold_mariano, superior_ability
from tests.rnn.compare.results import made_result
from tests.rnn.tables import forecast_table


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
    assert losses.skill("gru", "har") == skill(losses["gru"], losses["har"])
    assert losses.confidence_set == confidence_set(losses.by_model)
    assert losses.superior_ability == superior_ability(losses.by_model, "random-walk")
    assert losses.best_classical == "har"


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
    ranking = rank(evidence)
    for trials in (0, 100, 200):
        judge(ranking, evidence.losses, RETURN, trials)
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


def test_a_random_walk_alone_has_no_rival_to_test() -> None:
    losses = Losses.of(forecast_table([1, 2, 3], {"random-walk": [0, 0, 0]}))
    assert np.isnan(losses.superior_ability)
    assert np.isnan(losses.test("random-walk").p)
