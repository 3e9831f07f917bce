"""The figure of how steady the risk of an account was."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from core.rnn.models import REFERENCE, line_of
from core.rnn.worth.targeting import MONTH
from core.theme import Mode, figure

HEIGHT = 300


def risk_chart(
    days: np.ndarray, targeted: np.ndarray, fixed: np.ndarray, target: float, model: str, mode: Mode = "light"
) -> go.Figure:
    """Volatility of the last 22 days, a year, on days (N,): (N,) of an account by a model's forecasts, and of a fixed position.

    `target` is what the account keeps to.
    """
    drawn = figure(mode, HEIGHT)
    for name, values, line, width in (
        ("fixed position", fixed, line_of("actual"), 1.2),
        (f"by {line_of(model).name}", targeted, line_of(model), 1.8),
    ):
        drawn.add_scatter(
            x=days.astype("datetime64[ms]"),
            y=100 * values,
            mode="lines",
            name=name,
            line={"color": line.colour(mode), "dash": line.dash, "width": width},
            hovertemplate="%{y:.1f} %",
            showlegend=True,
        )
    drawn.add_hline(y=100 * target, line={"color": line_of(REFERENCE).colour(mode), "width": 1, "dash": "dash"})
    drawn.update_yaxes(title_text=f"volatility of {MONTH} days (% a year)", rangemode="tozero")
    return drawn
