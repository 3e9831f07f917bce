"""The equivariance plot: whether answers turn with the picture. From a table of answers alone."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.theme import PALETTES, Mode, figure

HEIGHT = 300


def answered_against_applied(turns: pd.DataFrame, mode: Mode = "light") -> go.Figure:
    """What is answered to one photo against how far it is turned further (`equivariance.answered_turns`).

    The dashed line has slope 1 and goes through the answer to the photo as it is: there the answers turn with the photo.
    """
    palette, own = PALETTES[mode], turns.answered_deg.iloc[int(turns.applied_deg.abs().argmin())]
    drawn = figure(mode, HEIGHT)
    drawn.add_scatter(
        x=turns.applied_deg, y=turns.applied_deg + own, mode="lines", name="turns with the photo",
        line={"color": palette.muted, "width": 1, "dash": "dash"}, hoverinfo="skip",
    )  # fmt: skip
    drawn.add_scatter(
        x=turns.applied_deg, y=turns.answered_deg, mode="markers", name="answer",
        marker={"color": palette.spatial, "size": 7},
        hovertemplate="turned by %{x:.0f}°, answered %{y:.1f}°<extra></extra>",
    )  # fmt: skip
    drawn.update_xaxes(title_text="turned further by (°)")
    drawn.update_yaxes(title_text="answered (°)")
    drawn.update_layout(hovermode="closest")
    return drawn
