from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.interpolate import RBFInterpolator

from core.errors import InvalidRequest
from core.stn.geometry import thin_plate_spline as spline
from core.stn.geometry.theta import Parts, move, theta_of

CONTROLS = spline.control_points(torch.zeros(1, dtype=torch.float64))
RANDOM = torch.Generator().manual_seed(0)
BENT = CONTROLS + 0.08 * torch.randn(3, 16, 2, dtype=torch.float64, generator=RANDOM)
POINTS = 3 * torch.rand(3, 40, 2, dtype=torch.float64, generator=RANDOM) - 1.5


def test_control_points_run_row_by_row() -> None:
    assert torch.allclose(CONTROLS[:5], torch.tensor([[-1, -1], [-1 / 3, -1], [1 / 3, -1], [1, -1], [-1, -1 / 3]]).double())
    assert CONTROLS.shape == (16, 2)


@pytest.mark.parametrize("number", range(3))
def test_spline_is_that_of_scipy(number: int) -> None:
    oracle = RBFInterpolator(CONTROLS.numpy(), BENT[number].numpy(), kernel="thin_plate_spline", degree=1)
    computed = spline.move(BENT[number : number + 1], POINTS[number : number + 1])[0]
    assert np.allclose(computed.numpy(), oracle(POINTS[number].numpy()), atol=1e-9)


def test_spline_in_single_precision_is_within_a_hundred_thousandth() -> None:
    assert torch.allclose(spline.move(BENT.float(), POINTS.float()).double(), spline.move(BENT, POINTS), atol=1e-5)


def test_control_points_look_at_their_source_points() -> None:
    assert torch.allclose(spline.move(BENT, CONTROLS.expand(3, -1, -1)), BENT, atol=1e-12)


def test_affine_source_points_give_the_affine_map() -> None:
    theta = theta_of(Parts(70, 0.6, -1.4, 0.3, 0.2, -0.5))[None]
    source = move(theta, CONTROLS[None])
    assert torch.allclose(spline.move(source, 10 * POINTS[:1]), move(theta, 10 * POINTS[:1]), atol=1e-10)


def test_basis_sums_to_one() -> None:
    assert torch.allclose(spline.basis(POINTS).sum(-1), torch.ones(3, 40).double())


@pytest.mark.parametrize("reach", [(1.0, 1.0), (1.5, 1.0)])
def test_grid_of_a_frame_is_the_spline_at_its_pixel_centres(reach: tuple[float, float]) -> None:
    y, x = torch.meshgrid((2 * torch.arange(4) + 1) / 4 - 1, (2 * torch.arange(6) + 1) / 6 - 1, indexing="ij")
    points = torch.stack([x * reach[0], y * reach[1]], dim=-1).double()
    assert torch.allclose(spline.grid(BENT, 4, 6, reach), spline.move(BENT, points[None]), atol=1e-6)


def test_grid_first_asked_for_in_inference_can_be_learned_from_later() -> None:
    with torch.inference_mode():
        spline.grid(BENT.float(), 3, 7)
    source = BENT.float().requires_grad_()
    spline.grid(source, 3, 7).sum().backward()
    assert source.grad is not None


def test_jacobian_is_that_of_autograd_and_of_finite_differences() -> None:
    points = torch.cat([POINTS, CONTROLS.expand(3, -1, -1)], dim=1)
    computed = spline.jacobian(BENT, points)
    automatic = torch.autograd.functional.jacobian(lambda p: spline.move(BENT, p).sum((0, 1)), points)
    assert torch.allclose(computed, automatic.permute(1, 2, 0, 3), atol=1e-9)
    for axis, step in enumerate(1e-5 * torch.eye(2).double()):
        slope = (spline.move(BENT, points + step) - spline.move(BENT, points - step)) / 2e-5
        assert torch.allclose(computed[..., axis], slope, atol=1e-6)


def test_gradcheck_in_source_points_and_points() -> None:
    source, points = BENT[:1].clone().requires_grad_(), POINTS[:1, :5].clone().requires_grad_()
    assert torch.autograd.gradcheck(spline.move, (source, points))


def test_one_spline_moves_many_batches_and_many_splines_one() -> None:
    assert torch.allclose(spline.move(BENT[:1], POINTS)[2], spline.move(BENT[:1], POINTS[2:])[0])
    assert torch.allclose(spline.move(BENT, POINTS[:1])[2], spline.move(BENT[2:], POINTS[:1])[0])


def test_undo_finds_the_points_that_a_spline_moved() -> None:
    turned = move(theta_of(Parts(160, 1.2, 1.2))[None], BENT)
    inside = POINTS.clamp(-1, 1)
    assert torch.allclose(spline.undo(turned, spline.move(turned, inside)), inside, atol=1e-8)


def test_inverse_undoes_at_the_control_points() -> None:
    inverse = spline.inverse(BENT)
    assert torch.allclose(spline.move(BENT, inverse), CONTROLS.expand(3, -1, -1), atol=1e-9)


def test_mirrored_spline_has_an_inverse() -> None:
    mirrored = BENT * torch.tensor([-1.0, 1.0]).double()
    assert torch.allclose(spline.move(mirrored, spline.inverse(mirrored)), CONTROLS.expand(3, -1, -1), atol=1e-9)


def test_folded_spline_has_no_inverse() -> None:
    folded = CONTROLS.clone()[None]
    folded[0, [5, 6]] = folded[0, [6, 5]]  # two neighbours change places
    with pytest.raises(InvalidRequest, match="folds"):
        spline.inverse(folded)


def test_spline_of_one_point_or_of_nan_has_no_inverse() -> None:
    for source in (torch.zeros(1, 16, 2), torch.full((1, 16, 2), torch.nan)):
        with pytest.raises(InvalidRequest, match="no inverse"):
            spline.inverse(source)


def test_folds_are_found_where_they_are() -> None:
    """Against determinants on 200 x 200 points, of splines near the edge of folding."""
    random, missed, folding = torch.Generator().manual_seed(0), 0, 0
    axis = torch.linspace(-1, 1, 200, dtype=torch.float64)
    dense = torch.cartesian_prod(axis, axis)[None]
    for _ in range(40):
        source = spline.control_points(dense) + 0.17 * torch.randn(1, 16, 2, dtype=torch.float64, generator=random)
        truly = not bool((torch.linalg.det(spline.jacobian(source, dense)) > 0).all())
        folding += truly
        missed += truly and not spline._folds(source)
        assert truly or not spline._folds(source)
    assert 10 < folding < 37
    assert missed == 0
