from __future__ import annotations

import numpy as np
import pytest

from core.rnn.compare.views import track_of
from core.rnn.evaluation.columns import COMMITTEE
from tests.rnn.compare.results import HALF, TEST_DAYS, made_result


@pytest.mark.parametrize("step", [1, 3])
def test_a_track_holds_one_step_of_one_model_by_seed(step: int) -> None:
    result = made_result("return", seeds=2, horizon=3)
    track = track_of(result, "gru", step)
    rows = result.forecasts.query("model == 'gru' and step == @step")
    assert track.forecasts.shape == (2, TEST_DAYS - 2)
    np.testing.assert_allclose(track.forecasts[1], rows[rows.seed == 1].forecast)
    np.testing.assert_allclose(track.adaptive_high - track.forecasts, 2 * HALF)
    np.testing.assert_array_equal(track.days, rows[rows.seed == 0].date.to_numpy().astype("datetime64[ms]"))


def test_intervals_of_a_committee_stand_beside_the_forecasts_of_its_seeds() -> None:
    result = made_result("return", seeds=3)
    place = ["model", "cutoff", "step", "date"]
    bands = result.bands.drop(columns="seed").groupby(place, as_index=False).mean().assign(seed=COMMITTEE)
    track = track_of(result.model_copy(update={"bands": bands}), "gru")
    assert track.forecasts.shape == (3, TEST_DAYS)
    assert track.low.shape == (1, TEST_DAYS)
    np.testing.assert_allclose(track.adaptive_high[0] - track.forecast, 2 * HALF)


def test_the_last_close_is_that_of_the_origin() -> None:
    result = made_result("return", horizon=3)
    np.testing.assert_allclose(track_of(result, "gru", 3).last_close, result.close[-TEST_DAYS - 1 : -3])


def test_a_probability_has_no_interval() -> None:
    track = track_of(made_result("direction"), "gru")
    assert not track.banded
    assert np.isnan(track.low).all()
