"""Figures of live views: a figure of Plotly's as the plain value that the browser draws."""

from __future__ import annotations

import plotly.graph_objects as go

from core.projector import LARGER, for_projector
from core.runs.live.blocks import FigureBlock, Look

HEIGHT = 330  # pixels


def figure_block(drawn: go.Figure | None, alt: str, look: Look, height: int = HEIGHT) -> FigureBlock:
    """A figure as a visitor sees it; without one its place is kept free."""
    pixels = round(height * (LARGER if look.projector else 1))
    if drawn is None:
        return FigureBlock(alt, pixels)
    shown = for_projector(drawn) if look.projector else drawn
    return FigureBlock(alt, pixels, shown.to_plotly_json())
