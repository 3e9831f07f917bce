"""Several trainings in one process, interleaved so that each gets equal processor time.

One after the other, a busy minute of the machine would slow one of them only, and the comparison would depend on it.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from core.checkpoints.checkpoint import part
from core.runs.request import Progress, Wish
from core.training import History

Name = TypeVar("Name", bound=str)


@dataclass(frozen=True)
class Interleaved(Generic[Name]):
    """How the trainings went, and how much processor time each has had."""

    histories: dict[Name, History]
    seconds: dict[Name, float]


def interleave(
    trainings: Mapping[Name, Generator[Progress, Any, History]], phase: str
) -> Generator[Progress, Wish | None, Interleaved[Name]]:
    """Run trainings to their ends: the one that has had least time goes on. Each Progress holds the latest loss and step of
    every one, "loss NAME" and "step NAME", and the latest note. What is wished is wished of each."""
    own, seconds = part(), dict.fromkeys(trainings, 0.0)
    histories: dict[Name, History] = {}
    begun: set[Name] = set()  # first of all each is begun, in their order, by which a checkpoint knows them
    latest: dict[str, float] = {}
    note, wish = "", None
    if own.saved is not None:
        seconds, latest = {name: own.saved["seconds"][name] for name in trainings}, own.saved["latest"]
    own.keep(lambda: {"seconds": dict(seconds), "latest": dict(latest)})
    while unfinished := [name for name in trainings if name not in histories]:
        name = min(unfinished, key=lambda name: seconds[name] if name in begun else -1.0)
        said = wish if name in begun else None  # to one that has begun
        begun.add(name)
        began = time.monotonic()
        try:
            progress = trainings[name].send(said)
        except StopIteration as end:
            histories[name] = end.value
            continue
        finally:
            seconds[name] += time.monotonic() - began
        note = progress.note or note
        if "loss" in progress.numbers:
            loss = progress.numbers["loss"]
            latest |= {"loss": loss, f"loss {name}": loss, f"step {name}": progress.step}
        wish = yield Progress(phase=phase, numbers=latest, pictures=progress.pictures, note=note)
    return Interleaved({name: histories[name] for name in trainings}, seconds)  # not in the order in which they ended
