"""Words of strangers in figures. Plotly reads every text as a little HTML: a ticker or a file name could be bold, or a link.

What leaves for a browser goes through `quoted` (`pages.parts.layout.chart`, `pages.parts.live.figures`), which lets through the
tags that the lab's own figures use for lines and hover boxes, and texts that the lab itself has made `bold`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.made_once import made_once

_TAG = re.compile(r"<(?!br ?/?>|/?extra>)")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_NOT_TEXT = {"template", "type", "mode"}  # parts of a figure that hold no words, or ours alone
_bold: set[str] = set()


def bold(text: str) -> str:
    """A text of the lab's own, such as a model's name, in bold; never one that holds a name from outside."""
    tagged = f"<b>{text}</b>"
    _bold.add(tagged)
    return tagged


def quoted_text(text: str) -> str:
    """A text as Plotly shows it letter by letter."""
    if text in _bold or not ("<" in text or "&" in text):
        return text
    return _TAG.sub("&lt;", _ENTITY.sub("&amp;", text))


def quoted(part: Any) -> Any:
    """A part of a figure's plain values, all texts in it quoted; itself where there is nothing to quote."""
    if isinstance(part, str):
        return quoted_text(part)
    if isinstance(part, Mapping):
        parts = {name: part[name] if name in _NOT_TEXT else quoted(part[name]) for name in part}
        return part if all(parts[name] is part[name] for name in part) else parts
    if isinstance(part, np.ndarray):
        return part if part.dtype.kind not in "OUS" else _of_list(part, part.tolist())
    return _of_list(part, part) if isinstance(part, list | tuple) else part


def _of_list(given: Any, items: Any) -> Any:
    parts = [quoted(item) for item in items]
    return given if all(one is item for one, item in zip(parts, items, strict=True)) else parts


def quoted_figure(figure: go.Figure) -> go.Figure:
    """The figure with all its texts quoted; itself where there is nothing to quote."""
    return _quoted(figure) if _needs_quotes(figure) else figure


@made_once
def _needs_quotes(figure: go.Figure) -> bool:
    plain = figure.to_plotly_json()
    return any(quoted(plain[part]) is not plain[part] for part in plain)


@made_once
def _quoted(figure: go.Figure) -> go.Figure:
    return go.Figure(quoted(figure.to_plotly_json()))
