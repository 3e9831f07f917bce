"""One figure a trap, from its result: the flattering numbers in amber, the honest ones in the text colour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.made_once import made_once
from core.rnn.traps.result import TrapName, TrapsResult
from core.theme import PALETTES, Mode, figure

HEIGHT = 380
Corner = Literal["top left", "top right", "bottom right"]
_CAPTIONS: dict[TrapName, str] = {
    "future": "Forecast return of every test day over the actual one. On the line both are equal.",
    "scaler": "Prices of the test days and the forecasts of both networks; dashed, the upper bound of each scaler.",
    "level": "Correlation of the forecast's changes with the price's. A forecaster has its peak on the same day.",
    "shuffle": "Forecast price of every test day over the actual one. On the line both are equal.",
    "luck": "Test statistics of the forecasters without skill against the random walk; the curve is the normal distribution.",
    "accuracy": "The same measure for the price of so many days ago.",
}


def caption(name: TrapName) -> str:
    """The caption of a trap's figure."""
    return _CAPTIONS[name]


@made_once
def chart(result: TrapsResult, name: TrapName, mode: Mode = "light") -> go.Figure:
    """The figure of one trap."""
    draw: dict[TrapName, Callable[[TrapsResult, Mode], go.Figure]] = {
        "future": _future,
        "scaler": _scaler,
        "level": _level,
        "shuffle": _shuffle,
        "luck": _luck,
        "accuracy": _accuracy,
    }
    return draw[name](result, mode)


def _future(result: TrapsResult, mode: Mode) -> go.Figure:
    table = result.returns.assign(**{name: 100 * result.returns[name] for name in ("actual", "flattering", "honest")})
    drawn = _against(
        table[["actual", "flattering"]], table[["actual", "honest"]], mode, "actual %{x:.2f} %, forecast %{y:.2f} %"
    )
    drawn.update_xaxes(title_text="actual return (%)")
    drawn.update_yaxes(title_text="forecast return (%)")
    return _named(drawn, mode, "read after every day", "read at the last day known")


def _shuffle(result: TrapsResult, mode: Mode) -> go.Figure:
    drawn = _against(result.shuffled, result.prices[["actual", "honest"]], mode, "actual %{x:,.2f}, forecast %{y:,.2f}")
    drawn.update_xaxes(title_text=f"actual {result.price}")
    drawn.update_yaxes(title_text=f"forecast {result.price}")
    return _named(drawn, mode, "days drawn at random", "the last fifth of the days")


def _against(flattering: pd.DataFrame, honest: pd.DataFrame, mode: Mode, hover: str) -> go.Figure:
    """Forecast over actual, a dot a day, and the line on which both are the same."""
    drawn, palette = figure(mode, HEIGHT), PALETTES[mode]
    ends = [float(np.min([flattering["actual"].min(), honest["actual"].min()])),
            float(np.max([flattering["actual"].max(), honest["actual"].max()]))]  # fmt: skip
    drawn.add_scatter(
        x=ends,
        y=ends,
        mode="lines",
        line={"color": palette.muted, "width": 1},
        hoverinfo="skip",
        showlegend=False,
        name="forecast = actual",
    )
    for table, name, colour in ((honest, "honest", palette.ink), (flattering, "flattering", palette.warn)):
        drawn.add_scatter(
            name=name,
            x=table["actual"],
            y=table[name],
            mode="markers",
            marker={"color": colour, "size": 5, "opacity": 0.55, "symbol": "circle" if name == "flattering" else "diamond"},
            hovertemplate=f"{hover}<extra></extra>",
            showlegend=False,
        )
    return drawn.update_layout(hovermode="closest")


def _scaler(result: TrapsResult, mode: Mode) -> go.Figure:
    drawn, palette, table = figure(mode, HEIGHT), PALETTES[mode], result.prices
    rows = (("actual", palette.muted, 3), ("flattering", palette.warn, 1.5), ("honest", palette.ink, 1.5))
    for name, colour, width in rows:
        drawn.add_scatter(
            x=table["date"],
            y=table[name],
            mode="lines",
            name={"actual": "price", "flattering": "all days", "honest": "training days"}[name],
            line={"color": colour, "width": width},
            opacity=0.45 if name == "actual" else 1,
            hovertemplate="%{y:,.2f}",
            showlegend=False,
        )
    for row in result.scalers.itertuples():
        colour = palette.warn if row.scaler == "flattering" else palette.ink
        drawn.add_hline(y=row.high, line={"color": colour, "width": 1, "dash": "dash"}, opacity=0.7)
    drawn.update_yaxes(title_text=result.price)
    return _named(drawn, mode, "scaled by all days", "scaled by the training days", "price", corner="bottom right")


