"""Text from outside in places that would read it as Markdown."""

from __future__ import annotations

import re


def plain(text: str) -> str:
    """Text from outside (file names, tickers) as it is, in a place that would read it as Markdown."""
    return re.sub(r"([\\`*_{}\[\]()#+!|$<>~:&-])", r"\\\1", text)
