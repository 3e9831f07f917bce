"""Numbers below zero and dates in hover boxes and on axes, written as everywhere else: −0.12, 8 Dec 2022.

Plotly writes a number that a template gives a format with a hyphen, and a date with the month first. So each point with such a
number has a template of its own, the number in it; and an axis of dates has the lab's format. Data, and with them the table of
a figure, stay as they are.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.made_once import made_once

_NUMBER = re.compile(r"%\{(x|y|z|customdata)(?:\[(\d+)\])?:(\+?,?\.\d+[fge])\}")
_FORMAT = re.compile(r"(\+?)(,?)\.(\d+)([fge])")
_DAY, _TIME = "%-d %b %Y", "%-d %b %Y, %H:%M"
_TICKS = (  # between two ticks, in milliseconds, and how they are written; longer steps are Plotly's: Dec 2022, 2022
    {"dtickrange": [86_400_000, "M1"], "value": "%-d %b\n%Y"},
)


def in_the_labs_words(figure: Mapping[str, Any]) -> dict[str, Any]:
    """A figure's plain values, `data` and `layout`, with signs and dates as the lab writes them."""
    traces = [_signed(trace) for trace in figure["data"]]
    return {**figure, "data": traces, "layout": {**figure.get("layout", {}), **_dated(figure)}}


@made_once
def with_signs_and_dates(figure: go.Figure) -> go.Figure:
    """The same of a figure; itself where there is nothing to write."""
    plain = figure.to_plotly_json()
    signed = [(place, trace, _signed(trace)) for place, trace in enumerate(plain["data"])]
    templates = {place: after["hovertemplate"] for place, before, after in signed if after is not before}
    axes = _dated(plain)
    if not templates and not axes:
        return figure
    shown = go.Figure(figure)
    for place, template in templates.items():
        shown.data[place].hovertemplate = template
    return shown.update_layout(axes)


def _signed(trace: Mapping[str, Any]) -> Mapping[str, Any]:
    template = trace.get("hovertemplate")
    if not isinstance(template, str) or not (places := list(_NUMBER.finditer(template))):
        return trace
    numbers = [_values(trace, place[1], place[2]) for place in places]
    if not any(_needs_sign(one, place[3]) for one, place in zip(numbers, places, strict=True) if one is not None):
        return trace
    shape = max((one.shape for one in numbers if one is not None), key=len)  # of a heat map x and y are shorter than z
    numbers = [one if one is not None and one.shape == shape else np.full(shape, np.nan) for one in numbers]
    templates = np.full(shape, template, object)
    for at in np.ndindex(shape):
        templates[at] = _with_numbers(template, places, [float(one[at]) for one in numbers if one is not None])
    return {**trace, "hovertemplate": templates.astype(str) if templates.ndim > 1 else templates.tolist()}


def _values(trace: Mapping[str, Any], letter: str, column: str | None) -> np.ndarray | None:
    """The numbers that stand for a name of a template, a point each; None where they are none."""
    if (values := _plain(trace.get(letter))) is None:
        return None
    if column is not None:
        values = values[..., int(column)]
    try:
        return values.astype(float)
    except (TypeError, ValueError):
        return None


def _plain(given: Any) -> np.ndarray | None:
    """What a trace holds under a name; Plotly keeps arrays of numbers as their bytes."""
    if isinstance(given, Mapping):
        if "bdata" not in given:
            return None
        values = np.frombuffer(base64.b64decode(given["bdata"]), given["dtype"])
        return values.reshape([int(one) for one in str(given["shape"]).split(",")]) if "shape" in given else values
    return None if given is None or isinstance(given, str) else np.asarray(given)


def _needs_sign(values: np.ndarray, spec: str) -> bool:
    return bool((values < 0).any()) or spec.endswith("e")


def _with_numbers(template: str, places: list[re.Match[str]], values: list[float]) -> str:
    """The template of one point, with the numbers in it that need a sign; the others stay Plotly's."""
    for place, value in zip(places, values, strict=True):
        if np.isfinite(value) and _needs_sign(np.asarray(value), place[3]):
            template = template.replace(place[0], written(value, place[3]), 1)
    return template


def written(value: float, spec: str) -> str:
    """A number as d3 writes it by a format such as ",.2f", ".4g" or ".1e", with a true minus."""
    match = _FORMAT.fullmatch(spec)
    assert match  # of `_NUMBER`
    sign, comma, digits, kind = match.groups()
    text = f"{value:{sign}{'#' if kind == 'g' else ''}{comma}.{digits}{kind}}".rstrip("." if kind == "g" else "")
    if kind != "f" and "e" in text:
        mantissa, _, power = text.partition("e")
        text = f"{mantissa}e{int(power):+d}"
    zero = not text.strip("+-0.,")
    return text.replace("-", "" if zero else "−") if kind == "f" else text.replace("-", "−")


def _dated(figure: Mapping[str, Any]) -> dict[str, Any]:
    """The axes of dates, with their formats; an axis that has one keeps it."""
    axes: dict[str, Any] = {}
    for trace in figure["data"]:
        moments = _moments(trace.get("x"))
        if moments is None or trace.get("orientation") == "h":
            continue
        name = str(trace.get("xaxis") or "x").replace("x", "xaxis", 1)
        given = figure.get("layout", {}).get(name, {})
        if "hoverformat" in given:
            continue
        by_day = (moments == moments.astype("M8[D]")).all() and axes.get(name, {}).get("hoverformat") != _TIME
        axes[name] = {**given, "hoverformat": _DAY if by_day else _TIME, "tickformatstops": list(_TICKS)}
    return axes


def _moments(x: Any) -> np.ndarray | None:
    """The dates of a trace; None where it has none."""
    values = _plain(x)
    return values if values is not None and values.dtype.kind == "M" and len(values) else None
