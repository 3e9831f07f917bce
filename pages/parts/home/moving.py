"""What moves on the first page: pictures of a training, stage by stage, and lines that are drawn as days pass.

One component, because the browser plays it alone: the server sends it once, and no visitor who watches asks it for more. It can
be paused, and where the visitor wants no motion it stands at its end (WCAG 2.2, 2.2.2).
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

HERE = Path(__file__).parent
QUALITY = 70  # of the pictures, WebP

_component = st.components.v2.component(
    "gridcast_moving", html='<div class="moving"></div>', css=(HERE / "moving.css").read_text(),
    js=(HERE / "moving.js").read_text(), isolate_styles=False,
)  # fmt: skip


@dataclass(frozen=True)
class Film:
    """A photo with the sampling grid of every stage, and what the network makes of it."""

    given: str  # address of the photo
    strip: str  # address of its answers, one below the other
    grids: list[list[list[float]]]  # by stage: polylines x, y, x, y, … in coordinates of the photo's frame, 0 to 1
    ratio: float  # width over height
    captions: list[str]  # a stage each


@dataclass(frozen=True)
class Moved:
    """Lines over time, in units of the vertical axis."""

    lines: list[dict[str, Any]]  # name, colour, dash, values
    captions: list[str]  # a point in time each
    level: str  # what the line at zero is
    unit: str
    ticks: list[float]  # of the axis, which reaches from the first to the last; 0 is one of them


def address(pixels: np.ndarray) -> str:
    """A picture (H, W, 3), uint8, as an address."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "WEBP", quality=QUALITY)
    return f"data:image/webp;base64,{base64.b64encode(buffer.getvalue()).decode()}"


def flat(lines: Sequence[np.ndarray]) -> list[list[float]]:
    """Polylines (n, 2) of a frame's own coordinates, ±1 its edges, as numbers from 0 to 1."""
    return [np.round((line + 1) / 2, 4).ravel().tolist() for line in lines]


def moving(shown: Film | Moved, alt: str, key: str) -> None:
    """Play it, again and again."""
    kind = "film" if isinstance(shown, Film) else "lines"
    _component(key=key, data={"kind": kind, "alt": alt, "seconds": 0.7 if kind == "film" else 0.1, **shown.__dict__})
