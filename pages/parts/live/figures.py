"""Figures of live views, as the plain values that the browser draws."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.figures.hover import in_the_labs_words
from core.figures.text import quoted
from core.projector import LARGER, enlarged
from core.runs.live.blocks import FigureBlock, Look

HEIGHT = 330  # pixels


def figure_block(drawn: Mapping[str, Any] | None, alt: str, look: Look, height: int = HEIGHT) -> FigureBlock:
    """A figure as a visitor sees it; without one its place is kept free."""
    pixels = round(height * (LARGER if look.projector else 1))
    if drawn is None:
        return FigureBlock(alt, pixels)
    written = in_the_labs_words(drawn)
    return FigureBlock(alt, pixels, quoted(enlarged(written) if look.projector else written))
