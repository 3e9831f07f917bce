"""Figures of a locate run, from a stored result alone: how many objects are found, and how well the boxes fit."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.made_once import made_once
from core.stn.locate.boxes import FOUND
from core.stn.locate.result import LocateResult
from core.theme import PALETTES, Mode, figure

HEIGHT = 300
BINS = 20


@made_once
def success_over_training(result: LocateResult, mode: Mode = "light") -> go.Figure:
    """The share of images in which the object is found, and the mean overlap, by training step."""
    palette = PALETTES[mode]
    success = 100 * (result.film_overlaps > FOUND).mean(axis=1)
    mean = 100 * result.film_overlaps.mean(axis=1)
    drawn = figure(mode, HEIGHT)
    for name, values, colour, dash in (("found", success, palette.spatial, "solid"), ("overlap", mean, palette.muted, "dot")):
        drawn.add_scatter(
            x=result.film_steps,
            y=values,
            mode="lines",
            name=name,
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"{name} %{{y:.0f}} %<extra></extra>",
        )
    drawn.update_xaxes(title_text="training step", rangemode="tozero")
    drawn.update_yaxes(title_text="%", range=[0, 102])
    return drawn


@made_once
def overlap_histogram(result: LocateResult, mode: Mode = "light") -> go.Figure:
    """How well the boxes fit: images of the test by their overlap with the object's own box; above FOUND counts as found."""
    palette = PALETTES[mode]
    counts, edges = np.histogram(result.overlaps, bins=BINS, range=(0, 1))
    middles = (edges[:-1] + edges[1:]) / 2
    drawn = figure(mode, HEIGHT)
    drawn.add_bar(
        x=middles,
        y=counts,
        width=0.9 / BINS,
        marker={"color": [palette.spatial if middle > FOUND else palette.fail for middle in middles]},
        customdata=np.stack([edges[:-1], edges[1:]], axis=-1),
        hovertemplate="%{y} images, overlap %{customdata[0]:.2f} to %{customdata[1]:.2f}<extra></extra>",
        showlegend=False,
    )
    drawn.add_vline(x=FOUND, line={"color": palette.muted, "dash": "dash", "width": 1})
    drawn.update_xaxes(title_text="overlap (intersection over union)", range=[0, 1])
    drawn.update_yaxes(title_text="images", rangemode="tozero")
    drawn.update_layout(hovermode="closest")
    return drawn
