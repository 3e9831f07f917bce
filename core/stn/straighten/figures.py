"""Figures of a finished straightening run: what it recovers, and what is left. From a stored result alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.decades import log_axis
from core.figures.table import NO_DATA
from core.made_once import made_once
from core.stn.straighten.result import StraightenResult
from core.theme import PALETTES, Mode, figure

HEIGHT = 300
MOST_CLASSES = 6  # photos with a histogram of their own; of more, there is one for those of training and one for those held out
BINS = 24
LEARNED, HELD_OUT = "photos it learned from", "photos it never saw"
_SMALLEST = 0.001  # degrees or %: smaller errors are drawn here, so that a logarithm exists

PartName = Literal["turn", "scale", "shift x", "shift y"]


@dataclass(frozen=True)
class Part:
    """One part of theta in the table of trials: the columns' ending, the axis, and the digits of a hover box."""

    column: str
    unit: str
    digits: str


PARTS: dict[PartName, Part] = {
    "turn": Part("deg", "angle (°)", ".1f"),
    "scale": Part("scale", "scale", ".3f"),
    "shift x": Part("shift_x", "shift x (half short sides)", ".3f"),
    "shift y": Part("shift_y", "shift y (half short sides)", ".3f"),
}


@made_once
def parts_of(result: StraightenResult) -> list[PartName]:
    """The parts of theta that were bent in this run at all."""
    return [name for name, part in PARTS.items() if result.trials[f"applied_{part.column}"].std() > 1e-6]


def _range(result: StraightenResult, name: PartName) -> tuple[float, float]:
    if name == "turn":
        return -1.05 * result.max_angle, 1.05 * result.max_angle
    applied = result.trials[f"applied_{PARTS[name].column}"]
    margin = 0.1 * (applied.max() - applied.min())
    return float(applied.min() - margin), float(applied.max() + margin)


def _points(rows: pd.DataFrame, part: Part, in_training: bool, mode: Mode, legend: bool) -> go.Scatter:
    palette = PALETTES[mode]
    return go.Scatter(
        x=rows[f"applied_{part.column}"],
        y=rows[f"recovered_{part.column}"],
        customdata=np.stack([rows.name, rows.angle_error], axis=-1),
        mode="markers",
        name=LEARNED if in_training else HELD_OUT,
        showlegend=legend,
        marker={
            "color": palette.spatial if in_training else palette.warn,
            "size": 7,
            "symbol": "circle" if in_training else "diamond-open",
        },
        hovertemplate=f"%{{customdata[0]}}: %{{x:{part.digits}}} applied, %{{y:{part.digits}}} recovered"
        "<br>off by %{customdata[1]:.2f}°<extra></extra>",
    )


@made_once
def recovered_against_applied(result: StraightenResult, mode: Mode = "light", name: PartName = "turn") -> go.Figure:
    """Every trial's recovered angle (or another part) against the applied one; on the line, the photo was made upright."""
    part, trials = PARTS[name], result.trials
    low, high = _range(result, name)
    drawn = figure(mode, HEIGHT + 60)
    drawn.add_scatter(
        name="recovered = applied",
        x=[low, high],
        y=[low, high],
        mode="lines",
        line={"color": PALETTES[mode].muted, "width": 1, "dash": "dash"},
        hoverinfo="skip",
        showlegend=False,
    )
    both = not trials.seen.all()
    for in_training, rows in trials.groupby("seen", sort=True):
        drawn.add_trace(_points(rows, part, bool(in_training), mode, both))
    drawn.update_xaxes(title_text=f"applied {part.unit}", range=[low, high])
    drawn.update_yaxes(title_text=f"recovered {part.unit}", range=[low, high])
    drawn.update_layout(hovermode="closest")
    return drawn


def _classes(trials: pd.DataFrame, mode: Mode) -> list[tuple[str, str, pd.DataFrame]]:
    """Label, colour and trials of each photo; where there are too many, of those seen and those not."""
    palette = PALETTES[mode]
    if trials.name.nunique() > MOST_CLASSES or not trials.seen.all():
        kinds = [(LEARNED, palette.spatial, trials.seen), (HELD_OUT, palette.warn, ~trials.seen)]
        return [(label, colour, trials[chosen]) for label, colour, chosen in kinds if chosen.any()]
    colours = [palette.spatial, palette.recurrent, palette.warn, palette.muted, "#56B4E9", "#CC79A7"]
    return [(str(name), colour, rows) for (name, rows), colour in zip(trials.groupby("name"), colours, strict=False)]


