"""Figures of a collapse run, from a stored result alone: loss, error and missing gradient of every panel by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import plotly.graph_objects as go

from core.made_once import made_once
from core.stn.collapse.result import CollapseResult
from core.stn.collapse.settings import PANELS
from core.theme import PALETTES, Mode, figure, plain_figure

HEIGHT = 300
ACROSS = {"title": {"text": "training step"}, "rangemode": "tozero"}
LOSS = {"title": {"text": "loss"}, "rangemode": "tozero"}
DEAD = {"title": {"text": "points without gradient (%)"}, "range": [-3, 103]}


def _trace(letter: str, x: Iterable[float], y: Iterable[float], mode: Mode, unit: str = "") -> dict[str, Any]:
    line = PANELS[letter]
    return {
        "type": "scatter", "x": list(x), "y": list(y), "mode": "lines+markers", "name": letter,
        "line": {"color": line.colour(mode), "width": 2, "dash": line.dash}, "marker": {"size": 5, "symbol": line.symbol},
        "hovertemplate": f"{letter} %{{y:.3g}}{unit}<extra></extra>",
    }  # fmt: skip


@made_once
def loss_by_step(result: CollapseResult, mode: Mode = "light") -> go.Figure:
    """The loss of every panel on the same images, and (dotted) that of an output that shows nothing."""
    drawn = figure(mode, HEIGHT)
    for letter in result.settings:
        rows = result.of(letter)
        drawn.add_trace(_trace(letter, rows["step"], rows["loss"], mode))
    drawn.add_hline(
        y=result.empty, line={"color": PALETTES[mode].muted, "width": 1, "dash": "dot"}, annotation_text="an empty output",
        annotation_font_color=PALETTES[mode].muted,
    )  # fmt: skip
    drawn.update_layout(xaxis=ACROSS, yaxis=LOSS)
    return drawn


@made_once
def dead_by_step(result: CollapseResult, mode: Mode = "light") -> go.Figure:
    """The share of the grid's points at which the derivative of the sampler is exactly zero."""
    drawn = figure(mode, HEIGHT)
    for letter in result.settings:
        rows = result.of(letter)
        drawn.add_trace(_trace(letter, rows["step"], 100 * rows["dead"], mode, " %"))
    drawn.update_layout(xaxis=ACROSS, yaxis=DEAD)
    return drawn


def plain_by_step(rows: list[Mapping[str, Any]], name: str, mode: Mode, height: int) -> dict[str, Any] | None:
    """`loss` or `dead` of every panel so far as plain values, from what a run that is alive has reported."""
    traces = []
    for letter in PANELS:
        there = {row[f"step {letter}"]: row[f"{name} {letter}"] for row in rows if f"step {letter}" in row}
        if there:
            scale = 100 if name == "dead" else 1
            traces.append(_trace(letter, there, (scale * value for value in there.values()), mode))
    return plain_figure(mode, height, traces, xaxis=ACROSS, yaxis=DEAD if name == "dead" else LOSS) if traces else None
