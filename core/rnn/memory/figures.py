"""Figures of memory, from a stored result alone: connectivity by lag beside placebos and linear models, and the test."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.made_once import made_once
from core.rnn.memory.connected import TAUGHT, Connected
from core.rnn.memory.result import MemoryResult, half_lag
from core.rnn.models import LINES, capitalised_title
from core.theme import PALETTES, Mode, figure

HEIGHT = 380
LONGEST = 30  # lags that are drawn
DECADES = (-10, 6)  # of the gradients' axis: it stays where it is when they are changed by hand
ROW = 44  # pixels of a variant
BAND = (0.05, 0.95)  # quantiles of the placebos
CONNECTIVITY = (
    r"How far the forecast moves for a move k days before: the mean size of $\partial\hat y_t/\partial x_{t-k}$ over the test "
    "days. Thick, the chosen network: inner band its seeds, outer band the middle half of the days; thin, the other networks; "
    "dotted, what AR and HAR weigh."
)
PLACEBO = "Grey: the placebo, the same network trained on the same days in shuffled order; its band, 5 to 95 % of the orders."
GRADIENT = (
    r"How large $\partial L/\partial h_{t-k}$ is, k days before the forecast whose loss is $L$, as a share of its size on the "
    "last day. A straight fall is a gradient that vanishes at a fixed rate a day; thin, $c$ of an LSTM, which carries it, too."
)
AGREEMENT = (
    "By how much the forecast of a test day is higher where the actual value is higher by 1: the network, marked, and its "
    "placebos, a tick each. Without skill it is 0, of perfect forecasts 1."
)


def connectivity_chart(
    measured: Connected | MemoryResult, model: str, mode: Mode = "light", longest: int = LONGEST
) -> go.Figure:
    """The connectivity of one variant for lags 1 … longest among those of the others, AR and HAR, and its placebos if known."""
    drawn, palette = figure(mode, HEIGHT), PALETTES[mode]
    if isinstance(measured, MemoryResult):
        orders = _wide(measured.placebo, model, "order", longest)
        low, high = (orders.quantile(share, axis=1) for share in BAND)
        _band(drawn, "placebo, spread", low, high, palette.muted)
        _line(drawn, orders.mean(axis=1), "placebo", palette.muted, "dash")
    for other in dict.fromkeys(measured.trained["model"]):
        if other != model:
            means, line = _wide(measured.trained, other, "seed", longest).mean(axis=1), LINES[other]
            _line(drawn, means, line.name, line.colour(mode), line.dash, width=1)
    for name, own in measured.linear[measured.linear["lag"] <= longest].groupby("model", sort=False):
        if name in TAUGHT:
            line = LINES[str(name)]
            _line(drawn, own.set_index("lag")["weight"].abs(), line.name, line.colour(mode), "dot")
    _chosen(drawn, measured, model, mode, longest)
    drawn.update_xaxes(title_text="lag k (days)", dtick=5)
    drawn.update_yaxes(title_text="size of ∂ŷ by ∂x", rangemode="tozero")
    return drawn


def _chosen(drawn: go.Figure, measured: Connected | MemoryResult, model: str, mode: Mode, longest: int) -> None:
    """The chosen variant, its spread over days and over seeds, and the lag that holds half of it."""
    line, seeds = LINES[model], _wide(measured.trained, model, "seed", longest)
    low, high = (_wide(measured.trained, model, "seed", longest, quartile).mean(axis=1) for quartile in ("low", "high"))
    _band(drawn, f"{line.name}, spread over days", low, high, line.colour(mode), 0.12)
    _band(drawn, f"{line.name}, spread over seeds", seeds.min(axis=1), seeds.max(axis=1), line.colour(mode), 0.25)
    _line(drawn, seeds.mean(axis=1), line.name, line.colour(mode), line.dash, width=3)
    half, muted = half_lag(measured.curve(model)), PALETTES[mode].muted
    if 0 < half <= longest:
        words = f"half of it within {half} day{'' if half == 1 else 's'}"
        drawn.add_vline(
            x=half, line={"color": muted, "width": 1, "dash": "dot"}, annotation={"text": words, "font_color": muted}
        )


@made_once
def agreement_chart(result: MemoryResult, mode: Mode = "light") -> go.Figure:
    """Of every variant the agreement of its forecasts on the test days, over that of its placebos."""
    drawn, palette = figure(mode, 110 + ROW * len(result.models)), PALETTES[mode]
    held = result.placebo.drop_duplicates(["model", "order"])
    drawn.add_scatter(
        name="placebos",
        x=held["agreement"],
        y=[capitalised_title(str(model)) for model in held["model"]],
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 14, "color": palette.muted},
        hovertemplate="placebo, slope %{x:.3f}<extra></extra>",
        showlegend=False,
    )
    row: Any
    for row in result.variants.itertuples():
        line = LINES[row.model]
        drawn.add_scatter(
            name=line.name,
            x=[row.agreement],
            y=[capitalised_title(row.model)],
            mode="markers",
            marker={"symbol": line.symbol, "size": 13, "color": line.colour(mode)},
            hovertemplate=f"{line.name}, slope %{{x:.3f}}<extra></extra>",
            showlegend=False,
        )
    drawn.update_xaxes(title_text="slope of the forecasts on the actual values", zeroline=True, zerolinecolor=palette.rule)
    drawn.update_yaxes(autorange="reversed", showgrid=False)
    return drawn.update_layout(hovermode="closest")


def gradient_chart(gradients: pd.DataFrame, mode: Mode = "light", strong: str = "") -> go.Figure:
    """`GRADIENTS` of one stage: |∂L/∂h_{t−k}| of every variant as a share of that of the last day, on a log axis.

    Of an LSTM |∂L/∂c_{t−k}| too, thin; the variant `strong` is thick.
    """
    drawn = figure(mode, HEIGHT)
    for (model, value), one in gradients.groupby(["model", "value"], sort=False):
        line, first, width = LINES[str(model)], float(one["size"].iloc[0]), 4 if model == strong else 2
        reached = one[one["size"] > 0]  # what has fallen below the smallest number has no logarithm
        if first > 0:
            drawn.add_scatter(
                x=reached["days_before"],
                y=reached["size"] / first,
                mode="lines",
                name=f"{line.name}, {value}",
                line={"color": line.colour(mode), "dash": line.dash, "width": width if value == "h" else 1},
                hovertemplate=f"{line.name}, {value}: %{{y:.1e}}<extra></extra>",
            )
    drawn.update_xaxes(title_text="days before", dtick=5)
    decades = {"type": "log", "exponentformat": "power", "dtick": 2, "range": list(DECADES)}
    drawn.update_yaxes(title_text="size, as a share of the last day's", **decades)
    return drawn.add_hline(y=1, line={"color": PALETTES[mode].muted, "width": 1})


def _wide(table: pd.DataFrame, model: str, column: str, longest: int, value: str = "size") -> pd.DataFrame:
    """Sizes, or their quartiles over days, of one variant as lags × seeds or orders."""
    own = table[(table["model"] == model) & (table["lag"] <= longest)]
    return own.pivot_table(index="lag", columns=column, values=value)


def _line(drawn: go.Figure, values: pd.Series, name: str, colour: str, dash: str, width: int = 2) -> None:
    """Values by lag."""
    drawn.add_scatter(
        x=values.index,
        y=values.to_numpy(),
        mode="lines",
        name=name,
        line={"color": colour, "dash": dash, "width": width},
        hovertemplate=f"{name} %{{y:.3f}}<extra></extra>",
    )


def _band(drawn: go.Figure, name: str, low: pd.Series, high: pd.Series, colour: str, opacity: float = 0.18) -> None:
    """Between values by lag."""
    drawn.add_scatter(
        name=name,
        x=[*low.index, *low.index[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=colour,
        opacity=opacity,
        line={"width": 0},
        hoverinfo="skip",
        showlegend=False,
    )
