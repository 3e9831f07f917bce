"""What the columns of the spatial bench's tables say (columns.txt, a line a column), and what their cells are called."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.runs.report.columns import Heading, Words, headings
from core.stn.add.adders import TITLES as ADDERS
from core.stn.networks.spec import TITLES as CLASSIFIERS
from core.stn.parts.looks import TITLES as LOOKS


def _title(name: str) -> str:
    rows: tuple[Mapping[Any, str], ...] = (CLASSIFIERS, ADDERS, LOOKS)
    return next((titles[name] for titles in rows if name in titles), name)


def _entry(name: str) -> Heading | None:
    """A number of theta: `theta_3`, `a12`."""
    if name.startswith("theta_") and name[6:].isdigit():
        return Heading(f"θ {name[6:]}", "Entry of θ, row by row, from the output to the input: what `warp --theta` takes")
    if len(name) == 3 and name[0] == "a" and name[1:].isdigit():
        return Heading(f"θ {name[1:]}", "Entry of θ by row and column, from the common view to the image, −1 to 1")
    return None


_COLUMNS = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
WORDS = Words(
    headings=headings(_COLUMNS),
    cells={"model": _title, "against": _title},
    of_others=_entry,
)
