"""How figures draw each network: one line a network, the same in every experiment."""

from __future__ import annotations

from core.lines import Line

LINES: dict[str, Line] = {
    "fcn": Line("FCN", "#E69F00", "#E69F00", "dash", "square-open"),
    "cnn": Line("CNN", "#D55E00", "#E8804A", "solid", "square"),
    "st-fcn": Line("ST-FCN", "#0072B2", "#4DA3DB", "dash", "circle-open"),
    "2xst-fcn": Line("2×ST-FCN", "#009E73", "#34C79A", "solid", "star"),
    "st-cnn": Line("ST-CNN", "#0F766E", "#2DD4BF", "solid", "circle"),
    "modern-cnn": Line("modern CNN", "#CC79A7", "#CC79A7", "dashdot", "diamond"),
}
