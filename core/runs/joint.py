"""Joint: an experiment made of others, each a run of its own, so that parts with a stored result are not run again.

It knows no lab and no cluster: who runs the parts (`lab`, `engine`) reports their progress, and gives their results to `join`.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable, Collection, Generator, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from core.errors import Away, GridcastError, InvalidRequest, RunFailed
from core.runs.kinds import kind_of
from core.runs.request import Inputs, Progress, Request, Wish

if TYPE_CHECKING:
    from core.runs.result import Result

PART_STEPS = 100  # steps of progress that one part stands for
STOPPED = "it was stopped before this part was done"
_NAMED = 3  # parts at work that are named; of more, the others are counted

Returned = TypeVar("Returned")
Do = Callable[[Request], Generator[Progress, Any, Returned]]
Ended = Iterable[tuple[str, Any]]  # a part's name, and its Result or, in words, why it has none


class Joint(Request):
    """An experiment whose parts are experiments. A part that fails does not end the others. One that is stopped is judged by
    the parts that are done, at least one."""

    joint: ClassVar[bool] = True
    stoppable: ClassVar[bool] = True

    @property
    @abstractmethod
    def parts(self) -> Mapping[str, Request]:
        """Its parts, by the short names that people see."""

    @property
    def needed(self) -> frozenset[str]:
        """The names of the parts without which nothing can be judged: they are done even when it is stopped."""
        return frozenset()

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(digest for part in self.parts.values() for digest in part.inputs))


def check_parts(request: Joint, inputs: Inputs) -> None:
    """InvalidRequest when every part could only fail."""
    first = ""
    for part in request.parts.values():
        try:
            kind_of(part).check(part, inputs)
        except GridcastError as error:
            first = first or str(error)
        else:
            return
    raise InvalidRequest(f"none of the {len(request.parts)} parts can be done: {first}")


def left_out_in_words(reasons: Mapping[str, str], parts: str) -> str:
    """In a sentence which parts a whole that was stopped lacks, by the reasons of all that are named; empty where none."""
    left = [name for name, reason in reasons.items() if reason == STOPPED]
    if not left:
        return ""
    more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
    return f"It was stopped before these {parts} were done: {', '.join(left[:_NAMED])}{more}."


def _at_work(busy: list[str]) -> str:
    if not busy:
        return ""
    more = f" and {len(busy) - _NAMED} more" if len(busy) > _NAMED else ""
    return f", now {', '.join(busy[:_NAMED])}{more}"


class Tally:
    """How far a joint run is: parts that have ended, names of those at work, seconds left."""

    def __init__(self, names: Iterable[str]) -> None:
        self._count = len(list(names))
        self._done: set[str] = set()
        self._began, self._done_before = time.monotonic(), 0
        self.refused: dict[str, str] = {}  # parts that are not done, and why
        self.stopped = False  # whether that was wished

    def begin(self, done: Iterable[str]) -> None:
        """Parts that were done before the joint run began: they say nothing about how long the others take."""
        self._done |= set(done)
        self._began, self._done_before = time.monotonic(), len(self._done)

    def part(
        self, name: str, running: Generator[Progress, Any, Returned], needed: Collection[str] = ()
    ) -> Generator[Progress, Any, Returned]:
        """Iterate one part; its Progress becomes that of the whole. Returns what the part returns; RunFailed when the whole is
        stopped meanwhile and the part is not `needed`."""
        try:
            while True:
                wish = yield self.progress({name: next(running).fraction})
                self.stopped = self.stopped or wish is Wish.STOP
                if self.leaves_out(name, needed):
                    raise RunFailed(STOPPED)
        except StopIteration as end:
            return end.value
        finally:
            running.close()
            self._done.add(name)

    def leaves_out(self, name: str, needed: Collection[str]) -> bool:
        """Whether a part is not done any more: the whole was stopped, and there is something to judge."""
        left = name not in needed and name not in self._done
        return self.stopped and left and bool(self._done - self.refused.keys())

    def progress(self, at_work: Mapping[str, float], done: Iterable[str] = ()) -> Progress:
        """With the share done, 0 to 1, of the parts at work, and which have ended."""
        self._done |= set(done)
        total = len(self._done) + sum(at_work.values())
        return Progress(
            phase=f"{len(self._done)} of {self._count} done{_at_work(list(at_work))}",
            step=round(PART_STEPS * total),
            total=PART_STEPS * self._count,
            seconds_left=self._left(total),
        )

    def _left(self, total: float) -> float | None:
        gained, passed = total - self._done_before, time.monotonic() - self._began
        return passed * (self._count - total) / gained if gained > 0 else None


def parts_in_turn(request: Joint, tally: Tally, do: Do[Returned]) -> Generator[Progress, Any, dict[str, Returned]]:
    """Do the parts in this process, one after the other: what each has returned, by name. Why others have not is in the tally;
    `Away` is raised, for it says nothing about a part."""
    returned: dict[str, Returned] = {}
    for name, part in request.parts.items():
        if tally.leaves_out(name, request.needed):
            tally.refused[name] = STOPPED
            continue
        try:
            returned[name] = yield from tally.part(name, do(part), request.needed)
        except Away:
            raise
        except GridcastError as error:
            tally.refused[name] = str(error)
    return returned


def run_parts(request: Joint, inputs: Inputs) -> Generator[Progress, Any, Result]:
    """All parts one after the other, without a lab to store them in."""

    def do(part: Request) -> Generator[Progress, Any, Result]:
        kind_of(part).check(part, inputs)
        return kind_of(part).run(part, inputs)

    tally = Tally(request.parts)
    results = yield from parts_in_turn(request, tally, do)
    return kind_of(request).join(request, [(name, (results | tally.refused)[name]) for name in request.parts])
