from __future__ import annotations

import time

import numpy as np
import pytest
import torch

from core.stn.anatomy import MARGIN, corners, draw_grid, draw_output, outline, outside_share, source_points
from core.stn.sampling import grid_of
from core.stn.thetas import Parts, theta_of

THETA = theta_of(Parts(30, 0.9, 1.1, 0.1, 0.4, -0.2)).numpy()
TEAL, RED = np.array([0x0F, 0x76, 0x6E]), np.array([0xB4, 0x23, 0x18])


def has(image: np.ndarray, colour: np.ndarray) -> bool:
    return bool((np.abs(image.astype(int) - colour).max(axis=-1) < 12).any())


def test_source_points_are_those_of_the_grid_generator() -> None:
    grid = grid_of(torch.tensor(THETA[None]), 5, 8)[0].numpy()
    assert np.allclose(source_points(THETA, 5, 8), grid, atol=1e-6)


def test_share_outside_is_counted_by_hand() -> None:
    assert outside_share(np.eye(2, 3), 10, 10) == 0
    assert outside_share(theta_of(Parts(shift_x=0.5)).numpy(), 10, 100) == pytest.approx(0.25)
    assert outside_share(theta_of(Parts(scale_x=2, scale_y=2)).numpy(), 100, 100) == pytest.approx(0.75)
    assert outside_share(theta_of(Parts(shift_y=3)).numpy(), 10, 10) == 1


def test_corners_are_pixel_edges_clockwise_from_the_top_left() -> None:
    assert corners(np.eye(2, 3), 30, 20).tolist() == [[0, 0], [30, 0], [30, 20], [0, 20]]
    assert corners(theta_of(Parts(shift_x=1)).numpy(), 30, 20).tolist() == [[15, 0], [45, 0], [45, 20], [15, 20]]


def test_grid_is_teal_inside_the_image_and_red_outside(photo: np.ndarray) -> None:
    grey = np.full((100, 100, 3), 200, np.uint8)
    inside, leaving = draw_grid(grey, np.eye(2, 3)), draw_grid(grey, theta_of(Parts(shift_x=0.4)).numpy())
    assert has(inside, TEAL)
    assert not has(inside, RED)
    assert has(leaving, TEAL)
    picture_right = 512 * (0.5 + 0.5 / (1 + 2 * MARGIN)) + 2
    assert has(leaving[:, int(picture_right) :], RED)
    assert not has(leaving[:, int(picture_right) :], TEAL)
    assert not has(leaving[:, : int(picture_right) - 6], RED)


def test_grid_lies_where_theta_says() -> None:
    dark = np.zeros((100, 100, 3), np.uint8)
    drawn = draw_grid(dark, theta_of(Parts(scale_x=0.5, scale_y=0.5, shift_x=0.5)).numpy(), size=round(400 * (1 + 2 * MARGIN)))
    teal = np.abs(drawn.astype(int) - TEAL).max(axis=-1) < 12
    rows, columns = np.nonzero(teal)
    # 100 px are shown as 400 px behind the margin; the grid covers the right half and the middle rows
    edge = 400 * MARGIN
    assert (columns.min(), columns.max()) == pytest.approx((edge + 200, edge + 400), abs=3)
    assert (rows.min(), rows.max()) == pytest.approx((edge + 100, edge + 300), abs=3)


@pytest.mark.parametrize("shape", [(40, 40, 3), (200, 300, 3), (600, 100, 3), (28, 28)])
def test_drawings_are_square_and_leave_a_margin(shape: tuple[int, ...]) -> None:
    image = np.zeros(shape, np.uint8)
    for drawn in (draw_grid(image, np.eye(2, 3), size=256), draw_output(image, size=256)):
        assert drawn.shape == (256, 256, 3)
        assert drawn.dtype == np.uint8
        assert drawn[2, 2].tolist() == [0xFB, 0xFA, 0xF7]


def test_grid_is_drawn_in_the_colours_of_the_mode(photo: np.ndarray) -> None:
    dark = draw_grid(photo, THETA, mode="dark")
    assert has(dark, np.array([0x2D, 0xD4, 0xBF]))
    assert dark[0, 0].tolist() == [0x11, 0x14, 0x1A]


def test_outline_keeps_the_size_and_marks_the_edge(photo: np.ndarray) -> None:
    drawn = outline(photo, theta_of(Parts(scale_x=0.5, scale_y=0.5)).numpy())
    assert drawn.shape == photo.shape
    changed = np.nonzero((drawn != photo).any(axis=(0, 2)))[0]
    assert (changed.min(), changed.max()) == pytest.approx((96, 288), abs=2)


def test_drawing_is_fast_enough_to_drag(photo: np.ndarray) -> None:
    image = photo[:255, :255]
    draw_grid(image, THETA)
    times = []
    for _ in range(7):
        began = time.perf_counter()
        draw_grid(image, THETA)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.05  # about 0.01 s where nothing else runs
