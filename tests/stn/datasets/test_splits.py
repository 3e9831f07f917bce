from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.stn.datasets.splits import folds_of, split_of

CLASSES = st.lists(st.integers(5, 30), min_size=2, max_size=6)  # images per class


def labels(counts: list[int]) -> np.ndarray:
    return np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))


@given(CLASSES, st.integers(2, 5), st.integers(0, 99))
def test_every_image_is_tested_once_and_never_learned_from_then(counts: list[int], parts: int, seed: int) -> None:
    truth = labels(counts)
    folds = folds_of(truth, parts, seed)
    assert sorted(np.concatenate([fold.test for fold in folds])) == list(range(len(truth)))
    for fold in folds:
        assert not set(fold.train) & set(fold.test)
        assert len(fold.train) + len(fold.test) == len(truth)


@given(CLASSES, st.integers(2, 5), st.integers(0, 99))
def test_every_fold_has_its_share_of_every_class(counts: list[int], parts: int, seed: int) -> None:
    truth = labels(counts)
    for fold in folds_of(truth, parts, seed):
        tested = np.bincount(truth[fold.test], minlength=len(counts))
        assert all(count // parts <= seen <= -(-count // parts) for count, seen in zip(counts, tested, strict=True))


@given(CLASSES, st.integers(0, 99))
def test_a_split_tests_and_learns_every_class(counts: list[int], seed: int) -> None:
    truth = labels(counts)
    fold = split_of(truth, 0.2, seed)
    assert set(truth[fold.test]) == set(truth[fold.train]) == set(truth)
    assert np.bincount(truth[fold.test]) == pytest.approx(0.2 * np.array(counts), abs=0.5)
    assert not set(fold.train) & set(fold.test)


def test_two_images_a_class_make_two_folds_and_a_split() -> None:
    truth = [0, 1, 0, 1]
    assert all(len(fold.test) == 2 == len(set(np.array(truth)[fold.test])) for fold in folds_of(truth, 2, 0))
    assert len(split_of(truth, 0.2, 0).test) == 2


def test_another_seed_deals_otherwise() -> None:
    truth = labels([20, 20])
    assert np.array_equal(split_of(truth, 0.2, 1).test, split_of(truth, 0.2, 1).test)
    assert not np.array_equal(split_of(truth, 0.2, 1).test, split_of(truth, 0.2, 2).test)
