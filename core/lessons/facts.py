"""The facts that screens report, one row each: what a check of a task can ask for.

A screen reports a fact whenever it shows it (`pages/parts/task.py`); a task whose check names a fact must lead to a screen that
reports it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Value = bool | float | str | tuple[str, ...]
Facts = Mapping[str, Value]
Kind = Literal["number", "yes or no", "word", "words"]
SCREENS = ("home", "learn", "warp", "stn", "rnn", "sweep", "panel", "traps", "memory", "runs", "run")  # where a link may lead


@dataclass(frozen=True)
class Fact:
    """One thing that a screen reports."""

    screens: tuple[str, ...]
    kind: Kind
    text: str  # what it is, in the middle of a sentence
    unit: str = ""


FACTS: dict[str, Fact] = {
    "grid_moved": Fact(("warp",), "number", "the farthest that a point of the grid is from its place", "px"),
    "outside": Fact(("warp",), "number", "the share of the grid that lies outside the image", "%"),
    "family": Fact(("warp",), "word", "the family of transformations"),
    "kernel": Fact(("warp",), "word", "the kernel"),
    **{f"theta_{letter}": Fact(("warp",), "number", f"the number {letter} of θ, a b c above d e f") for letter in "abcdef"},
    "pixels_read": Fact(("warp",), "number", "how many input pixels the chosen output pixel reads"),
    "smallest_weight": Fact(("warp",), "number", "the smallest weight with which the chosen output pixel reads one"),
    "source_x": Fact(("warp",), "number", "x_s of the chosen output pixel"),
    "source_y": Fact(("warp",), "number", "y_s of the chosen output pixel"),
    "dead": Fact(("warp",), "number", "the share of the output where both gradients are 0", "%"),
}


def reported_on(screen: str) -> tuple[str, ...]:
    """The names of all facts that a screen reports."""
    return tuple(name for name, fact in FACTS.items() if screen in fact.screens)
