"""Figures of accounts: what they became, and how steady their risk was."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.lines import Line
from core.rnn.models import REFERENCE, line_of
from core.rnn.worth.accounts import HOLD
from core.rnn.worth.targeting import MONTH
from core.theme import Mode, figure

HEIGHT = 300


def accounts_chart(equity: pd.DataFrame, rule: str, lines: Mapping[str, Line], mode: Mode = "light") -> go.Figure:
    """`EQUITY` after costs by one rule, of the models that have a line here, beside buy-and-hold."""
    drawn = figure(mode, HEIGHT + 120)
    days = equity["date"].to_numpy().astype("datetime64[ms]")
    curves = {
        f"{HOLD} hold": line_of("actual").named(HOLD),
        **{f"{model} {rule}": line for model, line in lines.items()},
    }
    for column, line in curves.items():
        if column not in equity:
            continue
        drawn.add_scatter(
            x=days,
            y=equity[column].to_numpy(float),
            mode="lines",
            name=line.name,
            line={"color": line.colour(mode), "dash": line.dash, "width": 1.2 if line.name == HOLD else 1.8},
            hovertemplate="%{y:.2f}",
            showlegend=True,
        )
    drawn.add_hline(y=1, line={"color": line_of(REFERENCE).colour(mode), "width": 1})
    drawn.update_yaxes(title_text="account after costs, 1 at the start")
    return drawn


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
