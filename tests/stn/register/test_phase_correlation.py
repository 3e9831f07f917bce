from __future__ import annotations

import numpy as np
import pytest

from core.stn.geometry.theta import parts
from core.stn.register.phase_correlation import peak_shift, phase_correlated
from tests.stn.register.requests import pair_of


@pytest.mark.parametrize(("down", "right"), [(0, 0), (5, -7), (-31, 12)])
def test_a_rolled_picture_is_shifted_back_by_as_much(down: int, right: int) -> None:
    noise = np.random.default_rng(0).normal(size=(64, 80))
    found = peak_shift(noise, np.roll(noise, (-down, -right), (0, 1)))
    assert found == pytest.approx((right, down, 1))


@pytest.mark.parametrize("name", ["coffee", "coins"])
def test_turn_scale_and_shift_of_a_made_pair_are_found(name: str) -> None:
    pair = pair_of(name)
    found, known = parts(phase_correlated(pair.moving, pair.fixed, "similarity")), parts(pair.truth)
    assert found.rotation_deg == pytest.approx(known.rotation_deg, abs=0.7)
    assert found.scale_x == pytest.approx(known.scale_x, rel=0.02)
    assert (found.shift_x, found.shift_y) == pytest.approx((known.shift_x, known.shift_y), abs=0.03)


def test_a_family_that_only_shifts_is_only_shifted() -> None:
    pair = pair_of("coffee", "translation")
    theta = phase_correlated(pair.moving, pair.fixed, "translation")
    np.testing.assert_array_equal(theta[:, :2], np.eye(2))
    np.testing.assert_allclose(theta[:, 2], pair.truth[:, 2], atol=0.03)
