"""Figures of an add run, from a stored result alone: errors, losses, and which digit each transformer holds still."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.figures.decades import log_axis
from core.made_once import made_once
from core.stn.add.result import AddResult
from core.stn.drawing.shares import share_map
from core.stn.networks.lines import LINES
from core.theme import PALETTES, Mode, figure

HEIGHT = 300
PAPER = {  # error in %, Jaderberg et al. 2015, appendix A.1; of the transformers by family
    ("fcn", None): 47.7,
    ("cnn", None): 14.7,
    ("st-fcn", "affine"): 22.6,
    ("st-fcn", "projective"): 18.5,
    ("st-fcn", "tps"): 19.1,
    ("2xst-fcn", "affine"): 9.0,
    ("2xst-fcn", "projective"): 5.9,
    ("2xst-fcn", "tps"): 5.8,
}


def paper_error(model: str, family: str) -> float | None:
    """What the paper reached with this network and family, in %; None where it says nothing."""
    return PAPER.get((model, family if "st" in model else None))


@made_once
def error_bars(result: AddResult, mode: Mode = "light") -> go.Figure:
    """Every model's error on pairs it never saw, with two standard errors either way, beside the paper's."""
    palette = PALETTES[mode]
    drawn = figure(mode, HEIGHT)
    for row in result.scores:
        line = LINES[row["model"]]
        drawn.add_bar(
            name=line.name,
            x=[line.name],
            y=[row["error"]],
            error_y={"array": [2 * row["error_se"]], "color": palette.ink, "thickness": 1.5},
            marker={"color": line.colour(mode)},
            hovertemplate=f"%{{y:.1f}} ± {2 * row['error_se']:.1f} %<extra></extra>",
            showlegend=False,
        )
    papers = {LINES[row["model"]].name: paper_error(row["model"], result.family) for row in result.scores}
    papers = {name: error for name, error in papers.items() if error is not None}
    drawn.add_scatter(
        x=list(papers),
        y=list(papers.values()),
        mode="markers",
        marker={"symbol": "line-ew-open", "size": 34, "color": palette.ink, "line": {"width": 2}},
        name="the paper",
        hovertemplate="the paper: %{y:.1f} %<extra></extra>",
    )
    drawn.update_yaxes(title_text="wrong sums (%)", rangemode="tozero")
    return drawn


@made_once
def curves(result: AddResult, table: pd.DataFrame, title: str, mode: Mode = "light") -> go.Figure:
    """A line a model of a table with model, seconds and value: by seconds of training, on a logarithmic scale."""
    drawn = figure(mode, HEIGHT)
    for model in result.models:
        rows, line = table[table.model == model], LINES[model]
        drawn.add_scatter(
            x=rows.seconds,
            y=rows.value,
            mode="lines",
            name=line.name,
            line={"color": line.colour(mode), "width": 2, "dash": line.dash},
            hovertemplate=f"{line.name} %{{y:.3g}}<extra></extra>",
        )
    drawn.update_xaxes(title_text="seconds of training", rangemode="tozero")
    drawn.update_yaxes(title_text=title, **log_axis(table.value))
    return drawn


@made_once
def steadiness_heatmap(result: AddResult, mode: Mode = "light") -> go.Figure:
    """Which digit each transformer holds still: 100 % is perfectly still, 0 as unsteady as before."""
    table = result.steadiness
    rows = [f"{LINES[model].name}, transformer {number}" for model, number in zip(table.model, table.transformer, strict=True)]
    wide = table.assign(row=rows).pivot_table(index="row", columns="digit", values="steadied", sort=False)
    values = 100 * wide.to_numpy()
    hover = "%{y} removes %{text} of the motion of the %{x}"
    return share_map(["first digit", "second digit"], list(wide.index), values, 90 + 60 * len(wide), hover, mode)
