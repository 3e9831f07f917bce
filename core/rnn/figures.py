"""Figures of a comparison, from a stored result alone: prices and periods, forecasts, losses, skill, and the ranking table."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.rnn.names import CellName
from core.theme import LINES, PALETTES, Mode, figure

if TYPE_CHECKING:
    from core.rnn.compare import CompareResult
    from core.rnn.windows import Splits

HEIGHT = 340
NETWORKS = get_args(CellName)
_REFERENCE = "random-walk"
_SHADES = {"training": 0.0, "validation": 0.10, "test": 0.20}  # how dark the band of a period is
_LABEL = 17  # pixels: the height of one direct label


def price_chart(days: np.ndarray, close: np.ndarray, splits: Splits | None, mode: Mode = "light") -> go.Figure:
    """Closes (T,) on days datetime64[D] (T,), on a logarithmic scale, with the periods as named bands when they are known."""
    drawn = figure(mode, HEIGHT)
    drawn.add_scatter(
        x=days.astype("datetime64[ms]"),
        y=close,
        mode="lines",
        line={"color": LINES["actual"].colour(mode), "width": 1.2},
        hovertemplate="%{y:,.2f}<extra></extra>",
        showlegend=False,
    )
    for span in splits.spans if splits else ():
        drawn.add_vrect(
            x0=span.first.isoformat(),
            x1=span.last.isoformat(),
            fillcolor=PALETTES[mode].recurrent,
            opacity=_SHADES[span.name],
            line_width=0,
            layer="below",
        )
        drawn.add_annotation(
            x=span.first.isoformat(), y=1, yref="paper", yanchor="bottom", xanchor="left", showarrow=False, text=span.name,
            font={"color": PALETTES[mode].muted, "size": 13},
        )  # fmt: skip
    drawn.update_xaxes(title_text="")
    drawn.update_yaxes(title_text="adjusted close", type="log", nticks=6)
    return drawn


def forecast_chart(result: CompareResult, mode: Mode = "light") -> go.Figure:
    """What came and what was forecast the day before: as prices for the return target, as size of the move for volatility.

    The best network (mean and range over its seeds) and the best classical model are drawn; the others wait in the legend.
    """
    drawn = figure(mode, HEIGHT + 80)
    shown = _best_of(result, networks=True) + _best_of(result, networks=False)
    days, actual = _wide(result, str(result.ranking["model"].iloc[0]))[:2]
    drawn.add_trace(_line("actual", days, _in_units(result, actual), mode, width=1.0, legend=True))
    for model in result.ranking["model"][::-1]:
        forecasts = _in_units(result, _wide(result, model)[2])
        visible = True if model in shown else "legendonly"
        if len(forecasts) > 1:
            drawn.add_trace(_band(model, days, forecasts, mode, visible))
        drawn.add_trace(_line(model, days, forecasts.mean(axis=0), mode, width=1.8, legend=True).update(visible=visible))
    drawn.update_xaxes(title_text="")
    drawn.update_yaxes(
        title_text="close, forecast the day before" if result.target == "return" else "size of the daily move (%)"
    )
    return drawn


def _best_of(result: CompareResult, networks: bool) -> list[str]:
    """The lowest error among the networks, or among the other models."""
    return [model for model in result.ranking["model"] if (model in NETWORKS) == networks][:1]


def _wide(result: CompareResult, model: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Days (D,), actual values (D,) and forecasts (seeds, D) of one model."""
    rows = result.forecasts[result.forecasts["model"] == model].sort_values(["seed", "date"], kind="stable")
    seeds = rows["seed"].nunique()
    days, actual = (rows[name].to_numpy()[: len(rows) // seeds] for name in ("date", "actual"))
    return days.astype("datetime64[ms]"), actual, rows["forecast"].to_numpy().reshape(seeds, -1)


def _in_units(result: CompareResult, values: np.ndarray) -> np.ndarray:
    """Target values (…, D) of the test days as they are drawn: prices for returns, percent for sizes."""
    if result.target == "volatility":
        return 100 * values
    before = result.close[-1 - values.shape[-1] : -1]  # the last price known when each forecast was made
    return before * np.exp(values)


def _line(model: str, days: np.ndarray, values: np.ndarray, mode: Mode, width: float, legend: bool = False) -> go.Scatter:
    line = LINES[model]
    return go.Scatter(
        x=days,
        y=values,
        mode="lines",
        name=line.name,
        legendgroup=model,
        showlegend=legend,
        line={"color": line.colour(mode), "width": width, "dash": line.dash},
        hovertemplate="%{y:,.2f}",
    )


def _band(model: str, days: np.ndarray, forecasts: np.ndarray, mode: Mode, visible: bool | str) -> go.Scatter:
    """The range over the seeds, forecasts (seeds, D)."""
    return go.Scatter(
        x=np.concatenate([days, days[::-1]]),
        y=np.concatenate([forecasts.max(axis=0), forecasts.min(axis=0)[::-1]]),
        fill="toself",
        fillcolor=LINES[model].colour(mode),
        opacity=0.25,
        mode="none",
        legendgroup=model,
        showlegend=False,
        visible=visible,
        hoverinfo="skip",
    )


def loss_curves(result: CompareResult, mode: Mode = "light") -> go.Figure:
    """Training loss (dotted) and validation loss (solid) by training step; one pair of lines a seed, one colour a network."""
    drawn = figure(mode, HEIGHT)
    ends: dict[str, tuple[float, float]] = {}
    for (model, _), rows in result.curves.groupby(["model", "seed"], sort=False):
        model = str(model)
        for column, dash in (("loss", "dot"), ("validation", "solid")):
            known = rows.dropna(subset=[column])
            drawn.add_trace(
                _curve(model, known["step"].to_numpy(), known[column].to_numpy(), f"{column} %{{y:.3f}}", dash, mode)
            )
            if len(known):
                ends[model] = (known["step"].iloc[-1], known[column].iloc[-1])
    _label_ends(drawn, ends, mode)
    drawn.update_xaxes(title_text="training step")
    drawn.update_yaxes(title_text="loss: training dotted, validation solid")
    drawn.update_layout(hovermode="closest", margin={"r": 120})
    return drawn


def _curve(model: str, steps: np.ndarray, values: np.ndarray, told: str, dash: str, mode: Mode) -> go.Scatter:
    line = LINES[model]
    return go.Scatter(
        x=steps,
        y=values,
        mode="lines",
        name=line.name,
        showlegend=False,
        line={"color": line.colour(mode), "width": 1.5, "dash": dash},
        opacity=0.8 if dash == "solid" else 0.5,
        hovertemplate=f"{line.name}, step %{{x}}: {told}<extra></extra>",
    )


def _label_ends(drawn: go.Figure, ends: dict[str, tuple[float, float]], mode: Mode) -> None:
    """Write every network's name beside the end of its line, moved apart where names would overlap."""
    values = np.concatenate([trace.y for trace in drawn.data]) if drawn.data else np.zeros(1)
    pixels = (HEIGHT - 80) / max(float(np.ptp(values)) if len(values) else 0.0, 1e-12)
    order = sorted(ends, key=lambda model: ends[model][1])
    heights = {model: ends[model][1] * pixels for model in order}
    for below, above in pairwise(order):
        heights[above] = max(heights[above], heights[below] + _LABEL)
    furthest = max((step for step, _ in ends.values()), default=0)
    for model in order:
        value = ends[model][1]
        drawn.add_annotation(
            x=furthest, y=value, yshift=heights[model] - value * pixels, xanchor="left", xshift=6, showarrow=False,
            text=LINES[model].name, font={"color": LINES[model].colour(mode), "size": 13},
        )  # fmt: skip


def skill_chart(result: CompareResult, mode: Mode = "light") -> go.Figure:
    """Skill of every model, best on top, with the range over its seeds; the zero line is the random walk, below it is red."""
    drawn, palette = figure(mode, HEIGHT), PALETTES[mode]
    ranked = result.ranking[result.ranking["model"] != _REFERENCE]
    for row in ranked[::-1].itertuples():
        drawn.add_trace(_skill_row(row, _seed_skills(result, row), mode))
    drawn.add_vline(x=0, line={"color": palette.ink, "width": 1.5})
    drawn.add_annotation(
        x=0, y=1, yref="paper", yanchor="bottom", showarrow=False, text="random walk", font={"color": palette.muted}
    )
    reach = 100 * float(np.nanmax(np.abs(ranked["skill"]), initial=0.001))
    low, high = min(0.0, 100 * ranked["skill"].min(skipna=True)), max(0.0, 100 * ranked["skill"].max(skipna=True))
    drawn.update_xaxes(
        title_text="skill: squared error saved against the random walk (%)", range=[low - 0.25 * reach, high + 0.35 * reach]
    )
    drawn.update_yaxes(showgrid=False)
    drawn.update_layout(hovermode="closest")
    return drawn


def _seed_skills(result: CompareResult, row: Any) -> tuple[float, float]:
    """The worst and the best seed's skill in percent."""
    walk = result.ranking.set_index("model").loc[_REFERENCE, "rmse"]
    return 100 * (1 - (row.rmse_high / walk) ** 2), 100 * (1 - (row.rmse_low / walk) ** 2)


def _skill_row(row: Any, reach: tuple[float, float], mode: Mode) -> go.Scatter:
    """One model: its skill in words and as a marker, and a line from its worst to its best seed."""
    line, skill = LINES[row.model], 100 * row.skill
    colour = PALETTES[mode].fail if skill < 0 else line.colour(mode)
    told = f"{skill:+.2f} %".replace("-", "−")
    spread = {"array": [reach[1] - skill], "arrayminus": [skill - reach[0]], "symmetric": False}
    return go.Scatter(
        x=[skill],
        y=[line.name],
        mode="markers+text",
        marker={"color": colour, "size": 11, "symbol": line.symbol, "line": {"color": colour, "width": 1.5}},
        error_x=spread | {"color": colour, "thickness": 2, "width": 0},
        text=[told],
        textposition="top center",
        textfont={"color": colour},
        hovertemplate=f"{line.name}: {told}, seeds {reach[0]:.2f} to {reach[1]:.2f} %<extra></extra>",
        showlegend=False,
    )


def ranking_table(result: CompareResult) -> pd.DataFrame:
    """The ranking with readable names, best first; errors and skill in percent."""
    ranking = result.ranking
    return pd.DataFrame(
        {
            "model": [LINES[model].name for model in ranking["model"]],
            "skill": 100 * ranking["skill"],
            "mase": ranking["mase"],
            "p": ranking["dm_p"],
            "p (Holm)": ranking["dm_p_holm"],
            "MAE (%)": 100 * ranking["mae"],
            "RMSE (%)": 100 * ranking["rmse"],
            "seeds": ranking["seeds"],
        }
    )
