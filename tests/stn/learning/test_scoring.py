from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest
from sklearn.metrics import balanced_accuracy_score
from statsmodels.stats.proportion import proportion_confint

from core.stn.learning.scoring import (
    accuracy,
    balanced_error,
    confusion,
    difference,
    errors_of,
    fewest_for_sure,
    is_lopsided,
    largest_share,
    wilson,
)  # fmt: skip

ZEROS = np.zeros(8, np.int64)


def wrong(*shares: list[int]) -> np.ndarray:
    """Answers (draws, N) for a truth of zeros: 1 is wrong."""
    return np.array(shares).T


@pytest.mark.parametrize("images", [4, 5, 8, 24, 36, 199])
def test_a_difference_is_sure_from_the_fewest_images_on_and_never_before(images: int) -> None:
    truth, fewest = np.zeros(images, np.int64), fewest_for_sure(images)
    right = np.zeros((1, images), np.int64)
    sure = [difference((np.arange(images) < errors)[None].astype(int), right, truth).sure for errors in range(images)]
    assert [errors for errors in range(images) if sure[errors]] == list(range(fewest, images))


@given(st.integers(2, 40), st.integers(1, 20), st.integers(0, 2**32 - 1))
def test_no_draws_make_a_difference_sure_on_fewer_images(images: int, draws: int, seed: int) -> None:
    random, truth = np.random.default_rng(seed), np.zeros(images, np.int64)
    unlike = random.random(images) < random.random()  # where the networks may err unequally
    one, other = (random.random((draws, images)) < share for share in (0.8 * unlike, 0.1 * unlike))
    if difference(one.astype(int), other.astype(int), truth).sure:
        worse = (errors_of(one, truth) > errors_of(other, truth)).sum()
        better = (errors_of(one, truth) < errors_of(other, truth)).sum()
        assert max(worse, better) >= fewest_for_sure(images)


def test_one_draw_gives_the_binomial_standard_error() -> None:
    answers = np.zeros((1, 100), np.int64)
    answers[0, :10] = 1
    measured = accuracy(answers, np.zeros(100, np.int64))
    assert measured.share == pytest.approx(0.9)
    assert measured.error == pytest.approx(0.1)
    assert measured.se == pytest.approx(math.sqrt(0.9 * 0.1 / 99))


def test_draws_of_one_image_are_not_new_images() -> None:
    answers = np.zeros((1, 100), np.int64)
    answers[0, :10] = 1
    once, often = accuracy(answers, np.zeros(100, int)), accuracy(np.repeat(answers, 20, axis=0), np.zeros(100, int))
    assert often.se == once.se
    assert (often.low, often.high) == pytest.approx((once.low, once.high), abs=1e-3)


def test_independent_draws_narrow_the_interval() -> None:
    truth, random = np.zeros(200, np.int64), np.random.default_rng(0)
    once = accuracy((random.random((1, 200)) < 0.3).astype(int), truth)
    often = accuracy((random.random((16, 200)) < 0.3).astype(int), truth)
    assert often.se == pytest.approx(once.se / 4, rel=0.15)
    assert often.high - often.low == pytest.approx((once.high - once.low) / 4, rel=0.15)


def test_no_error_on_twenty_images_is_not_certainty() -> None:
    measured = accuracy(np.zeros((50, 20), np.int64), np.zeros(20, np.int64))
    assert (measured.share, measured.se, measured.high) == (1, 0, 1)
    assert measured.low == pytest.approx(0.839, abs=0.001)


@given(st.integers(1, 2000), st.data())
def test_wilson_equals_statsmodels(trials: int, data: st.DataObject) -> None:
    right = data.draw(st.integers(0, trials))
    assert wilson(right / trials, trials) == pytest.approx(proportion_confint(right, trials, method="wilson"), abs=1e-6)


def test_difference_is_paired_by_image() -> None:
    ours, theirs = wrong([1], [0], [0], [0], [1], [0], [0], [0]), wrong([1], [1], [1], [0], [1], [0], [0], [0])
    paired = difference(ours, theirs, ZEROS)
    values = np.array([0, -1, -1, 0, 0, 0, 0, 0])
    assert paired.mean == values.mean() == -0.25
    assert paired.se == pytest.approx(values.std(ddof=1) / math.sqrt(8))
    assert paired.in_errors == pytest.approx(paired.mean / paired.se)
    assert not paired.sure


def test_pairing_finds_what_separate_errors_hide() -> None:
    truth, random = np.zeros(400, np.int64), np.random.default_rng(0)
    hard = random.random(400) < 0.3
    theirs, ours = hard[None].astype(int), (hard & (random.random(400) < 0.9))[None].astype(int)
    paired = difference(ours, theirs, truth)
    apart = math.hypot(accuracy(ours, truth).se, accuracy(theirs, truth).se)
    assert paired.sure
    assert abs(paired.mean) < 2 * apart


@pytest.mark.parametrize("images", range(2, 12))
def test_the_same_difference_on_every_image_is_sure_by_the_sign_test(images: int) -> None:
    truth = np.zeros(images, int)
    found = difference(truth[None] + 1, truth[None], truth)
    assert (found.mean, found.se) == (1.0, 0.0)
    assert found.sure == (binomtest(images, images).pvalue < 0.05)


def test_equal_answers_do_not_differ() -> None:
    answers = wrong([1], [0], [0], [0], [1], [0], [0], [0])
    same = difference(answers, answers, ZEROS)
    assert (same.mean, same.se, same.in_errors, same.sure) == (0, 0, 0, False)


def test_errors_are_means_over_draws() -> None:
    assert errors_of(wrong([1, 0], [0, 0], [1, 1]), ZEROS[:3]).tolist() == [0.5, 0, 1]


def test_confusion_counts_every_draw_of_every_image() -> None:
    truth, answers = np.array([0, 1, 2, 2]), np.array([[0, 1, 2, 0], [0, 2, 2, 2]])
    assert confusion(answers, truth, 3).tolist() == [[2, 0, 0], [0, 1, 1], [1, 0, 3]]


def test_balanced_error_is_the_mean_of_the_recalls_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    truth = random.choice(3, 200, p=[0.9, 0.08, 0.02])
    answers = np.where(random.random((1, 200)) < 0.7, truth, random.integers(0, 3, (1, 200)))
    assert balanced_error(answers, truth) == pytest.approx(1 - balanced_accuracy_score(truth, answers[0]))
    assert (largest_share(truth), is_lopsided(truth)) == (np.bincount(truth).max() / 200, True)
    assert not is_lopsided(np.arange(100) % 4)