@made_once
def recovered_by_photo(result: StraightenResult, mode: Mode = "light", name: PartName = "turn") -> go.Figure:
    """How often each angle (or another part) was recovered, photo by photo; the outline is what was applied."""
    part, trials = PARTS[name], result.trials
    drawn = figure(mode, HEIGHT)
    low, high = _range(result, name)
    bins = {"start": low, "end": high, "size": (high - low) / BINS}
    for label, colour, rows in _classes(trials, mode):
        drawn.add_histogram(
            x=rows[f"recovered_{part.column}"], name=label, marker={"color": colour}, xbins=bins, opacity=0.8,
            hovertemplate=f"{label}: %{{y}} trials at %{{x}}<extra></extra>",
        )  # fmt: skip
    counts, edges = np.histogram(trials[f"applied_{part.column}"], BINS, (low, high))
    drawn.add_scatter(
        x=np.repeat(edges, 2)[1:-1], y=np.repeat(counts, 2), mode="lines", name="applied",
        line={"color": PALETTES[mode].ink, "width": 1}, hoverinfo="skip",
    )  # fmt: skip
    drawn.update_layout(barmode="stack", bargap=0.04, hovermode="closest")
    drawn.update_xaxes(title_text=f"recovered {part.unit}", range=[low, high])
    drawn.update_yaxes(title_text="trials")
    return drawn


def _number(error: float) -> str:
    """Two digits, or all before the point."""
    return f"{error:.0f}" if error >= 10 else f"{error:.2g}"


def _strip(drawn: go.Figure, row: int, errors: np.ndarray, colour: str, unit: str, middle: float) -> None:
    """One row of points, spread a little so that they do not hide each other, and its median in words.

    The words stand to that side of the median on which more than half of the axis is (`middle`, the same unit): at an edge a
    digit of theirs would be cut off.
    """
    median = max(_SMALLEST, float(np.median(errors)))
    spread = np.random.default_rng(0).uniform(-0.22, 0.22, len(errors))
    drawn.add_scatter(
        x=np.maximum(errors, _SMALLEST),
        meta={"x": errors.tolist()},
        y=row + spread,
        mode="markers",
        marker={"color": colour, "size": 6, "opacity": 0.6},
        hovertemplate=f"%{{x:.2f}}{unit}<extra></extra>",
        showlegend=False,
    )
    drawn.add_scatter(
        x=[median, median],
        y=[row - 0.32, row + 0.32],
        meta=NO_DATA,
        mode="lines+text",
        line={"color": colour, "width": 2},
        text=["", f"median {_number(median)}{unit}"],
        textposition="top left" if median > middle else "top right",
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


@made_once
def errors_before_and_after(result: StraightenResult, mode: Mode = "light") -> go.Figure:
    """How far every trial was from upright, before and after, on a logarithmic scale, with the medians.

    In degrees for families that turn, else in % of the short side. Both are those of the photos that training saw, as in
    `scores`; photos it never saw have a row of their own.
    """
    palette, trials = PALETTES[mode], result.trials
    unit = "°" if result.turns else " %"
    before = trials.applied_deg.abs() if result.turns else trials.grid_error_before
    after = trials.angle_error if result.turns else trials.grid_error_after
    strips = [("before", before[trials.seen], palette.muted), ("after", after[trials.seen], palette.spatial)]
    if not trials.seen.all():
        strips.append(("after, photos<br>it never saw", after[~trials.seen], palette.warn))
    drawn = figure(mode, HEIGHT - 60 + 80 * (len(strips) - 2))
    every = np.maximum(np.concatenate([errors for _, errors, _ in strips]), _SMALLEST)
    middle = float(np.sqrt(every.min() * every.max()))  # of the logarithmic axis
    for row, (_, errors, colour) in enumerate(strips):
        _strip(drawn, -row, errors.to_numpy(), colour, unit, middle)
    labels = [label for label, _, _ in strips]
    heights = [-row for row in range(len(strips))]
    drawn.update_xaxes(title_text="degrees from upright" if result.turns else "off by, % of the short side", **log_axis(every))
    drawn.update_yaxes(range=[heights[-1] - 0.6, 0.6], tickvals=heights, ticktext=labels, showgrid=False)
    drawn.update_layout(hovermode="closest")
    return drawn
