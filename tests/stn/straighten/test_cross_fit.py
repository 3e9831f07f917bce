"""A run learns what to think of new photos of its kind from a second network that saw half of them."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
import torch

from core.drive import returned
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.samples import digits
from core.stn.learning.belief import BELIEVED
from core.stn.straighten.evaluation import QUICK_AT_ONCE, Evaluation
from core.stn.straighten.exam.cross_fit import (
    FEWEST,
    TRIALS,
    as_scattered,
    by_knowledge,
    cautious,
    cross_fitted,
    each_alike,
    halves,
    is_due,
)
from core.stn.straighten.exam.in_words import new_photos_in_words
from core.stn.straighten.looking.doubt import distances_of
from core.stn.straighten.run import Exam, untrained
from tests.stn.straighten.finished_runs import result_of


def evaluation_of(count: int, held_out: list[int]) -> Evaluation:
    photos = [np.repeat(digit[:, :, None], 3, axis=2) for digit in digits(7, count)]
    return Evaluation(photos, [f"seven {number}" for number in range(count)], held_out, Distortions(), seed=3)


def trials_of(scatter: float, likeness: float, angle_error: float, count: int) -> pd.DataFrame:
    """That many trials about one place: a tenth wider and closer, in turn."""
    about = torch.linspace(0.9, 1.1, count).numpy()
    table = pd.DataFrame({"scatter": scatter * about, "likeness": 1 - (1 - likeness) * about, "angle_error": angle_error})
    return table.assign(grid_error_after=1.0, name="a", seen=True)


def of_photos(trials: pd.DataFrame, count: int) -> pd.DataFrame:
    """The trials as if they were of so many photos, in turn."""
    return trials.assign(name=[f"new {number % count}" for number in range(len(trials))])


def exam_with(new_photos: pd.DataFrame) -> Exam:
    strangers = trials_of(scatter=0.4, likeness=0.3, angle_error=40.0, count=72)
    return Exam([], strangers, pd.DataFrame(), pd.DataFrame(), new_photos.assign(own_scatter=0.003), np.zeros((1, 1)))


@pytest.mark.parametrize(("learned_from", "held_out", "due"), [(12, 0, True), (10, 2, True), (5, 0, False), (30, 8, False)])
def test_a_second_network_is_due_where_photos_are_many_and_few_of_them_held_out(
    learned_from: int, held_out: int, due: bool
) -> None:
    assert is_due(learned_from, held_out) is due


def test_the_second_network_sees_half_of_what_the_first_one_learns_from_and_nothing_of_what_is_held_out() -> None:
    split = halves(evaluation_of(10, held_out=[2, 7]))
    assert len(split.photos) == 8
    assert len(split.held_out) == 4
    assert not {"seven 2", "seven 7"} & set(split.names)
    assert len(split.familiar) == 4


def test_it_is_tested_on_the_other_half_alone_and_learns_something_however_little_time_is_left() -> None:
    split = halves(evaluation_of(FEWEST, held_out=[]))
    trials = returned(cross_fitted(untrained("similarity", 0), split, until=time.monotonic()))
    assert QUICK_AT_ONCE <= len(trials) <= TRIALS
    assert set(trials.own_scatter) == {0.0}  # it has learned nothing
    assert set(trials.name) == {split.names[index] for index in split.held_out}
    assert {"scatter", "likeness", "angle_error", "grid_error_after"} <= set(trials)


def test_new_photos_that_are_straightened_wrongly_are_not_believed_and_rightly_are() -> None:
    own = trials_of(scatter=0.003, likeness=0.98, angle_error=0.2, count=60)
    there = distances_of(np.array([0.02]), np.array([0.7]))
    beliefs = []
    for error in (4.0, 0.5):
        tried = of_photos(trials_of(scatter=0.02, likeness=0.7, angle_error=error, count=48), 24)
        calibration = exam_with(tried).calibration(own, turns=True)
        assert calibration.belief(distances_of(np.array([0.003]), np.array([0.98])))[0] > BELIEVED
        beliefs.append(calibration.belief(there)[0])
    assert beliefs[0] < 0.2 < BELIEVED < beliefs[1]


def test_that_few_new_photos_are_straightened_rightly_makes_others_no_more_believed_than_so_few_can_show() -> None:
    own = trials_of(scatter=0.003, likeness=0.98, angle_error=0.2, count=60)
    right = trials_of(scatter=0.02, likeness=0.7, angle_error=0.5, count=48)
    there, beliefs = distances_of(np.array([0.02]), np.array([0.7])), []
    for photos in (3, 6, 24):
        calibration = exam_with(of_photos(right, photos)).calibration(own, turns=True)
        beliefs.append(calibration.belief(there)[0])
    assert beliefs == pytest.approx([3 / 5, 6 / 8, 24 / 26], abs=0.1)
    assert beliefs[1] < BELIEVED < beliefs[2]


def test_two_new_photos_more_count_as_wrong_however_often_each_was_tried() -> None:
    right = trials_of(scatter=0.02, likeness=0.7, angle_error=0.5, count=48)
    counted = cautious(of_photos(right, 6), 40)
    assert (len(counted), (counted.angle_error > 2).mean()) == (40, 2 / 8)
    assert cautious(right[:0], 40).empty


def test_the_photos_that_count_as_wrong_look_and_scatter_like_the_better_half_of_those_that_were_tried() -> None:
    strange, familiar = trials_of(0.05, 0.4, 0.5, 24), trials_of(0.02, 0.8, 0.5, 24)
    tried = of_photos(pd.concat([strange, familiar]).iloc[np.arange(48).reshape(2, 24).T.ravel()], 6)
    counted = cautious(tried, 64)
    assert counted[counted.angle_error > 2].likeness.min() > 0.7
    assert counted[counted.angle_error < 2].likeness.median() == pytest.approx(0.6, abs=0.1)


def test_trials_by_a_network_that_has_not_learned_its_own_half_count_once_and_cost_own_photos_no_belief() -> None:
    tried = of_photos(trials_of(scatter=0.05, likeness=0.5, angle_error=4.0, count=48), 6).assign(own_scatter=0.0)
    assert [len(trials) for trials in by_knowledge(tried)] == [0, 48]
    assert [len(trials) for trials in by_knowledge(tried.assign(own_scatter=0.01))] == [48, 0]
    assert [len(trials) for trials in by_knowledge(pd.DataFrame())] == [0, 0]
    own = trials_of(scatter=0.05, likeness=0.5, angle_error=0.2, count=240)
    exam = Exam([], exam_with(tried).strangers, pd.DataFrame(), pd.DataFrame(), tried, np.zeros((1, 1)))
    assert exam.calibration(own, turns=True).belief(distances_of(np.array([0.05]), np.array([0.5])))[0] > BELIEVED


def test_what_becomes_of_new_photos_counts_that_what_is_not_believed_stays_as_it_is() -> None:
    rows = pd.DataFrame({"applied_deg": [-10.0, 10.0, 20.0], "angle_error": [1.0, 4.0, 5.0], "belief": [0.9, 0.5, 0.1]})
    scores = result_of("similarity").model_copy(update={"new_photos": rows})._new_photo_scores
    assert scores == {
        "new_photos_before": 10.0,
        "new_photos_error": 4.0,
        "new_photos_left": 10.0,
        "new_photos_believed": pytest.approx(1 / 3),
    }


def test_photos_held_out_count_as_new_ones_and_so_many_trials_of_one_do_not_outweigh_others() -> None:
    own = trials_of(scatter=0.003, likeness=0.98, angle_error=0.2, count=30)
    right = trials_of(scatter=0.02, likeness=0.7, angle_error=0.5, count=30).assign(name="held out", seen=False)
    wrong = [trials_of(scatter=0.02, likeness=0.7, angle_error=4.0, count=8).assign(name=f"new {n}") for n in range(4)]
    calibration = exam_with(pd.concat(wrong)).calibration(pd.concat([own, right]), turns=True)
    assert calibration.belief(distances_of(np.array([0.02]), np.array([0.7])))[0] == pytest.approx(0.2, abs=0.1)


def test_answers_of_a_network_that_had_more_time_are_not_believed_for_scattering_less() -> None:
    tried = pd.DataFrame({"scatter": [0.06, 0.09], "own_scatter": 0.03})
    assert as_scattered(tried, 0.01).scatter.tolist() == pytest.approx([0.02, 0.03])
    assert as_scattered(tried, 0.05).scatter.tolist() == [0.06, 0.09]
    assert as_scattered(tried[:0], 0.01).empty


def test_a_new_photo_counts_as_much_as_another_however_often_it_was_tried() -> None:
    trials = pd.DataFrame({"name": ["a"] * 30 + ["b"] * 2, "scatter": range(32)})
    alike = each_alike(trials, 12)
    assert alike.name.value_counts().to_dict() == {"a": 6, "b": 6}
    assert set(alike[alike.name == "b"].scatter) == {30, 31}
    assert each_alike(trials[:0], 12).empty


def test_the_screen_says_what_becomes_of_new_photos_where_that_was_tried() -> None:
    scores = {"new_photos_before": 20.4, "new_photos_error": 3.7, "new_photos_believed": 0.05}
    words = new_photos_in_words(scores, "°")
    assert "off by 3.70° on the other half (untouched 20.4°), and 5 % of that would be believed" in words
    assert new_photos_in_words({}, "°") == ""
