"""Figures of a panel over all tickers: skill with its doubt, calm and wild days, committees, and how networks learned."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.table import NO_DATA
from core.figures.text import bold
from core.made_once import made_once
from core.rnn.models import LINES
from core.rnn.panel.comparisons import CALM
from core.rnn.panel.models import RECIPES_MEAN, Group, panel_model
from core.rnn.panel.result import PanelResult
from core.rnn.panel.views import by_regime, committees, ends_shown, recipes_inside, standings
from core.rnn.words import in_two_lines, say_percent, true_minus
from core.theme import PALETTES, Mode, figure

HEIGHT = 340
ROW = 33  # pixels of a model: its name may take two lines


@dataclass(frozen=True)
class Style:
    """How the models of a group are told apart from those of others: by dash and mark; the colour is the model's own."""

    words: str  # with the mark
    dash: str
    symbol: str


STYLES: dict[Group, Style] = {
    "recurrent": Style("● recurrent", "solid", "circle"),
    "without recurrence": Style("■ no recurrence", "dashdot", "square"),
    "classical": Style("◇ statistical", "dot", "diamond-open"),
    "combination": Style("⬡ mean of several", "dash", "hexagon-open"),
}


def label(model: str) -> str:
    """A model's name on an axis, in two lines at most; recurrent networks stand out."""
    row = panel_model(model)
    lines = in_two_lines(row.capitalised_title)
    return bold(lines) if row.group == "recurrent" else lines


@made_once
def skill_chart(result: PanelResult, reference: str, loss: str, mode: Mode = "light") -> go.Figure:
    """Skill of every model over all tickers with its 95 % interval, best on top, and on how many tickers it is better.

    Recipes that only their committee speaks for are small marks in its row. What is far worse stands at the left edge.
    """
    table = standings(result, reference, loss)
    inside = recipes_inside(result)
    rows = table[~table["model"].isin(inside)].reset_index(drop=True)
    left, right = (100 * end for end in ends_shown(rows))
    drawn = _rows(rows["model"], mode)
    for place, row in zip(_places(rows), rows.to_dict("records"), strict=True):
        _interval(drawn, row, place, left, mode)
        better = f"better on {row['better_on']} of {row['tickers']} tickers"
        words = f"{say_percent(row['skill'])}<br>{row['better_on']} of {row['tickers']}"
        _number(drawn, place, words, row["better"], mode, better)
        if row["model"] == RECIPES_MEAN:
            _inside(drawn, table[table["model"].isin(inside)], place, mode)
    _zero(drawn, reference, mode)
    _heading(drawn, "skill,<br>better on", mode)
    _skill_axis(drawn, reference, left, right)
    groups = {panel_model(model).group for model in rows["model"]}
    _key(drawn, [style.words for group, style in STYLES.items() if group in groups], mode)
    return drawn


def _rows(models: Sequence[str] | pd.Series, mode: Mode, margin: int = 76) -> go.Figure:
    """A figure with a row a model, the first on top, and room for words on the right."""
    names = list(models)
    drawn = figure(mode, ROW * len(names) + 140)
    drawn.update_yaxes(
        tickvals=list(range(len(names)))[::-1],
        ticktext=[label(name) for name in names],
        tickfont={"size": 12.5, "color": PALETTES[mode].ink},
        showgrid=False,
        range=[-0.6, len(names) - 0.4],
    )
    drawn.update_layout(hovermode="closest", margin={"r": margin, "t": 62})
    return drawn


def _places(rows: pd.DataFrame) -> range:
    return range(len(rows) - 1, -1, -1)


