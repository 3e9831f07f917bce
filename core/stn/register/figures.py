"""Figures of a registration, from a stored result alone: the loss around the end, its basins, the loss on the way."""

from __future__ import annotations

import plotly.graph_objects as go

from core.made_once import made_once
from core.stn.register.result import RegisterResult
from core.theme import PALETTES, Mode, figure

HEIGHT = 320
UNITS = {"angle": "turned by (°)", "shift": "shifted to the right (half short sides)"}


def _colours(mode: Mode) -> tuple[str, ...]:
    palette = PALETTES[mode]
    return palette.warn, palette.recurrent, palette.spatial, palette.muted, palette.ink


@made_once
def loss_around(result: RegisterResult, axis: str, by: str, mode: Mode = "light") -> go.Figure:
    """The loss by how far theta is turned or shifted, a line a kernel or level; thick where every step downhill leads back."""
    drawn = figure(mode, HEIGHT)
    curves = result.curves[(result.curves.axis == axis) & (result.curves.by == by)]
    basins = result.basins[(result.basins.axis == axis) & (result.basins.by == by)].set_index("what")
    names = list(dict.fromkeys(curves.what))
    for number, name in enumerate(names):
        curve = curves[curves.what == name]
        colour = _colours(mode)[number % 5]
        low, high = float(basins.low[name]), float(basins.high[name])
        inner = curve[(curve.offset >= low) & (curve.offset <= high)] if high > low else curve[:0]
        for part, width in ((curve, 1), (inner, 4)):
            drawn.add_scatter(
                x=part.offset,
                y=part.loss,
                customdata=part.slope,
                name=name,
                legendgroup=name,
                showlegend=width == 1,
                mode="lines",
                line={"color": colour, "width": width},
                hovertemplate=f"{name}: loss %{{y:.4f}}, derivative %{{customdata:.3g}}<extra></extra>",
            )
    drawn.update_xaxes(title_text=UNITS[axis])
    drawn.update_yaxes(title_text="loss")
    drawn.update_layout(hovermode="closest", showlegend=len(names) > 1)
    return drawn


@made_once
def loss_on_the_way(result: RegisterResult, mode: Mode = "light") -> go.Figure:
    """The loss at every stage of the film, a line a level."""
    drawn = figure(mode, HEIGHT)
    stages = list(zip(range(len(result.film_levels)), result.film_levels, result.film_losses, strict=True))
    for number, side in enumerate(dict.fromkeys(result.film_levels)):
        own = [(stage, loss) for stage, level, loss in stages if level == side]
        drawn.add_scatter(
            x=[stage for stage, _ in own],
            y=[loss for _, loss in own],
            name=f"{side} pixels",
            mode="lines+markers",
            marker={"size": 5},
            line={"color": _colours(mode)[number % 5], "width": 2},
            hovertemplate=f"{side} pixels: loss %{{y:.4f}}<extra></extra>",
        )
    drawn.update_xaxes(title_text="stage")
    drawn.update_yaxes(title_text="loss")
    return drawn
