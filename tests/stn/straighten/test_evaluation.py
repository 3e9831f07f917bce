from __future__ import annotations

import dataclasses
import math
import time
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
import pandas as pd
import pytest
import torch
from torch import Generator, Tensor, nn

from core.drive import returned
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.samples import sample_names
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.theta import Parts, identity, inverse, inverse_parts, mean_scale, rotation_deg, theta_of, turn_between
from core.stn.learning.belief import Calibration
from core.stn.straighten import evaluation as science
from core.stn.straighten.evaluation import (
    QUICK_AT_ONCE,
    STRANGERS,
    Evaluation,
    Trial,
    calibration_by,
    grid_error,
    pixel_error,
    with_belief,
)
from core.stn.straighten.looking.doubt import FLOORS
from core.stn.straighten.request import StraightenRequest
from core.stn.straighten.run import _batches, _random


class Idle(nn.Module):
    """A localisation network that leaves every photo as it is."""

    def forward(self, view: Tensor) -> Tensor:
        return identity(len(view))


def trials_of(evaluation: Evaluation, seconds: float = 60) -> list[Trial]:
    return returned(evaluation.run(Idle(), until=time.monotonic() + seconds))


@dataclass(frozen=True)
class Noting(Distortions):
    """Distortions that note the angles they draw, as shares of the largest one: so much is equal in training and in trials."""

    noted: list[Tensor] = field(default_factory=list)

    def draw(self, count: int, generator: Generator, share: Tensor | float = 1.0) -> Tensor:
        thetas = super().draw(count, generator, share)
        self.noted.append(rotation_deg(thetas) / self.max_angle)
        return thetas


def share_angles(evaluation: Evaluation) -> bool:
    """Whether two angles in a row of the evaluation are also two in a row of a training with the same seed."""
    request = StraightenRequest(images=("0" * 64,), names=("a",), seed=evaluation.seed)
    training, testing = Noting(), Noting()
    for _ in islice(_batches([evaluation.photos[0]], training, _random(request)), 20):
        pass
    trials_of(replace(evaluation, distortions=testing))
    pairs = torch.cat([angles.unfold(0, 2, 1) for angles in training.noted])
    tested = torch.cat([angles.unfold(0, 2, 1) for angles in testing.noted])
    return bool(((pairs[:, None] - tested).abs() < 1e-5).all(dim=-1).any())


@pytest.fixture
def evaluation(photo: np.ndarray) -> Evaluation:
    small = photo[::4, ::4]
    return Evaluation([small, small[:, ::-1], small[:, :64]], ["a", "b", "c"], [1], Distortions(), seed=0)


@pytest.mark.parametrize(("first", "second", "between"), [(10, -20, 30), (179, -179, 2), (-170, 170, 20), (90, -90, 180)])
def test_angles_differ_the_short_way_round(first: float, second: float, between: float) -> None:
    assert turn_between(first, second) == pytest.approx(between)


def test_pixel_error_by_hand() -> None:
    black, grey = np.zeros((9, 9, 3), np.uint8), np.full((9, 9, 3), 7, np.uint8)
    assert pixel_error(black, grey) == 7
    corner = black.copy()
    corner[0, 0] = 255  # outside the circle
    assert pixel_error(black, corner) == 0


def test_grid_error_by_hand_is_in_percent_of_the_short_side() -> None:
    shifted = theta_of(Parts(shift_x=0.3, shift_y=-0.4)).float()
    assert grid_error(shifted) == pytest.approx(25)
    assert grid_error(shifted, theta_of(Parts(shift_x=-0.3, shift_y=0.4)).float()) == pytest.approx(0, abs=1e-5)
    assert grid_error(shifted, shifted) == pytest.approx(50)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_inverse_of_a_distortion_leaves_no_grid_error(family: FamilyName) -> None:
    bends = Distortions.of(family, 45).draw(4, torch.Generator().manual_seed(0))
    for bent, theta in zip(bends, inverse(bends), strict=True):
        assert grid_error(bent, theta) < (1.0 if family == "tps" else 1e-3)  # a spline's inverse is no spline
        assert grid_error(bent) > 2


def test_what_had_been_done_is_read_off_the_theta_that_undoes_it() -> None:
    done = Parts(30, 1.2, 1.2, 0, 0.1, -0.2)
    motion = inverse_parts(inverse(theta_of(done)[None])[0])
    assert dataclasses.astuple(motion) == pytest.approx(dataclasses.astuple(done), abs=1e-9)
    assert mean_scale(motion) == pytest.approx(1.2)


