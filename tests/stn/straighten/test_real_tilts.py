"""The exam has tilts as people make them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.stn.datasets.distortions import Distortions
from core.stn.datasets.tilts import TILTS
from core.stn.geometry.theta import identity
from core.stn.learning.belief import Calibration
from core.stn.straighten.evaluation import Evaluation, with_belief
from core.stn.straighten.exam.real_tilts import EACH, real_tilts
from core.stn.straighten.looking.doubt import FLOORS
from tests.stn.straighten.finished_runs import result_of


class Idle(nn.Module):
    def forward(self, view: Tensor) -> Tensor:
        return identity(len(view))


@pytest.fixture
def evaluation(photo: np.ndarray) -> Evaluation:
    return Evaluation([photo, photo[:, ::-1].copy()], ["a", "b"], [1], Distortions(), seed=0)


def test_each_kind_of_tilt_is_drawn_and_slight_ones_stay_within_5_degrees(evaluation: Evaluation) -> None:
    tilts = real_tilts(evaluation, Idle())
    assert tilts.groupby("tilt").size().to_dict() == dict.fromkeys(TILTS, EACH)
    np.testing.assert_allclose(tilts.angle_error, tilts.applied_deg.abs(), atol=1e-4)
    assert tilts[tilts.tilt == "slight"].applied_deg.abs().max() <= 5 < tilts.applied_deg.abs().max() <= 45
    assert set(tilts.seen) == {True, False}


def test_what_is_left_counts_that_what_is_not_believed_stays_as_it_is(evaluation: Evaluation) -> None:
    tilts = with_belief(real_tilts(evaluation, Idle()).assign(angle_error=90.0), True, Calibration(-9.0, (0.0, 0.0), FLOORS))
    result = result_of("similarity").model_copy(update={"tilts": tilts})
    scores = result._tilt_scores
    assert scores["slight_deg"] == scores["slight_worst_deg"] == 90
    assert scores["slight_left_deg"] == scores["slight_before_deg"] <= 5
    assert torch.tensor([scores["cropped_before_deg"]]) > 5
