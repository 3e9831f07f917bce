from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core.stn.drawing.turns import answered_against_applied
from core.stn.learning.diagnosis import Diagnosis
from core.stn.straighten.figures import (
    _number,
    errors_before_and_after,
    parts_of,
    recovered_against_applied,
    recovered_by_photo,
)
from core.stn.straighten.result import StraightenResult, packed
from core.theme import PALETTES


@pytest.fixture
def result() -> StraightenResult:
    angles, errors = np.array([-40.0, -10.0, 20.0, 30.0]), np.array([0.1, 0.2, 0.0, 0.4])
    scales = np.array([0.9, 1.0, 1.1, 1.2])
    trials = pd.DataFrame(
        {
            "name": ["a", "b", "a", "b"],
            "seen": [True, False, True, False],
            "applied_deg": angles,
            "recovered_deg": angles + errors,
            "angle_error": errors,
            "applied_scale": scales,
            "recovered_scale": scales + 0.01,
            "applied_shift_x": 0.0,
            "recovered_shift_x": 0.001,
            "applied_shift_y": scales - 1,
            "recovered_shift_y": scales - 1,
            "grid_error_before": [8.0, 8.0, 9.0, 9.0],
            "grid_error_after": [0.5, 0.9, 0.7, 0.9],
            "pixel_error_before": 30.0,
            "pixel_error_after": 2.0,
        }
    )
    pixels = np.zeros((8, 8, 3), np.uint8)
    kinds = ("upright/0", "distorted/0", "straightened/0", "film/given", "film/00")
    return StraightenResult(
        family="similarity",
        max_angle=45,
        names=("a", "b"),
        seconds=3,
        steps=20,
        stopped=False,
        weights={"w": np.zeros(2, np.float32)},
        loss_steps=[10, 20],
        loss=[0.5, 0.1],
        trials=trials,
        errors=pd.DataFrame({"step": [10, 20], "seconds": [1.0, 2.0], "error": [9.0, 0.3]}),
        path=pd.DataFrame({"seconds": [3.0], "turn_deg": [20.0], "scale": [1.0], "shift_x": [0.0], "shift_y": [0.0]}),
        applied={"turn_deg": 21.0, "scale": 1.0, "shift_x": 0.0, "shift_y": 0.0},
        health=Diagnosis("good", "Healthy."),
        example_names=["a"],
        example_thetas=np.eye(2, 3)[None],
        thetas=pd.DataFrame(),
        pictures=packed(dict.fromkeys(kinds, pixels)),
        film_thetas=np.eye(2, 3)[None],
        film_seconds=[3.0],
    )


def test_recovered_angles_stand_against_applied_ones_beside_the_identity(result: StraightenResult) -> None:
    line, held_out, learned = recovered_against_applied(result).data
    assert list(line.x) == list(line.y)
    assert list(learned.x) == [-40, 20]
    assert list(held_out.x) == [-10, 30]
    assert list(held_out.y) == [-9.8, 30.4]


def test_another_part_of_theta_stands_on_its_own_axes(result: StraightenResult) -> None:
    drawn = recovered_against_applied(result, name="scale")
    line, unseen, _ = drawn.data
    assert list(unseen.y) == pytest.approx([1.01, 1.21])
    assert drawn.layout.xaxis.title.text == "applied scale"
    assert line.x[0] < 0.9 < 1.2 < line.x[1]


def test_only_parts_that_were_bent_are_offered(result: StraightenResult) -> None:
    assert parts_of(result) == ["turn", "scale", "shift y"]


def test_histograms_count_every_trial_once_and_outline_what_was_applied(result: StraightenResult) -> None:
    both = recovered_by_photo(result)
    assert [trace.name for trace in both.data] == ["photos it learned from", "photos it never saw", "applied"]
    alone = recovered_by_photo(result.model_copy(update={"trials": result.trials.assign(seen=True)}))
    assert [trace.name for trace in alone.data] == ["a", "b", "applied"]
    for drawn in (both, alone):
        *bars, outline = drawn.data
        assert sum(len(trace.x) for trace in bars) == 4
        assert sum(outline.y) == 2 * 4  # each bin has two corners


