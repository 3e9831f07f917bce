from __future__ import annotations

import math

import numpy as np
import pytest

from core.stn.learning.diagnosis import Diagnosis
from core.stn.learning.trials import gain, judged


def test_gain_is_the_paired_mean_with_its_standard_error() -> None:
    before, after = np.array([10.0, 20.0, 30.0, 40.0]), np.array([1.0, 2.0, 6.0, 3.0])
    measured = gain(before, after)
    assert measured.mean == pytest.approx((9 + 18 + 24 + 37) / 4)
    assert measured.se == pytest.approx(np.std([9, 18, 24, 37], ddof=1) / 2)
    assert (measured.before, measured.after, measured.trials) == (25.0, 2.5, 4)
    assert measured.sure


def test_trials_without_a_number_are_left_out() -> None:
    measured = gain(np.array([1.0, math.nan, 3.0]), np.array([0.5, 0.1, math.inf]))
    assert (measured.trials, measured.mean) == (1, 0.5)
    assert not measured.sure
    assert not gain(np.array([]), np.array([])).sure


def test_a_few_large_errors_undone_are_no_gain_while_the_median_is_worse() -> None:
    before, after = np.r_[np.full(30, 2.0), np.full(20, 90.0)], np.r_[np.full(30, 3.0), np.full(20, 0.0)]
    measured = gain(before, after)
    assert measured.in_errors > 2
    assert not measured.sure


def test_chance_alone_is_seldom_a_gain() -> None:
    random = np.random.default_rng(0)
    sure = [gain(*random.exponential(10, (2, 40))).sure for _ in range(1000)]
    assert np.mean(sure) < 0.04  # one side of two standard errors: 2.3 %


def test_no_training_is_called_healthy_without_a_gain() -> None:
    good, watch = Diagnosis("good", "Healthy."), Diagnosis("watch", "Half outside.", change="Slower.")
    assert judged(good, False, "50 % and 50 %").level == judged(None, False, "50 % and 50 %").level == "bad"
    assert judged(good, True, "1 % and 50 %").word == judged(None, True, "1 % and 50 %").word == "healthy"
    assert judged(watch, True, "1 % and 50 %") == watch
    assert "Half outside." in judged(watch, False, "50 % and 50 %").words


def test_a_network_that_gives_no_number_in_a_trial_is_not_sure() -> None:
    baseline, errors = np.full(20, 10.0), np.linspace(0, 1, 20)
    assert gain(baseline, errors).sure
    errors[3] = np.nan
    assert gain(baseline, errors).failed == 1
    assert not gain(baseline, errors).sure
    both = np.where(np.isnan(errors), np.nan, baseline)
    assert gain(both, errors).sure  # a trial that was not made


def test_who_was_judged_before_is_judged_alike() -> None:
    first = judged(Diagnosis("watch", "Half outside.", change="Slower."), better=False, than="49 % where guessing gives 50 %")
    assert judged(first, better=False, than="49 % where guessing gives 50 %") == first
