"""Signs and dates in hover boxes and on axes: item 5 on figures, of both benches."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

import core
from core.figures.hover import _NUMBER, in_the_labs_words, with_signs_and_dates, written
from core.figures.table import figure_csv

DAYS = np.array(["2022-12-08", "2022-12-09", "2022-12-12"], "M8[ms]")


def drawn(**trace: Any) -> go.Figure:
    return go.Figure(go.Scatter({"x": DAYS, "y": np.array([-0.126, 0.0, 1234.5]), "hovertemplate": "%{y:,.2f}", **trace}))


@pytest.mark.parametrize(
    ("value", "spec", "said"),
    [
        (-0.126, ".2f", "−0.13"),
        (-1234.5, ",.1f", "−1,234.5"),
        (-0.001, ".2f", "0.00"),
        (-0.5, ".4g", "−0.5000"),
        (2.0, "+.1f", "+2.0"),
        (0.00012, ".1e", "1.2e−4"),
        (-3e7, ".2e", "−3.00e+7"),
    ],
)
def test_a_number_is_written_as_plotly_writes_it_with_a_true_minus(value: float, spec: str, said: str) -> None:
    assert written(value, spec) == said


def test_points_below_zero_have_their_number_in_the_template_and_others_keep_it() -> None:
    shown = with_signs_and_dates(drawn())
    assert list(shown.data[0].hovertemplate) == ["−0.13", "%{y:,.2f}", "%{y:,.2f}"]


def test_cells_and_labels_below_zero_are_written_too() -> None:
    figure = go.Figure(go.Heatmap(z=[[1.0, -2.0]], x=[-1, 1], y=[0], hovertemplate="%{x:.1f}: %{z:.1f}"))
    assert with_signs_and_dates(figure).data[0].hovertemplate[0][1] == "%{x:.1f}: −2.0"
    labelled = drawn(customdata=[["a", -1.25], ["b", 2.0], ["c", -3.0]], hovertemplate="%{customdata[0]} %{customdata[1]:.1f}")
    assert with_signs_and_dates(labelled).data[0].hovertemplate[2] == "%{customdata[0]} −3.0"


def test_days_stand_before_their_month_and_times_after_both() -> None:
    assert with_signs_and_dates(drawn()).layout.xaxis.hoverformat == "%-d %b %Y"
    hours = drawn(x=DAYS + np.timedelta64(9, "h"))
    assert with_signs_and_dates(hours).layout.xaxis.hoverformat == "%-d %b %Y, %H:%M"
    assert with_signs_and_dates(drawn()).layout.xaxis.tickformatstops[0].value == "%-d %b\n%Y"


def test_a_live_figure_is_written_the_same() -> None:
    plain = {"data": [{"x": DAYS, "y": [-1.0, 2.0, 3.0], "hovertemplate": "%{y:.1f}"}], "layout": {"xaxis": {"domain": [0, 1]}}}
    shown = in_the_labs_words(plain)
    assert shown["data"][0]["hovertemplate"][0] == "−1.0"
    assert shown["layout"]["xaxis"]["domain"] == [0, 1]
    assert plain["data"][0]["hovertemplate"] == "%{y:.1f}"


def test_the_table_of_a_figure_keeps_its_numbers() -> None:
    figure = drawn()
    assert figure_csv(with_signs_and_dates(figure)) == figure_csv(figure)
    assert b"-0.126" in figure_csv(figure)


def test_a_figure_without_either_is_itself() -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=[1.0, 2.0], hovertemplate="%{y:.2f}"))
    assert with_signs_and_dates(figure) is figure


def test_every_number_in_a_hover_box_of_the_lab_can_be_written() -> None:
    root = Path(core.__file__).parents[1]
    used = {
        name
        for folder in ("core", "pages")
        for file in (root / folder).rglob("*.py")
        if file.name != "hover.py"
        for name in re.findall(r"%\{\{?(?:x|y|z|customdata)[^{}]*[:|][^{}]*\}", file.read_text(encoding="utf-8"))
    }
    plain = {name.replace("{{", "{") for name in used}
    assert len(plain) > 20
    assert not [name for name in sorted(plain) if not _NUMBER.fullmatch(name)]
