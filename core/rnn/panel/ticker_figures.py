"""Figures of a panel's tickers: every model on every ticker, one model over the tickers, tickers that were never seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.figures.table import NO_DATA
from core.made_once import made_once
from core.rnn.models import LINES
from core.rnn.panel.models import panel_model
from core.rnn.panel.overview_figures import label
from core.rnn.panel.result import PanelResult
from core.rnn.panel.views import ends_shown, on_tickers, recipes_inside, standings, unseen_skills
from core.rnn.skill_colours import BAR
from core.rnn.words import say_percent
from core.theme import HIGH, LOW, PALETTES, Mode, figure

ROW, TICKER, LOW_TICKER = 28, 24, 11  # pixels of a model, of a ticker, and of one of very many
TALL = 1000  # pixels: tickers get lower where they would need more
MANY = 40  # tickers: of more a map has no names


@made_once
def heat_map(result: PanelResult, reference: str, mode: Mode = "light") -> go.Figure:
    """Skill of every model (a row, the best over all tickers on top) on every ticker (a column); zero has the paper's colour.

    A dot marks what is better after control of false discoveries over all cells.
    """
    ranked = list(standings(result, reference, result.verdict.loss)["model"])
    models = [model for model in ranked if model not in recipes_inside(result)][::-1]
    table = on_tickers(result, reference)
    skill = 100 * _wide(table, "skill", models).astype(float)
    order = skill.loc[models[-1]].sort_values(ascending=False, kind="stable").index
    skill, beats = skill[order], _wide(table, "beats", models)[order].eq(True)
    limit = 100 * float(table["skill"].abs()[table["skill"] > 0].quantile(0.95)) if (table["skill"] > 0).any() else 1.0
    words = skill.map(lambda value: say_percent(value / 100, missing="")).to_numpy()
    drawn = figure(mode, ROW * len(models) + 150)
    drawn.add_heatmap(
        x=list(order),
        y=[label(model) for model in models],
        z=skill.to_numpy(),
        zmid=0,
        zmin=-limit,
        zmax=limit,
        colorscale=[[0, LOW[mode]], [0.5, PALETTES[mode].paper], [1, HIGH[mode]]],
        text=np.where(beats.to_numpy(), "●", ""),
        texttemplate="%{text}",
        textfont={"size": 10, "color": PALETTES[mode].ink},
        customdata=np.where(beats.to_numpy(), words + ", better after control of false discoveries", words),
        hovertemplate="%{y}, %{x}: skill %{customdata}<extra></extra>",
        hoverongaps=False,
        xgap=1,
        ygap=1,
        colorbar=BAR,
    )
    drawn.update_xaxes(side="top", showgrid=False, tickangle=-90, type="category", showticklabels=len(order) <= MANY, dtick=1)
    drawn.update_yaxes(showgrid=False, type="category", dtick=1, tickfont={"size": 12, "color": PALETTES[mode].ink})
    drawn.update_layout(hovermode="closest")
    return drawn


def _wide(table: pd.DataFrame, column: str, models: list[str]) -> pd.DataFrame:
    """A column as models × tickers."""
    return table.set_index(["model", "symbol"])[column].unstack("symbol").loc[models]  # noqa: PD010


@made_once
def ticker_chart(result: PanelResult, model: str, reference: str, mode: Mode = "light") -> go.Figure:
    """Skill of one model on every ticker, best on top, with 95 % intervals; filled where it holds after control."""
    table = on_tickers(result, reference)
    rows = table[table["model"] == model].sort_values("skill", ignore_index=True)
    left = 100 * ends_shown(rows)[0]
    colour, palette = LINES[panel_model(model).line].colour(mode), PALETTES[mode]
    drawn = figure(mode, round(_height(len(rows)) * len(rows)) + 100)
    for place, row in enumerate(rows.to_dict("records")):
        low, high = max(100 * row["low"], left), 100 * row["high"]
        drawn.add_scatter(
            x=[low, high], y=[place, place], mode="lines", line={"color": colour, "width": 2}, opacity=0.6,
            meta=NO_DATA, hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    drawn.add_scatter(
        x=100 * rows["skill"],
        y=list(range(len(rows))),
        meta={"x_low": (100 * rows["low"]).tolist(), "x_high": (100 * rows["high"]).tolist()},
        mode="markers",
        marker={
            "symbol": ["circle" if beats else "circle-open" for beats in rows["beats"]],
            "size": 9,
            "color": colour,
            "line": {"color": colour, "width": 2},
        },
        customdata=rows["symbol"],
        hovertemplate="%{customdata}: %{x:.2f} %<extra></extra>",
        showlegend=False,
    )
    overall = standings(result, reference, result.verdict.loss).set_index("model")["skill"].get(model)
    if overall is not None:
        _line_at(drawn, 100 * float(overall), "all tickers", "dot", mode)
    drawn.add_vline(x=0, line={"color": palette.ink, "width": 1.5})
    drawn.update_xaxes(title_text=f"skill against {panel_model(reference).title} (%)", nticks=7)
    _tickers_on_axis(drawn, list(rows["symbol"]), mode)
    return drawn


def _height(tickers: int) -> float:
    """Pixels of one ticker's row."""
    return max(LOW_TICKER, min(TICKER, TALL / tickers))


