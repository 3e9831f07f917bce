"""The recipes of pooled networks, a row each: what is read a day, how large the network is and how long it learns.

None was chosen on test days, and none is chosen here: the committee of recipes is the mean of a fixed set (`NINE`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

InputName = Literal["market", "dispersion", "trailing"]
INPUTS: dict[InputName, str] = {
    "market": "the mean size and move of all tickers",
    "dispersion": "how unlike the tickers moved",
    "trailing": "means over several spans, as boosted trees read them",
}
BASE, OWN = "base", "own"


@dataclass(frozen=True)
class Recipe:
    """How a pooled network learns, and from what, beside its own moves."""

    name: str
    words: str  # after the cell's title
    inputs: tuple[InputName, ...] = ("market",)
    hidden: int = 32
    chunk: int = 40  # days
    warm_up: int = 12  # of these, left out of the loss
    steps: int = 600
    lr: float = 5e-3

    @property
    def reads_market(self) -> bool:
        return "market" in self.inputs


RECIPES: dict[str, Recipe] = {
    row.name: row
    for row in (
        Recipe(BASE, ""),
        Recipe(OWN, ", own series only", inputs=()),
        Recipe("wide", ", 64 units", hidden=64),
        Recipe("long", ", chunks of 80 days", chunk=80, warm_up=22),
        Recipe("slow", ", 1,200 steps", steps=1200),
        Recipe("dispersion", " with the dispersion", inputs=("market", "dispersion")),
        Recipe("trailing", " with trailing means", inputs=("market", "trailing")),
        Recipe("trailing-narrow", " with trailing means, 16 units", inputs=("market", "trailing"), hidden=16),
        Recipe("trailing-slow", " with trailing means, rate 0.002", inputs=("market", "trailing"), lr=2e-3),
    )
}
NINE: tuple[tuple[str, str], ...] = (  # cell, recipe
    ("gru", BASE),
    ("gru", "wide"),
    ("gru", "long"),
    ("lstm", BASE),
    ("gru", "slow"),
    ("gru", "dispersion"),
    ("gru", "trailing"),
    ("gru", "trailing-narrow"),
    ("gru", "trailing-slow"),
)
