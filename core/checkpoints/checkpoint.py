"""The checkpoint of a run: what each of its parts with a state (a training, trainings that take turns) was at, at one moment.

A run that goes on is begun again: it reads its inputs, and comes to the same parts in the same order. Each of them asks for its
`part`, and goes on from what is `saved` in it; one that had ended is not done again. So only what has a state needs code for
going on, and a part is known by its number.

The clock of a run stands still while it is interrupted: its parts tell it how late it was, see `clock`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from core.errors import GridcastError, StoreError
from core.system.unreadable import readable

FORMAT = 2  # raise it when a part means something else by the same state
DEAREST = 0.005  # share of the time that goes into making checkpoints, at most; as much again goes into keeping them
LARGEST = 64_000_000  # bytes: a larger one is not kept
FROM_THE_START = "What this run had learned before it was interrupted cannot be used ({reason}), so it began from the start."


class Unfit(GridcastError):
    """What was saved does not fit the run that is to go on from it."""


@dataclass(frozen=True)
class Start:
    """What a run begins with: the checkpoint of an attempt before, or why there is none although there was one."""

    content: bytes | None = None
    lost: str = ""  # a clause


def parts_in(content: bytes) -> list[Any]:
    """What the parts of a run were at, from its checkpoint; StoreError where this version cannot read it."""
    from core.checkpoints.values import from_bytes  # here, because the server's process needs no numpy

    with readable("it cannot be read: {reason}", StoreError):
        read = from_bytes(content)
        if read["format"] != FORMAT:
            raise StoreError("another version of the lab made it")
        return list(read["parts"])


@dataclass
class Part:
    """One part of a run that has a state."""

    saved: Any = None  # what it was at when the checkpoint was made; None: it begins
    elapsed: Callable[[], float] = time.monotonic  # seconds that its run has worked
    _now: Callable[[], tuple[float, Any]] | None = None

    def keep(self, state: Callable[[], Any]) -> None:
        """Let `state` say, between two Progress, what the part is at; any value of `values`."""
        self._now = lambda: (self.elapsed(), state())

    def end(self, state: Any) -> None:
        """The part has ended like this."""
        last = self.elapsed(), state
        self._now = lambda: last

    @property
    def now(self) -> dict[str, Any]:
        """What it is at, and how late the run was then."""
        elapsed, state = self._now() if self._now else (self.elapsed(), self.saved)
        return {"elapsed": elapsed, "state": state}


@dataclass
class Checkpoint:
    """Of one run, in one process. Made of the checkpoint of an attempt before, or of nothing."""

    start: Start = field(default_factory=Start)
    seconds: float = 5.0  # least time between two
    lost: str = ""  # a sentence, where the run could not go on from what there was

    def __post_init__(self) -> None:
        self._began, self._ahead = time.monotonic(), 0.0
        self._parts: list[Part] = []
        self._saved: list[Any] = []
        self._due, self._too_large = self._began + self.seconds, False
        if self.start.lost:
            self.lost = FROM_THE_START.replace("{reason}", self.start.lost)
        elif self.start.content is not None:
            try:
                self._saved = parts_in(self.start.content)
            except StoreError as error:
                self.lost = FROM_THE_START.replace("{reason}", str(error))

    @property
    def went_on(self) -> bool:
        """Whether the run goes on from what was saved."""
        return self.start.content is not None and not self.lost

    def without(self, unfit: Unfit) -> Checkpoint:
        """That of a run which begins from the start, because what there was does not fit."""
        return Checkpoint(Start(lost=str(unfit)), self.seconds)

    @property
    def elapsed(self) -> float:
        """Seconds that the run has worked, in all its attempts."""
        return time.monotonic() - self._began + self._ahead

    def clock(self) -> float:
        return time.monotonic() + self._ahead

    def part(self) -> Part:
        """The next part that has a state."""
        number, new = len(self._parts), Part(elapsed=lambda: self.elapsed)
        self._parts.append(new)
        if number < len(self._saved):
            saved, self._saved[number] = self._saved[number], None
            self._ahead += max(0.0, saved["elapsed"] - self.elapsed)
            new.saved = saved["state"]
        return new

    def made(self) -> bytes | None:
        """The run as it is now, between two Progress; None where none is due, or it is too large to be kept."""
        began = time.monotonic()
        if began < self._due or not self._parts or self._too_large:
            return None
        content = self.to_bytes()
        now = time.monotonic()
        self._due = now + max(self.seconds, (now - began) / DEAREST)
        self._too_large = len(content) > LARGEST
        return None if self._too_large else content

    def to_bytes(self) -> bytes:
        """The parts that it has come to as they are, and what is saved of those to come."""
        from core.checkpoints.values import to_bytes

        parts = [part.now for part in self._parts]
        return to_bytes({"format": FORMAT, "parts": parts + self._saved[len(parts) :]})


_current: ContextVar[Checkpoint | None] = ContextVar("checkpoint", default=None)


@contextmanager
def used(checkpoint: Checkpoint) -> Iterator[None]:
    """Around a step of the run whose checkpoint it is."""
    token = _current.set(checkpoint)
    try:
        yield
    finally:
        _current.reset(token)


def part() -> Part:
    """The next part of the run at work that has a state; outside of a run, one that nobody saves."""
    checkpoint = _current.get()
    return checkpoint.part() if checkpoint else Part()


def clock() -> float:
    """Seconds, monotonic: of the run at work without the time between its attempts, so that a budget counts what was used."""
    checkpoint = _current.get()
    return checkpoint.clock() if checkpoint else time.monotonic()
