from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import polar

from core.errors import InvalidRequest
from core.stn.geometry import thin_plate_spline as spline
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.fitting import fit
from core.stn.geometry.frames import points_of
from core.stn.geometry.kinds import in_frame, in_square
from core.stn.geometry.theta import (
    Parts,
    compose,
    folds,
    for_frame,
    frame_grid,
    identity,
    inverse,
    jacobian,
    move,
    parse_theta,
    parts,
    regular_grid,
    rotation_deg,
    tangent,
    theta_of,
)
from core.stn.geometry.warping import warp
from tests.stn.geometry.frames import grid_of

ANY = Parts(rotation_deg=30, scale_x=0.8, scale_y=1.3, shear=0.2, shift_x=0.1, shift_y=-0.3)
LETTER = np.zeros((40, 40, 3), np.uint8)  # a bright dot right of the centre
LETTER[18:22, 32:36] = 255
POINTS = 2 * torch.rand(3, 4, 5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 1
MATRICES: list[FamilyName] = ["translation", "attention", "similarity", "affine", "projective"]
every_family = pytest.mark.parametrize("name", list(FAMILIES))


def some(name: FamilyName, count: int = 3, seed: int = 0, spread: float = 0.15) -> torch.Tensor:
    """Thetas of a family, float64, not far from the identity."""
    start = torch.tensor([FAMILIES[name].identity], dtype=torch.float64)
    noise = torch.randn(count, start.shape[1], dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return FAMILIES[name].theta(start + spread * noise)


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
    theta = theta_of(Parts(rotation_deg=90))
    right, up = centre_of(warp(wide, theta.numpy()))
    assert (right, up) == pytest.approx((0, 14), abs=0.2)


@pytest.mark.parametrize("name", MATRICES)
def test_the_command_line_speaks_of_the_same_frame_as_networks(name: FamilyName) -> None:
    theta = some(name)[0]
    framed = in_frame(theta.numpy(), 300, 200)
    assert np.array_equal(framed, for_frame(theta, 300, 200))
    assert np.allclose(in_square(framed, 300, 200), theta)


@pytest.mark.parametrize("name", MATRICES)
@pytest.mark.parametrize(("height", "width"), [(6, 9), (9, 6), (7, 7)])
def test_frame_grid_is_the_grid_of_the_theta_for_this_frame(name: FamilyName, height: int, width: int) -> None:
    theta = some(name).float()
    assert torch.allclose(frame_grid(theta, height, width), grid_of(for_frame(theta, width, height), height, width), atol=1e-5)


@every_family
@pytest.mark.parametrize(("height", "width"), [(6, 9), (9, 6), (7, 7)])
def test_frame_grid_moves_the_pixel_centres_in_square_coordinates(name: FamilyName, height: int, width: int) -> None:
    theta = some(name)
    half = torch.tensor([width, height], dtype=torch.float64) / min(width, height)
    expected = move(theta, points_of(width, height).double().expand(3, -1, -1, -1)) / half
    assert torch.allclose(frame_grid(theta, height, width), expected, atol=1e-6)


def test_pixel_centres_have_one_unit_on_both_axes() -> None:
    points = points_of(6, 2)[0]
    assert points.shape == (2, 6, 2)
    assert torch.allclose(points[0, 0], torch.tensor([-2.5, -0.5]))
    assert torch.allclose(points[0, 1] - points[0, 0], torch.tensor([1.0, 0.0]))
    assert torch.allclose(points[1, 0] - points[0, 0], torch.tensor([0.0, 1.0]))


def test_spline_stays_in_square_coordinates() -> None:
    theta = some("tps")
    assert for_frame(theta, 50, 50) is theta
    with pytest.raises(InvalidRequest, match="frame_grid"):
        for_frame(theta, 50, 40)


@every_family
def test_regular_grid_moves_the_regular_points(name: FamilyName) -> None:
    x, y = torch.linspace(-1, 1, 5).double(), torch.linspace(-0.5, 0.7, 3).double()
    points = torch.cartesian_prod(y, x).flip(-1).view(1, 3, 5, 2).expand(3, -1, -1, -1)
    assert torch.allclose(regular_grid(some(name), x, y), move(some(name), points), atol=1e-9)


@every_family
def test_points_of_any_shape_are_moved_alike(name: FamilyName) -> None:
    theta, moved = some(name), move(some(name), POINTS)
    assert moved.shape == POINTS.shape
    assert torch.allclose(move(theta, POINTS[:, 1, 2]), moved[:, 1, 2])
    assert torch.allclose(move(theta[:1], POINTS)[0], moved[0])


@every_family
def test_jacobian_is_that_of_autograd_and_of_finite_differences(name: FamilyName) -> None:
    theta = some(name)
    computed = jacobian(theta, POINTS)
    automatic = torch.autograd.functional.jacobian(lambda p: move(theta, p).sum((1, 2)), POINTS)  # (3, 2, 3, 4, 5, 2)
    expected = torch.stack([automatic[b, :, b].permute(1, 2, 0, 3) for b in range(3)])
    assert torch.allclose(computed, expected, atol=1e-9)
    for axis, step in enumerate(1e-5 * torch.eye(2).double()):
        slope = (move(theta, POINTS + step) - move(theta, POINTS - step)) / 2e-5
        assert torch.allclose(computed[..., axis], slope, atol=1e-6)


@pytest.mark.parametrize("outer", list(FAMILIES))
@pytest.mark.parametrize("inner", list(FAMILIES))
def test_compose_applies_the_inner_theta_first(outer: FamilyName, inner: FamilyName) -> None:
    """Everywhere for matrices, and for an affine matrix after a spline; else at the control points."""
    second, first = some(outer, seed=1), some(inner, seed=2)
    exact = "tps" not in (outer, inner) or (inner == "tps" and outer not in ("tps", "projective"))
    points = POINTS if exact else spline.control_points(first)[None].expand(3, -1, -1)
    assert torch.allclose(move(compose(second, first), points), move(second, move(first, points)), atol=1e-9)


def test_composed_homographies_end_in_one() -> None:
    theta = compose(some("projective"), some("projective", seed=1))
    assert torch.allclose(theta[:, 2, 2], torch.ones(3).double())
    assert compose(some("affine"), some("projective")).shape == compose(some("projective"), some("affine")).shape == (3, 3, 3)


def test_homographies_that_put_the_centre_behind_the_camera_cannot_be_composed() -> None:
    theta = identity(1, "projective")
    theta[0, 2, 0] = -1.0
    with pytest.raises(InvalidRequest, match="behind the camera"):
        compose(theta, theta_of(Parts(shift_x=1.5))[None].float())


@pytest.mark.parametrize("name", MATRICES)
def test_inverse_undoes(name: FamilyName) -> None:
    theta = some(name)
    assert torch.allclose(move(inverse(theta), move(theta, POINTS)), POINTS, atol=1e-9)
    assert torch.allclose(compose(theta, inverse(theta)), identity(3, name).double(), atol=1e-12)


def test_inverse_of_a_spline_undoes_at_the_control_points() -> None:
    theta = some("tps")
    assert torch.allclose(compose(theta, inverse(theta)), identity(3, "tps").double(), atol=1e-9)


@pytest.mark.parametrize("theta", [torch.zeros(1, 2, 3), torch.full((1, 2, 3), math.nan), torch.zeros(1, 3, 3)])
def test_theta_that_folds_the_plane_has_no_inverse(theta: torch.Tensor) -> None:
    with pytest.raises(InvalidRequest, match="no inverse: its determinant is"):
        inverse(theta)


angles = st.floats(-179, 179)
scales = st.floats(0.2, 3)
shares = st.floats(-2, 2)
some_parts = st.builds(Parts, angles, scales, scales | scales.map(lambda s: -s), shares, shares, shares)
tilts = st.floats(-0.3, 0.3)


@settings(deadline=None)
@given(some_parts)
def test_parts_are_the_ones_theta_was_made_of(original: Parts) -> None:
    computed = parts(theta_of(original))
    for name in ("rotation_deg", "scale_x", "scale_y", "shear", "shift_x", "shift_y"):
        assert getattr(computed, name) == pytest.approx(getattr(original, name), abs=1e-6)


@settings(deadline=None)
@given(some_parts)
def test_determinant_and_condition_are_those_of_the_singular_values(original: Parts) -> None:
    linear = theta_of(original)[:, :2].numpy()
    computed, values = parts(theta_of(original)), np.linalg.svd(linear, compute_uv=False)
    assert computed.determinant == pytest.approx(np.linalg.det(linear), rel=1e-9)
    assert computed.condition == pytest.approx(values[0] / values[1], rel=1e-6)
    assert computed.mirrored == (np.linalg.det(linear) < 0)


@settings(deadline=None)
@given(some_parts, some_parts, tilts, tilts)
def test_compose_with_the_inverse_gives_the_other_back(first: Parts, second: Parts, p1: float, p2: float) -> None:
    affine, other = theta_of(first)[None], theta_of(second)[None]
    tilted = identity(1, "projective").double()
    tilted[0, 2, :2] = torch.tensor([p1, p2])
    assert torch.allclose(compose(inverse(affine), compose(affine, other)), other, atol=1e-6)
    both = compose(affine, tilted)
    assert torch.allclose(compose(both, inverse(tilted))[:, :2], affine, atol=1e-6)


def test_singular_theta_has_an_infinite_condition() -> None:
    assert parts(np.array([[1.0, 2, 0], [0, 0, 0]])).condition == math.inf
    assert parts(np.zeros((2, 3))).determinant == 0


@pytest.mark.parametrize(
    "linear",
    [[[1.1, 2.2], [0.3, 0.6]], [[0.1, 0.3], [-0.7, -2.1]], [[0.0, 0.4], [0.0, -0.7]], [[1e-17, 0.4], [-1e-17, -0.7]]],
    ids=["rows", "turned", "no first column", "rounded first column"],
)
def test_what_is_folded_onto_a_line_is_neither_mirrored_nor_sheared(linear: list[list[float]]) -> None:
    for sign in (1, -1):
        named = parts(sign * np.column_stack([np.array(linear), [0.1, 0.2]]))
        assert (named.determinant, named.mirrored, named.condition) == (0, False, math.inf)
        assert math.isnan(named.shear) or named.shear == 0
        assert named.scale_y >= 0


def test_a_small_scale_is_not_taken_for_a_fold() -> None:
    named = parts(np.array([[1.0, 0, 0], [0, -1e-3, 0]]))
    assert named.mirrored
    assert named.scale_y == pytest.approx(-1e-3)


def test_parts_agree_with_a_qr_decomposition() -> None:
    theta = theta_of(ANY)
    q, r = np.linalg.qr(theta[:, :2].numpy())
    signs = np.sign(np.diag(r))
    q, r = q * signs, r * signs[:, None]
    computed = parts(theta)
    assert computed.rotation_deg == pytest.approx(math.degrees(math.atan2(q[1, 0], q[0, 0])))
    assert (computed.scale_x, computed.scale_y) == pytest.approx((r[0, 0], r[1, 1]))
    assert computed.shear == pytest.approx(r[0, 1] / r[1, 1])


@pytest.mark.parametrize("name", ["projective", "tps"])
def test_parts_of_a_curved_theta_are_those_at_the_centre(name: FamilyName) -> None:
    theta, centre = some(name), torch.zeros(3, 2, dtype=torch.float64)
    computed = parts(theta[1])
    assert (computed.shift_x, computed.shift_y) == pytest.approx(tuple(move(theta, centre)[1].tolist()))
    assert torch.allclose(theta_of(computed)[:, :2], jacobian(theta, centre)[1])
    assert torch.allclose(rotation_deg(theta), rotation_deg(tangent(theta)))


def test_rotation_is_that_of_the_polar_decomposition() -> None:
    theta = theta_of(ANY)
    rotation, _ = polar(theta[:, :2].numpy())
    assert rotation_deg(theta[None]).item() == pytest.approx(math.degrees(math.atan2(rotation[1, 0], rotation[0, 0])))
    assert rotation_deg(theta).shape == ()


@every_family
def test_rotation_is_added_by_turning_the_picture_first(name: FamilyName) -> None:
    turned = compose(theta_of(Parts(rotation_deg=50))[None].expand(3, -1, -1), some(name))
    assert torch.allclose(rotation_deg(turned), rotation_deg(some(name)) + 50)


@every_family
def test_gentle_theta_folds_nowhere(name: FamilyName) -> None:
    assert not folds(some(name, spread=0.05), 10, 15).any()
    assert folds(some(name), 10, 15).shape == (3, 10, 15)


def test_folds_are_where_the_order_of_neighbours_is_turned_round() -> None:
    theta = spline.control_points(torch.zeros(1)).clone()[None]
    theta[0, [5, 6]] = theta[0, [6, 5]]  # two neighbours change places
    folded = folds(theta, 30, 30)[0]
    assert folded[10, 15]  # between the two
    assert not folded[25, 15]
    backwards = frame_grid(theta, 30, 30)[0, 10].diff(dim=0)[:, 0] < 0
    assert (folded[10, 1:] & folded[10, :-1] == backwards)[10:20].all()


def test_mirror_image_folds_everywhere_and_so_does_the_far_side_of_the_horizon() -> None:
    assert folds(theta_of(Parts(scale_y=-1))[None], 4, 4).all()
    horizon = identity(1, "projective")
    horizon[0, 2, 0] = -2.0  # w is 0 at x = 0.5
    folded = folds(horizon, 8, 8)[0]
    assert folded[:, 6:].all()
    assert not folded[:, :6].any()


@pytest.mark.parametrize(("count", "shape"), [(6, (2, 3)), (9, (3, 3)), (32, (16, 2))])
def test_numbers_of_each_kind_are_read_row_by_row(count: int, shape: tuple[int, int]) -> None:
    theta = parse_theta(", ".join(str(number) for number in range(count)))
    assert theta.shape == shape
    assert np.array_equal(theta.ravel(), np.arange(count))


@pytest.mark.parametrize("text", ["", "1 2 3", "1 0 0 0 1 x", "1 0 0 0 1 nan", "1 0 0 0 1 inf", "0 " * 16])
def test_other_numbers_are_no_theta(text: str) -> None:
    with pytest.raises(InvalidRequest, match="give 6"):
        parse_theta(text)


@every_family
def test_fit_is_exact_on_exact_points(name: FamilyName) -> None:
    points = POINTS.reshape(3, 20, 2)
    assert torch.allclose(fit(name, points, move(some(name), points)), some(name), atol=1e-6)


def test_fit_of_one_set_of_points_gives_one_theta() -> None:
    points = POINTS[0].reshape(20, 2)
    source = move(some("similarity"), POINTS)[0].reshape(20, 2)
    assert torch.allclose(fit("similarity", points, source), some("similarity")[0])


def test_affine_fit_is_that_of_numpy() -> None:
    points = POINTS[0].reshape(20, 2)
    source = move(some("tps"), POINTS)[0].reshape(20, 2)
    design = np.concatenate([points.numpy(), np.ones((20, 1))], axis=1)
    expected = np.linalg.lstsq(design, source.numpy(), rcond=None)[0].T
    assert np.allclose(fit("affine", points, source).numpy(), expected)


def test_larger_families_come_nearer_to_a_warp() -> None:
    """None can be worse than one that it contains."""
    points = POINTS.reshape(3, 20, 2)
    source = move(some("tps", spread=0.5), points)
    errors = [(move(fit(name, points, source), points) - source).square().sum((1, 2)) for name in (*MATRICES, "tps")]
    for worse, better in pairwise(errors):
        assert (better <= worse + 1e-12).all()


@pytest.mark.parametrize(("name", "count"), [("attention", 1), ("affine", 2), ("projective", 3)])
def test_too_few_points_cannot_tell_a_theta(name: FamilyName, count: int) -> None:
    with pytest.raises(InvalidRequest, match="give at least"):
        fit(name, torch.rand(count, 2), torch.rand(count, 2))
    with pytest.raises(InvalidRequest, match="finite"):
        fit(name, torch.full((9, 2), math.nan), torch.rand(9, 2))