def medians(drawn: go.Figure) -> dict[str, str]:
    """The words at each row's median, by the row's label."""
    rows = dict(zip(drawn.layout.yaxis.tickvals, drawn.layout.yaxis.ticktext, strict=True))
    return {rows[round(float(np.mean(trace.y)))]: trace.text[1] for trace in drawn.data if trace.text}


def test_errors_name_the_medians_of_the_scores_and_keep_zero_on_the_page(result: StraightenResult) -> None:
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


def test_errors_have_two_rows_when_every_photo_was_seen(result: StraightenResult) -> None:
    trained_on_all = result.model_copy(update={"trials": result.trials.assign(seen=True)})
    assert medians(errors_before_and_after(trained_on_all)) == {"before": "median 25°", "after": "median 0.15°"}


def test_families_that_do_not_turn_are_judged_by_their_grid(result: StraightenResult) -> None:
    shifted = result.model_copy(update={"family": "translation"})
    assert medians(errors_before_and_after(shifted)) == {
        "before": "median 8.5 %",
        "after": "median 0.6 %",
        "after, photos<br>it never saw": "median 0.9 %",
    }
    assert shifted.headline == "0.60 % of the picture median error, untouched 8.5 %"
    assert result.headline.startswith("0.05° median angle error, untouched 30.0°")


def test_scores_count_the_trials_behind_each_median(result: StraightenResult) -> None:
    assert [result.scores[name] for name in ("trials", "seen_trials", "unseen_trials")] == [4, 2, 2]


@pytest.mark.parametrize("draw", [recovered_against_applied, errors_before_and_after, recovered_by_photo])
def test_figures_keep_their_height_and_wear_the_colours_of_the_mode(draw, result: StraightenResult) -> None:
    light, dark = draw(result, "light"), draw(result, "dark")
    assert light.layout.height == dark.layout.height
    assert PALETTES["dark"].spatial in dark.to_json()
    assert PALETTES["light"].spatial in light.to_json()


def test_answers_that_turn_with_a_photo_lie_on_the_dashed_line() -> None:
    turns = pd.DataFrame({"applied_deg": [-20.0, 0.0, 20.0], "answered_deg": [-8.0, 12.0, 32.0]})
    line, answers = answered_against_applied(turns).data
    assert list(line.y) == list(answers.y) == [-8, 12, 32]
    off = answered_against_applied(turns.assign(answered_deg=[3.0, 12.0, 5.0]))
    assert list(off.data[0].y) == [-8, 12, 32]
    assert list(off.data[1].y) == [3, 12, 5]


@pytest.mark.parametrize("swapped", [False, True], ids=["straightened", "made worse"])
def test_the_words_at_a_median_stand_on_the_wide_side_so_that_no_digit_is_cut_off(
    swapped: bool, result: StraightenResult
) -> None:
    errors, applied = result.trials.angle_error + 0.1, result.trials.applied_deg.abs()
    bent = {"angle_error": applied, "applied_deg": errors} if swapped else {"angle_error": errors, "applied_deg": applied}
    drawn = errors_before_and_after(result.model_copy(update={"trials": result.trials.assign(**bent)}))
    said = {trace.text[1]: trace.textposition for trace in drawn.data if trace.text}
    assert len(set(said.values())) == 2
    largest = max(said, key=lambda words: float(words.split()[1].removesuffix("°")))
    assert said[largest] == "top left"
    assert not any(trace.cliponaxis for trace in drawn.data if trace.text)


def test_a_median_keeps_all_digits_before_the_point() -> None:
    assert [_number(error) for error in (0.057, 8.46, 22.18, 134.2)] == ["0.057", "8.5", "22", "134"]
