from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.ndimage import map_coordinates
from torch.nn import functional

from core.stn import sampling
from core.stn.sampling import PADDINGS, grid_of, sample, warp
from core.stn.thetas import Parts, move, theta_of

THETA = theta_of(Parts(25, 0.8, 1.2, 0.1, 0.15, -0.2)).float()


def test_grid_equals_that_of_torch() -> None:
    theta = torch.randn(3, 2, 3)
    expected = functional.affine_grid(theta, [3, 1, 7, 11], align_corners=False)
    assert torch.allclose(grid_of(theta, 7, 11), expected, atol=1e-6)


def test_moving_the_regular_points_gives_the_grid() -> None:
    theta = torch.randn(3, 2, 3)
    points = grid_of(torch.eye(2, 3).expand(3, 2, 3), 7, 11)
    assert torch.allclose(move(theta, points), grid_of(theta, 7, 11), atol=1e-6)


def test_identity_theta_returns_the_image(photo: np.ndarray) -> None:
    assert np.array_equal(warp(photo, np.eye(2, 3)), photo)


@pytest.mark.parametrize("padding", PADDINGS)
def test_warp_is_within_one_grey_level_of_torch(photo: np.ndarray, padding: str) -> None:
    image = torch.tensor(photo).permute(2, 0, 1)[None].float()
    grid = functional.affine_grid(THETA[None], list(image.shape), align_corners=False)
    expected = functional.grid_sample(image, grid, padding_mode=padding, align_corners=False)[0].permute(1, 2, 0).numpy()
    assert np.abs(warp(photo, THETA.numpy(), padding=padding).astype(float) - expected).max() <= 1


def test_warp_is_within_one_grey_level_of_scipy(photo: np.ndarray) -> None:
    height, width = photo.shape[:2]
    x, y = np.meshgrid((2 * np.arange(width) + 1) / width - 1, (2 * np.arange(height) + 1) / height - 1)
    source = np.stack([x, y, np.ones_like(x)], axis=-1) @ THETA.double().numpy().T
    rows, columns = ((source[..., 1] + 1) * height - 1) / 2, ((source[..., 0] + 1) * width - 1) / 2
    expected = map_coordinates(photo[..., 0].astype(float), [rows, columns], order=1, mode="nearest")
    assert np.abs(warp(photo, THETA.numpy())[..., 0] - expected).max() <= 1


def test_strips_do_not_show(photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = warp(photo, THETA.numpy())
    monkeypatch.setattr(sampling, "_STRIP", 1000)
    assert np.array_equal(warp(photo, THETA.numpy()), whole)


def test_warp_keeps_grey_grey_and_takes_any_size(photo: np.ndarray) -> None:
    assert warp(photo[..., 0], THETA.numpy()).shape == (255, 384)
    assert warp(photo, THETA.numpy(), size=(20, 31)).shape == (20, 31, 3)


def test_warp_reads_what_it_may_not_write(photo: np.ndarray) -> None:
    frozen = photo.copy()
    frozen.flags.writeable = False
    assert np.array_equal(warp(frozen, np.eye(2, 3)), photo)
    assert np.array_equal(warp(photo[:, ::-1], np.eye(2, 3)), photo[:, ::-1])


def test_sampler_passes_gradcheck_in_image_and_theta() -> None:
    generator = torch.Generator().manual_seed(0)
    image = torch.rand(1, 2, 5, 6, dtype=torch.float64, generator=generator, requires_grad=True)
    theta = (0.7 * THETA[None].double() + 0.01).requires_grad_()
    assert torch.autograd.gradcheck(lambda u, t: sample(u, grid_of(t, 4, 3)), (image, theta), eps=1e-7, atol=1e-5)
