"""The colour bar of heat maps of skill."""

from __future__ import annotations

BAR = {  # below, so that a narrow screen keeps its width for the cells
    "title": {"text": "skill (%)", "side": "bottom", "font": {"size": 13}},
    "orientation": "h",
    "y": 0,
    "yanchor": "top",
    "len": 0.6,
    "thickness": 10,
    "outlinewidth": 0,
    "nticks": 5,
}
