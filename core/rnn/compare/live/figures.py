"""The figure of a comparison that is alive, as plain values: the last test days, and the forecasts of them so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.lines import Mode
from core.rnn.compare.live.so_far import SoFar
from core.rnn.dataset.target import Target
from core.rnn.models import ACTUAL, line_of
from core.theme import plain_figure

DRAWN = 4  # models, the best so far


def plain_forecasts(so_far: SoFar, target: Target, mode: Mode, height: int) -> dict[str, Any]:
    """The actual values and the forecasts of the best models that are done, in percent."""
    days = np.datetime_as_string(so_far.days.astype("datetime64[s]"), unit="s").tolist()
    drawn = [_line("actual", days, so_far.actual, mode) | {"opacity": 0.6}]
    if target.is_probability:
        drawn[0] |= {"mode": "markers", "marker": {"color": ACTUAL.colour(mode), "symbol": "line-ns-open", "size": 7}}
    drawn += [_line(model, days, so_far.forecasts[model], mode) for model in so_far.ranking["model"][:DRAWN]]
    return plain_figure(mode, height, drawn, yaxis={"title": {"text": target.axis}})


def _line(model: str, days: list[str], values: np.ndarray, mode: Mode) -> dict[str, Any]:
    line = line_of(model)
    return {
        "type": "scatter",
        "x": days,
        "y": (100 * values).tolist(),
        "mode": "lines",
        "name": line.name,
        "line": {"color": line.colour(mode), "dash": line.dash, "width": 1 if model == "actual" else 1.8},
        "hovertemplate": "%{y:,.2f}",
    }
