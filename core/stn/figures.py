"""Figures of a rectify run: how it learned, what it recovers, what is left. From a stored result alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.theme import PALETTES, Mode, figure

if TYPE_CHECKING:
    from core.stn.rectify import RectifyResult

HEIGHT = 300
_SMALLEST = 0.001  # degrees: smaller errors are drawn here, so that a logarithm exists


def loss_curve(result: RectifyResult, mode: Mode = "light") -> go.Figure:
    """The photometric loss by training step, on a logarithmic scale."""
    drawn = figure(mode, HEIGHT)
    drawn.add_scatter(
        x=result.loss_steps,
        y=result.loss,
        mode="lines",
        line={"color": PALETTES[mode].spatial, "width": 2},
        hovertemplate="loss %{y:.3f}<extra></extra>",
        showlegend=False,
    )
    drawn.update_xaxes(title_text="training step")
    drawn.update_yaxes(title_text="photometric loss", type="log")
    return drawn


def recovered_against_applied(result: RectifyResult, mode: Mode = "light") -> go.Figure:
    """Every trial's recovered angle against the applied one; on the line, the photo was made exactly upright."""
    palette, reach = PALETTES[mode], 1.05 * result.max_angle
    drawn = figure(mode, HEIGHT + 60)
    drawn.add_scatter(
        x=[-reach, reach],
        y=[-reach, reach],
        mode="lines",
        line={"color": palette.muted, "width": 1, "dash": "dash"},
        hoverinfo="skip",
        showlegend=False,
    )
    both = not result.trials.seen.all()
    for seen, rows in result.trials.groupby("seen", sort=True):
        drawn.add_trace(_angles(rows, "photos it learned from" if seen else "photos it never saw", bool(seen), mode, both))
    drawn.update_xaxes(title_text="applied angle (°)", range=[-reach, reach])
    drawn.update_yaxes(title_text="recovered angle (°)", range=[-reach, reach])
    drawn.update_layout(hovermode="closest")
    return drawn


def _angles(rows: pd.DataFrame, label: str, seen: bool, mode: Mode, legend: bool) -> go.Scatter:
    palette = PALETTES[mode]
    return go.Scatter(
        x=rows.applied_deg,
        y=rows.recovered_deg,
        customdata=np.stack([rows.name, rows.angle_error], axis=-1),
        mode="markers",
        name=label,
        showlegend=legend,
        marker={"color": palette.spatial if seen else palette.warn, "size": 7, "symbol": "circle" if seen else "diamond-open"},
        hovertemplate="%{customdata[0]}: %{x:.1f}° applied, %{y:.1f}° recovered<br>off by %{customdata[1]:.2f}°<extra></extra>",
    )


def errors_before_and_after(result: RectifyResult, mode: Mode = "light") -> go.Figure:
    """How far every trial was from upright, before and after, in degrees on a logarithmic scale, with the medians.

    Both are those of the photos that training saw, as in `scores`; photos it never saw have a row of their own.
    """
    palette, trials = PALETTES[mode], result.trials
    seen, unseen = trials[trials.seen], trials[~trials.seen]
    strips = [("before", seen.applied_deg.abs(), palette.muted), ("after", seen.angle_error, palette.spatial)]
    if len(unseen):
        strips.append(("after, photos<br>it never saw", unseen.angle_error, palette.warn))
    drawn = figure(mode, HEIGHT - 60 + 80 * (len(strips) - 2))
    for row, (_, errors, colour) in enumerate(strips):
        _strip(drawn, -row, errors.to_numpy(), colour)
    labels = [label for label, _, _ in strips]
    heights = [-row for row in range(len(strips))]
    drawn.update_xaxes(title_text="degrees from upright", type="log")
    drawn.update_yaxes(range=[heights[-1] - 0.6, 0.6], tickvals=heights, ticktext=labels, showgrid=False)
    drawn.update_layout(hovermode="closest")
    return drawn


def _strip(drawn: go.Figure, row: int, errors: np.ndarray, colour: str) -> None:
    """One row of points, spread a little so that they do not hide each other, and its median in words."""
    median = max(_SMALLEST, float(np.median(errors)))
    spread = np.random.default_rng(0).uniform(-0.22, 0.22, len(errors))
    drawn.add_scatter(
        x=np.maximum(errors, _SMALLEST),
        y=row + spread,
        mode="markers",
        marker={"color": colour, "size": 6, "opacity": 0.6},
        hovertemplate="%{x:.2f}°<extra></extra>",
        showlegend=False,
    )
    drawn.add_scatter(
        x=[median, median],
        y=[row - 0.32, row + 0.32],
        mode="lines+text",
        line={"color": colour, "width": 2},
        text=["", f"median {median:.2g}°"],
        textposition="top center",
        hoverinfo="skip",
        showlegend=False,
    )
