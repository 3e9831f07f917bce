from __future__ import annotations

from itertools import pairwise

import pytest
import torch

from core.errors import InvalidRequest
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid, identity, move

KINDS = {"projective": (3, 3), "tps": (16, 2)}  # the others are affine
COUNTS = {"translation": 2, "attention": 3, "similarity": 4, "affine": 6, "projective": 8, "tps": 32}
every_family = pytest.mark.parametrize("name", list(FAMILIES))


def some_params(name: FamilyName, count: int = 5) -> torch.Tensor:
    """Parameters (B, n), float64, not far from the identity."""
    start = torch.tensor([FAMILIES[name].identity], dtype=torch.float64)
    noise = torch.randn(count, start.shape[1], dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    return start + 0.2 * noise


@every_family
def test_family_has_a_name_for_each_of_its_parameters(name: FamilyName) -> None:
    family = FAMILIES[name]
    assert (
        len(family.parameters) == len(set(family.parameters)) == len(family.identity) == COUNTS.get(name, len(family.identity))
    )


@every_family
def test_shape_of_theta_tells_its_kind(name: FamilyName) -> None:
    assert FAMILIES[name].theta(some_params(name)).shape == (5, *KINDS.get(name, (2, 3)))


@every_family
def test_identity_parameters_change_nothing(name: FamilyName) -> None:
    points = 4 * torch.rand(3, 50, 2) - 2
    theta = FAMILIES[name].theta(torch.tensor([FAMILIES[name].identity]).expand(3, -1))
    assert torch.equal(theta, identity(3, name))
    assert torch.allclose(move(theta, points), points, atol=1e-6)


@every_family
@pytest.mark.parametrize("size", [(28, 28), (20, 33)])
def test_identity_theta_returns_the_image(name: FamilyName, size: tuple[int, int]) -> None:
    image = torch.rand(2, 3, *size)
    assert torch.allclose(sample(image, frame_grid(identity(2, name), *size)), image, atol=1e-5)
    plain = frame_grid(identity(2), *size)
    assert torch.allclose(frame_grid(identity(2, name), *size), plain, atol=1e-6)


@every_family
def test_params_read_theta_back(name: FamilyName) -> None:
    params = some_params(name)
    assert torch.allclose(FAMILIES[name].params(FAMILIES[name].theta(params)), params, atol=1e-12)


@every_family
def test_points_pass_gradcheck_in_the_parameters(name: FamilyName) -> None:
    points = 2 * torch.rand(2, 3, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(1)) - 1
    params = some_params(name, 2).requires_grad_()
    assert torch.autograd.gradcheck(lambda p: move(FAMILIES[name].theta(p), points), (params,))


def test_families_from_translation_to_projective_contain_each_other() -> None:
    """Each family's theta is also one of the next, with the parameters that the next reads from it."""
    names: list[FamilyName] = ["translation", "attention", "similarity", "affine"]
    for smaller, larger in pairwise(names):
        theta = FAMILIES[smaller].theta(some_params(smaller))
        assert torch.allclose(FAMILIES[larger].theta(FAMILIES[larger].params(theta)), theta, atol=1e-12)


def test_similarity_has_equal_singular_values() -> None:
    theta = FAMILIES["similarity"].theta(torch.randn(5, 4))
    values = torch.linalg.svdvals(theta[:, :, :2])
    assert torch.allclose(values[:, 0], values[:, 1], rtol=1e-4)
    assert (torch.linalg.det(theta[:, :, :2]) > 0).all()


def test_perspective_counts_in_tenths_and_offsets_in_quarters() -> None:
    tilted = FAMILIES["projective"].theta(torch.tensor([[1.0, 0, 0, 0, 1, 0, 2, -3]]))
    assert torch.allclose(tilted[0, 2], torch.tensor([0.2, -0.3, 1.0]))
    bent = FAMILIES["tps"].theta(torch.cat([torch.ones(1, 2), torch.zeros(1, 30)], dim=1))
    assert torch.allclose(bent[0, :2], torch.tensor([[-0.75, -0.75], [-1 / 3, -1.0]]))


def test_homography_whose_centre_is_behind_the_camera_has_no_parameters() -> None:
    with pytest.raises(InvalidRequest, match="behind the camera"):
        FAMILIES["projective"].params(-torch.eye(3)[None])
