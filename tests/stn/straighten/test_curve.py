"""Learning on: one curve from the first step of a network, with a mark wherever it went on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.runs.live.blocks import Look
from core.stn.drawing.losses import loss_curve
from core.stn.straighten.checkpoint import from_file, state_in, to_file
from core.stn.straighten.curve import Curve
from core.stn.straighten.live_figures import error_so_far, plain_error

WEIGHTS = {"fc.weight": np.ones((2, 3), np.float32)}


def errors(*rows: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["step", "seconds", "error"]).astype({"step": int})


FIRST = Curve().then(100, [50, 100], [0.4, 0.3], errors((50, 1.0, 9.0), (100, 2.0, 7.0)))


def test_the_curve_of_three_runs_is_one_from_the_first_step_with_two_marks() -> None:
    second = Curve(100, 2.5, FIRST.loss_steps, FIRST.loss, FIRST.errors, FIRST.went_on)
    second = second.then(60, [30, 60], [0.2, 0.1], errors((60, 1.5, 5.0)))
    assert (second.steps, second.loss_steps, second.loss) == (160, [50, 100, 130, 160], [0.4, 0.3, 0.2, 0.1])
    assert second.errors["step"].tolist() == [50, 100, 160]
    assert second.errors["seconds"].tolist() == [1.0, 2.0, 4.0]
    assert second.then(40, [40], [0.05], errors()).went_on == [100, 160]
    assert FIRST.went_on == []


def test_it_lies_in_the_file_that_a_run_starts_from_beside_weights_and_state() -> None:
    content = to_file("similarity", WEIGHTS, {"random": np.zeros(3, np.uint8)}, FIRST)
    assert (from_file("similarity", content).keys(), state_in(content).keys()) == ({"fc.weight"}, {"random"})
    read = Curve.in_file(content)
    assert (read.steps, read.loss_steps, read.went_on) == (100, [50, 100], [])
    np.testing.assert_array_equal(read.loss, FIRST.loss)
    pd.testing.assert_frame_equal(read.errors, FIRST.errors)


def test_a_file_of_an_earlier_version_has_none_and_the_curve_begins_with_the_run() -> None:
    none = Curve.in_file(to_file("similarity", WEIGHTS))
    assert none.then(9, [9], [0.5], errors((9, 1.0, 3.0))).went_on == []


def test_figures_live_and_finished_have_a_line_where_it_went_on() -> None:
    mode = Look().mode
    finished = [loss_curve([1, 2], [1.0, 0.5], "loss", went_on=[100, 160]), error_so_far(FIRST.errors, "°", went_on=[100, 160])]
    for layout in (
        *(one.to_plotly_json()["layout"] for one in finished),
        plain_error(FIRST.errors, "°", mode, 300, [100, 160])["layout"],
    ):
        assert [shape["x0"] for shape in layout["shapes"]] == [100, 160]
        assert [one["text"] for one in layout["annotations"]] == ["went on", "went on"]
    assert not loss_curve([1, 2], [1.0, 0.5], "loss").layout.shapes
