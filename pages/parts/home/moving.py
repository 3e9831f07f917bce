"""What moves on the first page: pictures of a training, stage by stage, and lines that are drawn as days pass.

One component, because the browser plays it alone: the server sends it once, and no visitor who watches asks it for more. It can
be paused, and where the visitor wants no motion it stands at its end (WCAG 2.2, 2.2.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import streamlit as st

from core.stn.datasets.images import to_webp
from core.system.data_address import data_address

HERE = Path(__file__).parent
QUALITY = 70  # of the pictures, WebP

_component = st.components.v2.component(
    "gridcast_moving", html='<div class="moving"></div>', css=(HERE / "moving.css").read_text(),
    js=(HERE / "moving.js").read_text(), isolate_styles=False,
)  # fmt: skip


@dataclass(frozen=True)
class Film:
    """A photo with the sampling grid of every stage, and what the network makes of it."""

    kind: ClassVar[str] = "film"  # of the drawing, in moving.js
    pause: ClassVar[float] = 0.7  # seconds between two stages
    given: str  # address of the photo
    strip: str  # address of its answers, one below the other
    grids: list[list[list[float]]]  # by stage: polylines x, y, x, y, … in coordinates of the photo's frame, 0 to 1
    ratio: float  # width over height
    captions: list[str]  # a stage each


@dataclass(frozen=True)
class Lines:
    """Lines over time, in units of the vertical axis."""

    kind: ClassVar[str] = "lines"
    pause: ClassVar[float] = 0.1
    lines: list[dict[str, Any]]  # name, colour, dash, values
    captions: list[str]  # a point in time each
    level: str  # what the line at zero is
    unit: str
    ticks: list[float]  # of the axis, which reaches from the first to the last; 0 is one of them

    @property
    def is_cut(self) -> bool:
        """Whether a line goes beyond the axis and is drawn at its edge."""
        values = np.concatenate([line["values"] for line in self.lines] or [np.zeros(1)])
        return bool(values.min() < self.ticks[0] or values.max() > self.ticks[-1])


def address(pixels: np.ndarray) -> str:
    """A picture (H, W, 3), uint8, as an address."""
    return data_address(to_webp(pixels, QUALITY), "image/webp")


def flat(lines: Sequence[np.ndarray]) -> list[list[float]]:
    """Polylines (n, 2) of a frame's own coordinates, ±1 its edges, as numbers from 0 to 1."""
    return [np.round((line + 1) / 2, 4).ravel().tolist() for line in lines]


def moving(shown: Film | Lines, alt: str, key: str) -> None:
    """Play it, again and again."""
    _component(key=key, data={"kind": shown.kind, "alt": alt, "seconds": shown.pause, **shown.__dict__})
