"""A metric: one column of a table, how it is computed and how it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np

Basis = TypeVar("Basis")  # what it is computed from
Unit = Literal["%", "p", "yes or no", "count", ""]  # %: a share, or units of the target, shown times 100


@dataclass(frozen=True)
class Metric(Generic[Basis]):
    """A metric; its value is NaN where undefined. One without a title is in no table on the screen."""

    measure: Callable[[Basis], Any]
    title: str = ""
    unit: Unit = ""
    help: str = ""  # `{loss}`, `{reference}` and `{classical}` stand for what the table is judged by, see `said`
    higher_is_better: bool | None = None  # None: neither
    digits: int = 2  # after the point, as shown
    interval: tuple[str, str] | None = None  # the columns of its lower and upper end, shown beside it
    sparse: bool = False  # whether most rows have no value

    @property
    def heading(self) -> str:
        """The title with the unit."""
        return f"{self.title} (%)" if self.unit == "%" else self.title

    def said(self, words: Mapping[str, str]) -> str:
        """The help, with what stands in braces replaced by these words."""
        return self.help.format_map(words)

    @property
    def scale(self) -> int:
        """What a value is multiplied by to be shown."""
        return 100 if self.unit == "%" else 1

    @property
    def is_text(self) -> bool:
        """Whether its column holds text: words, or numbers that are left empty where there is none."""
        return self.unit in ("p", "yes or no") or self.interval is not None or self.sparse


def left_edge(skill: np.ndarray) -> float:
    """The lowest skill (K,) that a chart draws in its place, so that one far below leaves the others apart: five times the
    median size, and no less than twice the highest."""
    usual = 5 * float(np.median(np.abs(skill))) if len(skill) else 0.0
    return -max(usual, 2 * float(skill.max(initial=0.0)), 0.005)
