"""Overview figures of a comparison, from its result: prices and periods, skill and other metrics, equity, learning curves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.decades import log_axis
from core.made_once import made_once
from core.rnn.compare.result import CompareResult
from core.rnn.compare.views import drawn_together, skill_axis
from core.rnn.dataset.splits import Span, Splits
from core.rnn.evaluation.metric import left_edge
from core.rnn.evaluation.metrics import METRICS
from core.rnn.models import ACTUAL, LINES, TITLES, capitalised_title
from core.rnn.prices.prices import price_axis
from core.rnn.words import say_percent, true_minus
from core.rnn.worth.figures import accounts_chart
from core.theme import PALETTES, Mode, figure

HEIGHT = 340
_SHADES = {"training": 0.0, "validation": 0.10, "test": 0.20}  # how dark the band of a period is
_ROW = 24  # pixels: the height of one model in the skill chart
_LABEL = 17  # pixels: the height of one direct label


@made_once
def equity_chart(result: CompareResult, rule: str, mode: Mode = "light") -> go.Figure:
    """Equity after costs by one rule: models as they rank by error, not by what they earned, beside buy-and-hold."""
    return accounts_chart(result.equity, rule, {model: LINES[model] for model in drawn_together(result)}, mode)


def price_chart(
    days: np.ndarray,
    close: np.ndarray,
    splits: Splits | None,
    mode: Mode = "light",
    basis: str = "close",
    currency: str | None = None,
) -> go.Figure:
    """Closes (T,) on days datetime64[D] (T,), on a logarithmic scale, with the periods as named bands where they are given.

    `basis` is what the prices say they are (`Prices.basis`, `Provenance.basis`); it names the axis, with the
    currency where there is one.
    """
    drawn = figure(mode, HEIGHT)
    drawn.add_scatter(
        x=days.astype("datetime64[ms]"),
        y=close,
        mode="lines",
        line={"color": ACTUAL.colour(mode), "width": 1.2},
        hovertemplate="%{y:,.2f}<extra></extra>",
        showlegend=False,
    )
    for span in splits.spans if splits else ():
        _mark(drawn, span, mode)
    title = f"{price_axis(basis, currency)}, log scale"
    drawn.update_yaxes(title_text=title, **log_axis(close))
    return drawn


def _mark(drawn: go.Figure, span: Span, mode: Mode) -> None:
    """One period as a pale band with its name above; the test's name ends at the right edge, so that names keep apart."""
    first, last, at_end = span.first.isoformat(), span.last.isoformat(), span.name == "test"
    colour = PALETTES[mode].recurrent
    drawn.add_vrect(x0=first, x1=last, fillcolor=colour, opacity=_SHADES[span.name], line_width=0, layer="below")
    drawn.add_annotation(
        x=last if at_end else first,
        y=1,
        yref="paper",
        xanchor="right" if at_end else "left",
        yanchor="bottom",
        text=span.name,
        showarrow=False,
        font={"color": PALETTES[mode].muted, "size": 13},
    )


@made_once
def loss_curves(result: CompareResult, mode: Mode = "light") -> go.Figure:
    """Validation loss above, training loss below, by training step: one line a seed, one colour a network."""
    drawn = figure(mode, HEIGHT + 80)
    ends: dict[str, tuple[float, float]] = {}
    for (model, _), rows in result.curves.groupby(["model", "seed"], sort=False):
        drawn.add_trace(_curve(str(model), rows["step"], rows["validation"], "y2", mode))
        drawn.add_trace(_curve(str(model), rows["step"], rows["loss"], "y", mode))
        ends[str(model)] = (float(rows["step"].iloc[-1]), float(rows["validation"].iloc[-1]))
    _label_ends(drawn, ends, mode)
    drawn.update_xaxes(title_text="training step", domain=[0, 0.8], anchor="y")
    drawn.update_layout(
        yaxis={"title": {"text": "training loss"}, "domain": [0, 0.45], "nticks": 5},
        yaxis2={"title": {"text": "validation loss"}, "domain": [0.55, 1], "nticks": 5, "anchor": "x"},
        hovermode="closest",
    )
    return drawn


def _curve(model: str, steps: pd.Series, losses: pd.Series, axis: str, mode: Mode) -> go.Scatter:
    line = LINES[model]
    return go.Scatter(
        x=steps.to_numpy(np.float64),
        y=losses.to_numpy(np.float64),
        yaxis=axis,
        mode="lines",
        name=line.name,
        showlegend=False,
        line={"color": line.colour(mode), "width": 1.5, "dash": line.dash},
        opacity=0.8,
        hovertemplate=f"{line.name}, step %{{x}}: %{{y:.3f}}<extra></extra>",
    )


def _label_ends(drawn: go.Figure, ends: dict[str, tuple[float, float]], mode: Mode) -> None:
    """Write every network's name right of the upper panel at the height of its line, moved apart where names would overlap."""
    values = np.concatenate([trace.y for trace in drawn.data if trace.yaxis == "y2"] or [np.zeros(1)])
    pixels = 0.4 * HEIGHT / max(float(np.ptp(values)), 1e-12)  # of one unit of loss
    height = -np.inf
    for model in sorted(ends, key=lambda name: ends[name][1]):
        value = ends[model][1]
        height = max(value * pixels, height + _LABEL)
        drawn.add_annotation(
            x=0.81,
            xref="paper",
            y=value,
            yref="y2",
            yshift=height - value * pixels,
            xanchor="left",
            text=capitalised_title(model),
            showarrow=False,
            font={"color": LINES[model].colour(mode), "size": 13},
        )