def _interval(drawn: go.Figure, row: dict[Hashable, Any], place: float, left: float, mode: Mode) -> None:
    """One model's skill and interval; an arrow at the left edge where it lies beyond."""
    model, skill, low, high = row["model"], 100 * row["skill"], 100 * row["low"], 100 * row["high"]
    line, style = LINES[panel_model(model).line], STYLES[panel_model(model).group]
    colour, beyond = line.colour(mode), skill < left
    words = f"skill {say_percent(skill / 100)}, 95 % interval {_between(low, high)}"
    if not beyond:
        drawn.add_scatter(
            x=[max(low, left), high],
            y=[place, place],
            mode="lines",
            line={"color": colour, "width": 3, "dash": style.dash},
            meta=NO_DATA,
            hoverinfo="skip",
            showlegend=False,
        )
    drawn.add_scatter(
        x=[left if beyond else skill],
        y=[place],
        meta={"x": [skill], "x_low": [low], "x_high": [high]},
        mode="markers",
        marker={
            "color": colour,
            "size": 11,
            "symbol": "triangle-left" if beyond else style.symbol,
            "line": {"color": colour, "width": 2},
        },
        hovertemplate=f"{panel_model(model).capitalised_title}<br>{words}<extra></extra>",
        showlegend=False,
    )


def _between(low: float, high: float) -> str:
    return true_minus(f"{low:+.2f} to {high:+.2f} %")


def _inside(drawn: go.Figure, rows: pd.DataFrame, place: float, mode: Mode) -> None:
    """The recipes of a committee, as small marks under its interval."""
    drawn.add_scatter(
        x=100 * rows["skill"],
        y=np.full(len(rows), place - 0.27),
        mode="markers",
        marker={
            "symbol": "line-ns-open",
            "size": 7,
            "color": [LINES[panel_model(model).line].colour(mode) for model in rows["model"]],
            "line": {"width": 1.5},
        },
        customdata=[panel_model(model).capitalised_title for model in rows["model"]],
        hovertemplate="%{customdata}, one of its recipes: %{x:.2f} %<extra></extra>",
        showlegend=False,
    )


def _number(drawn: go.Figure, place: float, text: str, strong: bool, mode: Mode, hover: str = "") -> None:
    """Words right of a row; muted where the model is not better."""
    palette = PALETTES[mode]
    drawn.add_annotation(
        x=1,
        xref="paper",
        xanchor="left",
        xshift=6,
        y=place,
        showarrow=False,
        text=text,
        hovertext=hover,
        align="left",
        font={"color": palette.ink if strong else palette.muted, "size": 12.5, "weight": 600 if strong else 400},
    )


def _heading(drawn: go.Figure, text: str, mode: Mode) -> None:
    """What the words on the right are."""
    muted = {"color": PALETTES[mode].muted, "size": 12.5}
    drawn.add_annotation(
        x=1,
        xref="paper",
        xanchor="left",
        xshift=6,
        y=1,
        yref="paper",
        yanchor="bottom",
        showarrow=False,
        text=text,
        font=muted,
        align="left",
    )


def _skill_axis(drawn: go.Figure, reference: str, left: float, right: float) -> None:
    edge = 0.06 * (right - left)
    drawn.update_xaxes(title_text=f"skill against {panel_model(reference).title} (%)", range=[left - edge, right + edge])


def _zero(drawn: go.Figure, reference: str, mode: Mode) -> None:
    palette = PALETTES[mode]
    drawn.add_vline(x=0, line={"color": palette.ink, "width": 1.5})
    drawn.add_annotation(
        x=0, y=1, yref="paper", yanchor="bottom", showarrow=False, text=panel_model(reference).title,
        font={"color": palette.muted, "size": 12.5},
    )  # fmt: skip


def _key(drawn: go.Figure, words: Sequence[str], mode: Mode) -> None:
    """What the marks mean, two in a line over the whole width: a legend would be as narrow as the plot on a phone."""
    drawn.update_layout(
        margin={"t": 80},
        title={
            "text": "<br>".join(" \u2003 ".join(words[first : first + 2]) for first in range(0, len(words), 2)),
            "x": 0,
            "xref": "container",
            "y": 1,
            "yanchor": "top",
            "pad": {"t": 24},
            "font": {"size": 13, "color": PALETTES[mode].muted, "weight": 400},
        },
    )


