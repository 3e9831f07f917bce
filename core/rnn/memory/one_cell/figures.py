"""The figure of one cell by hand: what it reads, what it keeps, and its gates, day by day."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.rnn.memory.one_cell.cell import KINDS, OneCell
from core.rnn.models import LINES
from core.theme import PALETTES, Mode, figure

HEIGHT = 460
CAPTION = (
    "Bars: x. Line: h; dotted, c of an LSTM. Below, the gates, from closed (0) to open (1). The marked day is the one whose "
    "formulas are shown."
)
_DASHES = ("solid", "dash", "dot", "dashdot")
_MARKS = ("circle", "square", "diamond", "triangle-up")


def cell_chart(cell: OneCell, inputs: np.ndarray, step: int, mode: Mode = "light") -> go.Figure:
    """Six days of a cell: x, h and c above, its gates below; day `step`, from 1, is marked."""
    drawn, palette, kind = figure(mode, HEIGHT), PALETTES[mode], KINDS[cell.kind]
    values, days = cell.read(inputs), np.arange(1, len(inputs) + 1)
    colour = LINES[kind.model].colour(mode)
    drawn.add_bar(
        x=days, y=inputs, name="x", marker={"color": palette.rule}, width=0.5, hovertemplate="x %{y:.2f}<extra></extra>"
    )
    _line(drawn, days, values["h"], "h", {"color": colour, "width": 3})
    if "c" in values:
        _line(drawn, days, values["c"], "c", {"color": colour, "width": 2, "dash": "dot"})
    gates = [name for name in kind.letters if name != "h"]
    for number, name in enumerate(gates):
        line = {"color": palette.ink, "width": 1.5, "dash": _DASHES[number]}
        _line(drawn, days, values[name], f"{kind.letters[name]} ({name})", line, _MARKS[number], axis="y2")
    drawn.add_vrect(x0=step - 0.5, x1=step + 0.5, fillcolor=palette.recurrent, opacity=0.1, line_width=0, layer="below")
    drawn.update_xaxes(title_text="day", dtick=1, range=[0.5, len(inputs) + 0.5])
    above = [0.45, 1.0] if gates else [0.0, 1.0]
    drawn.update_layout(yaxis={"domain": above, "title": {"text": "x, h" + ", c" * ("c" in values)}, "zeroline": True})
    if gates:
        drawn.update_layout(yaxis2={"domain": [0.0, 0.34], "title": {"text": "gates"}, "range": [-1.1, 1.1], "zeroline": True})
    drawn.update_yaxes(zerolinecolor=palette.rule)
    return drawn.update_layout(xaxis_anchor="free", xaxis_position=0)


def _line(
    drawn: go.Figure,
    days: np.ndarray,
    values: np.ndarray,
    name: str,
    line: dict[str, Any],
    symbol: str = "circle",
    axis: str = "y",
) -> None:
    drawn.add_scatter(
        x=days,
        y=values,
        name=name,
        mode="lines+markers",
        line=line,
        marker={"size": 7, "symbol": symbol},
        yaxis=axis,
        hovertemplate=f"{name} %{{y:.3f}}<extra></extra>",
    )