def _level(result: TrapsResult, mode: Mode) -> go.Figure:
    drawn, palette = figure(mode, HEIGHT), PALETTES[mode]
    by_lag = result.lags.groupby("lag")["correlation"].agg(["mean", "min", "max"])
    bound = float(result.lags["bound"].max())
    colours = [palette.warn if lag == 1 else palette.ink if lag == 0 else palette.muted for lag in by_lag.index]
    drawn.add_bar(
        x=by_lag.index,
        y=by_lag["mean"],
        marker={"color": colours, "line": {"width": 0}},
        error_y={
            "array": by_lag["max"] - by_lag["mean"],
            "arrayminus": by_lag["mean"] - by_lag["min"],
            "color": palette.muted,
            "width": 0,
        },
        hovertemplate="%{x} days late: %{y:.2f}<extra></extra>",
        showlegend=False,
    )
    drawn.add_hrect(y0=-bound, y1=bound, fillcolor=palette.muted, opacity=0.12, line_width=0, layer="below")
    drawn.add_hline(y=0, line={"color": palette.ink, "width": 1})
    drawn.update_xaxes(title_text="days that the forecast comes late", dtick=1, showgrid=False)
    drawn.update_yaxes(title_text="correlation of changes", range=[min(-0.25, by_lag["min"].min()), 1.05])
    drawn.update_layout(hovermode="closest", bargap=0.45)
    return _named(drawn, mode, "one day late: a copy", "on the day: a forecast")


def _luck(result: TrapsResult, mode: Mode) -> go.Figure:
    drawn, palette = figure(mode, HEIGHT), PALETTES[mode]
    gains = -result.lottery["stat"].to_numpy()  # right is better
    edges = np.linspace(-4, 4, 33)
    counts, _ = np.histogram(np.clip(gains, -3.99, 3.99), edges)
    drawn.add_bar(
        name="forecasters",
        x=(edges[1:] + edges[:-1]) / 2,
        y=counts,
        marker={"color": palette.muted, "opacity": 0.5, "line": {"width": 0}},
        hovertemplate="around %{x:.1f}: %{y} forecasters<extra></extra>",
        showlegend=False,
    )
    chance = len(gains) * (edges[1] - edges[0]) * np.exp(-(edges**2) / 2) / np.sqrt(2 * np.pi)
    drawn.add_scatter(
        x=edges,
        y=chance,
        mode="lines",
        line={"color": palette.ink, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
        name="chance alone",
    )
    drawn.add_vline(x=1.96, line={"color": palette.ink, "width": 1, "dash": "dash"})
    drawn.add_annotation(
        x=1.96, y=1, yref="paper", xanchor="left", xshift=4, showarrow=False, text="p < 0.05", font={"color": palette.muted}
    )
    drawn.add_scatter(
        name="the best",
        x=[min(gains[0], 3.99)],
        meta={"x": [float(gains[0])]},
        y=[0.02 * counts.max()],
        mode="markers",
        marker={"color": palette.warn, "size": 14, "symbol": "diamond"},
        hovertemplate=f"the best: {gains[0]:.2f}<extra></extra>",
        showlegend=False,
    )
    drawn.update_xaxes(title_text="standard errors better than the random walk", range=[-4.1, 4.1])
    drawn.update_yaxes(title_text="forecasters", rangemode="tozero")
    drawn.update_layout(hovermode="closest", bargap=0.08)
    return _named(drawn, mode, "the best", "chance alone")


def _accuracy(result: TrapsResult, mode: Mode) -> go.Figure:
    drawn, palette, ages = figure(mode, HEIGHT), PALETTES[mode], result.ages
    drawn.add_scatter(
        x=ages["days"],
        y=ages["accuracy"],
        mode="lines+markers",
        line={"color": palette.ink, "width": 2},
        marker={"size": [10] + [4] * (len(ages) - 1), "symbol": "diamond"},
        hovertemplate="the price of %{x} days ago: %{y:.1f} %<extra></extra>",
        showlegend=False,
    )
    drawn.add_hline(y=result.trap("accuracy").flattering.value, line={"color": palette.warn, "width": 2})
    drawn.update_xaxes(title_text="age of the price that is repeated (days)", rangemode="tozero")
    drawn.update_yaxes(title_text="“accuracy” (%)")
    drawn.update_layout(hovermode="closest")
    return _named(drawn, mode, "the network", "an old price, repeated", corner="top right")


def _named(
    drawn: go.Figure, mode: Mode, flattering: str, honest: str, third: str = "", corner: Corner = "top left"
) -> go.Figure:
    """Direct labels in a corner, each in the colour of what it names."""
    palette = PALETTES[mode]
    rows = [(flattering, palette.warn), (honest, palette.ink), *([(third, palette.muted)] if third else [])]
    at_top, at_right = "top" in corner, "right" in corner
    for row, (text, colour) in enumerate(rows):
        drawn.add_annotation(
            x=0.99 if at_right else 0.01,
            y=0.99 if at_top else 0.08,
            xref="paper",
            yref="paper",
            xanchor="right" if at_right else "left",
            yanchor="top" if at_top else "bottom",
            yshift=-18 * row if at_top else 18 * (len(rows) - 1 - row),
            text=text,
            showarrow=False,
            font={"color": colour, "size": 13, "weight": 700},
        )
    return drawn