@made_once
def regime_chart(result: PanelResult, reference: str, mode: Mode = "light") -> go.Figure:
    """Skill of the models on calm days (open) and on wild days (filled), with 95 % intervals."""
    inside, table = recipes_inside(result), standings(result, reference, result.verdict.loss)
    models = [model for model in table["model"] if model not in inside]
    apart = by_regime(result, reference, models)
    shown = pd.concat(apart.values())
    left, right = (100 * end for end in ends_shown(shown))
    models = [model for model in models if 100 * shown.loc[[model], "skill"].min() >= left]
    drawn = _rows(models, mode, margin=16)
    for name, shift in ((CALM, 0.15), ("wild", -0.15)):
        _regime(drawn, apart[name].loc[models], name, shift, left, mode)
    _zero(drawn, reference, mode)
    _skill_axis(drawn, reference, left, right)
    _key(drawn, ["○ calm days", "● volatile days"], mode)
    return drawn


def _regime(drawn: go.Figure, rows: pd.DataFrame, name: str, shift: float, left: float, mode: Mode) -> None:
    colours = [LINES[panel_model(str(model)).line].colour(mode) for model in rows.index]
    places = np.array(_places(rows), float) + shift
    lows = np.maximum(100 * rows["low"], left)
    for place, low, high, colour in zip(places, lows, 100 * rows["high"], colours, strict=True):
        drawn.add_scatter(
            x=[low, high], y=[place, place], mode="lines", line={"color": colour, "width": 2}, opacity=0.7,
            meta=NO_DATA, hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    drawn.add_scatter(
        x=100 * rows["skill"],
        y=places,
        meta={"x_low": (100 * rows["low"]).tolist(), "x_high": (100 * rows["high"]).tolist()},
        mode="markers",
        marker={
            "symbol": "circle-open" if name == CALM else "circle",
            "size": 9,
            "color": colours,
            "line": {"color": colours, "width": 2},
        },
        customdata=[f"{panel_model(str(model)).capitalised_title}, {name} days" for model in rows.index],
        hovertemplate="%{customdata}: %{x:.2f} %<extra></extra>",
        showlegend=False,
    )


@made_once
def committee_chart(result: PanelResult, mode: Mode = "light") -> go.Figure:
    """What a single seed scores (open) and what the mean forecast of all seeds scores (filled), by network."""
    table = committees(result)
    drawn = _rows(table["model"], mode, margin=70)
    for place, row in zip(_places(table), table.to_dict("records"), strict=True):
        colour = LINES[panel_model(row["model"]).line].colour(mode)
        one, all_ = 100 * row["one_seed"], 100 * row["committee"]
        drawn.add_scatter(
            x=[one, all_],
            y=[place, place],
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"symbol": ["circle-open", "circle"], "size": 10, "color": colour, "line": {"color": colour, "width": 2}},
            customdata=["one seed", f"committee of {row['seeds']} seeds"],
            hovertemplate=f"{panel_model(row['model']).capitalised_title}, %{{customdata}}: %{{x:.2f}} %<extra></extra>",
            showlegend=False,
        )
        _number(drawn, place, f"{true_minus(f'{all_ - one:+.2f}')} %", row["committee"] > row["one_seed"], mode)
    _heading(drawn, "gain", mode)
    reference = panel_model(result.verdict.reference).title
    drawn.update_xaxes(title_text=f"skill against {reference} (%)")
    drawn.update_layout(margin={"t": 32})
    return drawn


@made_once
def learning_chart(result: PanelResult, model: str, mode: Mode = "light") -> go.Figure:
    """Training loss (dotted) and validation loss of one network by step, a line a seed."""
    drawn, line = figure(mode, HEIGHT), LINES[panel_model(model).line]
    for number, (_, rows) in enumerate(result.curves[result.curves["model"] == model].groupby("seed", sort=True), start=1):
        for column, words, dash, width in (("loss", "training", "dot", 1.2), ("validation", "validation", "solid", 1.8)):
            drawn.add_scatter(
                x=rows["step"],
                y=rows[column],
                mode="lines",
                name=words,
                legendgroup=words,
                showlegend=number == 1,
                line={"color": line.colour(mode), "dash": dash, "width": width},
                hovertemplate=f"seed {number}, {words}, step %{{x}}: %{{y:.4f}}<extra></extra>",
            )
    drawn.update_xaxes(title_text="training step")
    drawn.update_yaxes(title_text="loss", nticks=6)
    drawn.update_layout(hovermode="closest")
    return drawn
