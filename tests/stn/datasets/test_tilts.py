"""Tilts as people make them."""

from __future__ import annotations

import numpy as np
import pytest

from core.stn.datasets.tilts import TILTS, cropped, enlarged, largest_inside
from core.stn.geometry.theta import Parts, theta_of
from core.stn.geometry.warping import warp


def test_the_largest_rectangle_touches_the_turned_one_and_lies_inside() -> None:
    for width, height, degrees in ((400, 300, 20.0), (300, 400, -70.0), (200, 200, 45.0)):
        share = largest_inside(width, height, degrees)
        corners = share / 2 * np.array([[width, height], [-width, height]])
        turn = np.deg2rad(degrees)
        back = np.abs(corners @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]))
        room = np.array([width, height]) / 2 - back
        assert room.min() == pytest.approx(0, abs=1e-9)
    assert largest_inside(200, 200, 45) == pytest.approx(2**-0.5)


@pytest.mark.parametrize("degrees", [25.0, -12.0])
def test_a_cropped_tilt_has_no_border_and_is_turned_counter_clockwise(photo: np.ndarray, degrees: float) -> None:
    bright = np.full((90, 120, 3), 200, np.uint8)
    assert cropped(bright, degrees).min() > 190
    tilted = cropped(photo, degrees)
    height, width = tilted.shape[:2]
    ours = warp(photo, theta_of(Parts(rotation_deg=degrees)).float())  # positive: appears turned counter-clockwise
    top, left = (photo.shape[0] - height) // 2, (photo.shape[1] - width) // 2
    difference = np.abs(tilted.astype(int) - ours[top : top + height, left : left + width])
    assert difference.mean() < 4


def test_an_enlarged_tilt_keeps_every_corner_and_is_white_beyond(photo: np.ndarray) -> None:
    tilted = enlarged(photo, 30)
    turn = np.deg2rad(30)
    assert tilted.shape[1] == pytest.approx(384 * np.cos(turn) + 255 * np.sin(turn), abs=2)
    assert (tilted[0, 0] == 255).all()


def test_tilts_of_nothing_change_nothing(photo: np.ndarray) -> None:
    for tilt in TILTS.values():
        assert np.array_equal(tilt.make(photo, 0.0), photo)
