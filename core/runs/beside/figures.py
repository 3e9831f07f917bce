"""The errors of runs beside each other, each with its baseline."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.runs.standing import Standing
from core.theme import PALETTES, Mode, figure

ROW, AROUND = 44, 90  # pixels


def standing_figure(names: Sequence[str], standings: Sequence[Standing], bench: str, mode: Mode) -> go.Figure:
    """A row a run, the first on top: its error as a dot, the baseline's as a line across its row."""
    palette = PALETTES[mode]
    drawn = figure(mode, AROUND + ROW * len(names))
    rows = list(range(len(names)))
    drawn.add_scatter(
        x=[one.baseline for one in standings], y=rows, mode="markers", name=standings[0].baseline_is,
        marker={"symbol": "line-ns", "size": 22, "line": {"width": 3, "color": palette.muted}},
        hovertemplate="%{x:.4g}",
    )  # fmt: skip
    drawn.add_scatter(
        x=[one.error for one in standings], y=rows, mode="markers+text", name="this run",
        marker={"size": 13, "color": palette.spatial if bench == "spatial" else palette.recurrent},
        text=[f"{one.error:.3g}" for one in standings], textposition="top center", hovertemplate="%{x:.4g}",
    )  # fmt: skip
    drawn.update_xaxes(title=standings[0].error_is, rangemode="tozero")
    drawn.update_yaxes(tickvals=rows, ticktext=list(names), range=[len(names) - 0.5, -0.7])
    drawn.update_layout(hovermode="closest")
    return drawn
