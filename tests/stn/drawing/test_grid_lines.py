from __future__ import annotations

import numpy as np
import pytest

from core.stn.drawing.grid_lines import LINES, grid_lines, hatched
from core.stn.geometry.theta import Parts, for_frame, theta_of
from core.stn.warp.controls import start


def test_the_identity_grid_is_regular_and_ends_at_the_edges() -> None:
    lines = grid_lines(np.eye(2, 3), 30, 20)
    assert len(lines) == 2 * LINES
    assert lines[0].tolist() == [[-1, -1], [1, -1]]
    assert lines[LINES - 1].tolist() == [[-1, 1], [1, 1]]
    assert lines[LINES].tolist() == [[-1, -1], [-1, 1]]
    assert np.allclose([line[0, 1] for line in lines[:LINES]], np.linspace(-1, 1, LINES))


@pytest.mark.parametrize("parts", [Parts(30), Parts(10, 0.5, 1.5, 0.2, 0.4, -0.3)])
def test_lines_end_where_the_framed_matrix_says(parts: Parts) -> None:
    matrix = for_frame(theta_of(parts)[None], 30, 20)[0].numpy()
    first = grid_lines(theta_of(parts).numpy(), 30, 20)[0]
    assert np.allclose(first, np.array([[-1, -1, 1], [1, -1, 1]]) @ matrix.T)


def test_lines_of_a_spline_are_bent_and_of_a_homography_straight() -> None:
    bent, straight = (grid_lines(start("tps"), 40, 40)[3], grid_lines(start("projective"), 40, 40)[3])
    assert _bow(bent) > 0.01 > 1e-9 > _bow(straight)


def _bow(line: np.ndarray) -> float:
    """How far a line leaves the chord between its ends."""
    chord = line[-1] - line[0]
    away = line - line[0]
    return float(np.abs(away[:, 0] * chord[1] - away[:, 1] * chord[0]).max() / np.linalg.norm(chord))


def test_a_line_that_passes_behind_the_camera_is_cut() -> None:
    through = np.array([[1.0, 0, 0], [0, 1, 0], [1.5, 0, 1]])  # w = 0 at x = -2/3
    lines = grid_lines(through, 50, 50)
    assert all(np.isfinite(line).all() and np.abs(line).max() <= 30 for line in lines)
    assert len(lines) < 2 * LINES


def test_stripes_lie_inside_the_mask_alone(photo: np.ndarray) -> None:
    mask = np.zeros(photo.shape[:2], bool)
    mask[50:150, 100:200] = True
    drawn = hatched(photo, mask, "#FF0000")
    changed = (drawn != photo).any(axis=-1)
    assert not changed[~mask].any()
    assert 0.2 < changed[mask].mean() < 0.5
    assert drawn[changed][:, 0].min() >= 190
