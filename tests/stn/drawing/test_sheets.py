from __future__ import annotations

import numpy as np
import pytest

from core.stn.datasets.samples import digits
from core.stn.drawing.sheets import (
    COLUMNS,
    FRAME,
    GAP,
    LINE,
    MARGIN,
    TILE,
    before_and_after,
    contact_sheet,
    grids_on,
    montage,
    tiled,
    whole_rows,
)  # fmt: skip
from core.stn.geometry.families import FAMILIES
from core.stn.geometry.theta import identity
from core.theme import PALETTES, Mode

GREY = np.full((40, 40, 3), 90, np.uint8)


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


def test_where_a_montage_has_no_image_there_is_paper() -> None:
    sheet = montage(np.zeros((2, 2, 1, 4, 4), np.uint8), gap=2, paper="#FF8000", columns=3)
    assert sheet.shape == (10, 16, 3)
    assert sheet[:, 10:].reshape(-1, 3).tolist() == [[255, 128, 0]] * 60


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_last_row_of_tiles_ends_with_its_last_image(mode: Mode) -> None:
    sheet = tiled([np.zeros((8, 8, 3), np.uint8)] * 7, 3, mode)
    step, paper = 8 + LINE, [int(PALETTES[mode].paper[place : place + 2], 16) for place in (1, 3, 5)]
    assert sheet.shape == (3 * step - LINE, 3 * step - LINE, 3)
    assert (sheet[2 * step - LINE :, step - LINE :] == paper).all()
    assert not (sheet[: 2 * step - LINE] == paper).all(axis=2).any()
    assert not (tiled([np.zeros((8, 8, 3), np.uint8)] * 6, 3, mode) == paper).all(axis=2).any()


@pytest.mark.parametrize(("count", "whole"), [(1, 1), (5, 5), (6, 6), (8, 6), (12, 12)])
def test_a_picture_for_any_paper_has_whole_rows(count: int, whole: int) -> None:
    assert whole_rows(count, 6) == whole


def test_every_transformer_has_a_row_below_what_it_was_given() -> None:
    given = np.full((4, 3, 2, 2), 1)
    outputs = np.concatenate([np.full((4, 3, 2, 2), 2), np.full((4, 3, 2, 2), 3)], axis=1)
    rows = before_and_after(given, outputs)
    assert rows.shape == (3, 4, 3, 2, 2)
    assert [int(row.mean()) for row in rows] == [1, 2, 3]


def test_smaller_outputs_are_enlarged_to_the_nearest_pixel() -> None:
    images, outputs = np.zeros((1, 1, 3, 3), np.uint8), np.array([[[[1, 2], [3, 4]]]], np.uint8)
    assert before_and_after(images, outputs)[1, 0, 0].tolist() == [[1, 1, 2], [1, 1, 2], [3, 3, 4]]


@pytest.mark.parametrize("family", list(FAMILIES))
def test_the_identity_is_drawn_around_the_image(family: str) -> None:
    drawn = grids_on(np.zeros((1, 28, 28), np.uint8), identity(1, family).numpy(), size=140)
    edge = round(140 * MARGIN / (1 + 2 * MARGIN))
    ink = np.array([int(PALETTES["light"].spatial[place : place + 2], 16) for place in (1, 3, 5)])
    painted = np.abs(drawn.astype(int) - ink).max(axis=2) < 40
    assert painted[70, edge - 2 : edge + 3].any()
    assert not painted[: edge - 4].any()


def test_a_shift_to_the_right_moves_the_grid_to_the_right() -> None:
    theta = identity(1).numpy()
    theta[0, 0, 2] = 0.4
    image = digits(count=1)
    moved = (grids_on(image, theta).astype(int) - grids_on(image, identity(1).numpy())).any(axis=(0, 2))
    assert np.flatnonzero(moved).mean() > 80


@pytest.mark.parametrize(("count", "rows", "columns"), [(5, 1, 5), (10, 1, 10), (23, 3, 10)])
def test_a_contact_sheet_has_a_tile_for_every_image(count: int, rows: int, columns: int) -> None:
    sheet = contact_sheet([GREY] * count, [True] * count)
    assert sheet.shape == (rows * (TILE + GAP) + GAP, columns * (TILE + GAP) + GAP, 3)
    assert (sheet == 90).all(axis=2).sum() == count * TILE * TILE
    assert columns <= COLUMNS


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_only_failed_images_are_framed(mode: Mode) -> None:
    fail = [int(PALETTES[mode].fail[place : place + 2], 16) for place in (1, 3, 5)]
    framed = (contact_sheet([GREY] * 3, [True, False, True], mode) == fail).all(axis=2)
    assert framed.sum() == (TILE + 2 * FRAME) ** 2 - TILE**2
    assert not framed[:, : GAP + TILE].any()  # the first is fine


def test_images_that_are_not_square_keep_their_shape() -> None:
    wide = np.full((20, 40, 3), 90, np.uint8)
    sheet = contact_sheet([wide], [True])
    assert (sheet == 90).all(axis=2).sum() == TILE * TILE // 2
