"""Figures of a panel by day: when a model gained on the reference, and one ticker's forecasts beside what happened."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from core.made_once import made_once
from core.rnn.models import ACTUAL, LINES
from core.rnn.panel.models import panel_model
from core.rnn.panel.overview_figures import HEIGHT
from core.rnn.panel.result import PanelResult
from core.rnn.panel.risk.worth import PanelWorth
from core.rnn.panel.views import Gains, track
from core.rnn.worth.figures import accounts_chart
from core.theme import PALETTES, Mode, figure

DRAWN = 4  # accounts in a figure


def accounts_together(worth: PanelWorth, rule: str, mode: Mode = "light") -> go.Figure:
    """The accounts of the first models by one rule, in equal parts of all tickers, beside buy-and-hold."""
    lines = {model: LINES[panel_model(model).line].named(panel_model(model).title) for model in worth.models[:DRAWN]}
    return accounts_chart(worth.equity, rule, lines, mode)


def gain_chart(gains: Gains, reference: str, loss_title: str, mode: Mode = "light") -> go.Figure:
    """The gain of models over a reference, summed over the test days; it rises where they win. Wild days are shaded."""
    drawn, palette = figure(mode, HEIGHT + 60), PALETTES[mode]
    days = gains.days.astype("datetime64[ms]")
    for first, last in _runs(gains.wild):
        drawn.add_vrect(x0=days[first], x1=days[last], fillcolor=palette.warn, opacity=0.10, line_width=0, layer="below")
    for model, sums in gains.sums.items():
        line = LINES[panel_model(model).line]
        drawn.add_scatter(
            x=days,
            y=sums,
            mode="lines",
            name=panel_model(model).title,
            line={"color": line.colour(mode), "dash": line.dash, "width": 1.8},
            hovertemplate="%{y:.2f}",
            showlegend=True,
        )
    drawn.add_hline(y=0, line={"color": palette.ink, "width": 1})
    drawn.update_yaxes(title_text=f"gain in {loss_title} over {panel_model(reference).title}, summed")
    return drawn


def _runs(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last place of every run of true values."""
    edges = np.diff(np.concatenate([[0], flags.astype(int), [0]]))
    return list(zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True))


@made_once
def forecast_chart(result: PanelResult, symbol: str, models: Sequence[str], mode: Mode = "light") -> go.Figure:
    """What happened to one ticker on the test days, and what models forecast the day before; the first model stands out."""
    drawn, table = figure(mode, HEIGHT + 80), track(result, symbol, list(models))
    days = table["date"].to_numpy().astype("datetime64[ms]")
    drawn.add_scatter(
        x=days,
        y=100 * table["actual"].to_numpy(),
        mode="markers" if result.target_row.is_probability else "lines",
        name="rose or fell" if result.target_row.is_probability else ACTUAL.name,
        line={"color": ACTUAL.colour(mode), "width": 1},
        marker={"color": ACTUAL.colour(mode), "symbol": "line-ns-open", "size": 7},
        opacity=0.45,
        hovertemplate="%{y:.2f} %",
        showlegend=True,
    )
    for number, model in enumerate(models):
        line = LINES[panel_model(model).line]
        drawn.add_scatter(
            x=days,
            y=100 * table[model].to_numpy(),
            mode="lines",
            name=panel_model(model).title,
            line={"color": line.colour(mode), "dash": line.dash, "width": 2 if number == 0 else 1.4},
            hovertemplate="%{y:.2f} %",
            showlegend=True,
        )
    drawn.update_yaxes(title_text=f"{result.target_row.axis}, forecast the day before")
    return drawn
