"""One look for every figure: Plotly templates for light and dark, and the colours of the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import plotly.graph_objects as go

from core.lines import Mode


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


# The ends of a scale from low to high: Okabe and Ito's vermillion and blue, apart for every eye.
LOW: dict[Mode, str] = {"light": "#D55E00", "dark": "#E8804A"}
HIGH: dict[Mode, str] = {"light": "#0072B2", "dark": "#4DA3DB"}


@cache
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
    """An empty figure in the lab's style; the same height on every rerun."""
    style = template(mode)  # its font is said again, because Streamlit does not read it there
    return go.Figure(layout={"template": style, "height": height, "font": style.layout.font})


@cache
def _plain(mode: Mode, height: int) -> dict[str, Any]:
    plain: dict[str, Any] = figure(mode, height).to_plotly_json()["layout"]
    return plain


def plain_figure(mode: Mode, height: int, traces: Sequence[Mapping[str, Any]], **axes: Mapping[str, Any]) -> dict[str, Any]:
    """The same as plain values, without Plotly's checks, which take fifty times as long as what they check: for figures that
    are drawn twice a second. `axes` are parts of the layout."""
    layout = _plain(mode, height)
    return {"data": list(traces), "layout": layout | {name: {**layout.get(name, {}), **axis} for name, axis in axes.items()}}
