"""The oracle is NumPy's own solution of the eight equations, SciPy's of the least squares, and homographies that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import least_squares

from core.errors import InvalidRequest
from core.stn.geometry.point_pairs import equations_condition, through_pairs

SQUARE = np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])
PAGE = np.array([[-0.7, -0.8], [0.9, -0.6], [0.6, 0.9], [-0.9, 0.5]])
KNOWN = np.array([[0.9, 0.2, 0.1], [-0.1, 1.1, -0.2], [0.15, -0.1, 1.0]])
MANY = np.random.default_rng(3).uniform(-1, 1, (9, 2))


def seen(theta: np.ndarray, points: np.ndarray) -> np.ndarray:
    planes = np.c_[points, np.ones(len(points))] @ theta.T
    return planes[:, :2] / planes[:, 2:]


def solved(target: np.ndarray, source: np.ndarray) -> np.ndarray:
    """The eight unknown entries from eight equations, the ninth being 1."""
    rows, right = [], []
    for (x, y), (u, v) in zip(target, source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        right += [u, v]
    return np.append(np.linalg.solve(np.array(rows), np.array(right)), 1).reshape(3, 3)


@pytest.mark.parametrize(
    ("target", "source"), [(SQUARE, PAGE), (PAGE * [0.5, 1] + 0.2, MANY[[0, 1, 2, 3]])], ids=["page", "any"]
)
def test_four_pairs_give_the_homography_of_numpys_solution(target: np.ndarray, source: np.ndarray) -> None:
    source = source if source is PAGE else seen(KNOWN, target)
    found = through_pairs(target, source)
    assert np.allclose(found.theta, solved(target, source), atol=1e-10)
    assert np.allclose(seen(found.inverse, source), target, atol=1e-10)
    assert found.worst < 1e-10
    assert found.condition == pytest.approx(np.linalg.cond(found.theta))


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_more_pairs_give_scipys_least_squares_and_what_is_left(noise: float) -> None:
    source = seen(KNOWN, MANY) + noise * np.random.default_rng(4).standard_normal(MANY.shape)
    found = through_pairs(MANY, source)

    def left(entries: np.ndarray) -> np.ndarray:
        return (seen(np.append(entries, 1).reshape(3, 3), MANY) - source).ravel()

    best = least_squares(left, KNOWN.ravel()[:8], xtol=1e-14, ftol=1e-14, gtol=1e-14).x
    assert np.allclose(found.theta.ravel()[:8], best, atol=1e-6)
    assert np.allclose(found.residuals, np.linalg.norm(left(best).reshape(-1, 2), axis=1), atol=1e-6)
    assert (found.worst < 1e-9) is (noise == 0)


def test_centred_and_scaled_equations_are_far_better_determined_than_those_in_pixels() -> None:
    pixels = (np.stack([SQUARE, PAGE]) + 1) * 1000
    assert equations_condition(*pixels) > 1e5
    assert through_pairs(*pixels - 1000).equations_condition < 10


REFUSED = {
    "three on a line": (SQUARE, [[-1, -1], [0, -1], [1, -1], [0, 1]], "points 1, 2 and 3 lie on a line"),
    "places on a line": ([[-1, -1], [0, 0], [1, 1], [-1, 1]], PAGE, "places 1, 2 and 3 lie on a line"),
    "crossed": (SQUARE, PAGE[[0, 1, 3, 2]], "lines 2–3 and 4–1 of the points cross"),
    "crossed places": (SQUARE[[0, 2, 1, 3]], PAGE, "lines 1–2 and 3–4 of the places cross"),
    "dented": (SQUARE, [[-1, -1], [1, -1], [-0.5, -0.5], [-1, 1]], "inside the triangle"),
    "one place twice": (SQUARE, [[-1, -1], [-1, -1], [1, 1], [-1, 1]], "points 1 and 2 lie in one place"),
    "one place for all": (SQUARE, np.zeros((4, 2)), "all points lie in one place"),
    "too few": (SQUARE[:3], PAGE[:3], "give at least 4 of each"),
    "no partner": (MANY, PAGE, "4 points and 9 places"),
    "no number": (SQUARE, PAGE * [np.nan, 1], "not a finite number"),
    "all but one on a line": (
        [*MANY[:4], [0.1, 0.2]], [[-1, 0], [0, 0], [1, 0], [0.5, 0], [0, 1]], "points 1, 2, 3 and 4 lie on a line",
    ),
    "exchanged": (MANY[:5], seen(KNOWN, MANY)[[0, 1, 3, 2, 4]], "whose ends were exchanged"),
}  # fmt: skip


@pytest.mark.parametrize(("target", "source", "words"), REFUSED.values(), ids=REFUSED)
def test_pairs_that_determine_no_homography_are_refused_in_a_sentence(target, source, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        through_pairs(np.array(target, float), np.array(source, float))
