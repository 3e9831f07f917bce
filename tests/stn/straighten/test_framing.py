"""What a straightened photo shows where the photo ends."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from core.errors import ImageError
from core.stn.datasets.images import Picture
from core.stn.geometry.theta import Parts, theta_of
from core.stn.geometry.warping import Bend
from core.stn.straighten.looking.framing import FRAMINGS, inside, largest_rectangle

HEIGHT, WIDTH = 60, 90


@pytest.fixture
def grey() -> Picture:
    pixels = np.random.default_rng(1).integers(40, 200, (HEIGHT, WIDTH, 3), np.uint8)
    return Picture("grey.png", pixels)


def tilted(degrees: float, scale: float = 1.0) -> np.ndarray:
    return theta_of(Parts(degrees, scale, scale, 0, 0.1, 0.05)).float().numpy()


@pytest.mark.parametrize("seed", range(4))
def test_the_largest_rectangle_is_that_of_trying_all(seed: int) -> None:
    free = np.random.default_rng(seed).random((7, 9)) < 0.8
    areas = [
        (bottom - top) * (right - left)
        for top in range(7) for bottom in range(top + 1, 8) for left in range(9) for right in range(left + 1, 10)
        if free[top:bottom, left:right].all()
    ]  # fmt: skip
    found = largest_rectangle(free)
    assert found is not None
    (top, bottom), (left, right) = found
    assert free[top : bottom + 1, left : right + 1].all()
    assert (bottom - top + 1) * (right - left + 1) == max(areas)
    assert largest_rectangle(np.zeros((3, 4), bool)) is None


@pytest.mark.parametrize("size", [(60, 90), (700, 1100)], ids=["small", "large"])
def test_a_crop_holds_nothing_but_the_photo(size: tuple[int, int]) -> None:
    theta = tilted(17)
    box = inside(theta, *size)
    assert box is not None
    outside = Bend(theta, *size).outside
    assert not outside[box].any()
    larger = tuple(slice(max(0, one.start - 6), one.stop + 6) for one in box)
    assert outside[larger].any()


def test_cropped_shows_the_same_as_filled_where_the_photo_is(grey: Picture) -> None:
    theta = tilted(-12)
    filled, cropped = (FRAMINGS[name].of(grey, theta).pixels for name in ("filled", "cropped"))
    assert np.array_equal(cropped, filled[inside(theta, HEIGHT, WIDTH)])
    assert filled.shape == grey.pixels.shape
    with pytest.raises(ImageError, match=r"nothing of grey\.png lies"):
        FRAMINGS["cropped"].of(grey, theta_of(Parts(shift_x=9)).float().numpy())


def test_blank_is_clear_where_the_network_looks_past_the_edge_and_filled_elsewhere(grey: Picture) -> None:
    theta = tilted(25, 1.2)
    blank, filled = (FRAMINGS[name].of(grey, theta) for name in ("blank", "filled"))
    assert blank.transparent is not None
    grid = Bend(theta, HEIGHT, WIDTH).grid[0].abs().numpy()
    a_pixel = np.array([2 / WIDTH, 2 / HEIGHT])
    past, within = (grid > 1 + a_pixel).any(-1), (grid < 1 - a_pixel).all(-1)
    assert past.any()
    assert (blank.transparent[past][:, 3] == 0).all()
    assert (blank.transparent[within][:, 3] == 255).all()
    assert np.abs(blank.transparent[within][:, :3].astype(int) - filled.pixels[within]).max() <= 1
    assert (blank.pixels[past] == 255).all()  # laid on white, as a transparent upload is


@pytest.mark.parametrize("degrees", [20.0, 90.0, -130.0])
def test_only_turned_is_what_pillow_makes_of_the_angle_alone(grey: Picture, degrees: float) -> None:
    turned = FRAMINGS["turned"].of(grey, tilted(degrees, 1.3))  # scale and shift do not count
    assert turned.transparent is not None
    expected = Image.fromarray(grey.pixels).convert("RGBA").rotate(degrees, Image.Resampling.BILINEAR, expand=True)
    height, width = turned.transparent.shape[:2]
    cos, sin = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    assert (height, width) == (math.ceil(HEIGHT * cos + WIDTH * sin - 1e-6), math.ceil(WIDTH * cos + HEIGHT * sin - 1e-6))
    assert turned.transparent[..., 3].sum() / 255 == pytest.approx(HEIGHT * WIDTH, rel=0.01)  # all of it is there
    across, down = expected.width - width, expected.height - height  # Pillow rounds up otherwise
    assert (across % 2, down % 2) == (0, 0)
    middle = np.asarray(expected)[down // 2 :, across // 2 :][height // 3 : -height // 3, width // 3 : -width // 3]
    mine = turned.transparent[height // 3 : height // 3 + middle.shape[0], width // 3 : width // 3 + middle.shape[1]]
    assert np.abs(mine[..., :3].astype(int) - middle[..., :3]).mean() < 3
