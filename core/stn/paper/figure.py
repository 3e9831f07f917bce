"""The figure of the paper's table 1: errors of one set of distortions, the paper's beside ours."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.theme import PALETTES, Mode, figure

ROW = 34  # pixels per network
SYMBOLS = ("circle", "square", "triangle-up", "cross")  # of networks that were trained equally long


def beside_the_paper(table: pd.DataFrame, mode: Mode = "light") -> go.Figure:
    """Errors of one set (rows of `table.summary`): the paper's as open diamonds, ours with ± one standard error; equal symbols
    were trained equally long."""
    palette = PALETTES[mode]
    named = table.drop_duplicates("title")
    drawn = figure(mode, 110 + ROW * len(named))
    drawn.add_scatter(
        x=named.paper,
        y=named.title,
        mode="markers",
        name="the paper, 640 epochs",
        marker={"symbol": "diamond-open", "size": 10, "color": palette.muted, "line": {"width": 2}},
        hovertemplate="%{y}: paper %{x:.1f} %<extra></extra>",
    )
    for symbol, (length, rows) in zip(SYMBOLS, table[table.ours.notna()].groupby("length", sort=False), strict=False):
        drawn.add_scatter(
            x=rows.ours,
            y=rows.title,
            error_x={"type": "data", "array": rows.se, "thickness": 1.5, "width": 4},
            mode="markers",
            name=f"ours, {length}",
            marker={"symbol": symbol, "size": 9, "color": palette.spatial},
            customdata=rows[["networks", "draws", "length", "recipe"]],
            hovertemplate="%{y}: ours %{x:.2f} %<br>%{customdata[0]} networks, %{customdata[1]} test draws, "
            "%{customdata[2]}, recipe %{customdata[3]}<extra></extra>",
        )
    drawn.update_xaxes(title_text="error on 10,000 test digits (%)", rangemode="tozero")
    drawn.update_yaxes(autorange="reversed", showgrid=False)
    drawn.update_layout(hovermode="closest")
    return drawn
