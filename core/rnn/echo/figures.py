"""The figure of the echo: the skill of every network by lag, beside what is possible."""

from __future__ import annotations

import plotly.graph_objects as go

from core.rnn.echo.result import EchoResult
from core.rnn.models import LINES
from core.theme import PALETTES, Mode, figure

HEIGHT = 380
CAPTION = (
    "Share of the variance of the test days that each network forecasts, by the lag k of the echo; dashed, what is possible. "
    "The dots are its seeds."
)


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
