from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kinds import KINDS, in_frame, in_square, kind_of, through
from core.stn.geometry.theta import move
from tests.stn.geometry.test_families import some_params

ROOT = Path(__file__).parents[3]
LIGHT = (
    "core.stn.geometry.families", "core.stn.geometry.kernels", "core.stn.datasets.distortions", "core.stn.networks.spec",
    "core.stn.drawing.grid_overlay", "core.stn.drawing.sheets", "core.stn.drawing.animation",
)  # fmt: skip
every_family = pytest.mark.parametrize("name", list(FAMILIES))


@every_family
def test_a_theta_takes_points_where_the_network_takes_them(name: FamilyName) -> None:
    points = 4 * torch.rand(7, 5, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) - 2
    for theta in FAMILIES[name].theta(some_params(name)):
        expected = move(theta[None], points[None])[0]
        assert np.allclose(through(theta.numpy(), points.numpy()), expected, atol=1e-12)


def test_a_homography_takes_points_behind_the_camera_as_far_as_the_network_does() -> None:
    theta = torch.tensor([[1.0, 0.2, 0], [0, 1, 0.1], [1.5, 0, 1]], dtype=torch.float64)
    points = torch.tensor([[-0.9, 0.3], [-2 / 3, 0.0], [0.5, -0.5]], dtype=torch.float64)
    assert np.allclose(through(theta.numpy(), points.numpy()), move(theta[None], points[None])[0])


@every_family
def test_a_family_has_thetas_of_its_kind(name: FamilyName) -> None:
    theta = FAMILIES[name].theta(some_params(name))[0].numpy()
    assert kind_of(theta) is FAMILIES[name].kind


def test_only_where_equal_steps_stay_equal_two_points_tell_a_line() -> None:
    line = np.linspace([-1.0, 0.3], [1.0, 0.3], 9)
    for shape, kind in KINDS.items():
        family = [family for family in FAMILIES.values() if family.kind is kind][-1]
        steps = np.diff(through(family.theta(some_params(family.name))[0].numpy(), line), axis=0)
        assert kind.shape == shape
        assert np.allclose(steps, steps[0]) == kind.even


@every_family
def test_in_frame_and_in_square_undo_each_other_and_leave_splines(name: FamilyName) -> None:
    theta = FAMILIES[name].theta(some_params(name))[0].numpy()
    framed = in_frame(theta, 30, 20)
    assert np.allclose(in_square(framed, 30, 20), theta)
    assert np.array_equal(framed, theta) == FAMILIES[name].kind.handles


@pytest.mark.parametrize("module", LIGHT)
def test_names_and_drawings_load_without_torch(module: str) -> None:
    code = f"import {module}, sys; sys.exit('torch loaded' if 'torch' in sys.modules else 0)"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
