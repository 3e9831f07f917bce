from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core.stn.figures import errors_before_and_after, loss_curve, recovered_against_applied
from core.stn.rectify import RectifyResult
from core.theme import PALETTES


@pytest.fixture
def result() -> RectifyResult:
    angles, errors = np.array([-40.0, -10.0, 20.0, 30.0]), np.array([0.1, 0.2, 0.0, 0.4])
    pixels = np.zeros((8, 8, 3), np.uint8)
    trials = pd.DataFrame(
        {
            "name": ["a", "b", "a", "b"],
            "seen": [True, False, True, False],
            "applied_deg": angles,
            "recovered_deg": angles + errors,
            "angle_error": errors,
            "pixel_error_before": 30.0,
            "pixel_error_after": 2.0,
        }
    )
    return RectifyResult(
        family="similarity",
        max_angle=45,
        names=("a", "b"),
        seconds=3,
        steps=20,
        weights={"w": np.zeros(2, np.float32)},
        loss_steps=[10, 20],
        loss=[0.5, 0.1],
        trials=trials,
        example_names=["a"],
        example_thetas=np.eye(2, 3)[None],
        upright={"0": pixels},
        distorted={"0": pixels},
        straightened={"0": pixels},
        film_distorted=pixels,
        film=pixels[None],
        film_thetas=np.eye(2, 3)[None],
        film_seconds=[3.0],
    )


def test_loss_curve_shows_every_step(result: RectifyResult) -> None:
    drawn = loss_curve(result)
    assert list(drawn.data[0].x) == [10, 20]
    assert drawn.layout.xaxis.title.text == "training step"


def test_recovered_angles_stand_against_applied_ones_beside_the_identity(result: RectifyResult) -> None:
    line, unseen, seen = recovered_against_applied(result).data
    assert list(line.x) == list(line.y)
    assert list(seen.x) == [-40, 20]
    assert list(unseen.x) == [-10, 30]
    assert list(unseen.y) == [-9.8, 30.4]


def medians(drawn: go.Figure) -> dict[str, str]:
    """The words at each row's median, by the row's label."""
    rows = dict(zip(drawn.layout.yaxis.tickvals, drawn.layout.yaxis.ticktext, strict=True))
    return {rows[round(float(np.mean(trace.y)))]: trace.text[1] for trace in drawn.data if trace.text}


def test_errors_name_the_medians_of_the_scores_and_keep_zero_on_the_page(result: RectifyResult) -> None:
    drawn = errors_before_and_after(result)
    assert medians(drawn) == {
        "before": "median 30°",
        "after": "median 0.05°",
        "after, photos<br>it never saw": "median 0.3°",
    }
    assert result.scores["angle_error_before_deg"] == 30
    assert result.scores["angle_error_deg"] == pytest.approx(0.05)
    assert result.scores["unseen_images_angle_error_deg"] == pytest.approx(0.3)
    assert min(min(trace.x) for trace in drawn.data) > 0


def test_errors_have_two_rows_when_every_photo_was_seen(result: RectifyResult) -> None:
    seen = result.model_copy(update={"trials": result.trials.assign(seen=True)})
    assert medians(errors_before_and_after(seen)) == {"before": "median 25°", "after": "median 0.15°"}


def test_scores_count_the_trials_behind_each_median(result: RectifyResult) -> None:
    assert [result.scores[name] for name in ("trials", "seen_trials", "unseen_trials")] == [4, 2, 2]


@pytest.mark.parametrize("draw", [loss_curve, recovered_against_applied, errors_before_and_after])
def test_figures_keep_their_height_and_wear_the_colours_of_the_mode(draw, result: RectifyResult) -> None:
    light, dark = draw(result, "light"), draw(result, "dark")
    assert light.layout.height == dark.layout.height
    assert PALETTES["dark"].spatial in dark.to_json()
    assert PALETTES["light"].spatial in light.to_json()
