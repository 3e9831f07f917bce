"""Figures of a sweep, from a stored result alone: skill by ticker and model, and its spread over tickers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.cells import label_cells
from core.made_once import made_once
from core.rnn.evaluation.metric import left_edge
from core.rnn.models import LINES, TITLES, capitalised_title
from core.rnn.skill_colours import BAR
from core.rnn.sweep.result import SweepResult
from core.rnn.words import say_percent, true_minus
from core.theme import HIGH, LOW, PALETTES, Mode, figure

ROW = 24  # pixels of a ticker or a model
FEW = 240  # cells: a map of more has no numbers in them, only the marks
_COLOURS_END = 5  # times the median |skill|, so that a model far below the others leaves these apart


@made_once
def heat_map(result: SweepResult, mode: Mode = "light") -> go.Figure:
    """Skill against the reference: a row a ticker, highest median on top, a column a model; zero has the background colour.

    A cell with * beats the reference after control of false discoveries.
    """
    skill = 100 * _wide(result, "skill").astype(float)
    order = skill.median(axis=1).sort_values(kind="stable").index
    skill, beats = skill.loc[order], _wide(result, "beats_controlled").loc[order].eq(True)
    sizes = skill.abs().to_numpy()
    limit = min(float(np.nanmax(sizes)), _COLOURS_END * float(np.nanmedian(sizes))) or 1.0
    drawn = figure(mode, ROW * len(skill) + 170)
    drawn.add_heatmap(
        x=[capitalised_title(str(model)) for model in skill],
        y=list(skill.index),
        z=skill.to_numpy(),
        zmid=0,
        zmin=-limit,
        zmax=limit,
        colorscale=[[0, LOW[mode]], [0.5, PALETTES[mode].paper], [1, HIGH[mode]]],
        customdata=_hovered(skill, beats),
        hovertemplate="%{y}, %{x}: skill %{customdata}<extra></extra>",
        hoverongaps=False,
        xgap=2,
        ygap=2,
        colorbar=BAR,
    )
    label_cells(drawn, _marked(skill, beats).tolist(), 11 if skill.size <= FEW else 16)
    drawn.update_xaxes(side="top", showgrid=False, tickangle=-40, type="category", dtick=1)
    drawn.update_yaxes(showgrid=False, type="category", dtick=1)
    drawn.update_layout(hovermode="closest")
    return drawn


def _wide(result: SweepResult, column: str) -> pd.DataFrame:
    """A column of the rows as tickers × models, models in the order of `TITLES`, the reference left out."""
    table = result.rows.set_index(["symbol", "model"])[column].unstack("model")  # noqa: PD010
    return table[[model for model in TITLES if model in table.columns and model != result.reference]]


def _marked(skill: pd.DataFrame, beats: pd.DataFrame) -> np.ndarray:
    """The texts of the cells: skill, with a decimal where it is small and the map has `FEW`; * where it beats the reference."""
    words = skill.map(lambda value: "" if np.isnan(value) else true_minus(f"{value:z.{0 if abs(value) >= 10 else 1}f}"))
    words = words if skill.size <= FEW else words.map(lambda _: "")
    return np.where(beats.to_numpy(), words.to_numpy() + "*", words.to_numpy())


def _hovered(skill: pd.DataFrame, beats: pd.DataFrame) -> np.ndarray:
    """Of each cell skill, and whether it beats the reference after control."""
    words = skill.map(lambda value: say_percent(value / 100, missing="")).to_numpy()
    return np.where(beats.to_numpy(), words + ", better after control of false discoveries", words)


@made_once
def spread(result: SweepResult, mode: Mode = "light") -> go.Figure:
    """Skill of every model over the tickers: a dot a ticker, a bar at the median, the highest median on top.

    What is far below the others stands at the left edge.
    """
    models = [model for model in result.variants["model"] if model != result.reference][::-1]
    edge = left_edge(result.rows.loc[result.rows["model"].isin(models), "skill"].dropna().to_numpy())
    drawn, palette = figure(mode, ROW * len(models) + 110), PALETTES[mode]
    for place, model in enumerate(models):
        mine = result.rows[result.rows["model"] == model]
        colour = LINES[model].colour(mode)
        drawn.add_scatter(
            x=100 * mine["skill"].clip(lower=edge),
            y=np.full(len(mine), place),
            mode="markers",
            marker={"color": colour, "size": 8, "opacity": 0.55, "symbol": LINES[model].symbol, "line": {"color": colour}},
            meta={"x": (100 * mine["skill"]).tolist()},
            customdata=[f"{one.symbol}: {say_percent(one.skill)}" for one in mine.itertuples()],
            hovertemplate="%{customdata}<extra></extra>",
            showlegend=False,
        )
        median = 100 * max(edge, float(mine["skill"].median()))
        drawn.add_shape(
            type="line", x0=median, x1=median, y0=place - 0.36, y1=place + 0.36, line={"color": palette.ink, "width": 2.5}
        )
    drawn.add_vline(x=0, line={"color": palette.ink, "width": 1.2, "dash": "dash"})
    drawn.update_xaxes(title_text=f"skill against<br>{result.words['reference']} (%)")  # the figure may be narrow
    drawn.update_yaxes(
        tickvals=list(range(len(models))),
        ticktext=[capitalised_title(model) for model in models],
        showgrid=False,
        range=[-0.6, len(models) - 0.4],
    )
    drawn.update_layout(hovermode="closest")
    return drawn
