from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import least_squares

from core.errors import InvalidRequest
from core.stn.geometry.families import FAMILIES
from core.stn.geometry.frames import points_of
from core.stn.geometry.theta import Parts, theta_of
from core.stn.warp.controls import SHAPES, start
from core.stn.warp.family_fits import family_fits

ROOT = Path(__file__).parents[3]
MEASURE = """
import sys
from core.stn.warp.controls import SHAPES
from core.stn.warp.family_fits import family_fits
from tests.memory import peak_mb
before = peak_mb()
family_fits(SHAPES["wave"](), int(sys.argv[1]), int(sys.argv[2]))
print(peak_mb() - before)
"""
NESTED = ("translation", "attention", "similarity", "affine", "projective", "tps")  # each holds the one before


def test_a_family_that_holds_the_warp_is_exact() -> None:
    fits = {fit.family: fit for fit in family_fits(theta_of(Parts(25, 0.8, 0.8, 0, 0.1)).numpy(), 90, 60)}
    assert list(fits) == list(FAMILIES)
    assert [fits[name].parameters for name in NESTED] == [2, 3, 4, 6, 8, 32]
    assert all(fits[name].worst_px < 1e-6 for name in ("similarity", "affine", "projective", "tps"))
    assert fits["translation"].error_px > fits["attention"].error_px > 1


@pytest.mark.parametrize("theta", [SHAPES["twist"](), SHAPES["wave"](), start("affine")], ids=["twist", "wave", "affine"])
def test_more_freedom_is_never_farther_away(theta: np.ndarray) -> None:
    fits = {fit.family: fit.error_px for fit in family_fits(theta, 80, 100)}
    errors = [fits[name] for name in NESTED]
    assert all(wider <= narrower + 1e-9 for narrower, wider in pairwise(errors) if wider > 1e-6)
    assert all(fit.error_px <= fit.worst_px for fit in family_fits(theta, 80, 100))


def test_the_error_is_a_distance_in_pixels() -> None:
    doubled = theta_of(Parts(scale_x=2, scale_y=2)).numpy()
    points = points_of(16, 16).reshape(-1, 2).numpy()
    expected = np.sqrt((points**2).sum(1).mean()) * 100 / 2  # the nearest shift is none: every point is off by itself
    assert family_fits(doubled, 100, 100)[0].error_px == pytest.approx(expected, rel=1e-5)


def test_the_nearest_similarity_is_that_of_scipy() -> None:
    theta = theta_of(Parts(25, 0.7, 1.3, 0.3, 0.1, -0.2)).numpy()
    target = points_of(16, 16).reshape(-1, 2).double().numpy()
    source = target @ theta[:, :2].T + theta[:, 2]

    def missed(p: np.ndarray) -> np.ndarray:
        a, b, x, y = p
        return (target @ np.array([[a, -b], [b, a]]).T + (x, y) - source).ravel()

    nearest = least_squares(missed, [1, 0, 0, 0], xtol=1e-12).x
    fit = next(fit for fit in family_fits(theta, 50, 50) if fit.family == "similarity")
    assert np.allclose(fit.theta[:, 0], nearest[:2], atol=1e-6)
    assert np.allclose(fit.theta[:, 2], nearest[2:], atol=1e-6)


def test_what_lies_behind_the_camera_is_said_so() -> None:
    with pytest.raises(InvalidRequest, match="behind the camera"):
        family_fits(np.array([[1.0, 0, 0], [0, 1, 0], [0, 0, -1]]), 50, 50)


def test_a_strip_is_off_by_the_mean_over_its_length() -> None:
    doubled = theta_of(Parts(scale_x=2, scale_y=2)).numpy()
    width, height = 4000, 40
    expected = np.sqrt((width**2 + height**2) / 12)  # of the distances to the centre of a rectangle
    assert family_fits(doubled, width, height)[0].error_px == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(("width", "height"), [(720, 20_000), (20_000, 10)])
def test_no_strip_takes_more_than_a_hundred_megabytes(width: int, height: int) -> None:
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, str(width), str(height)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert float(measured.stdout) < 100
