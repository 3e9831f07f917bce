from __future__ import annotations

import numpy as np
import pytest

from core.stn.datasets.samples import digits
from core.stn.drawing.sheets import MARGIN, before_and_after, looked_at, montage
from core.stn.geometry.families import FAMILIES
from core.stn.geometry.theta import identity
from core.theme import PALETTES


def test_a_montage_lays_rows_of_images_below_each_other() -> None:
    rows = np.arange(4, dtype=np.uint8).reshape(2, 2, 1, 1, 1)
    sheet = montage(rows, 2)
    assert sheet.shape == (4, 4, 3)
    assert sheet[::2, ::2, 0].tolist() == [[0, 1], [2, 3]]


def test_gaps_lie_between_images_and_not_around_them() -> None:
    sheet = montage(np.zeros((2, 3, 3, 4, 5), np.uint8), gap=2, paper="#FF8000")
    assert sheet.shape == (2 * 4 + 2, 3 * 5 + 2 * 2, 3)
    assert sheet[4:6].reshape(-1, 3).tolist() == [[255, 128, 0]] * 38
    assert not sheet[:4, :5].any()


def test_every_transformer_has_a_row_below_what_it_was_given() -> None:
    given = np.full((4, 3, 2, 2), 1)
    seen = np.concatenate([np.full((4, 3, 2, 2), 2), np.full((4, 3, 2, 2), 3)], axis=1)
    rows = before_and_after(given, seen)
    assert rows.shape == (3, 4, 3, 2, 2)
    assert [int(row.mean()) for row in rows] == [1, 2, 3]


@pytest.mark.parametrize("family", list(FAMILIES))
def test_the_identity_is_drawn_around_the_image(family: str) -> None:
    drawn = looked_at(np.zeros((1, 28, 28), np.uint8), identity(1, family).numpy(), size=140)
    edge = round(140 * MARGIN / (1 + 2 * MARGIN))
    ink = np.array([int(PALETTES["light"].spatial[place : place + 2], 16) for place in (1, 3, 5)])
    painted = np.abs(drawn.astype(int) - ink).max(axis=2) < 40
    assert painted[70, edge - 2 : edge + 3].any()
    assert not painted[: edge - 4].any()


def test_a_shift_to_the_right_moves_the_grid_to_the_right() -> None:
    theta = identity(1).numpy()
    theta[0, 0, 2] = 0.4
    image = digits(count=1)
    moved = (looked_at(image, theta).astype(int) - looked_at(image, identity(1).numpy())).any(axis=(0, 2))
    assert np.flatnonzero(moved).mean() > 80
