"""A figure for the last row of a lecture hall: type, lines and markers larger, on a larger sheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.made_once import made_once

LARGER = 1.35
_TEXT = 13.0, 2.0, 6.0  # Plotly's own sizes, in pixels, of hover text, lines and markers, where a figure says none
_OFFSETS = {"standoff", "xshift", "yshift"}
_WIDTHS = {"line", "error_x", "error_y", "meanline"}  # `width` and `thickness` within them are pixels


@made_once
def for_projector(figure: go.Figure, larger: float = LARGER) -> go.Figure:
    """The same figure, everything that is measured in pixels larger; fewer ticks where their number is given."""
    return go.Figure(enlarged(figure.to_plotly_json(), larger))


def enlarged(drawn: Mapping[str, Any], larger: float = LARGER) -> dict[str, Any]:
    """The same of a figure's plain values, `data` and `layout`."""
    hover, line, marker = _TEXT
    layout = _enlarged({"template": {}, **drawn["layout"]}, "", larger)
    template = _enlarged(drawn["layout"].get("template", {}), "", larger)
    styles = {**template.get("data", {}), "scatter": [{"line": {"width": larger * line}, "marker": {"size": larger * marker}}]}
    look = template.get("layout", {})
    label = look.get("hoverlabel", {})
    look = {**look, "hoverlabel": {**label, "font": {**label.get("font", {}), "size": larger * hover}}}
    layout["template"] = {**template, "data": styles, "layout": look}
    return {"data": [_enlarged(trace, "", larger) for trace in drawn["data"]], "layout": layout}


def _enlarged(part: Any, within: str, larger: float) -> Any:
    """A part of a figure's description; `within` is the name that it stands under."""
    if isinstance(part, Mapping):
        return {name: _one(name, value, within, larger) for name, value in part.items() if value is not None}
    if isinstance(part, (list, tuple)) and part and isinstance(part[0], Mapping):
        return [_enlarged(one, within, larger) for one in part]
    return part


def _one(name: str, value: Any, within: str, larger: float) -> Any:
    in_pixels = (
        name in _OFFSETS
        or (name == "size" and (within == "marker" or within.endswith("font")))
        or (name == "height" and not within)
        or (within == "margin" and name in "lrtb")
        or (within in _WIDTHS and name in ("width", "thickness"))
        or (within == "colorbar" and name == "thickness")
    )
    if name == "nticks":
        return max(3, round(value / larger))
    if in_pixels:
        return np.asarray(value, float) * larger if np.ndim(value) else larger * value
    return _enlarged(value, name, larger)
