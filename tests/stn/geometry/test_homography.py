from __future__ import annotations

import numpy as np
import pytest
import torch

from core.errors import InvalidRequest
from core.stn.geometry import homography as projective

TILTED = torch.tensor([[[0.9, 0.2, 0.1], [-0.1, 1.1, -0.2], [0.15, -0.1, 1.0]]], dtype=torch.float64)
POINTS = 2 * torch.rand(1, 30, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 1
SQUARE = torch.tensor([[[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]], dtype=torch.float64)


def by_hand(theta: np.ndarray, points: np.ndarray) -> np.ndarray:
    homogeneous = np.concatenate([points, np.ones((len(points), 1))], axis=1) @ theta.T
    return homogeneous[:, :2] / homogeneous[:, 2:]


def test_homography_divides_by_the_third_coordinate() -> None:
    assert np.allclose(projective.move(TILTED, POINTS)[0], by_hand(TILTED[0].numpy(), POINTS[0].numpy()), atol=1e-12)


def test_homography_keeps_lines_straight() -> None:
    along = torch.linspace(-1, 1, 9, dtype=torch.float64)
    line = projective.move(TILTED, torch.stack([0.3 + 0.4 * along, 0.7 * along - 0.2], dim=-1)[None])[0]
    assert np.linalg.matrix_rank((line - line[0]).numpy(), tol=1e-9) == 1


def test_grid_is_the_homography_at_every_pixel() -> None:
    x, y = torch.linspace(-1, 1, 5).double(), torch.linspace(-1, 1, 4).double()
    points = torch.cartesian_prod(y, x).flip(-1).view(1, 4, 5, 2)
    assert torch.allclose(projective.regular_grid(TILTED, x, y), projective.move(TILTED, points))


def test_points_behind_the_camera_land_far_outside_and_finite() -> None:
    theta = torch.tensor([[[1.0, 0.0, -0.5], [0.0, 1.0, 0.0], [-4.0, 0.0, 1.0]]])
    behind = torch.tensor([[[0.5, 0.0], [0.25, 0.0], [0.9, 0.9], [1.0, -1.0]]])  # the first maps to 0 in homogeneous terms
    moved = projective.move(theta, behind)
    assert moved.isfinite().all()
    assert (moved.abs().amax(-1) >= 1000).all()


def test_gradient_behind_the_camera_is_finite() -> None:
    theta = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [-4.0, 0.0, 1.0]]], requires_grad=True)
    projective.move(theta, torch.tensor([[[0.25, 0.0], [0.9, 0.9], [0.1, 0.2]]])).sum().backward()
    assert theta.grad.isfinite().all()


def test_jacobian_is_that_of_autograd_and_nothing_behind_the_camera() -> None:
    theta = torch.cat([TILTED, TILTED])
    theta[1, 2, 0] = 2.5  # the horizon crosses the square
    points = POINTS.expand(2, -1, -1)
    automatic = torch.autograd.functional.jacobian(lambda p: projective.move(theta, p).sum(1), points)  # (2, 2, 2, 30, 2)
    expected = torch.stack([automatic[b, :, b].transpose(0, 1) for b in range(2)])
    computed = projective.jacobian(theta, points)
    assert torch.allclose(computed, expected, atol=1e-9)
    assert (computed[1] == 0).all(-1).all(-1).any()


def test_normalised_homography_is_the_same_map() -> None:
    scaled = projective.normalised(5 * TILTED)
    assert torch.allclose(scaled, TILTED)


@pytest.mark.parametrize("last", [0.0, -1.0, float("nan")])
def test_homography_with_its_centre_behind_the_camera_cannot_be_normalised(last: float) -> None:
    theta = TILTED.clone()
    theta[0, 2, 2] = last
    with pytest.raises(InvalidRequest, match="behind the camera"):
        projective.normalised(theta)


def test_homography_through_corners_takes_each_to_its_own() -> None:
    generator = torch.Generator().manual_seed(1)
    target, source = SQUARE + 0.3 * (2 * torch.rand(2, 50, 4, 2, dtype=torch.float64, generator=generator) - 1)
    theta = projective.through_corners(target, source)
    assert torch.allclose(projective.move(theta, target), source, atol=1e-9)
    assert (theta[:, 2, 2] == 1).all()


def test_fit_finds_a_homography_from_its_points() -> None:
    affine = torch.eye(2, 3).double()[None]
    assert torch.allclose(projective.fit(POINTS, projective.move(TILTED, POINTS), affine), TILTED, atol=1e-9)


def test_fit_to_noisy_points_is_a_minimum_of_the_distance() -> None:
    noise = 0.1 * torch.randn(POINTS.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(2))
    source = projective.move(TILTED, POINTS) + noise
    best = projective.fit(POINTS, source, torch.eye(2, 3).double()[None])
    theta = best.clone().requires_grad_()
    (projective.move(theta, POINTS) - source).square().sum().backward()
    assert theta.grad.abs().max() < 1e-5
