from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.multitest import multipletests

from core.glossary import TERMS
from core.rnn.evaluation.family import EXPECTED_SHARE, Family, family
from core.rnn.evaluation.losses import Losses
from core.rnn.evaluation.significance import sidak
from tests.rnn.tables import forecast_table

MODELS = ("ar", "har", "rnn", "gru")


@pytest.fixture
def losses() -> Losses:
    random = np.random.default_rng(3)
    actual = random.standard_normal(400)
    shares = dict(zip(MODELS, (0.01, 0.03, 0.02, 0.06), strict=True))
    forecasts = {model: share * actual + 0.1 * random.standard_normal(400) for model, share in shares.items()}
    return Losses.of(forecast_table(actual, {"random-walk": np.zeros(400)} | forecasts))


def test_without_an_expected_winner_the_correction_is_holms(losses: Losses) -> None:
    tests = family(losses, losses.models, "random-walk")
    assert tests.models == MODELS  # the rival is no test
    np.testing.assert_allclose(tests.corrected, multipletests(tests.raw, method="holm")[1])
    np.testing.assert_allclose(tests.levels, 0.05 / 4)


def test_the_expected_winner_has_most_of_the_level(losses: Losses) -> None:
    tests = family(losses, losses.models, "random-walk", "gru")
    assert tests.levels[3] == pytest.approx(EXPECTED_SHARE * 0.05)
    np.testing.assert_allclose(tests.levels[:3], (1 - EXPECTED_SHARE) * 0.05 / 3)
    assert tests.levels.sum() == pytest.approx(0.05)
    assert tests.corrected[3] == pytest.approx(tests.raw[3] / EXPECTED_SHARE)


@dataclass(frozen=True)
class GivenTests:
    """In the place of `Losses`: the p values of models, whatever the rival."""

    p: dict[str, float]

    def test(self, model: str, rival: str) -> SimpleNamespace:
        return SimpleNamespace(p=self.p[model])


@pytest.mark.parametrize(
    ("raw", "corrected"),  # of the expected network, and the smallest of the other three
    [
        ((0.012, 0.010), (1.25 * 0.012, 3 * 0.010)),
        ((0.036, 0.0031), (1.25 * 0.036, 1.25 * 0.036)),  # by 3 it would end below the one before it
        ((0.036, 0.0029), (15 * 0.0029, 15 * 0.0029)),  # below a twelfth of 0.036
        ((0.036, 0.0001), (14 / 12 * 0.036, 15 * 0.0001)),
    ],
)
def test_of_four_networks_p_is_multiplied_as_the_glossary_says(
    raw: tuple[float, float], corrected: tuple[float, float]
) -> None:
    own = dict(zip(("gru", "rnn", "lstm", "birnn"), (*raw, 0.5, 0.6), strict=True))
    tests = Family(GivenTests(own), tuple(own), "har", expected="gru")  # type: ignore[arg-type]
    assert tests.corrected[:2] == pytest.approx(corrected)
    for words in (
        "four fifths of the level belong to the model that is best on the validation days",
        "Of 4 networks its p is multiplied by 1.25 at most; the smallest p of the other three by 3, but by 15 where it is "
        "below a twelfth of that of the best in validation",
    ):
        assert words in TERMS["recurrent"]["correction"]


def test_other_trials_are_allowed_for_by_sidak(losses: Losses) -> None:
    tests = family(losses, losses.models, "random-walk", "gru", others=96)
    expected = [
        max(p, sidak(raw, 100))
        for p, raw in zip(family(losses, losses.models, "random-walk", "gru").corrected, tests.raw, strict=True)
    ]
    np.testing.assert_allclose(tests.corrected, expected)
    assert tests.levels[3] == pytest.approx(1 - 0.95 ** (1 / 100))
    assert sidak(float(tests.levels[3]), 100) == pytest.approx(0.05)


def test_below_its_level_a_model_is_better_whatever_the_others_do(losses: Losses) -> None:
    for expected, others in (("", 0), ("gru", 0), ("gru", 40)):
        tests = family(losses, losses.models, "random-walk", expected, others)
        assert (tests.corrected[tests.raw < tests.levels] < 0.05).all()


def test_equal_forecasts_are_one_test() -> None:
    random = np.random.default_rng(0)
    actual, same = random.standard_normal((2, 200))
    losses = Losses.of(forecast_table(actual, {"random-walk": 0 * same, "drift": same, "mean": same}))
    tests = family(losses, losses.models, "random-walk")
    np.testing.assert_array_equal(tests.corrected, tests.raw)
    np.testing.assert_array_equal(tests.levels, [0.05, 0.05])


def test_a_rival_with_the_same_errors_cannot_be_told_apart() -> None:
    actual = np.random.default_rng(0).standard_normal(200)
    losses = Losses.of(forecast_table(actual, {"random-walk": 0 * actual, "ar": 0 * actual}))
    [row] = family(losses, losses.models, "random-walk", "ar").rows()
    assert np.isnan(row.p)
    assert not row.better
    assert not row.worse


@pytest.mark.slow
def test_a_corrected_test_at_its_detectable_skill_is_found_in_four_of_five_cases() -> None:
    """The model that was expected to win, and one that was not, beside 40 other trials or none."""
    random = np.random.default_rng(5)
    for expected, others in (("gru", 0), ("lstm", 0), ("gru", 40)):
        stated = 0.08
        for _ in range(3):
            rows = [_drawn(stated, random, expected, others) for _ in range(15)]
            stated = float(np.median([row.detectable_skill for row in rows]))
        found = np.mean([_drawn(stated, random, expected, others).better for _ in range(80)])
        assert found == pytest.approx(0.8, abs=0.11), (expected, others)


def _drawn(skill: float, random: np.random.Generator, expected: str, others: int):
    """A GRU of that skill against the random walk, beside three networks without any."""
    signal = np.sqrt(skill) * random.standard_normal(500)
    actual = signal + np.sqrt(1 - skill) * random.standard_normal(500)
    rest = {model: 0.1 * random.standard_normal(500) for model in ("rnn", "birnn", "lstm")}
    losses = Losses.of(forecast_table(actual, {"random-walk": 0 * actual, "gru": signal} | rest))
    return family(losses, losses.models, "random-walk", expected, others).rows()[0]


def test_an_expected_winner_is_no_licence_for_false_alarms() -> None:
    random, alarms = np.random.default_rng(1), 0
    for _ in range(300):
        actual = random.standard_normal(200)
        rest = {model: 0.1 * random.standard_normal(200) for model in ("rnn", "birnn", "lstm", "gru")}
        losses = Losses.of(forecast_table(actual, {"random-walk": 0 * actual} | rest))
        alarms += any(row.better for row in family(losses, losses.models, "random-walk", "gru").rows())
    assert alarms <= 15


def test_the_rows_speak_of_the_same_numbers(losses: Losses) -> None:
    tests = family(losses, losses.models, "har", "gru")
    table = pd.DataFrame(tests.rows())
    assert table.model.tolist() == ["random-walk", "ar", "rnn", "gru"]
    np.testing.assert_array_equal(table.p, tests.corrected)
    np.testing.assert_allclose(table.skill, [losses.skill(model, "har") for model in table.model])
