"""Figures of memory, from a stored result alone: connectivity by lag beside placebos and linear models, and the test."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.rnn.memory.result import MemoryResult
from core.rnn.models import LINES, short_title
from core.theme import PALETTES, Mode, figure

HEIGHT = 380
ROW = 44  # pixels of a variant
BAND = (0.05, 0.95)  # quantiles of the placebos
CONNECTIVITY = (
    "Mean size of ∂ŷ_t/∂x_{t−k} by lag k: how far the forecast moves for a move so many days before. The line is the mean of "
    "the seeds, its band their range; grey is the placebo, its band 5 to 95 % of the orders; dotted are the weights of linear "
    "models."
)
GRADIENT = (
    "Backward through time: how large ∂L/∂h_{t−k} is, k days before the forecast whose loss L is, beside its size on the last "
    "day. A straight fall is a gradient that vanishes at a fixed rate a day; an LSTM carries it in c, too."
)
AGREEMENT = (
    "By how much the forecast of a test day is higher where the actual value is higher by 1: the network, marked, and its "
    "placebos, a tick each. Without skill it is 0, of perfect forecasts 1."
)


def connectivity_chart(result: MemoryResult, model: str, mode: Mode = "light", longest: int = 30) -> go.Figure:
    """The connectivity of one variant for lags 1 … longest, with its placebos and the linear models of the comparison."""
    drawn, palette = figure(mode, HEIGHT), PALETTES[mode]
    seeds = _wide(result.trained, model, "seed", longest)
    orders = _wide(result.placebo, model, "order", longest)
    lags = seeds.index.to_numpy()
    low, high = (orders.quantile(share, axis=1).to_numpy() for share in BAND)
    _band(drawn, lags, low, high, palette.muted)
    _line(drawn, lags, orders.mean(axis=1).to_numpy(), "placebo", palette.muted, "dash")
    line = LINES[model]
    _band(drawn, lags, seeds.min(axis=1).to_numpy(), seeds.max(axis=1).to_numpy(), line.colour(mode))
    _line(drawn, lags, seeds.mean(axis=1).to_numpy(), line.name, line.colour(mode), line.dash)
    for name, own in result.linear.groupby("model", sort=False):
        own = own[own["lag"] <= longest]
        _line(
            drawn,
            own["lag"].to_numpy(),
            own["weight"].abs().to_numpy(),
            LINES[str(name)].name,
            LINES[str(name)].colour(mode),
            "dot",
        )
    drawn.update_xaxes(title_text="lag k (days)", dtick=5)
    drawn.update_yaxes(title_text="size", rangemode="tozero")
    return drawn


def agreement_chart(result: MemoryResult, mode: Mode = "light") -> go.Figure:
    """Of every variant the agreement of its forecasts on the test days, over that of its placebos."""
    drawn, palette = figure(mode, 110 + ROW * len(result.models)), PALETTES[mode]
    held = result.placebo.drop_duplicates(["model", "order"])
    drawn.add_scatter(
        x=held["agreement"],
        y=[short_title(str(model)) for model in held["model"]],
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 14, "color": palette.muted},
        hovertemplate="placebo, slope %{x:.3f}<extra></extra>",
        showlegend=False,
    )
    row: Any
    for row in result.variants.itertuples():
        line = LINES[row.model]
        drawn.add_scatter(
            x=[row.agreement],
            y=[short_title(row.model)],
            mode="markers",
            marker={"symbol": line.symbol, "size": 13, "color": line.colour(mode)},
            hovertemplate=f"{line.name}, slope %{{x:.3f}}<extra></extra>",
            showlegend=False,
        )
    drawn.update_xaxes(title_text="slope of the forecasts on the actual values", zeroline=True, zerolinecolor=palette.rule)
    drawn.update_yaxes(autorange="reversed", showgrid=False)
    return drawn.update_layout(hovermode="closest")


def gradient_chart(result: MemoryResult, stage: str, mode: Mode = "light") -> go.Figure:
    """|∂L/∂h_{t−k}| of every variant k days before the forecast that is scored, as a share of that at its day, on a log axis.

    Of an LSTM |∂L/∂c_{t−k}| too, thin.
    """
    drawn = figure(mode, HEIGHT)
    own = result.gradients[result.gradients["stage"] == stage]
    for (model, value), one in own.groupby(["model", "value"], sort=False):
        line, first = LINES[str(model)], float(one["size"].iloc[0])
        if first > 0:
            drawn.add_scatter(
                x=one["days_before"],
                y=one["size"] / first,
                mode="lines",
                name=f"{line.name}, {value}",
                line={"color": line.colour(mode), "dash": line.dash, "width": 2 if value == "h" else 1},
                hovertemplate=f"{line.name}, {value}: %{{y:.1e}}<extra></extra>",
            )
    drawn.update_xaxes(title_text="days before", dtick=5)
    drawn.update_yaxes(title_text="size, as a share of the last day's", type="log", exponentformat="power", dtick=1)
    return drawn


def _wide(table: pd.DataFrame, model: str, column: str, longest: int) -> pd.DataFrame:
    """Sizes of one variant as lags × seeds or orders."""
    own = table[(table["model"] == model) & (table["lag"] <= longest)]
    return own.pivot_table(index="lag", columns=column, values="size")


def _line(drawn: go.Figure, lags: np.ndarray, values: np.ndarray, name: str, colour: str, dash: str) -> None:
    drawn.add_scatter(
        x=lags,
        y=values,
        mode="lines",
        name=name,
        line={"color": colour, "dash": dash},
        hovertemplate=f"{name} %{{y:.3f}}<extra></extra>",
    )


def _band(drawn: go.Figure, lags: np.ndarray, low: np.ndarray, high: np.ndarray, colour: str) -> None:
    drawn.add_scatter(
        x=np.concatenate([lags, lags[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=colour,
        opacity=0.18,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
