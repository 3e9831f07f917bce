"""Figures of the forecasts: beside the actual values, by part of the test, by horizon, and of the days still to come."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.made_once import made_once
from core.rnn.compare.overview_figures import HEIGHT
from core.rnn.compare.result import CompareResult
from core.rnn.compare.views import Track, ahead_of, drawn_together, price_of, shown_beside, skill_axis, track_of, unit_of
from core.rnn.dataset.target import Target
from core.rnn.evaluation.diagnostics import by_fold
from core.rnn.models import ACTUAL, LINES, REFERENCE, line_of
from core.theme import PALETTES, Mode, figure

PAST = 40  # closes before the forecasts of the days to come


@made_once
def forecast_chart(
    result: CompareResult, model: str, mode: Mode = "light", *, step: int = 1, as_prices: bool = False
) -> go.Figure:
    """Actual values and what a model forecast `step` days before, with its adaptive 90 % interval and the range over its seeds.

    Beside it the best of the other kind; the random walk is hidden until chosen in the legend. `as_prices` draws returns of the
    next day as the prices they mean.
    """
    drawn = figure(mode, HEIGHT + 80)
    track = track_of(result, model, step)
    actual = _drawn_as(track.actual, track, as_prices)
    drawn.add_trace(_actual(track, result.target_row, mode).update(y=actual))
    unit = "" if as_prices else " %"
    if as_prices:
        drawn.data[0].hovertemplate = "%{y:,.2f}"
    if track.banded:
        ends = (track.adaptive_low.mean(axis=0), track.adaptive_high.mean(axis=0))
        low, high = (_drawn_as(end, track, as_prices) for end in ends)
        drawn.add_trace(_area(model, track.days, low, high, mode, 0.14, f"{LINES[model].name}, 90 % interval"))
    for rival in shown_beside(result, model):
        other = track_of(result, rival, step)
        values = _drawn_as(other.forecast, other, as_prices)
        hidden = rival == REFERENCE
        drawn.add_trace(_line(rival, other.days, values, mode, unit).update(visible="legendonly" if hidden else True))
    forecasts = _drawn_as(track.forecasts, track, as_prices)
    if len(forecasts) > 1:
        spread = _area(model, track.days, forecasts.min(axis=0), forecasts.max(axis=0), mode, 0.3)
        drawn.add_trace(spread.update(name=f"{LINES[model].name}, spread over seeds"))
    drawn.add_trace(_line(model, track.days, forecasts.mean(axis=0), mode, unit))
    ago = f"the {result.bar} before" if step == 1 else f"{step} {result.bar}s before"
    drawn.update_yaxes(title_text=f"{price_of(result)}, forecast {ago}" if as_prices else f"{unit_of(result)}, forecast {ago}")
    return drawn


def _drawn_as(values: np.ndarray, track: Track, as_prices: bool) -> np.ndarray:
    return track.last_close * np.exp(values) if as_prices else 100 * values


def _line(model: str, days: np.ndarray, values: np.ndarray, mode: Mode, unit: str) -> go.Scatter:
    line = line_of(model)
    return go.Scatter(
        x=days,
        y=values,
        mode="lines",
        name=line.name,
        legendgroup=model,
        showlegend=True,
        line={"color": line.colour(mode), "width": 1.8, "dash": line.dash},
        hovertemplate=f"%{{y:,.2f}}{unit}",
    )


def _area(
    model: str, days: np.ndarray, low: np.ndarray, high: np.ndarray, mode: Mode, opacity: float, name: str = ""
) -> go.Scatter:
    """Between two lines; in the legend where it has a name."""
    bounded = np.isfinite(low) & np.isfinite(high)
    return go.Scatter(
        x=np.concatenate([days[bounded], days[bounded][::-1]]),
        y=np.concatenate([high[bounded], low[bounded][::-1]]),
        fill="toself",
        fillcolor=LINES[model].colour(mode),
        opacity=opacity,
        mode="none",
        name=name,
        showlegend=bool(name),
        hoverinfo="skip",
    )


def _actual(track: Track, target: Target, mode: Mode) -> go.Scatter:
    """The actual values, in percent; of directions marks at the edges: above where the price rose, below where it fell."""
    if not target.is_probability:
        return _line("actual", track.days, 100 * track.actual, mode, " %").update(opacity=0.6, line_width=1)
    colour = ACTUAL.colour(mode)
    return go.Scatter(
        x=track.days,
        y=100 * track.actual,
        mode="markers",
        name="rose or fell",
        marker={"color": colour, "symbol": "line-ns-open", "size": 7, "opacity": 0.5},
        hovertemplate="%{y:.0f}",
    )


@made_once
def fold_chart(result: CompareResult, mode: Mode = "light") -> go.Figure:
    """Skill of the models in each quarter of a year; zero is the reference in that quarter."""
    drawn, table = figure(mode, HEIGHT), by_fold(result.losses)
    quarters = table["fold"].unique().tolist()
    for model in drawn_together(result):
        skills = table[table["model"] == model].set_index("fold")["skill"]
        drawn.add_trace(_marked(model, quarters, 100 * skills.reindex(quarters), mode))
    drawn.add_hline(y=0, line={"color": PALETTES[mode].ink, "width": 1})
    drawn.update_xaxes(type="category", showgrid=False)
    drawn.update_yaxes(title_text=skill_axis(result))
    return drawn


@made_once
def horizon_chart(result: CompareResult, mode: Mode = "light") -> go.Figure:
    """Error of the models by how far ahead they forecast, beside that of the random walk."""
    drawn, table = figure(mode, HEIGHT), result.horizons
    for model in (REFERENCE, *drawn_together(result)):
        rows = table[table["model"] == model].sort_values("step")
        drawn.add_trace(_marked(model, rows["step"].tolist(), 100 * rows["rmse"], mode))
    drawn.update_xaxes(title_text=f"{result.bar}s ahead", dtick=1 if result.horizon <= 10 else 5)
    drawn.update_yaxes(title_text=f"RMSE, {unit_of(result)}")
    return drawn


def _marked(model: str, places: list, values: pd.Series, mode: Mode) -> go.Scatter:
    line = LINES[model]
    return go.Scatter(
        x=places,
        y=values.to_numpy(),
        mode="lines+markers",
        name=line.name,
        showlegend=True,
        line={"color": line.colour(mode), "dash": line.dash, "width": 1.8},
        marker={"symbol": line.symbol, "size": 8, "color": line.colour(mode)},
        hovertemplate="%{y:.2f} %",
    )


@made_once
def ahead_chart(result: CompareResult, model: str, mode: Mode = "light") -> go.Figure:
    """The days to come by one model, with 90 % intervals, after the last days: a price path, else what is forecast."""
    drawn = figure(mode, HEIGHT)
    table = ahead_of(result, model)
    as_prices = bool(table["price"].notna().any())
    names = ("price", "price_low", "price_high") if as_prices else ("forecast", "low", "high")
    values, low, high = ((1 if as_prices else 100) * table[name].to_numpy(float) for name in names)
    days = table["date"].to_numpy().astype("datetime64[ms]") if table["date"].notna().all() else table["step"].to_numpy()
    dated = days.dtype.kind == "M"
    if dated and as_prices:
        last, close = result.days[-PAST:].astype("datetime64[ms]"), result.close[-PAST:]
        drawn.add_trace(_line("actual", last, close, mode, ""))
        days = np.concatenate([last[-1:], days])
        values, low, high = (np.concatenate([close[-1:], ends]) for ends in (values, low, high))
    elif dated:
        drawn.add_trace(_actual(track_of(result, model).last(PAST), result.target_row, mode))
    forecast = _line(model, days, values, mode, "" if as_prices else " %").update(mode="lines+markers", marker={"size": 5})
    if np.isfinite(low).any() and len(days) > 1:
        drawn.add_trace(_area(model, days, low, high, mode, 0.18, "90 % interval"))
    elif np.isfinite(low).any():  # no area lies around one point
        forecast.update(error_y={"array": high - values, "arrayminus": values - low}, name=f"{forecast.name}, 90 % interval")
    drawn.add_trace(forecast)
    if not dated:
        drawn.update_xaxes(title_text=f"{result.bar}s ahead", dtick=1)
    drawn.update_yaxes(title_text=price_of(result) if as_prices else unit_of(result))
    return drawn
