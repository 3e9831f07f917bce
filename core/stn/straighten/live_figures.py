"""Figures of a straighten run as it learns, live or afterwards: how far off it is by now, and θ's path on one fixed photo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.figures.decades import log_axis
from core.made_once import made_once
from core.stn.drawing.losses import marked
from core.theme import PALETTES, Mode, figure

HEIGHT = 300
LEAST_SPAN = 0.02  # of an axis, so that noise does not fill it
PATH = {"turn_deg": "turn (°)", "scale": "scale", "shift_x": "shift x", "shift_y": "shift y"}


@made_once
def error_so_far(
    errors: pd.DataFrame, unit: str, mode: Mode = "light", height: int = HEIGHT, went_on: Sequence[int] = ()
) -> go.Figure:
    """The median error on a few fixed distortions by step (columns `step` and `error`), on a logarithmic scale."""
    drawn = figure(mode, height)
    drawn.add_scatter(
        x=errors.step,
        y=errors.error,
        mode="lines+markers",
        marker={"size": 4},
        line={"color": PALETTES[mode].warn, "width": 2},
        hovertemplate=f"%{{y:.2f}} {unit}<extra></extra>",
        showlegend=False,
    )
    drawn.update_xaxes(title_text="training step", rangemode="tozero")
    drawn.update_yaxes(title_text=f"median error ({unit})", **log_axis(errors.error))
    return drawn.update_layout(marked(went_on, mode))


def _range(values: pd.Series, applied: float) -> list[float]:
    """From the least to the most, the applied value included, with a margin."""
    low, high = min(values.min(), applied), max(values.max(), applied)
    margin = 0.12 * max(high - low, LEAST_SPAN)
    return [low - margin, high + margin]


def path_of_theta(path: pd.DataFrame, applied: Mapping[str, float], mode: Mode = "light", height: int = HEIGHT) -> go.Figure:
    """What the network says had been done to one fixed photo, by seconds of training, beside what was done (dashed)."""
    palette, empty = PALETTES[mode], figure(mode, height)
    drawn = make_subplots(
        2,
        2,
        shared_xaxes=True,
        subplot_titles=list(PATH.values()),
        horizontal_spacing=0.18,
        vertical_spacing=0.16,
        figure=empty,
    )
    for number, name in enumerate(PATH):
        where = {"row": 1 + number // 2, "col": 1 + number % 2}
        drawn.add_scatter(
            x=path.seconds, y=path[name], mode="lines+markers", marker={"size": 4},
            line={"color": palette.spatial, "width": 2}, hovertemplate="%{y:.3g}<extra></extra>", showlegend=False,
            name=PATH[name], **where,
        )  # fmt: skip
        drawn.add_hline(y=applied[name], line={"color": palette.muted, "width": 1, "dash": "dash"}, **where)
        drawn.update_yaxes(range=_range(path[name], applied[name]), nticks=5, automargin=False, **where)
    drawn.update_annotations(font={"size": 13, "color": palette.muted})
    drawn.update_xaxes(title_text="seconds of training", row=2)
    drawn.update_layout(margin={"l": 44})
    return drawn


def plain_error(errors: pd.DataFrame, unit: str, mode: Mode, height: int, went_on: Sequence[int] = ()) -> dict[str, Any]:
    """`error_so_far` as plain values, for screens that draw it twice a second."""
    drawn = _empty_error(unit, mode, height)
    data = [{**drawn["data"][0], "x": errors.step.to_numpy(), "y": errors.error.to_numpy()}]
    axis = {**drawn["layout"]["yaxis"], **log_axis(errors.error)}
    return {"data": data, "layout": drawn["layout"] | {"yaxis": axis} | marked(went_on, mode)}


def plain_path(path: pd.DataFrame, applied: Mapping[str, float], mode: Mode, height: int) -> dict[str, Any]:
    """`path_of_theta` as plain values, for screens that draw it twice a second."""
    drawn, seconds = _empty_path(mode, height), path.seconds.to_numpy()
    traces = [{**trace, "x": seconds, "y": path[name].to_numpy()} for name, trace in zip(PATH, drawn["data"], strict=True)]
    lines = [
        {**line, "y0": applied[name], "y1": applied[name]} for name, line in zip(PATH, drawn["layout"]["shapes"], strict=True)
    ]
    axes = ("yaxis", "yaxis2", "yaxis3", "yaxis4")
    ranges = {
        axis: {**drawn["layout"][axis], "range": _range(path[name], applied[name])}
        for name, axis in zip(PATH, axes, strict=True)
    }
    return {"data": traces, "layout": {**drawn["layout"], "shapes": lines, **ranges}}


@cache
def _empty_error(unit: str, mode: Mode, height: int) -> dict[str, Any]:
    plain: dict[str, Any] = error_so_far(pd.DataFrame({"step": [0.0], "error": [0.0]}), unit, mode, height).to_plotly_json()
    return plain


@cache
def _empty_path(mode: Mode, height: int) -> dict[str, Any]:
    nothing = dict.fromkeys(PATH, 0.0)
    plain: dict[str, Any] = path_of_theta(pd.DataFrame([{"seconds": 0.0, **nothing}]), nothing, mode, height).to_plotly_json()
    return plain
