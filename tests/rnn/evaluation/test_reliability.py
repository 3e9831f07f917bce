from __future__ import annotations

import numpy as np
import pytest

from core.rnn.dataset.target import DIRECTION, UNCHANGED
from core.rnn.evaluation.reliability import BINS, reliability
from tests.rnn.tables import forecast_table


def test_reliable_forecasts_lie_on_the_diagonal_and_intervals_hold_it() -> None:
    random = np.random.default_rng(0)
    odds = random.uniform(0.3, 0.7, 20_000)
    rose = (random.random(len(odds)) < odds).astype(float)
    table = reliability(forecast_table(rose, {"gru": odds}), "gru", DIRECTION)
    assert len(table) == BINS
    assert table["days"].sum() == len(odds)
    np.testing.assert_allclose(table["share"], table["forecast"], atol=0.03)
    assert ((table["low"] < table["forecast"]) & (table["forecast"] < table["high"])).mean() >= 0.8


def test_a_coin_is_one_point_and_days_without_a_move_are_left_out() -> None:
    rose = np.tile([1.0, 0.0, 1.0, UNCHANGED], 50)
    table = reliability(forecast_table(rose, {"random-walk": np.full(200, 0.5)}), "random-walk", DIRECTION)
    assert table["days"].tolist() == [150]
    assert table["share"].iloc[0] == pytest.approx(2 / 3)


def test_the_mean_of_the_seeds_is_what_is_judged() -> None:
    rose = np.tile([1.0, 0.0], 100)
    seeds = np.stack([np.full(200, 0.4), np.full(200, 0.6)])
    assert reliability(forecast_table(rose, {"gru": seeds}), "gru", DIRECTION)["forecast"].tolist() == pytest.approx([0.5])
