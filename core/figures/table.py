"""The data of a figure as one long table: a row for every point, bar or cell that it draws."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.system.spreadsheet import to_csv

ENDS = ("x_low", "x_high", "y_low", "y_high")
NO_DATA: dict[str, list[float]] = {"x": [], "y": []}  # the `meta` of a line that says nothing more than the points beside it
COLUMNS = ("axes", "trace", "x", "y", "z", *ENDS, "label")


def figure_table(figure: go.Figure) -> pd.DataFrame:
    """Traces below each other, without the columns that this figure does not need (see `COLUMNS`).

    Error bars become low and high, and so does a band whose outline runs there and back over the same x; cells of a heat map
    are rows of x, y, z. Gaps in a line have no row. `axes` tells subplots apart. What is drawn as a shape (the zero line, the
    spans of train and test) is no data, nor are words upon cells. Of a trace that is drawn elsewhere than its data lie (at the
    edge of an axis, small figures on one pair of axes) `meta` holds the columns that differ. Where an axis names its rows, a
    place on it is the name of the nearest, and so is a trace without a name of its own.
    """
    traces = [_rows(figure, trace, number) for number, trace in enumerate(figure.data, 1) if not _is_words(trace)]
    table = pd.concat([pd.DataFrame(columns=list(COLUMNS)), *(rows for rows in traces if len(rows))], ignore_index=True)
    if table["axes"].nunique() < 2:
        table = table.drop(columns="axes")
    return table.dropna(axis="columns", how="all")


def figure_csv(figure: go.Figure) -> bytes:
    """The table as CSV, x, y and z headed by the titles of their axes where all traces share them."""
    table = figure_table(figure)
    headings = {letter: _heading(figure, letter) for letter in ("x", "y", "z") if letter in table}
    return to_csv(table.rename(columns=headings))


def _is_words(trace: Any) -> bool:
    return bool(trace.type == "scatter" and trace.mode == "text")


def _rows(figure: go.Figure, trace: Any, number: int) -> pd.DataFrame:
    if trace.type == "heatmap":
        rows = _cells(trace)
    elif _is_band(trace):
        rows = _band(trace)
    else:
        rows = _points(trace)
    rows = rows.assign(trace=_name(trace) or f"trace {number}", axes=f"{trace.xaxis or 'x'} {trace.yaxis or 'y'}")
    return _named(figure, trace, rows) if len(rows) else rows


def _named(figure: go.Figure, trace: Any, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of a trace, with names in place of numbers along an axis whose ticks are names."""
    for letter in ("x", "y"):
        axis = figure.layout[str(trace[f"{letter}axis"] or letter).replace(letter, f"{letter}axis", 1)]
        if letter not in rows or axis.ticktext is None or axis.type == "log":
            continue
        nearest = np.abs(rows[letter].to_numpy(float)[:, None] - np.asarray(axis.tickvals, float)).argmin(axis=1)
        names = [_plain(axis.ticktext[place]) for place in nearest]
        rows = rows.assign(**{letter: names}, **({} if _name(trace) else {"trace": names}))
    return rows


def _cells(trace: Any) -> pd.DataFrame:
    z = np.asarray(trace.z)  # (rows, columns)
    x = _values(trace.x) if trace.x is not None else list(range(z.shape[1]))
    y = _values(trace.y) if trace.y is not None else list(range(z.shape[0]))
    return pd.DataFrame({"x": x * len(y), "y": [one for one in y for _ in x], "z": z.ravel()})


def _is_band(trace: Any) -> bool:
    """Whether it is an area whose outline runs there and back over the same x."""
    if trace.type != "scatter" or trace.fill != "toself":
        return False
    x = _values(trace.x)
    half = len(x) // 2
    return x[:half] == x[half:][::-1]


def _band(trace: Any) -> pd.DataFrame:
    half = len(trace.x) // 2
    edges = np.asarray(trace.y, float)
    edges = np.sort([edges[:half], edges[half:][::-1]], axis=0)  # (2, half)
    return pd.DataFrame({"x": _values(trace.x)[:half], "y_low": edges[0], "y_high": edges[1]})


def _points(trace: Any) -> pd.DataFrame:
    """Places with their error bars; of a histogram or a violin the values that it counts."""
    own = trace.meta or {}
    data = {letter: own.get(letter, trace[letter]) for letter in ("x", "y")}
    given = {letter: _values(values) for letter, values in data.items() if values is not None}
    length = max((len(values) for values in given.values()), default=0)
    if trace.type in ("scatter", "bar"):
        given = {letter: given.get(letter, list(range(length))) for letter in ("x", "y")}
    rows = pd.DataFrame(given)
    for letter in given:
        rows = rows.assign(**_ends(trace, letter, rows[letter]))
    rows = rows.assign(**{column: own[column] for column in ENDS if column in own})
    return rows.assign(label=_labels(trace, length)).dropna(subset=list(given))


def _ends(trace: Any, letter: str, values: pd.Series) -> dict[str, Any]:
    """The ends of the error bars along an axis."""
    if f"error_{letter}" not in trace or (bars := trace[f"error_{letter}"]).array is None:
        return {}
    up = np.asarray(bars.array, float)
    down = up if bars.arrayminus is None else np.asarray(bars.arrayminus, float)
    return {f"{letter}_low": values - down, f"{letter}_high": values + up}


def _values(values: Iterable[Any]) -> list[Any]:
    """As plain values, days as ISO dates."""
    array = np.asarray(values)
    if array.dtype.kind == "M":
        return list(np.datetime_as_string(array, unit="D" if (array == array.astype("M8[D]")).all() else "s"))
    return list(array.tolist())


def _labels(trace: Any, length: int) -> Sequence[Any] | None:
    """What the hover box says of each point, where that is one thing."""
    for given in (trace.customdata, trace.text, trace.hovertext):
        if given is None or isinstance(given, str) or len(given) != length:
            continue
        labels = np.asarray(given, object)
        if labels.ndim == 1:
            return list(labels)
        if all(isinstance(first, str) for first in labels[:, 0]):
            return list(labels[:, 0])
    return None


def _name(trace: Any) -> str:
    """Its own; "" without one."""
    return _plain(trace.name or getattr(trace, "legendgroup", None) or "")


def _plain(text: str) -> str:
    return re.sub(r"<[^>]*>", "", str(text).replace("<br>", " "))


def _heading(figure: go.Figure, letter: str) -> str:
    if letter == "z":
        return "z"
    axes = {str(trace[f"{letter}axis"] or letter).replace(letter, f"{letter}axis", 1) for trace in figure.data}
    titles = {_plain(figure.layout[axis].title.text or "") for axis in axes}
    (title,) = titles if len(titles) == 1 else ("",)
    return f"{letter} ({title})" if title else letter
