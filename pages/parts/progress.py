"""The loss and the pictures of a run that is alive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from core.figures.decades import log_axis
from core.runs.live.blocks import Column, FigureBlock, Look, PictureBlock, Row
from core.runs.live.snapshots import WENT_ON, Snapshot
from core.runs.registry import Run
from core.stn.drawing.losses import marked
from core.stn.networks.lines import LINES
from core.stn.straighten.curve import Curve
from core.theme import PALETTES, Mode, plain_figure
from pages.parts.live.figures import HEIGHT, figure_block

Rows = tuple[Row, ...]
NO_CURVE = Curve()


def _loss(run: Run, losses: list[dict[str, float | str]], theme: Mode, before: Curve) -> dict[str, Any]:
    """The loss so far; a new line for every phase. `before` is that of the runs from which this one goes on."""
    palette, spatial = PALETTES[theme], run.bench == "spatial"
    traces = []
    if before.steps:
        line = {"color": palette.muted, "width": 2}
        traces.append({"type": "scatter", "x": before.loss_steps, "y": before.loss, "line": line, "showlegend": False})
    for phase, rows in groupby(losses, key=lambda row: row["phase"]):
        points = list(rows)
        traces.append({
            "type": "scatter",
            "x": [_across(run, point, before.steps) for point in points],
            "y": [point["loss"] for point in points],
            "mode": "lines+markers",
            "marker": {"size": 4},
            "line": {"color": palette.spatial if spatial else palette.recurrent, "width": 2},
            "hovertemplate": f"{phase}: loss %{{y:.4g}}<extra></extra>",
            "showlegend": False,
        })  # fmt: skip
    across = {"title": {"text": "training step" if spatial else "share of the run (%)"}, "rangemode": "tozero"}
    up = {"title": {"text": "loss"}, **(log_axis(*(trace["y"] for trace in traces)) if spatial else {"nticks": 6})}
    drawn = plain_figure(theme, HEIGHT, traces, xaxis=across, yaxis=up)
    marks = [*before.went_on, before.steps] if before.steps else []
    marks += [before.steps + int(row["step"]) for row in losses if spatial and WENT_ON in row]
    return drawn | {"layout": drawn["layout"] | marked(marks, theme)}


def _across(run: Run, point: Mapping[str, Any], before: int) -> float:
    """A training step, or a share of the run in percent."""
    return float(before + point["step"] if run.bench == "spatial" else 100 * point["step"] / max(1, run.total))


def loss_block(snapshot: Snapshot, look: Look, before: Curve = NO_CURVE) -> FigureBlock:
    """How the loss fell until now."""
    losses = [row for row in snapshot.numbers if "loss" in row]
    drawn = _loss(snapshot.run, losses, look.mode, before) if losses else None
    return figure_block(drawn, "Training loss so far", look)


def losses_block(snapshot: Snapshot, look: Look, networks: Iterable[str]) -> FigureBlock:
    """How the losses of networks that learn side by side fell until now, each in its colour."""
    drawn = [_of_network(name, points, look.mode) for name in networks if (points := _points(snapshot, name))]
    across = {"title": {"text": "training step"}, "rangemode": "tozero"}
    up = {"title": {"text": "cross-entropy"}, **log_axis(*(trace["y"] for trace in drawn))}
    figure = plain_figure(look.mode, HEIGHT, drawn, xaxis=across, yaxis=up)
    return figure_block(figure if drawn else None, "Loss of every network so far", look)


def _points(snapshot: Snapshot, name: str) -> list[dict[str, float | str]]:
    return [row for row in snapshot.numbers if f"loss {name}" in row]


def _of_network(name: str, points: list[dict[str, float | str]], theme: Mode) -> dict[str, Any]:
    line = LINES[name]
    return {
        "type": "scatter",
        "x": [row[f"step {name}"] for row in points],
        "y": [row[f"loss {name}"] for row in points],
        "mode": "lines",
        "name": line.name,
        "line": {"color": line.colour(theme), "dash": line.dash, "width": 2},
        "hovertemplate": f"{line.name} %{{y:.3f}}<extra></extra>",
    }


def loss_so_far(snapshot: Snapshot, look: Look) -> Rows:
    return ((Column([loss_block(snapshot, look)]),),)


def pictures_and_loss(snapshot: Snapshot, look: Look, alt: str, caption: str, aspect: float = 1.0) -> Rows:
    """The latest pictures beside the loss so far; `aspect`, width by height, keeps the place of the first one free."""
    pictures = [PictureBlock(alt, caption, content) for content in snapshot.pictures.values()]
    pictures = pictures or [PictureBlock(alt, caption, aspect=aspect)]
    return ((Column(pictures, 3), Column([loss_block(snapshot, look)], 2)),)
