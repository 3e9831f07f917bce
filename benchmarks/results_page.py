"""docs/RESULTS.md below the table of the paper: one section a measurement, each replaced by the measurement that wrote it."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "RESULTS.md"
OWN = (
    "How sure a cell is",
    "Paired tests",
    "Trained for another time",
    "By an earlier recipe",
    "Every network",
)  # sections of the paper's table


def sections_of(text: str) -> dict[str, str]:
    """The sections below the paper's table by their titles."""
    parts = re.split(r"^## (.+)\n", text, flags=re.MULTILINE)[1:]
    sections = dict(zip(parts[::2], parts[1::2], strict=True))
    return {title: body for title, body in sections.items() if title not in OWN}


def with_sections(page: str, sections: dict[str, str]) -> str:
    """A page whose sections below the paper's table are these."""
    own = page
    for title in sections_of(page):
        own = re.sub(rf"^## {re.escape(title)}\n.*?(?=^## |\Z)", "", own, flags=re.MULTILINE | re.DOTALL)
    below = "".join(f"\n## {title}\n\n{body.strip()}\n" for title, body in sections.items())
    return own.rstrip() + "\n" + below


def put_section(title: str, lines: list[str]) -> None:
    """Write one section, in the place of the one that was there."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_sections(text, sections_of(text) | {title: "\n".join(lines)}), encoding="utf-8")
