"""Figures of what forecasts would have been worth: equity curves beside buy-and-hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from core.rnn.figures import HEIGHT
from core.theme import LINES, Mode, figure

if TYPE_CHECKING:
    from core.rnn.outcome import CompareResult

HOLD = "buy-and-hold"
SHOWN = 4  # rules that are drawn at once; the rest wait in the legend
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")  # of the rules


def equity_chart(result: CompareResult, mode: Mode = "light") -> go.Figure:
    """What 1 became, after costs, by model and rule; the rules that ended highest are drawn, the rest wait in the legend."""
    drawn, table = figure(mode, HEIGHT + 80), result.equity
    days = table["date"].to_numpy().astype("datetime64[ms]")
    curves = [str(name) for name in table if name not in ("date", HOLD)]
    ended = {name: table[name].to_numpy(float)[-1] for name in curves}
    best = sorted(curves, key=lambda name: -ended[name])
    rules = list(dict.fromkeys(name.partition(" · ")[2] for name in curves))
    if HOLD in table:
        drawn.add_scatter(
            x=days,
            y=table[HOLD].to_numpy(float),
            mode="lines",
            name=HOLD,
            line={"color": LINES["actual"].colour(mode), "width": 1.2},
            hovertemplate="%{y:.3f}",
        )
    for name in best:
        model, _, rule = name.partition(" · ")
        line = LINES[model]
        drawn.add_scatter(
            x=days,
            y=table[name].to_numpy(float),
            mode="lines",
            name=f"{line.name} · {rule}" if rule else line.name,
            visible=True if name in best[:SHOWN] else "legendonly",
            line={"color": line.colour(mode), "width": 1.8, "dash": _DASHES[rules.index(rule) % len(_DASHES)]},
            hovertemplate="%{y:.3f}",
        )
    drawn.update_yaxes(title_text="what 1 became, after costs", type="log")
    return drawn
