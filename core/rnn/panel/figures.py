"""Figures of a panel, from a stored result alone: the skill of every model over all tickers, with its doubt."""

from __future__ import annotations

import plotly.graph_objects as go

from core.rnn.models import LINES
from core.rnn.panel.models import panel_model
from core.rnn.panel.result import PanelResult
from core.theme import PALETTES, Mode, figure

ROW = 24  # pixels of a model


def skills(result: PanelResult, mode: Mode = "light") -> go.Figure:
    """Skill of every model against the target's reference: a dot a ticker, a bar at all tickers together, the best on top."""
    verdict, tickers = result.verdict, result.tickers
    table = result.comparisons
    mine = table[(table["reference"] == verdict.reference) & (table["loss"] == verdict.loss)].sort_values("skill")
    drawn, palette = figure(mode, ROW * len(mine) + 110), PALETTES[mode]
    for place, (name, skill) in enumerate(zip(mine["model"], mine["skill"], strict=True)):
        model = panel_model(name)
        dots = tickers[(tickers["model"] == model.name) & (tickers["reference"] == verdict.reference)]
        colour = LINES[model.line].colour(mode)
        drawn.add_scatter(
            x=100 * dots["skill"],
            y=[place] * len(dots),
            mode="markers",
            marker={"color": colour, "size": 7, "opacity": 0.5, "symbol": LINES[model.line].symbol, "line": {"color": colour}},
            customdata=dots["symbol"],
            hovertemplate="%{customdata}: %{x:.2f} %<extra></extra>",
            showlegend=False,
        )
        middle = 100 * float(skill)
        drawn.add_shape(
            type="line", x0=middle, x1=middle, y0=place - 0.36, y1=place + 0.36, line={"color": palette.ink, "width": 2.5}
        )
    drawn.add_vline(x=0, line={"color": palette.ink, "width": 1.2, "dash": "dash"})
    drawn.update_xaxes(title_text=f"skill against {panel_model(verdict.reference).title} (%)")
    drawn.update_yaxes(
        tickvals=list(range(len(mine))),
        ticktext=[panel_model(str(name)).title for name in mine["model"]],
        showgrid=False,
        range=[-0.6, len(mine) - 0.4],
    )
    drawn.update_layout(hovermode="closest")
    return drawn
