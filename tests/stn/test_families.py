from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import polar

from core.errors import InvalidRequest
from core.stn.families import FAMILIES
from core.stn.sampling import warp
from core.stn.thetas import Parts, compose, for_frame, from_frame, identity, inverse, parts, rotation_deg, theta_of

ANY = Parts(rotation_deg=30, scale_x=0.8, scale_y=1.3, shear=0.2, shift_x=0.1, shift_y=-0.3)
LETTER = np.zeros((40, 40, 3), np.uint8)  # a bright dot right of the centre
LETTER[18:22, 32:36] = 255


def centre_of(image: np.ndarray) -> tuple[float, float]:
    """Where the light is, in pixels from the centre: to the right, and up."""
    weight = image[..., 0].astype(float)
    y, x = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    right = (weight * x).sum() / weight.sum() - image.shape[1] / 2
    return right, image.shape[0] / 2 - (weight * y).sum() / weight.sum()


def test_positive_rotation_shows_the_picture_turned_counter_clockwise() -> None:
    right, up = centre_of(warp(LETTER, theta_of(Parts(rotation_deg=90)).numpy()))
    assert right == pytest.approx(0, abs=0.2)
    assert up == pytest.approx(14, abs=0.2)


def test_positive_shift_x_moves_the_picture_to_the_left() -> None:
    right, _ = centre_of(warp(LETTER, theta_of(Parts(shift_x=0.5)).numpy()))
    assert right == pytest.approx(14 - 10, abs=0.2)


def test_scale_of_two_shows_the_picture_half_as_large() -> None:
    right, _ = centre_of(warp(LETTER, theta_of(Parts(scale_x=2, scale_y=2)).numpy()))
    assert right == pytest.approx(7, abs=0.3)


def test_rotation_is_a_rotation_in_pixels_on_a_wide_frame() -> None:
    wide = np.zeros((40, 100, 3), np.uint8)
    wide[18:22, 62:66] = 255  # 14 px right of the centre
    theta = for_frame(theta_of(Parts(rotation_deg=90)), width=100, height=40)
    right, up = centre_of(warp(wide, theta.numpy()))
    assert (right, up) == pytest.approx((0, 14), abs=0.2)


def test_from_frame_undoes_for_frame() -> None:
    theta = theta_of(ANY)
    assert torch.allclose(from_frame(for_frame(theta, 300, 200), 300, 200), theta)


@pytest.mark.parametrize("name", ["similarity", "affine"])
def test_identity_parameters_give_the_identity(name: str) -> None:
    family = FAMILIES[name]
    assert len(family.parameters) == len(family.identity)
    assert torch.equal(family.theta(torch.tensor([family.identity])), identity())


def test_similarity_has_equal_singular_values() -> None:
    theta = FAMILIES["similarity"].theta(torch.randn(5, 4))
    values = torch.linalg.svdvals(theta[:, :, :2])
    assert torch.allclose(values[:, 0], values[:, 1], rtol=1e-4)
    assert (torch.linalg.det(theta[:, :, :2]) > 0).all()


angles = st.floats(-179, 179)
scales = st.floats(0.2, 3)
shares = st.floats(-2, 2)


@given(st.builds(Parts, angles, scales, scales | scales.map(lambda s: -s), shares, shares, shares))
def test_parts_are_the_ones_theta_was_made_of(made_of: Parts) -> None:
    found = parts(theta_of(made_of))
    for name in ("rotation_deg", "scale_x", "scale_y", "shear", "shift_x", "shift_y"):
        assert getattr(found, name) == pytest.approx(getattr(made_of, name), abs=1e-6)


def test_parts_agree_with_a_qr_decomposition() -> None:
    theta = theta_of(ANY)
    q, r = np.linalg.qr(theta[:, :2].numpy())
    signs = np.sign(np.diag(r))
    q, r = q * signs, r * signs[:, None]
    found = parts(theta)
    assert found.rotation_deg == pytest.approx(math.degrees(math.atan2(q[1, 0], q[0, 0])))
    assert (found.scale_x, found.scale_y) == pytest.approx((r[0, 0], r[1, 1]))
    assert found.shear == pytest.approx(r[0, 1] / r[1, 1])


def test_rotation_is_that_of_the_polar_decomposition() -> None:
    theta = theta_of(ANY)
    rotation, _ = polar(theta[:, :2].numpy())
    assert rotation_deg(theta[None]).item() == pytest.approx(math.degrees(math.atan2(rotation[1, 0], rotation[0, 0])))


def test_compose_applies_the_inner_theta_first() -> None:
    first, second = theta_of(ANY), theta_of(Parts(rotation_deg=-70, shift_x=0.4))
    point = torch.tensor([0.3, -0.7, 1.0], dtype=torch.float64)
    after = first @ point
    expected = second @ torch.cat([after, torch.ones(1, dtype=torch.float64)])
    assert torch.allclose(compose(second, first) @ point, expected)


def test_inverse_undoes() -> None:
    theta = theta_of(ANY)[None]
    assert torch.allclose(compose(theta, inverse(theta)), identity().double(), atol=1e-12)


@pytest.mark.parametrize("theta", [torch.zeros(1, 2, 3), torch.full((1, 2, 3), math.nan)])
def test_theta_that_folds_the_plane_has_no_inverse(theta: torch.Tensor) -> None:
    with pytest.raises(InvalidRequest, match="no inverse"):
        inverse(theta)
