"""docs/RESULTS.md is written by several measurements: each replaces its own part, which a comment begins and another ends."""

from __future__ import annotations

import re
from pathlib import Path

from core.runs.store import write_atomically

PAGE = Path(__file__).parents[1] / "docs" / "RESULTS.md"


def replaced(page: str, name: str, part: str) -> str:
    """The page with another text in the part of that name, at its end where it had none."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    whole = f"{begin}\n{part.strip()}\n{end}\n"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}\n", re.DOTALL)
    if pattern.search(page):
        return pattern.sub(lambda _: whole, page)
    return f"{page.rstrip()}\n\n{whole}" if page.strip() else whole


def write_part(name: str, part: str) -> None:
    """Write one part, and leave the others as they are."""
    page = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
    write_atomically(PAGE, replaced(page, name, part).encode())