def test_what_a_singular_theta_undoes_is_a_number() -> None:
    assert np.isfinite(dataclasses.astuple(inverse_parts(torch.zeros(2, 3)))[0])


def test_network_that_does_nothing_leaves_the_whole_angle(evaluation: Evaluation) -> None:
    for trial in trials_of(evaluation):
        assert trial.row["recovered_deg"] == pytest.approx(0, abs=1e-4)
        assert trial.row["angle_error"] == pytest.approx(abs(trial.applied_deg), abs=1e-4)
        assert trial.row["grid_error_after"] == pytest.approx(trial.row["grid_error_before"], abs=1e-3)
        assert trial.row["recovered_scale"] == pytest.approx(1, abs=1e-6)
        assert trial.row["pixel_error_after"] == pytest.approx(trial.row["pixel_error_before"], abs=0.1)


def test_photos_that_training_did_not_see_are_every_second_trial(evaluation: Evaluation) -> None:
    trials = trials_of(evaluation)
    assert len(trials) == science.TRIALS
    assert [trial.name for trial in trials[:6]] == ["a", "b", "c", "b", "a", "b"]
    assert [trial.photo_in_training for trial in trials[:4]] == [True, False, True, False]


def test_the_test_ends_in_time_but_not_without_trials(evaluation: Evaluation) -> None:
    assert len(trials_of(evaluation, seconds=-1)) == science.LEAST_TRIALS


def test_trials_draw_distortions_that_training_does_not(evaluation: Evaluation) -> None:
    assert not share_angles(evaluation)


def test_trials_from_the_stream_of_the_training_would_be_noticed(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(science, "UNSEEN", 0)
    assert share_angles(evaluation)


def test_same_seed_same_trials(evaluation: Evaluation) -> None:
    assert [trial.applied_deg for trial in trials_of(evaluation)] == [trial.applied_deg for trial in trials_of(evaluation)]


def test_strangers_are_tried_with_distortions_of_their_own(evaluation: Evaluation) -> None:
    strangers = returned(evaluation.strangers(Idle(), until=math.inf))
    assert len(strangers) == STRANGERS
    assert set(sample_names()) < set(strangers.name)
    np.testing.assert_allclose(strangers.angle_error, strangers.applied_deg.abs(), atol=1e-4)
    np.testing.assert_allclose(strangers.grid_error_after, strangers.grid_error_before, atol=1e-3)
    own = {round(trial.applied_deg, 4) for trial in trials_of(evaluation)}
    assert not own & set(strangers.applied_deg.round(4))


def test_belief_is_calibrated_by_more_trials_on_the_same_photos_with_distortions_of_their_own(evaluation: Evaluation) -> None:
    again = returned(evaluation.again(Idle(), until=math.inf))
    assert again.name.tolist() == [trial.name for trial in trials_of(evaluation)]
    np.testing.assert_allclose(again.angle_error, again.applied_deg.abs(), atol=1e-4)
    others = [
        *(trial.applied_deg for trial in trials_of(evaluation)),
        *returned(evaluation.strangers(Idle(), math.inf)).applied_deg,
    ]
    assert not set(np.round(others, 4)) & set(again.applied_deg.round(4))


def test_trials_for_the_calibration_end_in_time_but_not_without_any(evaluation: Evaluation) -> None:
    assert len(returned(evaluation.strangers(Idle(), until=0))) == QUICK_AT_ONCE
    assert len(returned(evaluation.again(Idle(), until=0))) == QUICK_AT_ONCE


def test_a_network_that_does_nothing_believes_nothing(evaluation: Evaluation) -> None:
    table = pd.DataFrame([trial.row for trial in trials_of(evaluation)])
    strangers = returned(evaluation.strangers(Idle(), until=math.inf))
    judged = with_belief(table, True, calibration_by([table, strangers], True))
    assert judged.right.tolist() == (table.angle_error < 2).tolist()
    assert judged.belief.max() < 0.2


def test_where_nothing_turns_a_grid_error_below_2_percent_is_right() -> None:
    table = pd.DataFrame({"angle_error": [9.0, 0.0], "grid_error_after": [1.9, 2.1], "scatter": [0.1, 0.1], "likeness": 0.0})
    assert with_belief(table, False, Calibration(0.0, (0.0, 0.0), FLOORS)).right.tolist() == [True, False]