@made_once
def skill_chart(result: CompareResult, mode: Mode = "light") -> go.Figure:
    """Skill of every model, best on top, with the range over its single seeds; zero is the reference, below it is red.

    A model that is far worse than the others stands at the left edge, so that these stay apart; its number says how far.
    """
    palette, reference = PALETTES[mode], result.losses.reference
    ranked = result.ranking[result.ranking["model"] != reference]
    skill = ranked["skill"].to_numpy(float)
    low, high = (np.where(np.isnan(ends := ranked[name].to_numpy(float)), skill, ends) for name in ("skill_low", "skill_high"))
    edge = left_edge(skill)
    words = [say_percent(one) for one in skill]
    hover = [
        f"{word}, single seeds {say_percent(first)} to {say_percent(last)}" if first < last else word
        for word, first, last in zip(words, low, high, strict=True)
    ]
    value, left, right = (100 * np.maximum(one, edge) for one in (skill, low, high))
    sure = ranked["model"].isin(result.verdict.winners).to_numpy()
    drawn = _dots(ranked["model"], value, left, right, words, mode, hover, failed=skill < 0, sure=sure)
    columns = zip(("x", "x_low", "x_high"), (skill, low, high), strict=True)
    drawn.update_traces(meta={column: (100 * ends).tolist() for column, ends in columns})
    for place in np.flatnonzero(skill < edge):
        drawn.add_annotation(
            x=100 * edge, y=len(skill) - 1 - place, text="◂", xshift=-12, showarrow=False, font={"color": palette.fail}
        )
    drawn.add_vline(x=0, line={"color": palette.ink, "width": 1.5})
    drawn.add_annotation(
        x=0, y=1, yref="paper", yanchor="bottom", showarrow=False, text=TITLES[reference], font={"color": palette.muted}
    )
    drawn.update_xaxes(title_text=skill_axis(result))
    return drawn


@made_once
def metric_chart(result: CompareResult, name: str, mode: Mode = "light") -> go.Figure:
    """One of `METRICS` of every model that has it, best on top, with its interval where it has one."""
    metric = METRICS[name]
    ranked = result.ranking.dropna(subset=name)
    if metric.higher_is_better is not None:
        ranked = ranked.sort_values(name, ascending=not metric.higher_is_better, kind="stable")
    ends = metric.interval or (name, name)
    value, low, high = (metric.scale * ranked[column].to_numpy(float) for column in (name, *ends))
    words = [true_minus(f"{one:.{metric.digits}f}") for one in value]
    drawn = _dots(ranked["model"], value, low, high, words, mode, words)
    drawn.update_xaxes(title_text=metric.heading)
    return drawn


@made_once
def drawn_metrics(result: CompareResult) -> list[str]:
    """The metrics beside skill that `metric_chart` can draw: numbers that at least one model has."""
    numbers = [
        name
        for name, metric in METRICS.items()
        if metric.title and metric.unit in ("%", "") and name not in ("skill", "skill_seed")
    ]
    return [name for name in numbers if name in result.ranking and result.ranking[name].notna().any()]


def _strong(sure: bool, mode: Mode) -> dict[str, Any]:
    return {"color": PALETTES[mode].ink if sure else PALETTES[mode].muted, "weight": 600 if sure else 400}


def _dots(
    models: Iterable[str],
    values: np.ndarray,
    lows: np.ndarray,
    highs: np.ndarray,
    words: list[str],
    mode: Mode,
    hover: list[str],
    failed: np.ndarray | None = None,
    sure: np.ndarray | None = None,
) -> go.Figure:
    """A row a model, the first on top: its value as a mark and in words, what lies between low and high as a line. Words are
    bold where a model is `sure`ly better, where that is given, and pale of the others."""
    names = list(models)
    palette, lines = PALETTES[mode], [LINES[model] for model in names]
    places = np.arange(len(lines))[::-1]
    red = np.zeros(len(lines), bool) if failed is None else failed
    colours = [palette.fail if bad else line.colour(mode) for bad, line in zip(red, lines, strict=True)]
    drawn = figure(mode, max(HEIGHT, 84 + _ROW * len(lines)))
    drawn.add_scatter(
        x=values,
        y=places,
        mode="markers",
        marker={
            "color": colours,
            "size": 11,
            "symbol": [line.symbol for line in lines],
            "line": {"color": colours, "width": 1.5},
        },
        error_x={
            "array": np.maximum(highs - values, 0),
            "arrayminus": np.maximum(values - lows, 0),
            "color": palette.muted,
            "thickness": 2,
            "width": 0,
        },
        customdata=hover,
        hovertemplate="%{y}: %{customdata}<extra></extra>",
        showlegend=False,
    )
    for row, (place, text) in enumerate(zip(places, words, strict=True)):
        font = {"color": colours[row]} if sure is None else _strong(bool(sure[row]), mode)
        drawn.add_annotation(x=1, xref="paper", xanchor="left", xshift=6, y=place, showarrow=False, text=text, font=font)
    drawn.update_yaxes(
        showgrid=False, range=[-0.6, len(lines) - 0.4], tickvals=places, ticktext=[capitalised_title(model) for model in names]
    )
    drawn.update_layout(hovermode="closest", margin={"r": 76})
    return drawn
