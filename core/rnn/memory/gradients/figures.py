"""The figure of gradient descent along one weight: the loss as a curve, one step, and ten of them played."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from core.theme import PALETTES, Mode, figure

if TYPE_CHECKING:  # it brings torch
    from core.rnn.memory.gradients.descent import Descent

HEIGHT = 440
STEP_SECONDS = 0.5
HEADROOM = 0.15  # of the curve's height, above and below it
CAPTION = (
    "The loss as a function of this weight alone; all others stay. The arrow is one step; *Play ten steps* goes on from there. "
    "Steps that leave the picture have left the valley."
)


def descent_chart(descent: Descent, mode: Mode = "light") -> go.Figure:
    """The loss along the weight, its trained value, one step as an arrow, and frames of 0 to ten steps."""
    drawn, palette = figure(mode, HEIGHT), PALETTES[mode]
    drawn.add_scatter(
        x=descent.values,
        y=descent.losses,
        mode="lines",
        line={"color": palette.ink, "width": 2},
        hovertemplate="loss %{y:.4g}<extra></extra>",
        showlegend=False,
    )
    colour = palette.fail if descent.diverges else palette.recurrent
    frames = [_steps(descent, count, colour) for count in range(len(descent.path))]
    drawn.add_trace(frames[1])
    drawn.frames = [go.Frame(name=str(count), data=[one], traces=[1]) for count, one in enumerate(frames)]
    drawn.add_vline(
        x=descent.trained, line={"color": palette.muted, "width": 1, "dash": "dot"}, annotation={"text": "as trained"}
    )
    low, high = float(np.nanmin(descent.losses)), float(np.nanmax(descent.losses))
    room = HEADROOM * ((high - low) or 1.0)
    drawn.update_xaxes(title_text="the weight W", range=[float(descent.values[0]), float(descent.values[-1])])
    drawn.update_yaxes(title_text="loss L", range=[low - room, high + room])
    return drawn.update_layout(hovermode="closest", updatemenus=[_play()], sliders=[_slider(len(descent.path), mode)])


def _steps(descent: Descent, count: int, colour: str) -> go.Scatter:
    """The weight after 0 to `count` steps, joined by arrows."""
    return go.Scatter(
        x=descent.path[: count + 1, 0],
        y=descent.path[: count + 1, 1],
        mode="lines+markers",
        line={"color": colour, "width": 1.5},
        marker={"color": colour, "size": 11, "symbol": "arrow", "angleref": "previous"}
        if count
        else {"color": colour, "size": 11},
        hovertemplate="W %{x:.4g}, loss %{y:.4g}<extra></extra>",
        showlegend=False,
    )


def _play() -> dict[str, Any]:
    palette = PALETTES["light"]  # in the dark, too: Plotly paints a button that is pointed at in white
    timing = {"frame": {"duration": 1000 * STEP_SECONDS, "redraw": False}, "transition": {"duration": 0}, "fromcurrent": False}
    return {
        "type": "buttons",
        "showactive": False,
        "buttons": [{"label": "Play ten steps", "method": "animate", "args": [None, timing]}],
        "x": 0,
        "xanchor": "left",
        "y": 1.12,
        "yanchor": "bottom",
        "bgcolor": palette.paper,
        "bordercolor": palette.rule,
        "font": {"color": palette.ink},
        "pad": {"t": 0, "b": 0},
    }


def _slider(frames: int, mode: Mode) -> dict[str, Any]:
    palette = PALETTES[mode]
    at_once = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}}
    steps = [{"label": str(count), "method": "animate", "args": [[str(count)], at_once]} for count in range(frames)]
    return {
        "active": 1,
        "steps": steps,
        "currentvalue": {"prefix": "steps: ", "font": {"color": palette.muted}},
        "font": {"color": palette.muted},
        "bgcolor": palette.rule,
        "bordercolor": palette.rule,
        "pad": {"t": 36},
    }
