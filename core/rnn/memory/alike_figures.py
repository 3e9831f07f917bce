"""Figures of days like one: the price around each of them, and what came after them beside what comes after any day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.table import NO_DATA
from core.rnn.dataset.target import Target
from core.system.dates import say_day
from core.theme import PALETTES, Mode, figure

if TYPE_CHECKING:  # it brings torch
    from core.rnn.memory.alike import Alike

HEIGHT, ROW = 320, 150
COLUMNS, SNIPPETS = 4, 7  # the nearest days whose price is drawn, and the day itself before them
BEFORE, AFTER = 20, 5  # days around each
WIDTH = BEFORE + AFTER + 3  # of a column, in days
HIGH, TITLE, GAP = 0.78, 0.88, 0.05  # of a row: the height of its lines, the middle of its titles; below the last row
QUARTILES = (0.25, 0.75)
AROUND_CAPTION = (
    f"The close from {BEFORE} days before to {AFTER} days after, the day itself at the line: first the chosen day, then the "
    "nearest ones."
)
AFTER_CAPTION = "Thin, each of the days most like it; thick, their mean; grey, the middle half of what comes after any day."


def around_chart(alike: Alike, days: np.ndarray, close: np.ndarray, mode: Mode = "light") -> go.Figure:
    """Small price lines around the day and those nearest to it; days (T,) of the series, close (T,) on them.

    It is drawn again with every day, so all lie on one pair of axes, each line in its own scale: with axes, shapes and
    annotations for each of them the browser takes 20 to 40 ms longer. `meta` holds the days before and after, and the closes as
    percentages of that of the day itself.
    """
    places, palette = [alike.origin, *alike.days[:SNIPPETS]], PALETTES[mode]
    corners = [(number % COLUMNS * WIDTH, -(number // COLUMNS)) for number in range(len(places))]
    lines = [_line(say_day(days[place]), close, place, *corner) for place, corner in zip(places, corners, strict=True)]
    traces = [
        _drawn("the day", palette.recurrent, lines[0]),
        _drawn("days like it", palette.ink, pd.concat(lines[1:] or [lines[0][:0]])),
        *_frames(corners, [say_day(days[place]) for place in places], palette.muted),
    ]
    rows = 1 - corners[-1][1]
    ends = [-BEFORE, (COLUMNS - 1) * WIDTH + AFTER], [1 - rows - GAP, 1]
    axes = {f"{axis}axis": {"visible": False, "range": span} for axis, span in zip("xy", ends, strict=True)}
    own = {"showlegend": False, "hovermode": "closest"}
    return go.Figure({"data": traces, "layout": figure(mode, rows * ROW).layout.to_plotly_json() | axes | own})


def _drawn(name: str, colour: str, lines: pd.DataFrame) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": lines["x"],
        "y": lines["y"],
        "meta": {"x": lines["step"], "y": lines["percent"]},
        "customdata": lines[["day", "percent"]].to_numpy(),
        "line": {"color": colour, "width": 1.5},
        "hovertemplate": "%{customdata[0]}: %{customdata[1]:.1f}<extra></extra>",
    }


def _frames(corners: Sequence[tuple[int, int]], names: Sequence[str], colour: str) -> list[dict[str, Any]]:
    """The upright line of the day itself in every cell, and its name above; they are no data."""
    upright = np.array([((x, y), (x, y + HIGH), (np.nan, np.nan)) for x, y in corners]).reshape(-1, 2)
    above = np.array([(x + (AFTER - BEFORE) / 2, y + TITLE) for x, y in corners])
    quiet = {"type": "scatter", "hoverinfo": "skip", "meta": NO_DATA}
    line = {"color": colour, "width": 1, "dash": "dot"}
    return [
        quiet | {"mode": "lines", "x": upright[:, 0], "y": upright[:, 1], "line": line},
        quiet | {"mode": "text", "x": above[:, 0], "y": above[:, 1], "text": names, "textfont": {"size": 12, "color": colour}},
    ]


def _line(name: str, close: np.ndarray, place: int, left: float, low: float) -> pd.DataFrame:
    """A price line around a day, drawn in a cell of the figure, and a row without numbers that ends it."""
    first, last = max(0, place - BEFORE), min(len(close), place + AFTER + 1)
    steps, percent = np.arange(first, last) - place, 100 * close[first:last] / close[place]
    columns = {"x": left + steps, "y": low + HIGH * _scaled(percent), "step": steps, "percent": percent}
    line = pd.DataFrame(columns, dtype=np.float64)
    return line.reindex(range(len(line) + 1)).assign(day=name)


def _scaled(values: np.ndarray) -> np.ndarray:
    """From 0, the least, to 1, the most; in the middle where all are equal."""
    spread = np.ptp(values)
    return (values - values.min()) / spread if spread else np.full(len(values), 0.5)


def after_chart(alike: Alike, target: Target, mode: Mode = "light") -> go.Figure:
    """What came on the days after each, in percent; returns are added up."""
    palette = PALETTES[mode]
    paths, any_day = (
        100 * (np.cumsum(values, axis=1) if target.is_return else values) for values in (alike.after, alike.any_day)
    )
    steps = np.arange(1, paths.shape[1] + 1)
    low, high = np.quantile(any_day, QUARTILES, axis=0)
    band = {
        "x": [*steps, *steps[::-1]], "y": [*high, *low[::-1]], "name": "any day, middle half", "fill": "toself",
        "fillcolor": palette.muted, "opacity": 0.2, "line": {"width": 0}, "hoverinfo": "skip",
    }  # fmt: skip
    each = {
        "x": np.tile([*steps, np.nan], len(paths)), "name": "each", "mode": "lines", "opacity": 0.5, "hoverinfo": "skip",
        "y": np.concatenate([paths, np.full((len(paths), 1), np.nan)], axis=1).ravel(), "showlegend": False,
        "line": {"color": palette.recurrent, "width": 0.7},
    }  # fmt: skip
    means = [
        {
            "x": steps, "y": values.mean(axis=0), "name": name, "mode": "lines", "line": line,
            "hovertemplate": f"{name} %{{y:.2f}} %<extra></extra>",
        }
        for values, name, line in (
            (any_day, "any day, mean", {"color": palette.muted, "width": 2, "dash": "dash"}),
            (paths, "days like it, mean", {"color": palette.recurrent, "width": 3}),
        )
    ]  # fmt: skip
    title = f"{'cumulative ' if target.is_return else ''}{target.axis}"
    axes = {
        "xaxis": {"title": {"text": "days after"}, "dtick": 1},
        "yaxis": {"title": {"text": title}, "zeroline": target.is_return, "zerolinecolor": palette.rule},
    }
    traces = [{"type": "scatter"} | one for one in (band, each, *means)]
    return go.Figure({"data": traces, "layout": figure(mode, HEIGHT).layout.to_plotly_json() | axes})
