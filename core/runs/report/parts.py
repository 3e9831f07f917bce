"""What a kind says of its runs for a report: figures, tables, what the result leaves open, and how it is valued.

A kind's export.py has a `REPORT`; without one a report has what is said of every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import plotly.graph_objects as go


@dataclass(frozen=True)
class Shown:
    """A figure, or a picture as uint8 (H, W, 3), under its title; the caption says how to read it. All plain text."""

    title: str
    drawn: go.Figure | np.ndarray
    caption: str = ""


def _nothing(result: Any) -> Iterable[Shown]:
    return ()


def _no_table(result: Any) -> Mapping[str, pd.DataFrame]:
    return {}


def _nothing_said(result: Any) -> Mapping[str, Iterable[str]]:
    return {}


def _as_stored(run: Any, result: Any) -> Any:
    return result


def _not_kept(result: Any) -> Mapping[str, str]:
    return {}


def _no_step(request: Any) -> str:
    return ""


def heading(text: str, end: str) -> str:
    """What a verdict says, as a heading up to `end`, and the rest as a paragraph below it."""
    said, _, rest = text.partition(end)
    first = f"{said[:1].upper()}{said[1:].removesuffix('.')}."
    return f"{first}\n{rest[0].upper()}{rest[1:]}" if rest else first


def conclusion_in_words(result: Any) -> str:
    """As on screens: the headline of its conclusion, then what supports it, a line each."""
    conclusion = result.conclusion
    return "\n".join(f"{line.removesuffix('.')}." for line in (conclusion.sentence, *conclusion.support))


@dataclass(frozen=True)
class Report:
    """Of one kind: its functions take the result as `valued` gives it, which is the result as screens show it."""

    figures: Callable[[Any], Iterable[Shown]] = _nothing
    tables: Callable[[Any], Mapping[str, pd.DataFrame]] = _no_table  # by title, as people read them
    about: Mapping[str, str] = field(default_factory=dict)  # of a result's own tables, by field: what one holds, in a sentence
    limits: tuple[str, ...] = ()  # what a result of this kind does not say, a sentence each
    words: Callable[[Any], str] = conclusion_in_words  # what the result says: a headline, then lines of what is behind it
    said: Callable[[Any], Mapping[str, Iterable[str]]] = _nothing_said  # by title: what follows from it, a sentence each
    versions: Callable[[Any], Mapping[str, str]] = _not_kept  # what it was computed with, where the result keeps it
    step: Callable[[Any], str] = _no_step  # of a request: Python for a notebook that takes one training step, part by part
    valued: Callable[[Any, Any], Any] = _as_stored  # of a `Run` and its result


NO_REPORT = Report()
