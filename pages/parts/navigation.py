"""The screens, one row each, in the order of the navigation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Bench = Literal["", "spatial", "recurrent"]


@dataclass(frozen=True)
class Row:
    """One screen: `pages/<file>.py`, its address, and its words."""

    file: str
    title: str
    help: str
    heading: str = ""  # where it is not the title
    hidden: bool = False  # reached by links alone
    bench: Bench = ""  # whose colour it has; "": a screen of both

    @property
    def address(self) -> str:
        return "/" if self is ROWS[0] else f"/{self.file}"

    @property
    def shown_as(self) -> str:
        return self.heading or self.title


ROWS = (
    Row("home", "Home", "Two finished experiments and recent runs", heading="Gridcast"),
    Row("learn", "Learn", "The lecture as short tasks, and lists of your own"),
    Row("warp", "Warp", "Bend an image by hand", bench="spatial"),
    Row("stn", "Spatial transformers", "Train a network to straighten your images", bench="spatial"),
    Row("rnn", "Recurrent forecasters", "Compare recurrent networks on a ticker", bench="recurrent"),
    Row("sweep", "Sweep", "The same comparison on many tickers", bench="recurrent"),
    Row("panel", "Panel", "One model for many tickers", bench="recurrent"),
    Row("traps", "Traps", "Six common mistakes in evaluating forecasts, on your ticker", bench="recurrent"),
    Row(
        "memory",
        "Memory",
        "Inside a recurrent network: its equations with their numbers, and what it remembers",
        heading="Inside a network",
        bench="recurrent",
    ),
    Row("runs", "Runs", "Every run of this lab"),
    Row("beside", "Side by side", "Two to six runs of one kind, and what differs between them", hidden=True),
    Row("run", "Run", "One run, live or finished", hidden=True),
    Row("guide", "Guide", "How each screen works, and what its numbers mean", hidden=True),
    Row("status", "Status", "What this server is doing", hidden=True),
)
