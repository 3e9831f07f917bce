"""Figures of days like one: the price around each of them, and what came after them beside what comes after any day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from core.rnn.dataset.target import Target
from core.rnn.words import say_day
from core.theme import PALETTES, Mode, figure

if TYPE_CHECKING:  # it brings torch
    from core.rnn.memory.alike import Alike

HEIGHT, ROW = 320, 150
COLUMNS, SNIPPETS = 4, 7  # the nearest days whose price is drawn, and the day itself before them
BEFORE, AFTER = 20, 5  # days around each
GAP, TITLE = 0.05, 0.2  # shares of a column between two of them, and of a row for its title
QUARTILES = (0.25, 0.75)
AROUND_CAPTION = (
    f"The close from {BEFORE} days before to {AFTER} days after, the day itself at the line: first the chosen day, then the "
    "nearest ones."
)
AFTER_CAPTION = "Thin, each of the days most like it; thick, their mean; grey, the middle half of what comes after any day."


def around_chart(alike: Alike, days: np.ndarray, close: np.ndarray, mode: Mode = "light") -> go.Figure:
    """Small price lines around the day and those nearest to it; days (T,) of the series, close (T,) on them.

    Made of plain dictionaries at once: it is drawn again with every day, and Plotly's own subplots take ten times as long.
    """
    shown, palette = [alike.origin, *alike.days[:SNIPPETS]], PALETTES[mode]
    rows, traces, axes, marks, titles = -(-len(shown) // COLUMNS), [], {}, [], []
    for number, place in enumerate(shown):
        suffix = str(number + 1) if number else ""  # Plotly calls the first axes x and y
        name, x, y = say_day(days[place]), f"x{suffix}", f"y{suffix}"
        left, top = number % COLUMNS / COLUMNS, 1 - number // COLUMNS / rows
        width, height = (1 - GAP) / COLUMNS, (1 - TITLE) / rows
        first, last = max(0, place - BEFORE), min(len(close), place + AFTER + 1)
        traces.append(
            {
                "type": "scatter", "mode": "lines", "name": name, "xaxis": x, "yaxis": y,
                "x": np.arange(first, last) - place, "y": 100 * close[first:last] / close[place],
                "line": {"color": palette.ink if number else palette.recurrent, "width": 1.5},
                "hovertemplate": f"{name}: %{{y:.1f}}<extra></extra>",
            }
        )  # fmt: skip
        quiet = {"showticklabels": False, "showgrid": False}
        axes[f"xaxis{suffix}"] = quiet | {"domain": [left, left + width], "anchor": y, "range": [-BEFORE, AFTER]}
        axes[f"yaxis{suffix}"] = quiet | {"domain": [top - height, top - TITLE / rows], "anchor": x}
        line = {"color": palette.muted, "width": 1, "dash": "dot"}
        marks.append({"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "xref": x, "yref": f"{y} domain", "line": line})
        titles.append(
            {
                "text": name, "x": left + width / 2, "y": top - TITLE / rows, "xref": "paper", "yref": "paper",
                "xanchor": "center", "yanchor": "bottom", "showarrow": False, "font": {"size": 12, "color": palette.muted},
            }
        )  # fmt: skip
    style = figure(mode, rows * ROW).layout.to_plotly_json()
    own = {"showlegend": False, "hovermode": "closest", "shapes": marks, "annotations": titles}
    return go.Figure({"data": traces, "layout": style | axes | own})


def after_chart(alike: Alike, target: Target, mode: Mode = "light") -> go.Figure:
    """What came on the days after each, in percent; returns are added up."""
    drawn, palette = figure(mode, HEIGHT), PALETTES[mode]
    paths, any_day = (
        100 * (np.cumsum(values, axis=1) if target.is_return else values) for values in (alike.after, alike.any_day)
    )
    steps = np.arange(1, paths.shape[1] + 1)
    low, high = np.quantile(any_day, QUARTILES, axis=0)
    drawn.add_scatter(
        x=[*steps, *steps[::-1]],
        y=[*high, *low[::-1]],
        fill="toself",
        fillcolor=palette.muted,
        opacity=0.2,
        line={"width": 0},
        name="any day, middle half",
        hoverinfo="skip",
    )
    drawn.add_scatter(
        x=np.tile([*steps, np.nan], len(paths)),
        y=np.concatenate([paths, np.full((len(paths), 1), np.nan)], axis=1).ravel(),
        mode="lines",
        name="each",
        line={"color": palette.recurrent, "width": 0.7},
        opacity=0.5,
        showlegend=False,
        hoverinfo="skip",
    )
    for values, name, line in (
        (any_day, "any day, mean", {"color": palette.muted, "width": 2, "dash": "dash"}),
        (paths, "days like it, mean", {"color": palette.recurrent, "width": 3}),
    ):
        drawn.add_scatter(
            x=steps,
            y=values.mean(axis=0),
            mode="lines",
            name=name,
            line=line,
            hovertemplate=f"{name} %{{y:.2f}} %<extra></extra>",
        )
    drawn.update_xaxes(title_text="days after", dtick=1)
    drawn.update_yaxes(
        title_text=f"{'cumulative ' if target.is_return else ''}{target.axis}",
        zeroline=target.is_return,
        zerolinecolor=palette.rule,
    )
    return drawn
