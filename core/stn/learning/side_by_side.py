"""Several trainings side by side in one process: always the one goes on that has had least time.

So all have an equal share of the processor, whatever else it does meanwhile; one after the other, a busy minute would decide.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from core.runs.request import Progress
from core.training import History

Name = TypeVar("Name", bound=str)


@dataclass(frozen=True)
class Finish(Generic[Name]):
    """How a race ended: what happened to every runner, and how much time each has had."""

    histories: dict[Name, History]
    seconds: dict[Name, float]


def race(runners: Mapping[Name, Generator[Progress, None, History]], phase: str) -> Generator[Progress, None, Finish[Name]]:
    """Run trainings to their ends. Each Progress holds every runner's latest loss and step, "loss NAME" and "step NAME",
    and the latest note."""
    spent: dict[Name, float] = dict.fromkeys(runners, 0.0)
    histories: dict[Name, History] = {}
    latest: dict[str, float] = {}
    note = ""
    while running := [name for name in runners if name not in histories]:
        name = min(running, key=spent.__getitem__)
        began = time.monotonic()
        try:
            progress = next(runners[name])
        except StopIteration as end:
            histories[name] = end.value
            continue
        finally:
            spent[name] += time.monotonic() - began
        note = progress.note or note
        if "loss" in progress.numbers:
            latest |= {
                "loss": progress.numbers["loss"],
                f"loss {name}": progress.numbers["loss"],
                f"step {name}": progress.step,
            }
        yield Progress(phase=phase, numbers=latest, pictures=progress.pictures, note=note)
    return Finish(histories, spent)
