"""Texts of a task: formulas between dollar signs are typeset, everything else is shown as it is written."""

from __future__ import annotations

import re

from pages.parts.layout import plain

_FORMULA = re.compile(r"(\$[^$\n]+\$)")


def typeset(text: str) -> str:
    """The text as Markdown that holds formulas and nothing else."""
    return "".join(part if _FORMULA.fullmatch(part) else plain(part) for part in _FORMULA.split(text))
