"""`from core.stn import SpatialTransformer, …, warp`, as a notebook does, whatever was imported before."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from core.stn import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer, warp
from core.stn.export.theta_table import theta_table
from core.stn.geometry import warping
from core.stn.geometry.kinds import in_square
from core.stn.geometry.theta import Parts, parse_theta, theta_of
from tests.forks import errors_of

FACE = "from core.stn import warp; assert callable(warp) and warp.__module__ == 'core.stn'"


@pytest.mark.parametrize(
    "before", ["pass", "import core.stn.warp", "from core.stn.warp.controls import start", "import core.stn.warp.command"]
)
@pytest.mark.parametrize("after", ["pass", "import core.stn.warp.figures", "from core.stn.warp.command import warp as other"])
def test_warp_is_the_function_in_every_order_of_imports(before: str, after: str, tmp_path: Path) -> None:
    assert errors_of(f"{before}; {FACE}; {after}; {FACE}", tmp_path) == ""


def test_the_package_alone_loads_neither_torch_nor_numpy() -> None:
    code = "import sys, core.stn; sys.exit(bool({'torch', 'pandas', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_name_that_the_package_declares_is_there(tmp_path: Path) -> None:
    code = "from core.stn import *; SpatialTransformer, LocalizationNetwork, GridGenerator, Sampler, warp"
    assert errors_of(code, tmp_path) == ""


def test_a_picture_is_seen_through_a_theta(photo: np.ndarray) -> None:
    theta = theta_of(Parts(20, 0.8, 0.8))
    assert np.array_equal(warp(photo, theta.tolist()), warping.warp(photo, theta))
    assert warp(photo, np.eye(2, 3), size=(51, 77)).shape == (51, 77, 3)


def test_an_untrained_transformer_returns_its_image() -> None:
    transformer = SpatialTransformer(LocalizationNetwork("affine", 28), GridGenerator(28, 28), Sampler()).eval()
    image = torch.rand(2, 1, 28, 28)
    view, theta = transformer(image)
    assert torch.allclose(view, image, atol=1e-5)
    assert theta.shape == (2, 2, 3)


@pytest.mark.parametrize("theta", [np.eye(3), np.array([[0.9, 0.2, 0.1], [-0.1, 1.1, -0.2], [0.15, -0.1, 1.0]])])
def test_the_sign_of_a_homography_does_not_matter(photo: np.ndarray, theta: np.ndarray) -> None:
    assert np.array_equal(warp(photo, -theta), warp(photo, theta))
    assert np.array_equal(parse_theta(" ".join(map(str, (-theta).ravel()))), theta)


def test_a_row_of_a_table_of_thetas_is_what_the_command_takes(photo: np.ndarray) -> None:
    theta = theta_of(Parts(20, 0.8, 0.9, 0.1, 0.2, -0.1)).numpy()
    height, width = photo.shape[:2]
    assert height != width
    row = theta_table(["photo"], theta[None], [(width, height)]).iloc[0]
    given = parse_theta(" ".join(str(row[f"theta_{number}"]) for number in range(1, 7)))
    np.testing.assert_allclose(in_square(given, width, height), theta, atol=1e-12)
