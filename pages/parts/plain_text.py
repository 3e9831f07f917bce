"""Text from outside in places that would read it as Markdown."""

from __future__ import annotations

import re

_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|$<>~:&-])")
_ADDRESS = re.compile(r"(?i)(?<=http)(?=s?:)|(?<=www)(?=\.)|(?=@)|(?<=mailto)(?=:)|(?<=xmpp)(?=:)|(?<=:)(?=[a-zA-Z+])")
JOINER = "\u2060"  # nothing to be seen, and no break: what stands around it is no address any more


def plain(text: str) -> str:
    """Text from outside (file names, tickers) as it is, in a place that would read it as Markdown: without bold, without links,
    also where an address stands bare in it, and without the icons that Streamlit makes of :names:."""
    return _MARKS.sub(r"\\\1", _ADDRESS.sub(JOINER, " ".join(text.split("\n"))))
