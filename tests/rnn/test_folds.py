from __future__ import annotations

import numpy as np
import pytest

from core.rnn.folds import by_fold
from tests.rnn.tables import forecast_table

ACTUAL = np.array([1.0, -1.0, 2.0, -2.0])


def test_error_of_each_part_by_hand() -> None:
    table = by_fold(forecast_table(ACTUAL, {"random-walk": 0 * ACTUAL, "gru": [1.0, -1.0, 0.0, 0.0]}), folds=2)
    assert table[table.model == "gru"].skill.tolist() == [1.0, 0.0]
    assert table[table.model == "random-walk"].rmse.tolist() == [1.0, 2.0]


def test_parts_follow_each_other_and_cover_all_origins() -> None:
    forecasts = forecast_table(np.arange(10.0), {"random-walk": np.zeros(10)})
    table = by_fold(forecasts, folds=3)
    assert table.fold.tolist() == [1, 2, 3]
    assert table["first"].iloc[0] == forecasts.cutoff.min()
    assert table["last"].iloc[-1] == forecasts.cutoff.max()
    assert (table["first"].to_numpy()[1:] > table["last"].to_numpy()[:-1]).all()


def test_skill_against_a_random_walk_without_error_is_unknown() -> None:
    table = by_fold(forecast_table(np.zeros(4), {"random-walk": np.zeros(4), "gru": np.ones(4)}), folds=2)
    assert table[table.model == "gru"].skill.isna().all()


def test_fewer_origins_than_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="4 origins"):
        by_fold(forecast_table(ACTUAL, {"random-walk": ACTUAL}), folds=5)
