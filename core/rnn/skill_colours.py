"""The colours and the colour bar of heat maps of skill."""

from __future__ import annotations

from core.theme import Mode

WORST: dict[Mode, str] = {"light": "#D55E00", "dark": "#E8804A"}  # Okabe and Ito's vermillion and blue: apart for every eye
BEST: dict[Mode, str] = {"light": "#0072B2", "dark": "#4DA3DB"}
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
