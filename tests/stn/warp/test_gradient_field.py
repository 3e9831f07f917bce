from __future__ import annotations

import numpy as np
import pytest

from core.stn.geometry.kernels import KERNELS, KernelName
from core.stn.geometry.pixels import to_grey
from core.stn.geometry.theta import Parts, theta_of
from core.stn.geometry.warping import Bend, Sampling
from core.stn.warp.controls import start
from core.stn.warp.gradient_field import fields, input_weights

ROW = np.array([[0, 1, 4, 9, 16]] * 5, np.uint8)[..., None]


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("family", ["affine", "tps"])
def test_closed_form_and_finite_differences_agree(photo: np.ndarray, kernel: KernelName, family: str) -> None:
    grey = to_grey(photo[:40, :40])
    result = fields(grey, Bend(start(family), 30, 30), Sampling(kernel, phi=1.0))  # type: ignore[arg-type]
    assert result.difference < 1e-3
    assert result.compared > 0.95


def test_the_bilinear_gradient_is_one_sided_on_pixel_centres() -> None:
    result = fields(ROW, Bend(np.eye(2, 3), 5, 5), Sampling())
    assert result.by_x[2].tolist() == [1, 3, 5, 7, 0]
    assert result.difference < 1e-6


def test_nothing_is_learned_through_the_integer_kernel_or_far_outside() -> None:
    turned, away = Bend(theta_of(Parts(20)).numpy(), 5, 5), Bend(theta_of(Parts(shift_x=5, shift_y=5)).numpy(), 5, 5)
    assert fields(ROW, turned, Sampling("integer")).dead.all()
    for padding in ("border", "zeros"):
        result = fields(ROW, away, Sampling(padding=padding))  # type: ignore[arg-type]
        assert result.dead.all()
        assert not result.by_x.any()
        assert not result.by_y.any()
    assert fields(ROW, away, Sampling(padding="reflection")).dead.mean() < 0.1


def test_the_frame_need_not_have_the_size_of_the_picture(photo: np.ndarray) -> None:
    result = fields(to_grey(photo), Bend(start("affine"), 17, 24), Sampling())
    assert result.by_x.shape == result.by_y.shape == result.dead.shape == (17, 24)


@pytest.mark.parametrize("kernel", list(KERNELS))
def test_the_identity_reads_every_input_pixel_once(kernel: KernelName) -> None:
    weights = input_weights(Bend(np.eye(2, 3), 9, 12), Sampling(kernel))
    np.testing.assert_allclose(weights, 1, atol=1e-6)


def test_every_output_pixel_spends_one_weight_inside_the_picture() -> None:
    theta = np.array([[0.5, -0.2, 0.1], [0.2, 0.5, 0.0]])  # looks at a part of the middle
    weights = input_weights(Bend(theta, 20, 30), Sampling())
    assert weights.sum() == pytest.approx(20 * 30)
    assert (weights == 0).any()
