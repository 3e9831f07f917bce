"""Figures of an align run, from a stored result alone: the variance as it fell, and angles against known ones."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.made_once import made_once
from core.stn.align.result import AlignResult
from core.theme import PALETTES, Mode, figure

HEIGHT = 320


@made_once
def variance_while_aligning(result: AlignResult, mode: Mode = "light") -> go.Figure:
    """The variance of the stack at every stage of the film, as a share of what it was."""
    before = max(result.variance_before, 1e-12)
    shares = [100 * value / max(result.film_variance[0], 1e-12) for value in result.film_variance]
    drawn = figure(mode, HEIGHT)
    drawn.add_scatter(
        x=list(range(len(shares))),
        y=shares,
        customdata=result.film_seconds,
        mode="lines+markers",
        marker={"size": 5},
        line={"color": PALETTES[mode].spatial, "width": 2},
        hovertemplate="%{y:.0f} % after %{customdata:.1f} s<extra></extra>",
        showlegend=False,
    )
    drawn.update_xaxes(title_text="stage")
    drawn.update_yaxes(title_text=f"variance (% of {before:.2g})", rangemode="tozero")
    return drawn


@made_once
def recovered_against_turned(result: AlignResult, mode: Mode = "light") -> go.Figure:
    """The recovered angle of each image against the known one. Upright is not defined here, so a common offset is no error."""
    palette, rows = PALETTES[mode], result.images
    offset = float(np.median(rows.angle_deg - rows.turned_deg))
    ends = np.array([rows.turned_deg.min(), rows.turned_deg.max()])
    drawn = figure(mode, HEIGHT)
    drawn.add_scatter(
        name="recovered = turned",
        x=ends,
        y=ends + offset,
        mode="lines",
        line={"color": palette.muted, "width": 1, "dash": "dash"},
        hoverinfo="skip",
        showlegend=False,
    )
    for ok, symbol, colour in ((True, "circle", palette.spatial), (False, "x", palette.fail)):
        some = rows[rows.ok == ok]
        drawn.add_scatter(
            x=some.turned_deg,
            y=some.angle_deg,
            customdata=some.name,
            mode="markers",
            name="aligned" if ok else "flagged",
            showlegend=not rows.ok.all() and len(some) > 0,
            marker={"color": colour, "size": 8, "symbol": symbol},
            hovertemplate="%{customdata}: recovered %{y:.1f}°<extra></extra>",
        )
    drawn.update_xaxes(title_text="turned by (°)")
    drawn.update_yaxes(title_text="recovered (°)")
    drawn.update_layout(hovermode="closest")
    return drawn
