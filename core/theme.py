"""One look for every figure: Plotly templates for light and dark, and one colour and line per model, the same on every screen.

Colours are the Okabe-Ito set (safe for colour-blind eyes); dash and marker tell lines apart without colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

Mode = Literal["light", "dark"]


@dataclass(frozen=True)
class Palette:
    """The colours of one mode."""

    paper: str
    ink: str
    muted: str
    rule: str
    spatial: str
    recurrent: str
    warn: str
    fail: str


PALETTES: dict[Mode, Palette] = {
    "light": Palette("#FBFAF7", "#1F2430", "#667085", "#E5E2DA", "#0F766E", "#4338CA", "#B45309", "#B42318"),
    "dark": Palette("#11141A", "#E7E9EE", "#9AA3B2", "#2A2F3A", "#2DD4BF", "#A5B4FC", "#FBBF24", "#F97066"),
}


@dataclass(frozen=True)
class Line:
    """How one model is drawn: its colour in both modes, dash, marker symbol and readable name."""

    name: str
    light: str
    dark: str
    dash: str = "solid"
    symbol: str = "circle"

    def colour(self, mode: Mode) -> str:
        return self.light if mode == "light" else self.dark


LINES: dict[str, Line] = {
    "actual": Line("actual", "#1F2430", "#E7E9EE"),
    "random-walk": Line("random walk", "#8A8F98", "#8A8F98", "dash", "line-ew-open"),
    "drift": Line("drift", "#8A8F98", "#A8ADB6", "dot", "line-ns-open"),
    "mean": Line("historical mean", "#8A8F98", "#A8ADB6", "longdash", "x-thin-open"),
    # classical models: blues, broken lines, diamonds and other pointed marks
    "ar": Line("AR", "#56B4E9", "#56B4E9", "dot", "diamond"),
    "arima": Line("ARIMA", "#1F6F9F", "#A5DBF7", "dot", "diamond-tall"),
    "ets": Line("ETS", "#56B4E9", "#56B4E9", "longdashdot", "triangle-down-open"),
    "theta": Line("Theta", "#1F6F9F", "#A5DBF7", "longdashdot", "triangle-left-open"),
    "ewma": Line("EWMA", "#56B4E9", "#56B4E9", "longdash", "pentagon-open"),
    "har": Line("HAR", "#2E93CC", "#7CC7F0", "dashdot", "diamond-open"),
    "garch": Line("GARCH-t", "#1F6F9F", "#A5DBF7", "longdash", "hexagram-open"),
    # networks: whole lines, filled marks; a cell with ReLU is dashed
    "mlp": Line("feed-forward", "#D55E00", "#E8804A", "dashdot", "cross"),
    "rnn": Line("vanilla RNN", "#E69F00", "#E69F00", "solid", "circle"),
    "rnn-relu": Line("vanilla RNN, ReLU", "#A67300", "#F2C55C", "dash", "hexagon"),
    "birnn": Line("bidirectional RNN", "#CC79A7", "#CC79A7", "solid", "square"),
    "birnn-relu": Line("bidirectional RNN, ReLU", "#9C4F7C", "#E3A9C8", "dash", "bowtie"),
    "lstm": Line("LSTM", "#0072B2", "#4DA3DB", "solid", "triangle-up"),
    "bilstm": Line("bidirectional LSTM", "#4B3B8F", "#8B63E8", "solid", "triangle-right"),
    "gru": Line("GRU", "#009E73", "#34C79A", "solid", "star"),
    "bigru": Line("bidirectional GRU", "#5B5F00", "#C9CC5A", "solid", "star-diamond"),
    "fcn": Line("FCN", "#E69F00", "#E69F00", "dash", "square-open"),
    "cnn": Line("CNN", "#D55E00", "#E8804A", "solid", "square"),
    "st-fcn": Line("ST-FCN", "#0072B2", "#4DA3DB", "dash", "circle-open"),
    "2xst-fcn": Line("2×ST-FCN", "#009E73", "#34C79A", "solid", "star"),
    "st-cnn": Line("ST-CNN", "#0F766E", "#2DD4BF", "solid", "circle"),
    "modern-cnn": Line("modern CNN", "#CC79A7", "#CC79A7", "dashdot", "diamond"),
}


def template(mode: Mode) -> go.layout.Template:
    """No frame, a faint grid, no legend box; text in the page's own family."""
    p = PALETTES[mode]
    axis = {
        "gridcolor": p.rule,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "color": p.muted,
        "title": {"font": {"size": 13}, "standoff": 8},
        "automargin": True,
        "ticklabeloverflow": "allow",  # a title beside hidden labels only is laid out at infinity
    }
    return go.layout.Template(
        layout={
            "font": {"family": "Source Sans, sans-serif", "size": 14, "color": p.ink},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": [p.spatial, p.recurrent, p.warn, p.muted],
            "margin": {"l": 8, "r": 16, "t": 28, "b": 8},
            "xaxis": axis,
            "yaxis": axis,
            "hovermode": "x unified",
            "hoverlabel": {"bgcolor": p.paper, "bordercolor": p.rule, "font": {"color": p.ink}},
            "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "title": {"text": ""}},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": p.muted, "activecolor": p.ink},
        }
    )


def figure(mode: Mode, height: int) -> go.Figure:
    """An empty figure in the house style; the same height on every rerun."""
    style = template(mode)  # its font is said again, because Streamlit does not read it there
    return go.Figure(layout={"template": style, "height": height, "font": style.layout.font})
