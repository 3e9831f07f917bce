from __future__ import annotations

import io

import numpy as np
from PIL import Image

from core.runs.export import export
from core.stn.register.figures import loss_around, loss_on_the_way
from core.stn.register.views import checkerboard, difference
from tests.stn.register.requests import registered
from tests.stn.straighten.finished_runs import StandIn

WHITE, BLACK = np.full((40, 80, 3), 255, np.uint8), np.zeros((40, 80, 3), np.uint8)


def test_a_checkerboard_has_both_in_turn() -> None:
    board = checkerboard(WHITE, BLACK)[::10, ::10, 0]
    np.testing.assert_array_equal(board[0], [255, 0] * 4)
    np.testing.assert_array_equal(board[1], [0, 255] * 4)


def test_a_difference_is_grey_where_both_agree_and_where_one_ends() -> None:
    inside = np.zeros((40, 80), bool)
    inside[:, :40] = True
    shown = difference(WHITE, BLACK, inside)
    assert (shown[:, :40] == 255).all()
    assert (shown[:, 40:] == 128).all()
    assert (difference(WHITE, WHITE, ~inside) == 128).all()


def test_a_registration_leaves_as_a_film_of_its_levels_and_both_in_turn() -> None:
    result = registered()
    files = export(StandIn(kind="register"), result, "gif")  # type: ignore[arg-type]
    film, both = (Image.open(io.BytesIO(files[name])) for name in ("training.gif", "flicker.gif"))
    assert (film.n_frames, both.n_frames, both.info["duration"]) == (len(result.film_levels), 2, 500)
    assert film.n_frames >= 3 * len(set(result.film_levels))


def test_figures_mark_each_basin() -> None:
    result = registered()
    lines = loss_around(result, "angle", "kernel").data
    assert [len(line.x) for line in lines if line.name == "integer"][1] == 0
    [thick] = [line for line in lines if line.name == "bilinear" and line.line.width == 4]
    row = result.basins.query("axis == 'angle' and what == 'bilinear'").iloc[0]
    assert (min(thick.x), max(thick.x)) == (row.low, row.high)
    assert len(loss_on_the_way(result).data) == len(set(result.film_levels))


def test_the_derivatives_of_a_stage_are_those_of_its_family() -> None:
    result = registered("chelsea", "projective")
    first, last = (result.slopes[result.slopes.stage == stage] for stage in (0, result.slopes.stage.max()))
    assert list(first.number) == ["s cos φ", "s sin φ", "shift x", "shift y"]
    assert list(last.number)[-2:] == ["p1", "p2"]
    assert last.slope.abs().max() < first.slope.abs().max()
