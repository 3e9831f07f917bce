"""The figure of the paper's table 1: errors of one set of distortions, the paper's beside ours."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.theme import PALETTES, Mode, figure

ROW = 34  # pixels per network


def beside_the_paper(table: pd.DataFrame, mode: Mode = "light") -> go.Figure:
    """Errors of one set (rows of `table.summary`): the paper's as open diamonds, ours with ± one standard error."""
    palette = PALETTES[mode]
    labels = table.title.tolist()
    drawn = figure(mode, 110 + ROW * len(table))
    drawn.add_scatter(
        x=table.paper,
        y=labels,
        mode="markers",
        name="the paper, 640 epochs",
        marker={"symbol": "diamond-open", "size": 10, "color": palette.muted, "line": {"width": 2}},
        hovertemplate="%{y}: paper %{x:.1f} %<extra></extra>",
    )
    drawn.add_scatter(
        x=table.ours,
        y=labels,
        error_x={"type": "data", "array": table.se, "thickness": 1.5, "width": 4},
        mode="markers",
        name="ours",
        marker={"size": 9, "color": palette.spatial},
        customdata=table[["networks", "draws", "epochs", "recipe"]],
        hovertemplate="%{y}: ours %{x:.2f} %<br>%{customdata[0]} networks, %{customdata[1]} test draws, "
        "%{customdata[2]:.0f} epochs, recipe %{customdata[3]}<extra></extra>",
    )
    drawn.update_xaxes(title_text="error on 10,000 test digits (%)", rangemode="tozero")
    drawn.update_yaxes(autorange="reversed", showgrid=False)
    drawn.update_layout(hovermode="closest")
    return drawn
