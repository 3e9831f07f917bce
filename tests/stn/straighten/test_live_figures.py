from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import pytest

from core.stn.straighten.live_figures import PATH, error_so_far, path_of_theta, plain_error, plain_path
from core.theme import PALETTES

STAGES = pd.DataFrame(
    {"seconds": [1.0, 2.0, 3.0], "turn_deg": [0.0, 10.0, 19.0], "scale": 1.0, "shift_x": 0.1, "shift_y": [0.0, 0.2, 0.3]}
)
APPLIED = {"turn_deg": 20.0, "scale": 1.0, "shift_x": 0.1, "shift_y": 0.3}


def test_error_is_drawn_by_step_with_its_unit() -> None:
    drawn = error_so_far(pd.DataFrame({"step": [10, 20], "error": [8.0, 0.5]}), "°")
    assert list(drawn.data[0].y) == [8.0, 0.5]
    assert drawn.layout.yaxis.title.text == "median error (°)"
    assert drawn.layout.yaxis.type == "log"


def test_each_part_of_theta_has_its_path_and_what_was_applied() -> None:
    drawn = path_of_theta(STAGES, APPLIED)
    assert [list(trace.y) for trace in drawn.data] == [STAGES[name].tolist() for name in PATH]
    assert [line.y0 for line in drawn.layout.shapes] == list(APPLIED.values())


@pytest.mark.parametrize("number", range(4))
def test_every_axis_shows_the_path_and_the_goal(number: int) -> None:
    drawn, name = path_of_theta(STAGES, APPLIED), list(PATH)[number]
    axis = drawn.layout[f"yaxis{number + 1 if number else ''}"]
    low, high = axis.range
    assert low < min(STAGES[name].min(), APPLIED[name]) <= max(STAGES[name].max(), APPLIED[name]) < high


def test_figures_wear_the_colours_of_the_mode_and_keep_their_height() -> None:
    light, dark = (path_of_theta(STAGES, APPLIED, mode) for mode in ("light", "dark"))
    assert light.layout.height == dark.layout.height
    assert PALETTES["dark"].spatial in dark.to_json()
    assert PALETTES["light"].spatial not in dark.to_json()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_figures_as_plain_values_are_the_same_figures(mode) -> None:
    errors = pd.DataFrame({"step": [10, 20], "error": [8.0, 0.5]})
    assert go.Figure(plain_error(errors, "°", mode, 330)) == error_so_far(errors, "°", mode, 330)
    for stages in (STAGES, STAGES.assign(turn_deg=7.0)):  # the second is drawn on what the first has left
        assert go.Figure(plain_path(stages, APPLIED, mode, 330)) == path_of_theta(stages, APPLIED, mode, 330)
