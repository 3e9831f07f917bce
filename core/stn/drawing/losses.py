"""The loss of one network by training step."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from core.figures.decades import log_axis
from core.theme import PALETTES, Mode, figure

HEIGHT = 300


def loss_curve(
    steps: Sequence[int], loss: Sequence[float], name: str, mode: Mode = "light", logarithmic: bool = False
) -> go.Figure:
    """`name` says at the axis which loss it is."""
    drawn = figure(mode, HEIGHT)
    drawn.add_scatter(
        x=steps,
        y=loss,
        mode="lines",
        line={"color": PALETTES[mode].spatial, "width": 2},
        hovertemplate="loss %{y:.3f}<extra></extra>",
        showlegend=False,
    )
    drawn.update_xaxes(title_text="training step", rangemode="tozero")
    drawn.update_yaxes(title_text=name, **(log_axis(loss) if logarithmic else {"rangemode": "tozero"}))
    return drawn
