"""Figures of a model's errors: residuals, coverage of its intervals, and correlation with the last value."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.made_once import made_once
from core.rnn.compare.overview_figures import HEIGHT
from core.rnn.compare.result import CompareResult
from core.rnn.compare.views import track_of, unit_of
from core.rnn.evaluation.conformal import COVERAGE, rolling_coverage
from core.rnn.evaluation.diagnostics import lag_correlation, residual_correlation, residual_quantiles
from core.rnn.evaluation.reliability import reliability
from core.rnn.models import LINES
from core.theme import PALETTES, Mode, figure

WINDOW = 100  # days of the rolling coverage
LAGS_IN_WORDS = (
    "A perfect forecast has a correlation of 1 at lag 0, a copy at lag 1; one that reacts to the value before it has less "
    "there. The pale band holds 95 % of chance correlations."
)
RELIABILITY_IN_WORDS = (
    "On the dashed line it rises as often as forecast. Forecasts without skill lie on the dotted line, the share of rises in "
    "the test."
)


@made_once
def residual_chart(result: CompareResult, model: str, mode: Mode = "light", step: int = 1) -> go.Figure:
    """Actual minus forecast over the test, one dot a day and seed, and how often each size occurs, beside it."""
    drawn, track, line = figure(mode, HEIGHT), track_of(result, model, step), LINES[model]
    residuals, colour = 100 * track.residuals, line.colour(mode)
    drawn.add_scatter(
        name=f"{line.name}, errors",
        x=np.tile(track.days, len(residuals)),
        y=residuals.ravel(),
        mode="markers",
        marker={"color": colour, "size": 4, "opacity": max(0.2, 0.7 / len(residuals))},
        hovertemplate="%{x}: %{y:.2f} %<extra></extra>",
        showlegend=False,
    )
    counts, edges = np.histogram(residuals, bins=40)
    drawn.add_bar(
        name=f"{line.name}, how often",
        x=100 * counts / counts.sum(),
        y=(edges[1:] + edges[:-1]) / 2,
        width=np.diff(edges),
        orientation="h",
        marker={"color": colour, "opacity": 0.6, "line": {"width": 0}},
        xaxis="x2",
        hovertemplate="around %{y:.2f} %: %{x:.1f} % of the errors<extra></extra>",
        showlegend=False,
    )
    drawn.add_hline(y=0, line={"color": PALETTES[mode].ink, "width": 1})
    drawn.update_layout(
        xaxis={"domain": [0, 0.76]},
        xaxis2={"domain": [0.8, 1], "title": {"text": "share (%)"}, "anchor": "y", "nticks": 3},
        yaxis={"title": {"text": f"actual − forecast, {unit_of(result)}"}},
        hovermode="closest",
        bargap=0,
    )
    return drawn


@made_once
def lag_chart(result: CompareResult, model: str, mode: Mode = "light") -> go.Figure:
    """Correlation of forecast changes with actual changes by lag, and its range over seeds; copies have one of 1 at lag 1.

    The pale band holds 95 % of the correlations of white noise.
    """
    table = lag_correlation(_forecasts_of(result, model), result.target_row)
    return _correlation_chart(table, model, mode, f"forecast after actual by ({result.bar}s)")


@made_once
def residual_lag_chart(result: CompareResult, model: str, mode: Mode = "light") -> go.Figure:
    """Autocorrelation of the errors, the range over seeds drawn; the pale band holds 95 % of those of white noise."""
    table = residual_correlation(_forecasts_of(result, model))
    return _correlation_chart(table, model, mode, f"error after error by ({result.bar}s)")


def _correlation_chart(table: pd.DataFrame, model: str, mode: Mode, axis: str) -> go.Figure:
    """Bars of a table with lag, correlation, seed and bound."""
    drawn, line, palette = figure(mode, HEIGHT), LINES[model], PALETTES[mode]
    by_lag = table.groupby("lag")["correlation"].agg(["mean", "min", "max"])
    bound = float(table["bound"].iloc[0])
    drawn.add_hrect(y0=-bound, y1=bound, fillcolor=palette.muted, opacity=0.15, line_width=0)
    drawn.add_bar(
        x=by_lag.index.to_numpy(),
        y=by_lag["mean"].to_numpy(),
        width=0.5,
        marker={"color": line.colour(mode), "line": {"width": 0}},
        error_y={
            "array": (by_lag["max"] - by_lag["mean"]).to_numpy(),
            "arrayminus": (by_lag["mean"] - by_lag["min"]).to_numpy(),
            "color": palette.muted,
            "visible": len(table) > len(by_lag),  # several seeds
        },
        hovertemplate="%{y:.3f}",
        name=line.name,
        showlegend=False,
    )
    drawn.add_hline(y=0, line={"color": palette.ink, "width": 1})
    drawn.update_xaxes(title_text=axis, dtick=1 if len(by_lag) < 15 else 5, showgrid=False)
    drawn.update_yaxes(title_text="correlation")
    return drawn


@made_once
def quantile_chart(result: CompareResult, model: str, mode: Mode = "light") -> go.Figure:
    """Quantiles of the standardised errors over those of a normal distribution, one line a seed; the straight line: normal."""
    drawn, line, palette = figure(mode, HEIGHT), LINES[model], PALETTES[mode]
    table = residual_quantiles(_forecasts_of(result, model))
    for _, one in table.groupby("seed"):
        drawn.add_scatter(
            x=one["normal"].to_numpy(),
            y=one["quantile"].to_numpy(),
            mode="lines",
            line={"color": line.colour(mode), "width": 2},
            opacity=max(0.3, 1 / table["seed"].nunique()),
            hovertemplate="%{y:.2f}",
            name=line.name,
            showlegend=False,
        )
    ends = [float(table["normal"].min()), float(table["normal"].max())]
    drawn.add_scatter(
        x=ends, y=ends, mode="lines", line={"color": palette.ink, "width": 1, "dash": "dash"}, hoverinfo="skip",
        showlegend=False, name="normal errors",
    )  # fmt: skip
    drawn.update_xaxes(title_text="normal (standard deviations)")
    drawn.update_yaxes(title_text="error (standard deviations)")
    return drawn


@made_once
def reliability_chart(result: CompareResult, model: str, mode: Mode = "light") -> go.Figure:
    """How often prices rose over the forecast probability of a rise, with Wilson's 95 % intervals; dashed: reliable forecasts.

    Dotted: the share of rises in the test, where forecasts without skill lie.
    """
    drawn, line, palette = figure(mode, HEIGHT), LINES[model], PALETTES[mode]
    table = 100 * reliability(result.forecasts, model, result.target_row)
    days = table["days"].to_numpy() / 100
    shares = table["share"].to_numpy()
    drawn.add_scatter(
        x=table["forecast"].to_numpy(),
        y=shares,
        mode="markers",
        marker={"color": line.colour(mode), "symbol": line.symbol, "size": 9},
        error_y={
            "array": table["high"].to_numpy() - shares,
            "arrayminus": shares - table["low"].to_numpy(),
            "color": palette.muted,
            "thickness": 1.5,
            "width": 0,
        },
        customdata=days,
        hovertemplate=f"forecast %{{x:.1f}} %, rose on %{{y:.1f}} % of %{{customdata:,.0f}} {result.bar}s<extra></extra>",
        name=line.name,
        showlegend=False,
    )
    ends = [float(table[["forecast", "low"]].min().min()), float(table[["forecast", "high"]].max().max())]
    drawn.add_scatter(
        x=ends, y=ends, mode="lines", line={"color": palette.ink, "width": 1, "dash": "dash"}, hoverinfo="skip",
        showlegend=False, name="as often as forecast",
    )  # fmt: skip
    drawn.add_hline(y=float(shares @ days / days.sum()), line={"color": palette.muted, "width": 1, "dash": "dot"})
    drawn.update_layout(hovermode="closest")
    drawn.update_xaxes(title_text="forecast probability of a rise (%)")
    drawn.update_yaxes(title_text=f"{result.bar}s that rose (%)")
    return drawn


def _forecasts_of(result: CompareResult, model: str) -> pd.DataFrame:
    return result.forecasts[result.forecasts["model"] == model]


@made_once
def coverage_chart(result: CompareResult, model: str, mode: Mode = "light", step: int = 1) -> go.Figure:
    """Share of the last `WINDOW` days inside the 90 % interval, static against adaptive."""
    drawn, track, palette = figure(mode, HEIGHT), track_of(result, model, step), PALETTES[mode]
    kinds = {"static": (track.low, track.high, "dot"), "adaptive": (track.adaptive_low, track.adaptive_high, "solid")}
    for name, (lows, highs, dash) in kinds.items():
        window = min(WINDOW, len(track.days))
        shares = [rolling_coverage(track.actual, low, high, window) for low, high in zip(lows, highs, strict=True)]
        drawn.add_scatter(
            x=track.days,
            y=100 * np.mean(shares, axis=0),
            mode="lines",
            name=name,
            line={"color": LINES[model].colour(mode) if name == "adaptive" else palette.muted, "dash": dash, "width": 2},
            hovertemplate="%{y:.1f} %",
        )
    drawn.add_hline(y=100 * COVERAGE, line={"color": palette.ink, "width": 1})
    drawn.update_yaxes(title_text=f"inside, last {min(WINDOW, len(track.days))} {result.bar}s (%)", range=[60, 101])
    return drawn
