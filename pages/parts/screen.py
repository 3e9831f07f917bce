"""Screen and Form: the functions with which a kind of experiment appears in the browser.

`core.runs.kinds` names for every kind the file whose SCREEN is one of these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from core.runs.kinds import kind_named
from core.runs.live.blocks import Look
from core.runs.live.snapshots import Snapshot
from core.runs.registry import Run
from core.runs.request import Request
from pages.parts import controls
from pages.parts.export_menu import export_menu
from pages.parts.progress import Rows, loss_so_far
from pages.parts.serving.fragments import fragment

LEARNED = "learned"  # the key of the fold with a run's stages


class Choice(Protocol):
    """What the visitor has chosen: a frozen dataclass of pictures and settings."""

    @property
    def size(self) -> float:
        """`Request.size`, known before the inputs are stored."""

    def request(self) -> Request:
        """The request that this makes, its inputs put into the store. Raises InvalidRequest when something is missing."""


@dataclass(frozen=True)
class Form:
    """How an experiment of the spatial bench is asked for; its functions raise GridcastError where a visitor errs."""

    purpose: str  # one sentence
    explanation: str  # Markdown for "What am I looking at?"
    draw: Callable[[], Any]  # inputs and settings, drawn in the sidebar; gives the Choice. Drawn on every rerun: keep it cheap
    preview: Callable[[Any], None]  # of that Choice, before there is a run: what the network will be given, or what is missing
    button: str = "Train"
    uploads: str = ""  # the key of its uploader: once something is uploaded, the preview comes before a finished run


@dataclass(frozen=True)
class Screen:
    """How runs of one kind are shown."""

    show: Callable[[Run, Any], None]  # a finished run, with its result
    use: Callable[[Run, Any], None] | None = None  # below it: what one can do with a finished run
    learned: Callable[[Run, Any], None] | None = None  # how it came to that, and how good it is in detail; folds away
    learned_title: str = "How it learned, and how good it is in detail"
    live: Callable[[Snapshot, Look], Rows] = loss_so_far  # under the progress bar of a run that is alive
    form: Form | None = None  # where the kind shares the screen of its bench; the others have a page of their own
    # what the form's controls have in the address for a request, by key; None where the form cannot have its inputs
    refill: Callable[[Any], dict[str, Any] | None] | None = None

    def finished(self, run: Run, result: Any, use_at_once: bool = True) -> None:
        """Exports, result and use of a finished run. The use computes; without `use_at_once` it waits for a toggle."""
        export_menu(run, result)
        self.show(run, result)
        if self.use and (use_at_once or controls.toggle("Use what it has learned", key="use")):
            self.use(run, result)
        self.folded(run, result)

    def folded(self, run: Run, result: Any) -> None:
        """What folds away below a result."""
        if self.learned:
            _folded(run, result)


@fragment
def _folded(run: Run, result: Any) -> None:
    screen = screen_of(run)
    with controls.fold(screen.learned_title, key=LEARNED) as unfolded:
        if unfolded and screen.learned:
            screen.learned(run, result)


def screen_of(run: Run) -> Screen:
    screen: Screen = kind_named(run.kind).screen
    return screen
