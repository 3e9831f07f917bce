"""Words upon cells can be read, whatever their cell."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest
from plotly.colors import sample_colorscale

from core.figures.cells import contrast, label_cells
from core.figures.table import figure_table
from core.rnn.sweep.figures import HIGH, LOW
from core.theme import PALETTES, Mode, figure


@pytest.mark.parametrize(("one", "other", "expected"), [("#000000", "#FFFFFF", 21.0), ("#777777", "rgb(255, 255, 255)", 4.48)])
def test_contrast_is_that_of_wcag(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.005)
    assert contrast(other, one) == contrast(one, other)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("diverging", [False, True])
def test_every_word_reads_on_its_cell(mode: Mode, diverging: bool) -> None:
    palette, values = PALETTES[mode], np.linspace(-100, 100, 60).reshape(6, 10)
    ends = [[0, LOW[mode]], [0.5, palette.paper], [1, HIGH[mode]]] if diverging else [[0, palette.paper], [1, palette.spatial]]
    drawn = figure(mode, 300)
    columns, rows = [f"c{n}" for n in range(10)], [f"r{n}" for n in range(6)]
    drawn.add_heatmap(x=columns, y=rows, z=values, zmin=-100 if diverging else 0, zmax=100, colorscale=ends)
    words = [[f"{value:.0f}" for value in row] for row in values]
    words[2][3] = ""
    label_cells(drawn, words)
    said = drawn.data[1]
    at = {(y, x): colour for y, x, colour in zip(said.y, said.x, said.textfont.color, strict=True)}
    assert len(at) == 59
    assert ("r2", "c3") not in at
    low = -100 if diverging else 0
    for (y, x), colour in at.items():
        value = values[rows.index(y), columns.index(x)]
        [shade] = sample_colorscale(ends, [float(np.clip((value - low) / (100 - low), 0, 1))])
        assert contrast(colour, shade) >= 4.5


def test_words_are_no_data_of_the_figure() -> None:
    drawn = go.Figure(go.Heatmap(x=["a", "b"], y=["c"], z=[[0.0, 1.0]], zmin=0, zmax=1, colorscale=["#000000", "#ffffff"]))
    label_cells(drawn, [["0", "1"]])
    assert figure_table(drawn)["z"].tolist() == [0.0, 1.0]
