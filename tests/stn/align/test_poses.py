from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.stn.align.freedoms import FREEDOMS, freedom_of
from core.stn.align.poses import ANGLE, SHEAR, SHIFT_X, SIZE, Poses, centred, of_family, theta_of_poses, too_far
from core.stn.geometry.families import FAMILIES, Family
from core.stn.geometry.kinds import MATRIX
from core.stn.geometry.theta import Parts, compose, inverse, theta_of
from tests.stn.geometry.stretch import STRETCH

MEASURED = ("translation", "attention", "similarity", "affine")
numbers = st.lists(st.floats(-0.6, 0.6), min_size=6, max_size=6)


def poses_of(count: int, seed: int = 0) -> torch.Tensor:
    return 0.3 * torch.randn(count, 6, generator=torch.Generator().manual_seed(seed))


@given(numbers)
def test_a_pose_is_turn_size_shear_and_aspect_after_a_shift_of_the_common_view(numbers: list[float]) -> None:
    angle, size, x, y, shear, aspect = numbers
    linear = theta_of(Parts(math.degrees(angle), math.exp(size + aspect), math.exp(size - aspect), shear))
    expected = compose(linear, theta_of(Parts(shift_x=x, shift_y=y)))
    assert torch.allclose(theta_of_poses(torch.tensor([numbers], dtype=torch.float64))[0], expected, atol=1e-9)


def test_to_take_the_mean_away_is_to_choose_another_common_view() -> None:
    """Every similarity changes by one and the same transformation of the view."""
    poses = of_family(poses_of(7), "similarity").double()
    poses[:, 2:4] = 0.0  # turns and sizes; shifts have a test of their own
    changes = compose(inverse(theta_of_poses(centred(poses))), theta_of_poses(poses))
    assert torch.allclose(changes, changes[:1].expand(7, 2, 3), atol=1e-9)


def test_to_take_the_mean_shift_away_is_to_shift_the_common_view() -> None:
    poses = of_family(poses_of(7), "similarity").double()
    moved = poses.clone()
    moved[:, SHIFT_X] -= poses[:, SHIFT_X].mean()
    changes = compose(inverse(theta_of_poses(moved)), theta_of_poses(poses))
    assert torch.allclose(changes, changes[:1].expand(7, 2, 3), atol=1e-9)


def test_the_mean_pose_stays_zero_whatever_the_optimizer_does() -> None:
    model = Poses(0.1 * poses_of(9), FREEDOMS["affine"], 180.0)
    for _ in range(3):
        (model() - 0.2).square().sum().backward()  # pulls all poses the same way
        with torch.no_grad():
            model.change.add_(torch.randn(6))  # and so does this
    assert model().mean(dim=0).abs().max() < 1e-6


def test_the_rows_say_what_moves_and_what_it_costs() -> None:
    freedoms = {name: (FREEDOMS[name].moving, FREEDOMS[name].cost) for name in MEASURED}
    assert freedoms == {
        "translation": ((0, 0, 1, 1, 0, 0), (0.0,) * 6),
        "attention": ((0, 1, 1, 1, 0, 0), (0.0, 1.0, 0.0, 0.0, 0.0, 0.0)),
        "similarity": ((1, 1, 1, 1, 1, 1), (0.03, 1.0, 0.0, 0.0, 0.3, 3.0)),
        "affine": ((1, 1, 1, 1, 1, 1), (0.03, 0.3, 0.0, 0.0, 0.1, 0.3)),
    }


def test_shear_that_only_helped_a_similarity_is_gone_while_it_settles() -> None:
    assert [name for name in MEASURED if FREEDOMS[name].helped] == ["similarity"]
    settling = FREEDOMS["similarity"].settling
    assert (settling.moving, settling.cost) == ((0, 1, 1, 1, 0, 0), (0.0, 0.1, 0.0, 0.0, 0.0, 0.0))


@pytest.mark.parametrize("row", [*FAMILIES.values(), STRETCH], ids=lambda row: row.name)
def test_the_poses_of_a_family_are_thetas_of_it(row: Family) -> None:
    freedom = freedom_of(row)
    if freedom is None:
        assert row.kind is not MATRIX
        return
    theta = theta_of_poses(poses_of(50).double() * torch.tensor(freedom.own))
    assert torch.allclose(row.theta(row.params(theta)), theta, atol=1e-9)
    params = row.params(theta)
    assert torch.linalg.matrix_rank(params - params.mean(dim=0), rtol=1e-3) == len(row.parameters)


@pytest.mark.parametrize("family", FREEDOMS)
def test_a_family_moves_only_its_own_numbers(family: str) -> None:
    freedom = FREEDOMS[family]
    model = Poses(torch.zeros(5, 6), freedom, 45.0)
    with torch.no_grad():
        model.change.copy_(0.1 * poses_of(5))
    moved = model().abs().amax(dim=0) > 0
    assert moved.int().tolist() == list(freedom.moving)


def test_a_similarity_keeps_no_shear() -> None:
    assert of_family(poses_of(5), "similarity")[:, SHEAR:].abs().max() == 0
    assert of_family(poses_of(5), "affine")[:, SHEAR:].abs().min() > 0


def test_a_pose_at_its_bound_says_which() -> None:
    pose = torch.zeros(6)
    assert too_far(pose, 45.0) == ""
    pose[SIZE] = math.log(2)
    assert "twice as large" in too_far(pose, 45.0)
    pose[ANGLE] = -math.radians(65)
    assert "turned by more than 65°" in too_far(pose, 45.0)
    assert "twice as large" in too_far(pose, 180.0)  # all around there is no largest angle


def test_poses_stop_at_their_bounds() -> None:
    model = Poses(torch.zeros(4, 6), FREEDOMS["similarity"], 45.0)
    with torch.no_grad():
        model.change[0] = 9.0
    assert model().abs().amax(dim=0)[SIZE].item() == pytest.approx(math.log(2))
    assert model().abs().amax(dim=0)[ANGLE].item() == pytest.approx(math.radians(65))
