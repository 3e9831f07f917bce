"""Line: the colour, dash and marker with which every figure draws a model. Loads without Plotly."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Mode = Literal["light", "dark"]


@dataclass(frozen=True)
class Line:
    """A model's readable name, its colour in both modes, its dash and its marker symbol.

    Colours are of the Okabe-Ito set (safe for colour-blind eyes); dash and marker tell lines apart without colour.
    """

    name: str
    light: str
    dark: str
    dash: str = "solid"
    symbol: str = "circle"

    def named(self, name: str) -> Line:
        """The same line under another name."""
        return replace(self, name=name)

    def colour(self, mode: Mode) -> str:
        return self.light if mode == "light" else self.dark
