from __future__ import annotations

import numpy as np
import pytest
import torch

from core.stn.geometry.warping import Sampling
from core.stn.warp.resampling import psnr, repeated


@pytest.fixture(scope="module")
def small(photo: np.ndarray) -> np.ndarray:
    return photo[:96, 100:196]


def test_reading_once_is_both_ways_the_same(small: np.ndarray) -> None:
    turned = repeated(small, 7, 1, Sampling())
    assert np.array_equal(turned.resampled, turned.composed)
    first = turned.curve.iloc[0]
    assert first.resampled_db == pytest.approx(first.composed_db)


def test_every_resampling_loses_more_and_composing_does_not(small: np.ndarray) -> None:
    curve = repeated(small, 7, 12, Sampling()).curve
    assert curve.resampled_db.is_monotonic_decreasing
    assert curve.composed_db.max() - curve.composed_db.min() < 2
    assert (curve.composed_db - curve.resampled_db).iloc[-1] > 6


def test_quarter_turns_of_a_square_lose_nothing(small: np.ndarray) -> None:
    turned = repeated(small, 30, 3, Sampling())
    assert np.array_equal(turned.composed, np.rot90(small))
    assert turned.curve.set_index("k").composed_db[3] > 90


def test_a_sharper_kernel_keeps_more(small: np.ndarray) -> None:
    curves = (repeated(small, 7, 8, Sampling(kernel)).curve.set_index("k") for kernel in ("bilinear", "bicubic"))
    bilinear, bicubic = (curve.resampled_db.loc[:8] for curve in curves)
    assert (bicubic > bilinear + 4).all()


def test_the_chosen_k_is_on_the_curve(small: np.ndarray) -> None:
    assert 7 in repeated(small[:32, :32], 5, 7, Sampling()).curve.k.tolist()


def test_psnr_by_hand() -> None:
    image = torch.zeros(1, 1, 20, 20)
    assert psnr(image, image + 255) == pytest.approx(0)
    assert psnr(image, image + 25.5) == pytest.approx(20, abs=1e-5)
    assert psnr(image, image) == float("inf")
