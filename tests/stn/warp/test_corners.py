from __future__ import annotations

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.stn.geometry.warping import warp
from core.stn.warp.corners import in_percent, points_of, put_right, rectangle_of, size_of

SIZE = (300, 200)
PAGE = np.array([[40.0, 30], [260, 50], [230, 180], [60, 150]])


def camera(proportion: float, focal: float, turn: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The corners of a rectangle of that width over height, height 1, as a camera in front of it sees them, in pixels."""
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * [proportion / 2, 0.5, 0]
    x, y, z = np.moveaxis(corners @ turn.T + [0.05, -0.02, 2], -1, 0)
    return np.stack([x / z, y / z], axis=-1) * focal + np.array(size) / 2


def turned(x: float, y: float) -> np.ndarray:
    a, b = np.deg2rad([x, y])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    return about_x @ about_y


@pytest.mark.parametrize(("proportion", "x", "y"), [(0.707, 30, 20), (1.6, -25, 40), (0.707, 0, 0), (1.3, 0, 35)])
def test_a_page_gets_the_proportions_that_it_has(proportion: float, x: float, y: float) -> None:
    corners = camera(proportion, 850, turned(x, y), (900, 1000))
    width, height = rectangle_of(corners, (900, 1000))
    assert width / height == pytest.approx(proportion, rel=0.03 if 0 in (x, y) else 0.004)
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1).max()
    assert max(width, height) >= longest - 1  # nothing is made smaller


@pytest.mark.parametrize("output", [None, (120, 90)])
def test_what_lies_between_the_corners_fills_the_rectangle(output: tuple[int, int] | None) -> None:
    right = put_right(PAGE, SIZE, output=output)
    assert output in (None, right.size)
    width, height = right.size
    rows, columns = np.mgrid[:200, :300]
    picture = np.stack([columns / 2, rows, rows * 0], axis=-1).astype(np.uint8)  # every pixel says where it is
    shown = warp(picture, right.theta, size=(height, width)).astype(float)
    for (x, y), (column, row) in zip(PAGE, [(0, 0), (-1, 0), (-1, -1), (0, -1)], strict=True):
        assert shown[row, column, :2] == pytest.approx([x / 2, y], abs=2)
    assert np.allclose(right.pixel_theta @ right.pixel_inverse / (right.pixel_theta @ right.pixel_inverse)[2, 2], np.eye(3))


def test_points_are_brought_to_places_and_the_residual_is_in_pixels() -> None:
    points = np.array([*PAGE, [150, 100]])
    places = np.array([*(PAGE * 0.5 + 40), [115, 93]])  # the fifth belongs at (115, 90)
    right = put_right(points, SIZE, places)
    assert right.size == SIZE
    assert 0.1 < right.rms < 6
    assert put_right(points, SIZE, points * 0.5 + 40).rms < 1e-9


def test_what_lies_outside_or_is_mirrored_is_said() -> None:
    assert put_right(PAGE, SIZE).note == ""
    assert "point 1 lies outside" in put_right(PAGE - [45, 0], SIZE).note
    assert "mirrored" in put_right(PAGE[::-1], SIZE).note
    with pytest.raises(InvalidRequest, match=r"point 2 is \(2600, 50\), far outside of 300 × 200"):
        put_right(PAGE * [[1, 1], [10, 1], [1, 1], [1, 1]], SIZE)


def test_points_are_read_in_pixels_and_percent() -> None:
    points = points_of("12,20 50%,7.5% 310,400 -8,1e1", (200, 400), "--corners")
    assert points.tolist() == [[12, 20], [100, 30], [310, 400], [-8, 10]]
    assert np.allclose(points_of(in_percent(points, (200, 400)), (200, 400), "--corners"), points, rtol=1e-3)
    assert size_of("600X800") == (600, 800)
    for text in ("1,2 3", "1,2 x,3", "1,2,3"):
        with pytest.raises(InvalidRequest, match="which is no point; give x,y"):
            points_of(text, (10, 10), "--to")
    for text in ("600", "0x5", "90000x5"):
        with pytest.raises(InvalidRequest, match=r"width x height|cannot be made"):
            size_of(text)
