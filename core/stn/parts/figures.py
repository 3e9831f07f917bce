"""Figures of a parts run, from a stored result alone: errors, where the transformers look, what they hold."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.made_once import made_once
from core.stn.drawing.shares import share_map
from core.stn.parts.cues import CUES
from core.stn.parts.looks import LINES, LooksName
from core.stn.parts.pictures import COLOURS
from core.stn.parts.result import PartsResult
from core.theme import PALETTES, Mode, figure

HEIGHT = 300
CELLS = 14  # a side of the map of places


@made_once
def error_bars(result: PartsResult, mode: Mode = "light") -> go.Figure:
    """Every network's error on the pictures of the test, with two standard errors either way."""
    palette = PALETTES[mode]
    drawn = figure(mode, HEIGHT)
    for row in result.scores:
        line = LINES[row["model"]]
        drawn.add_bar(
            name=line.name,
            x=[line.name.replace(" ", "<br>")],
            y=[row["error"]],
            error_y={"array": [2 * row["error_se"]], "color": palette.ink, "thickness": 1.5},
            marker={"color": line.colour(mode)},
            hovertemplate=f"%{{y:.1f}} ± {2 * row['error_se']:.1f} %<extra></extra>",
            showlegend=False,
        )
    drawn.add_hline(
        y=100 * result.guessing,
        line={"color": palette.muted, "dash": "dot", "width": 1},
    )
    drawn.update_yaxes(title_text="wrong (%)", rangemode="tozero")
    return drawn


@made_once
def error_curves(result: PartsResult, by: str, mode: Mode = "light") -> go.Figure:
    """A line a network: its error on the first pictures of the test, by "seconds" of its own learning or by "step"."""
    drawn = figure(mode, HEIGHT)
    for model in result.models:
        rows, line = result.errors[result.errors.model == model], LINES[model]
        drawn.add_scatter(
            x=rows[by],
            y=rows.value,
            mode="lines",
            name=line.name,
            line={"color": line.colour(mode), "width": 2, "dash": line.dash},
            hovertemplate=f"{line.name} %{{y:.0f}} %<extra></extra>",
        )
    drawn.update_xaxes(title_text="seconds of learning" if by == "seconds" else "training step", rangemode="tozero")
    drawn.update_yaxes(title_text="wrong (%)", rangemode="tozero")
    return drawn


def _clear(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0)"


@made_once
def places(result: PartsResult, model: LooksName, mode: Mode = "light") -> go.Figure:
    """How often each transformer looks where: a map a transformer, of the middles of its boxes in all pictures of the test."""
    boxes, palette = result.boxes[model], PALETTES[mode]
    count = boxes.shape[1]
    drawn = make_subplots(1, count, subplot_titles=[str(number + 1) for number in range(count)])
    drawn.update_layout(figure(mode, HEIGHT).layout)
    edges = np.linspace(-1, 1, CELLS + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    for number in range(count):
        counts, _, _ = np.histogram2d(boxes[:, number, 2], boxes[:, number, 1], bins=(edges, edges))  # rows are y
        colour = COLOURS[number] if mode == "dark" else _DARKER[number]
        drawn.add_heatmap(
            name=f"transformer {number + 1}",
            x=middles,
            y=middles,
            z=100 * counts / len(boxes),
            colorscale=[[0, _clear(colour)], [1, colour]],
            zmin=0,
            showscale=False,
            hovertemplate="%{z:.0f} % of the pictures<extra></extra>",
            row=1,
            col=number + 1,
        )
    frame = {"showline": True, "mirror": True, "linecolor": palette.muted, "showticklabels": False, "showgrid": False}
    drawn.update_xaxes(range=[-1, 1], constrain="domain", **frame)
    for number in range(count):
        across = "x" if number == 0 else f"x{number + 1}"
        drawn.update_yaxes(range=[1, -1], scaleanchor=across, constrain="domain", **frame, row=1, col=number + 1)
    drawn.update_layout(hovermode="closest")
    return drawn


_DARKER = ("#0F766E", "#B45309", "#BE185D", "#4338CA")  # the same colours on paper


@made_once
def cue_heatmap(result: PartsResult, model: LooksName, mode: Mode = "light") -> go.Figure:
    """In how many scenes the box of each transformer holds each cue, beside the best box that never moves."""
    rows = result.cue_table[result.cue_table.model == model]
    wide = rows.pivot_table(index="transformer", columns="cue", values="held", sort=False)[list(CUES)]
    still = rows.drop_duplicates("cue").set_index("cue").still[list(CUES)]
    values = 100 * np.concatenate([wide.to_numpy(), still.to_numpy()[None]])
    names = [*(f"transformer {number}" for number in wide.index), "a box that never moves"]
    hover = "%{y} holds %{x} in %{text} of the scenes"
    return share_map([f"the {cue}" for cue in CUES], names, values, 100 + 44 * len(names), hover, mode)
