"""What is measured in pixels is larger in the projector mode, and the data stay as they are."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from core.projector import enlarged, for_projector
from core.theme import figure, plain_figure


def drawn() -> go.Figure:
    made = figure("light", 300)
    made.add_scatter(x=[1, 2], y=[3, 4], line={"width": 2}, marker={"size": [4, 8]}, error_y={"array": [1, 1], "thickness": 2})
    made.add_bar(x=[1], y=[2], width=0.5)
    made.add_histogram(x=[1, 2, 3], xbins={"start": 0, "end": 4, "size": 1})
    made.add_heatmap(z=[[1, 2]], colorbar={"thickness": 10})
    made.add_annotation(text="here", x=1, y=1, xshift=6, font={"size": 12})
    made.update_xaxes(title_text="day", nticks=8)
    return made


def test_type_lines_markers_and_the_sheet_are_larger() -> None:
    larger = for_projector(drawn(), 1.5)
    points = larger.data[0]
    assert (points.line.width, list(points.marker.size), points.error_y.thickness) == (3, [6, 12], 3)
    assert (larger.layout.height, larger.layout.font.size) == (450, 21)
    assert (larger.layout.annotations[0].xshift, larger.layout.annotations[0].font.size) == (9, 18)
    assert larger.data[3].colorbar.thickness == 15
    assert larger.layout.xaxis.nticks == 5
    assert larger.layout.template.layout.xaxis.title.font.size == pytest.approx(19.5)


def test_what_is_measured_in_data_stays() -> None:
    larger = for_projector(drawn(), 1.5)
    assert (larger.data[1].width, larger.data[2].xbins.size) == (0.5, 1)
    for before, after in zip(drawn().data, larger.data, strict=True):
        for letter in ("x", "y", "z"):
            if letter in before:
                np.testing.assert_array_equal(np.asarray(after[letter]), np.asarray(before[letter]))
    assert list(larger.data[0].error_y.array) == [1, 1]


def test_lines_and_markers_of_plotlys_own_size_are_larger_too() -> None:
    larger = for_projector(figure("dark", 300), 1.5)
    (lines,) = larger.layout.template.data.scatter
    assert (lines.line.width, lines.marker.size) == (3, 9)


def test_the_figure_that_was_given_is_left_as_it_is() -> None:
    given = drawn()
    for_projector(given)
    assert given == drawn()


def test_plain_values_are_enlarged_to_the_same_figure() -> None:
    assert go.Figure(enlarged(drawn().to_plotly_json(), 1.5)) == for_projector(drawn(), 1.5)


def test_a_figure_of_plain_values_is_the_one_that_plotly_would_make() -> None:
    checked = figure("dark", 300)
    checked.add_scatter(x=[1, 2], y=[3, 4], mode="lines")
    checked.update_xaxes(title_text="day", rangemode="tozero")
    trace = {"type": "scatter", "x": [1, 2], "y": [3, 4], "mode": "lines"}
    plain = plain_figure("dark", 300, [trace], xaxis={"title": {"text": "day"}, "rangemode": "tozero"})
    assert go.Figure(plain) == checked
    assert go.Figure(plain_figure("dark", 300, [])) == figure("dark", 300)  # the one before has left nothing
