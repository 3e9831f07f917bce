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
# where a link may lead
SCREENS = (
    "home", "learn", "warp", "stn", "rnn", "sweep", "panel", "traps", "memory", "runs", "beside", "run", "status", "guide",
)  # fmt: skip

_RUNS = ("stn", "rnn", "sweep", "panel", "traps", "memory", "run")  # the screens that follow a run


@dataclass(frozen=True)
class Fact:
    """One thing that a screen reports."""

    screens: tuple[str, ...]
    kind: Kind
    text: str  # what it is, in the middle of a sentence
    unit: str = ""


FACTS: dict[str, Fact] = {
    "grid_moved": Fact(("warp",), "number", "the farthest distance of a grid point from its place", "px"),
    "outside": Fact(("warp",), "number", "the share of the grid that lies outside the image", "%"),
    "family": Fact(("warp",), "word", "the family of transformations"),
    "kernel": Fact(("warp",), "word", "the kernel"),
    **{f"theta_{letter}": Fact(("warp",), "number", f"the number {letter} of θ, a b c above d e f") for letter in "abcdef"},
    "pixels_read": Fact(("warp",), "number", "the number of input pixels that the chosen output pixel reads"),
    "smallest_weight": Fact(("warp",), "number", "the smallest weight among the pixels that the chosen output pixel reads"),
    "source_x": Fact(("warp",), "number", "x_i^s of the chosen output pixel, normalised"),
    "source_y": Fact(("warp",), "number", "y_s of the chosen output pixel"),
    "residual": Fact(("warp",), "number", "the root mean square by which points miss their places", "px"),
    "dead": Fact(("warp",), "number", "the share of the output where both gradients are 0", "%"),
    "loss_before": Fact(("warp",), "number", "the loss before the step"),
    "loss_after": Fact(("warp",), "number", "the loss after the step"),
    "finished": Fact(_RUNS, "word", "the kind of the finished run"),
    "own_run": Fact(_RUNS, "yes or no", "whether the run was trained in this lab and did not come with it"),
    "stage_error": Fact(("stn", "run"), "number", "the error of the recorded photo's angle at the chosen stage", "°"),
    "turned_by": Fact(("stn", "run"), "number", "the angle by which the photo is turned by hand, either way", "°"),
    "left_over": Fact(
        ("stn", "run"),
        "number",
        "the mean distance of the straightened photo's points from their places, of its short side,",
        "%",
    ),
    "networks": Fact(("stn", "run"), "words", "the list of networks that classify"),
    "best_network": Fact(("stn", "run"), "word", "the network with the smallest error, be it by chance"),
    "better_network": Fact(
        ("stn", "run"),
        "word",
        "the network that errs less by the first sentence of the result, or neither where that is not sure",
    ),
    "variants": Fact(("rnn", "run"), "words", "the list of variants in the comparison"),
    "type": Fact(("rnn", "run"), "word", "the type of the networks in the comparison"),
    "horizon": Fact(("rnn", "run"), "number", "the number of days ahead that the comparison forecasts"),
    "verdict": Fact(
        ("rnn", "run"), "word", "the outcome of recurrent networks against the best classical model (better, not sure, worse)"
    ),
    "cost": Fact(("rnn", "run"), "number", "the cost of a trade in basis points"),
    "accounts_ahead": Fact(("rnn", "run"), "number", "the number of accounts with a higher Sharpe ratio than buy-and-hold"),
    "y": Fact(("memory",), "number", "y_t of the chosen network on the chosen day"),
    "eta": Fact(("memory",), "number", "the learning rate η"),
    "diverges": Fact(("memory",), "yes or no", "whether ten steps with that η end with a higher loss than they began with"),
    "new_weight": Fact(("memory",), "number", "W_new, the weight after one step"),
    "lag": Fact(("memory",), "number", "the number of days k after which the echo comes"),
    "learned": Fact(("memory",), "words", "the list of networks that have learned the echo"),
    "failed": Fact(("memory",), "words", "the list of networks that have not learned the echo"),
    **{f"h_{day}": Fact(("memory",), "number", f"h_{day} of the cell by hand") for day in range(1, 7)},
}


def reported_on(screen: str) -> tuple[str, ...]:
    """The names of all facts that a screen reports."""
    return tuple(name for name, fact in FACTS.items() if screen in fact.screens)
