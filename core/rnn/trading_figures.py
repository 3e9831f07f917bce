"""Figures of what forecasts would have been worth: equity curves beside buy-and-hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from core.rnn.figures import HEIGHT
from core.rnn.forecast_figures import drawn_together
from core.rnn.trading import HOLD
from core.theme import LINES, Mode, figure

if TYPE_CHECKING:
    from core.rnn.outcome import CompareResult


def equity_chart(result: CompareResult, rule: str, mode: Mode = "light") -> go.Figure:
    """What 1 became, after costs, by one rule: models as they rank by error, not by what they earned, beside buy-and-hold."""
    drawn, table = figure(mode, HEIGHT + 80), result.equity
    days = table["date"].to_numpy().astype("datetime64[ms]")
    curves = {model: f"{model} {rule}" for model in drawn_together(result) if f"{model} {rule}" in table}
    for model, column in {"actual": f"{HOLD} hold", **curves}.items():
        line, held = LINES[model], model == "actual"
        drawn.add_scatter(
            x=days,
            y=table[column].to_numpy(float),
            mode="lines",
            name=HOLD if held else line.name,
            line={"color": line.colour(mode), "dash": line.dash, "width": 1.2 if held else 1.8},
            hovertemplate="%{y:.3f}",
            showlegend=True,
        )
    drawn.add_hline(y=1, line={"color": LINES["random-walk"].colour(mode), "width": 1})
    drawn.update_yaxes(title_text="what 1 became, after costs")
    return drawn
