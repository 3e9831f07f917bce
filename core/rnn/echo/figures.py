"""The figure of the echo: the skill of every network by lag, beside what is possible."""

from __future__ import annotations

import plotly.graph_objects as go

from core.made_once import made_once
from core.rnn.echo.result import LEARNED, EchoResult
from core.rnn.models import LINES, capitalised_title
from core.rnn.words import true_minus
from core.theme import PALETTES, Mode, figure

HEIGHT, LAG_HEIGHT = 380, 300
CAPTION = (
    "Share of the variance of the test days that each network forecasts, by the lag k of the echo; dashed, what is possible. "
    "The dots are its seeds."
)


@made_once
def skill_chart(result: EchoResult, mode: Mode = "light") -> go.Figure:
    """A line a network over the lags, a dot a seed."""
    drawn, palette = figure(mode, HEIGHT), PALETTES[mode]
    drawn.add_hline(y=100 * result.possible, line={"color": palette.muted, "dash": "dash", "width": 1})
    for model in result.models:
        line, skills = LINES[model], result.skills(model)
        seeds = result.scores_by_lag[result.scores_by_lag["model"] == model]
        drawn.add_scatter(
            x=skills.index,
            y=100 * skills,
            mode="lines+markers",
            name=line.name,
            line={"color": line.colour(mode), "dash": line.dash},
            marker={"symbol": line.symbol, "size": 9},
            hovertemplate=f"{line.name} %{{y:.1f}} %<extra></extra>",
        )
        drawn.add_scatter(
            name=f"{line.name}, its seeds",
            x=seeds["lag"],
            y=100 * seeds["skill"],
            mode="markers",
            marker={"color": line.colour(mode), "size": 5, "opacity": 0.5},
            hoverinfo="skip",
            showlegend=False,
        )
    drawn.update_xaxes(title_text="lag k of the echo (days)")
    drawn.update_yaxes(title_text="skill (%)", zeroline=True, zerolinecolor=palette.rule)
    return drawn


LAG_CAPTION = (
    "Bars: the share of the variance of the test days that each network forecasts; dashed, what is possible, dotted, half of "
    "it, from which on it counts as learned. Lines: the loss on validation days while they learned."
)


@made_once
def lag_chart(result: EchoResult, lag: int, mode: Mode = "light") -> go.Figure:
    """A bar a network: its skill at one lag, a mean over its seeds."""
    drawn, palette = figure(mode, LAG_HEIGHT), PALETTES[mode]
    skills = {model: 100 * float(result.skills(model)[lag]) for model in result.models}
    drawn.add_bar(
        x=list(skills.values()),
        y=[capitalised_title(model) for model in skills],
        orientation="h",
        marker={"color": [LINES[model].colour(mode) for model in skills]},
        text=[true_minus(f"{skill:z.0f} %") for skill in skills.values()],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.1f} %<extra></extra>",
    )
    for share, dash in ((1.0, "dash"), (LEARNED, "dot")):
        drawn.add_vline(x=100 * share * result.possible, line={"color": palette.muted, "dash": dash, "width": 1})
    drawn.update_xaxes(
        title_text="skill (%)", range=[min(-10, *skills.values()), 105], zeroline=True, zerolinecolor=palette.rule
    )
    drawn.update_yaxes(autorange="reversed", showgrid=False)
    return drawn.update_layout(hovermode="closest")


@made_once
def curve_chart(result: EchoResult, lag: int, mode: Mode = "light") -> go.Figure:
    """The validation loss of the networks of one lag by training step, a line a seed."""
    drawn = figure(mode, LAG_HEIGHT)
    for (model, seed), own in result.curves[result.curves["lag"] == lag].groupby(["model", "seed"], sort=False):
        line = LINES[str(model)]
        drawn.add_scatter(
            x=own["step"],
            y=own["validation"],
            mode="lines",
            name=line.name,
            line={"color": line.colour(mode), "dash": line.dash},
            showlegend=bool(seed == result.curves["seed"].min()),
            hovertemplate=f"{line.name} %{{y:.3f}}<extra></extra>",
        )
    drawn.update_xaxes(title_text="training step", rangemode="tozero")
    drawn.update_yaxes(title_text="validation loss")
    return drawn
