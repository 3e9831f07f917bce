"""The words are checked on pictures: what is said of a theta is what is seen of a dot and a bar that are read through it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.stn.geometry.in_words import moved_by
from core.stn.geometry.theta import Parts, identity, inverse_parts, mean_scale, theta_of
from core.stn.geometry.warping import warp
from core.stn.register.result import RegisterResult
from tests.stn.register.requests import registered


def centre_of_light(picture: np.ndarray) -> np.ndarray:
    grey = picture[..., 0].astype(float)
    rows, columns = np.indices(grey.shape)
    return np.array([(columns * grey).sum(), (rows * grey).sum()]) / grey.sum()


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        (Parts(-9.0), "turned by 9.0° to the right, scale 1.00, not shifted"),
        (Parts(0.0, shift_x=-0.062), "not turned, scale 1.00, shifted by 3.1 % right"),
        (Parts(20.0, 0.5, 0.5), "turned by 20.0° to the left, scale 2.00, not shifted"),
        (Parts(0.0, shift_y=0.1), "not turned, scale 1.00, shifted by 5.0 % up"),
    ],
    ids=["turned", "right", "larger", "up"],
)
def test_what_a_theta_does_is_said_as_it_is_seen(parts: Parts, words: str) -> None:
    theta = theta_of(parts).numpy()
    moved = moved_by(theta)
    assert moved
    assert moved.words == words
    side, middle = 201, np.array([100.0, 100.0])
    picture = np.zeros((side, side, 3), np.uint8)
    picture[97:104, 117:124] = 255  # right of the middle
    seen = centre_of_light(warp(picture, theta)) - middle
    turned = np.degrees(np.arctan2(seen[1], seen[0])) if not moved.right and not moved.down else 0.0
    shift = seen - [20, 0] if abs(moved.turned_deg) < 0.05 else np.zeros(2)
    assert turned == pytest.approx(moved.turned_deg, abs=0.5)
    np.testing.assert_allclose(shift / side * 100, [moved.right, moved.down], atol=0.2)


def test_a_registration_says_first_what_it_does_then_how_sure_it_is() -> None:
    result = registered()
    assert result.headline.startswith(f"{result.in_words}; ")
    assert result.in_words.startswith("turned by ")
    assert result.scores["in_words"] == result.in_words
    assert result.scores["moved"]["turned_deg"] == pytest.approx(moved_by(result.theta).turned_deg)  # type: ignore[union-attr]
    unknown = result.model_copy(update={"ways": result.ways.assign(corner_error=np.nan)})
    assert isinstance(unknown, RegisterResult)
    assert unknown.headline.startswith(f"{result.in_words}; details correlate by ")


def test_the_numbers_are_those_of_the_inverse_of_theta_at_the_centre() -> None:
    homography = np.array([[0.9, 0.2, 0.1], [-0.3, 1.1, -0.2], [0.1, -0.05, 1.0]])
    for theta in (homography[:2], homography, identity(family="tps")[0].numpy() * 0.8):
        moved, own = moved_by(theta), inverse_parts(torch.as_tensor(theta, dtype=torch.float64))
        assert moved
        expected = (own.rotation_deg, mean_scale(own), 50 * own.shift_x, 50 * own.shift_y, own.shear)
        assert (moved.turned_deg, moved.scale, moved.right, moved.down, moved.shear) == pytest.approx(expected, abs=1e-4)


def test_a_theta_that_lays_all_on_a_line_is_said_to_be_singular() -> None:
    assert moved_by(np.array([[1.0, 0, 0], [0, 0, 0]])) is None