def _line_at(drawn: go.Figure, x: float, text: str, dash: str, mode: Mode) -> None:
    palette = PALETTES[mode]
    drawn.add_vline(x=x, line={"color": palette.muted, "width": 1.5, "dash": dash})
    drawn.add_annotation(
        x=x, y=1, yref="paper", yanchor="bottom", showarrow=False, text=text, font={"color": palette.muted, "size": 12.5}
    )


def _tickers_on_axis(drawn: go.Figure, symbols: list[str], mode: Mode) -> None:
    drawn.update_yaxes(
        tickvals=list(range(len(symbols))),
        ticktext=symbols,
        tickfont={"size": min(12.5, _height(len(symbols)) - 1), "color": PALETTES[mode].ink},
        showgrid=False,
        range=[-0.6, len(symbols) - 0.4],
    )
    drawn.update_layout(hovermode="closest")


@made_once
def unseen_chart(result: PanelResult, mode: Mode = "light") -> go.Figure:
    """By ticker the skill of a network that learned from it (open) and of one that never saw it (filled)."""
    rows, palette = unseen_skills(result), PALETTES[mode]
    model = str(rows["model"].iloc[0])
    colour = LINES[panel_model(model).line].colour(mode)
    drawn = figure(mode, round(_height(len(rows)) * len(rows)) + 110)
    for place, row in enumerate(rows.to_dict("records")):
        drawn.add_scatter(
            x=[100 * row["seen"], 100 * row["unseen"]], y=[place, place], mode="lines", hoverinfo="skip", showlegend=False,
            line={"color": palette.muted, "width": 1.5}, meta=NO_DATA,
        )  # fmt: skip
    for column, words, symbol in (("seen", "learned from it", "circle-open"), ("unseen", "never saw it", "circle")):
        drawn.add_scatter(
            x=100 * rows[column],
            y=list(range(len(rows))),
            mode="markers",
            name=words,
            marker={"symbol": symbol, "size": 9, "color": colour, "line": {"color": colour, "width": 2}},
            customdata=[f"{ticker}, {words}" for ticker in rows["symbol"]],
            hovertemplate="%{customdata}: %{x:.2f} %<extra></extra>",
            showlegend=True,
        )
    drawn.add_vline(x=0, line={"color": palette.ink, "width": 1.5})
    drawn.update_xaxes(title_text=f"skill against {panel_model(result.verdict.reference).title} (%), one seed", nticks=7)
    _tickers_on_axis(drawn, list(rows["symbol"]), mode)
    return drawn
