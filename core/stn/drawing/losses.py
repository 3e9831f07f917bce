"""The loss of one network by training step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from core.figures.decades import log_axis
from core.theme import PALETTES, Mode, figure

HEIGHT = 300


def loss_curve(
    steps: Sequence[int],
    loss: Sequence[float],
    name: str,
    mode: Mode = "light",
    logarithmic: bool = False,
    went_on: Sequence[int] = (),
) -> go.Figure:
    """`name` says at the axis which loss it is; `went_on` are the steps at which it went on from the weights of another run."""
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
    return drawn.update_layout(marked(went_on, mode))


def marked(went_on: Sequence[int], mode: Mode) -> dict[str, Any]:
    """The part of a layout that marks the steps at which a network went on."""
    colour = PALETTES[mode].muted
    lines = [
        {
            "type": "line", "x0": step, "x1": step, "y0": 0, "y1": 1, "yref": "paper",
            "line": {"color": colour, "width": 1, "dash": "dot"},
        }
        for step in went_on
    ]  # fmt: skip
    words = [
        {
            "x": step, "y": 1, "yref": "paper", "text": "went on", "showarrow": False, "xanchor": "left", "yanchor": "top",
            "font": {"color": colour, "size": 12},
        }
        for step in went_on
    ]  # fmt: skip
    return {"shapes": lines, "annotations": words} if went_on else {}
