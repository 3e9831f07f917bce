"""What an experiment of the spatial bench has to bring to be on the screens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from core.runs.registry import Run
from core.runs.request import Request
from pages.parts.export_menu import take_away
from pages.parts.progress import pictures_and_loss


class Choice(Protocol):
    """What the visitor has chosen: a frozen dataclass of pictures and settings."""

    def request(self) -> Request:
        """The request that this makes, its inputs put into the store. Raises InvalidRequest when something is missing."""


@dataclass(frozen=True)
class Experiment:
    """One experiment on the screens; its functions draw, and raise GridcastError where a visitor has made a mistake."""

    kind: str  # as in the request
    title: str  # the word of the choice, and its value in the URL
    promise: str  # one sentence
    explanation: str  # Markdown for "What am I looking at?"
    form: Callable[[], Any]  # inputs and settings, drawn in the sidebar; gives the Choice. Drawn on every rerun: keep it cheap
    preview: Callable[[Any], None]  # of that Choice, before there is a run: what the network will be given, or what is missing
    show: Callable[[Run, Any], None]  # a finished run, with its result
    use: Callable[[Run, Any], None] | None = None  # below it: what one can do with a finished run
    live: Callable[[Run], None] = pictures_and_loss  # under the progress bar of a run that is alive
    button: str = "Train"

    def finished(self, run: Run, result: Any) -> None:
        """Everything of a finished run."""
        take_away(run, result)
        self.show(run, result)
        if self.use:
            self.use(run, result)
