from __future__ import annotations

import numpy as np
import pytest
import torch

from core.stn.datasets.distortions import Distortions
from core.stn.drawing.grid_overlay import MARGIN, fan_on, grid_on, margined
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.theta import Parts, identity, theta_of
from core.theme import PALETTES

BLACK = np.zeros((100, 200, 3), np.uint8)
EDGE = round(MARGIN * 200)


def near(drawn: np.ndarray, colour: str) -> np.ndarray:
    wanted = np.array([int(colour[n : n + 2], 16) for n in (1, 3, 5)])
    return np.abs(drawn.astype(int) - wanted).max(axis=-1) < 25


def test_the_grid_of_the_identity_lies_on_the_picture_and_nowhere_else() -> None:
    drawn = grid_on(BLACK, np.eye(2, 3))
    teal = near(drawn, PALETTES["light"].spatial)
    assert drawn.shape == margined(BLACK).shape == (100 + 2 * EDGE, 200 + 2 * EDGE, 3)
    assert teal[EDGE + 50, EDGE : EDGE + 200].mean() > 0.9  # the line in the middle
    assert not teal[: EDGE - 3].any()
    assert not near(drawn, PALETTES["light"].fail).any()


def test_what_looks_outside_is_red_and_inside_teal() -> None:
    drawn = grid_on(BLACK, theta_of(Parts(shift_x=0.1)).numpy())  # a tenth of half a frame to the right
    red, teal = near(drawn, PALETTES["light"].fail), near(drawn, PALETTES["light"].spatial)
    assert red[:, EDGE + 203 :].any()
    assert not red[:, : EDGE + 197].any()
    assert not teal[:, EDGE + 203 :].any()


@pytest.mark.parametrize("family", FAMILIES)
def test_every_kind_of_theta_is_drawn_with_all_its_lines(family: FamilyName) -> None:
    theta = Distortions.of(family, 30).draw(1, torch.Generator().manual_seed(0))[0]
    drawn = grid_on(BLACK, theta.numpy())
    plain = grid_on(BLACK, identity(1, family)[0].numpy())
    assert near(drawn, PALETTES["light"].spatial).sum() > 500
    assert not np.array_equal(drawn, plain)


def test_a_turn_in_square_coordinates_is_drawn_as_a_turn() -> None:
    theta = theta_of(Parts(rotation_deg=90)).numpy()
    rows = near(grid_on(BLACK, theta, lines=3), PALETTES["light"].spatial).any(axis=1)
    assert rows.sum() >= 100  # the long sides now stand upright, as long as the short side of the picture lets them


def test_the_margin_has_the_paper_of_the_mode() -> None:
    for mode in ("light", "dark"):
        assert near(margined(BLACK, mode)[:5], PALETTES[mode].paper).all()


def test_a_fan_of_one_theta_is_one_outline_and_of_two_has_more_ink() -> None:
    picture = np.full((60, 90, 3), 128, np.uint8)
    upright, turned = np.eye(3)[:2], np.array([[0.9, -0.4, 0.0], [0.4, 0.9, 0.0]])
    ink = [int((fan_on(picture, thetas) != fan_on(picture, [])).any(axis=2).sum()) for thetas in ([upright], [upright, turned])]
    assert 0 < ink[0] < ink[1]
    assert np.array_equal(fan_on(picture, [upright]), grid_on(picture, upright, lines=2))


def test_on_clear_ground_only_picture_and_grid_cover_what_is_behind() -> None:
    theta = theta_of(Parts(scale_x=1.1, scale_y=1.1)).numpy()
    clear, light = grid_on(BLACK, theta, "clear"), grid_on(BLACK, theta)
    assert clear.shape == (*light.shape[:2], 4)
    inside = np.s_[EDGE:-EDGE, EDGE:-EDGE]
    assert np.array_equal(clear[inside][..., :3], light[inside])
    assert clear[inside][..., 3].all()
    outside = clear[..., 3].copy()
    outside[inside] = 0
    assert near(clear[outside > 0][:, :3], PALETTES["light"].fail).mean() > 0.9
    assert (outside > 200).any()
    assert not outside[0].any()
    assert not margined(BLACK, "clear")[:EDGE, :, 3].any()


@pytest.mark.parametrize(("scale", "red"), [(1.002, False), (0.999, False), (1.05, True)])
def test_a_grid_that_hardly_passes_the_edge_is_not_framed_as_outside(scale: float, red: bool) -> None:
    drawn = grid_on(BLACK, theta_of(Parts(scale_x=scale, scale_y=scale)).numpy())
    assert bool(near(drawn, PALETTES["light"].fail).any()) is red
