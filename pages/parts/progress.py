"""The loss and the pictures of a run that is alive, at a fixed height, so that nothing jumps."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

import plotly.graph_objects as go
import streamlit as st

from core.runs.registry import Run
from core.runs.snapshots import Snapshot
from core.theme import PALETTES, Mode, figure
from pages.parts.layout import chart, mode, picture, side_by_side

HEIGHT = 330  # pixels of height that are kept free


def live_chart(snapshot: Snapshot, name: str, draw: Callable[[Mode], go.Figure], alt: str) -> None:
    """A figure of a run that is alive, drawn once for all who look at it."""
    theme = mode()
    chart(snapshot.once((name, theme), lambda: draw(theme)), alt, f"{name}-{snapshot.run.id}", saved=False)


def _loss(run: Run, losses: list[dict[str, float | str]], theme: Mode) -> go.Figure:
    """The loss so far; a new line for every phase."""
    palette, spatial = PALETTES[theme], run.bench == "spatial"
    drawn = figure(theme, HEIGHT - 40)
    for phase, rows in groupby(losses, key=lambda row: row["phase"]):
        points = list(rows)
        drawn.add_scatter(
            x=[point["step"] if spatial else 100 * point["step"] / max(1, run.total) for point in points],
            y=[point["loss"] for point in points],
            mode="lines+markers",
            marker={"size": 4},
            line={"color": palette.spatial if spatial else palette.recurrent, "width": 2},
            hovertemplate=f"{phase}: loss %{{y:.4g}}<extra></extra>",
            showlegend=False,
        )
    drawn.update_xaxes(title_text="training step" if spatial else "share of the run (%)", rangemode="tozero")
    drawn.update_yaxes(title_text="loss", type="log" if spatial else "linear", nticks=6)
    return drawn


def loss_so_far(snapshot: Snapshot) -> None:
    """How the loss fell until now."""
    losses = [row for row in snapshot.numbers if "loss" in row]
    with st.container(height=HEIGHT, border=False):
        if losses:
            live_chart(snapshot, "loss", lambda theme: _loss(snapshot.run, losses, theme), "Training loss so far")


def pictures_and_loss(snapshot: Snapshot, alt: str = "", caption: str = "") -> None:
    """The latest pictures beside the loss so far; a picture's name stands for the words that are not given."""
    pictures, curve = side_by_side(1, 2)
    with pictures.container(height=HEIGHT, border=False):
        for name, content in snapshot.pictures.items():
            picture(content, alt or name, caption or name)
    with curve:
        loss_so_far(snapshot)
