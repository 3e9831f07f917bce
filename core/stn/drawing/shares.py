"""Shares in a table, each cell as dark as it is large."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.figures.cells import label_cells
from core.theme import PALETTES, Mode, figure


def share_map(
    columns: Sequence[str], rows: Sequence[str], percent: np.ndarray, height: int, hover: str, mode: Mode = "light"
) -> go.Figure:
    """The shares `percent` (rows, columns), coloured from 0 to 100 %; `hover` may name %{x}, %{y} and %{text}."""
    drawn, words = figure(mode, height), [[f"{value:.0f} %".replace("-", "−") for value in row] for row in percent]
    drawn.add_heatmap(
        x=list(columns),
        y=list(rows),
        z=percent,
        text=words,
        colorscale=[[0, PALETTES[mode].paper], [1, PALETTES[mode].spatial]],
        zmin=0,
        zmax=100,
        showscale=False,
        hovertemplate=f"{hover}<extra></extra>",
    )
    label_cells(drawn, words)
    drawn.update_yaxes(autorange="reversed", showgrid=False)
    drawn.update_xaxes(showgrid=False, side="top")
    drawn.update_layout(hovermode="closest")
    return drawn
