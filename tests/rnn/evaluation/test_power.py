from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.rnn.evaluation.losses import Losses, Scale
from core.rnn.evaluation.power import detectable_gain
from core.rnn.evaluation.significance import DETECTABLE_Z, diebold_mariano
from tests.rnn.tables import forecast_table

Draw = Callable[[float, int, np.random.Generator], tuple[np.ndarray, np.ndarray, np.ndarray]]


def returns(gain: float, days: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Actual values with heavy tails (t with 4 degrees), a forecast that saves a share `gain` of their variance, and 0."""
    signal = math.sqrt(gain) * random.standard_normal(days)
    return signal + math.sqrt(1 - gain) * random.standard_t(4, days) / math.sqrt(2), signal, np.zeros(days)


def sizes(gain: float, days: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sizes |r|, the forecast that is right about them and has a QLIKE lower by `gain`, and their mean."""
    spread = math.sqrt(2 * gain)  # of the logarithm s: QLIKE of the right one is lower by E s²/2
    level = np.exp(spread * random.standard_normal(days) - gain)
    return level * np.abs(random.standard_normal(days)) * math.sqrt(math.pi / 2), level, np.ones(days)


def rises_by_log(gain: float, days: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Directions, their true probabilities, whose log loss is lower by a share `gain`, and one half."""
    return _rises(math.sqrt(gain * math.log(2) / 2), days, random)


def rises_by_brier(gain: float, days: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same for the Brier score."""
    return _rises(math.sqrt(gain) / 2, days, random)


def _rises(edge: float, days: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    moved = edge * np.where(random.random(days) < 0.5, 1, -1)
    return (random.random(days) < 0.5 + moved).astype(float), 0.5 + moved, np.full(days, 0.5)


def losses_of(draw: Draw, gain: float, days: int, random: np.random.Generator, loss: str) -> Losses:
    actual, model, rival = draw(gain, days, random)
    return Losses.of(forecast_table(actual, {"random-walk": rival, "gru": model}), loss=loss)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("draw", "loss", "level"),
    [
        (returns, "squared", 0.05),
        (sizes, "qlike", 0.05),
        (rises_by_log, "log", 0.01),
        (rises_by_brier, "brier", 0.05),
    ],
)
def test_a_model_with_the_detectable_skill_is_found_in_four_of_five_cases(draw: Draw, loss: str, level: float) -> None:
    random = np.random.default_rng(1)
    stated = np.median([losses_of(draw, 0.05, 500, random, loss).detectable_skill("gru", level=level) for _ in range(20)])
    for _ in range(2):  # what a model of that skill would have been told
        drawn = [losses_of(draw, float(stated), 500, random, loss) for _ in range(20)]
        stated = np.median([one.detectable_skill("gru", level=level) for one in drawn])
    tests = [losses_of(draw, float(stated), 500, random, loss).test("gru") for _ in range(200)]
    assert np.mean([test.p < level and test.stat < 0 for test in tests]) == pytest.approx(0.8, abs=0.1)


def test_origins_times_skill_of_thirty_is_found_in_four_of_five_cases() -> None:
    random = np.random.default_rng(0)
    stated = [losses_of(returns, 0.06, 500, random, "squared").detectable_skill("gru") for _ in range(20)]
    assert np.median(stated) * 500 == pytest.approx(4 * DETECTABLE_Z**2, rel=0.15)


def test_the_detectable_skill_of_a_noisy_model_is_found_in_four_of_five_cases() -> None:
    random = np.random.default_rng(0)
    actual, model, _ = returns(0.1, 200_000, random)
    noisy = (actual - model - 0.6 * random.standard_normal(200_000)) ** 2
    stated = [diebold_mariano(noisy[k::400], actual[k::400] ** 2).detectable() / np.mean(actual**2) for k in range(40)]
    assert np.mean(stated) > 1.3 * 4 * DETECTABLE_Z**2 / 500
    # this model's own skill is 0.1 − 0.36, so shift its losses until it has just the detectable one
    shift = np.mean(stated) * np.mean(actual**2) - (np.mean(actual**2) - noisy.mean())
    tests = [diebold_mariano(noisy[k::400] - shift, actual[k::400] ** 2) for k in range(400)]
    assert np.mean([test.p < 0.05 and test.stat < 0 for test in tests]) == pytest.approx(0.8, abs=0.07)


def test_a_timid_model_does_not_make_a_short_test_look_sharp() -> None:
    actual = np.random.default_rng(0).standard_normal(500)
    losses = Losses.of(forecast_table(actual, {"random-walk": 0 * actual, "gru": 0 * actual + 0.001}))
    assert losses.test("gru").detectable() / losses.mean("random-walk") < 0.001
    assert losses.detectable_skill("gru") == pytest.approx(4 * DETECTABLE_Z**2 / 500, rel=1e-5)


def test_a_gain_that_no_forecast_could_have_is_not_stated() -> None:
    random = np.random.default_rng(0)
    actual = random.standard_normal(30)
    wild = Losses.of(forecast_table(actual, {"random-walk": 0 * actual, "gru": 9 * random.standard_normal(30)}))
    assert wild.test("gru").detectable() > wild.mean("random-walk")
    assert math.isnan(wild.detectable_skill("gru"))
    perfect = Losses.of(forecast_table(np.zeros(10), {"random-walk": np.zeros(10), "har": np.ones(10)}))
    assert math.isnan(perfect.detectable_skill("har"))


def test_the_ideal_forecast_of_every_loss_has_the_smallest_loss() -> None:
    random = np.random.default_rng(2)
    moves = random.standard_normal(200)
    table = forecast_table(np.abs(moves), {"random-walk": np.ones(200)})
    scale = Scale(pd.Series(moves**2, table.date.to_numpy()), sigma=1.25, smallest=0.01)
    for loss in ("squared", "qlike", "qlike-variance", "squared-variance"):
        losses = Losses.of(table, loss=loss, scale=scale)
        scored = losses.scored(losses.committee["random-walk"].to_numpy())
        ideal = losses.loss.ideal(scored)
        least = losses.loss.of(losses.scored(ideal))
        for other in (0.9 * ideal, 1.1 * ideal, np.ones(200)):
            assert (least <= losses.loss.of(losses.scored(other)) + 1e-12).all()


def test_a_smaller_level_or_fewer_origins_need_a_larger_gain() -> None:
    assert detectable_gain(4.0, 500) == pytest.approx(4 * DETECTABLE_Z**2 / 500, rel=1e-6)
    assert detectable_gain(4.0, 500, 0.01) > detectable_gain(4.0, 500)
    assert detectable_gain(4.0, 250) == 2 * detectable_gain(4.0, 500)
    with pytest.raises(ValueError, match="0 origins"):
        detectable_gain(4.0, 0)
