"""Line: the runs of a lab that wait and that are at work, read from its registry, with the place of each.

Any process can read it: the server for its screens, the engine to decide what begins next, the command line to print it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Hashable, Iterable
from typing import TYPE_CHECKING

from core.runs.joint import Joint
from core.runs.kinds import kind_named
from core.runs.queue.durations import Durations
from core.runs.queue.places import Place, place_of, places
from core.runs.queue.policy import AtWork, Queue, Served, Waiting, Workers
from core.runs.queue.words import roughly
from core.runs.registry import ALIVE, Registry, Run, State
from core.runs.request import Request, key_of
from core.speed import slowness

if TYPE_CHECKING:
    from core.runs.database.engines import EngineNote

LATELY = 600.0  # seconds over which it is counted what a visitor has been given
FRESH_SECONDS = 0.5  # a line that was read so long ago is read anew
NO_SERVER = "waits until the lab's server is started again"
NOTHING = Queue((), (), Workers(1))
# A line, its places, what was told of further runs, what is in its way.
_Read = tuple[Queue, dict[str, Place], dict[Hashable, Place | None], str]
LEAST_LEFT = 1.0  # seconds that a run which takes longer than expected is thought to need still


class Line:
    """Of one lab; safe for several threads."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._lock = threading.Lock()
        self._read: dict[str, tuple[float, _Read]] = {}  # by owner
        self.durations = Durations(registry, self.slowness)

    def queue(self, engine: EngineNote, sent: Collection[str] | None = None) -> Queue:
        """What waits for an engine's cluster and what is at work there. The engine itself knows better than the registry which
        of its runs are at work: those that it has `sent`."""
        now = time.time()
        owners = self._owners(engine)

        def works(run: Run) -> bool:
            return run.state is State.RUNNING if sent is None or run.owner != engine.owner else run.id in sent

        alive = [run for run in self._registry.runs(limit=10_000, states=ALIVE) if run.owner in owners]
        runs = [run for run in alive if not kind_named(run.kind).request.joint]  # a joint run needs no worker, its parts do
        begun = [run for run in self._registry.begun_since(now - LATELY) if not kind_named(run.kind).request.joint]
        asked_by = self._asked_by({run.id for run in (*runs, *begun)})
        waiting = tuple(
            Waiting(run.id, self._expected(run), run.created, asked_by[run.id], run.direct)
            for run in runs
            if run.state is State.QUEUED and not works(run)
        )
        at_work = tuple(
            AtWork(run.id, self._expected(run), self._left(run, now), asked_by[run.id]) for run in runs if works(run)
        )
        return Queue(waiting, at_work, Workers(engine.workers, engine.kept), _served(begun, asked_by, now))

    def places(self, owner: str) -> dict[str, Place]:
        """By run, the places of those that wait for an owner's engine."""
        return self._of(owner)[1]

    def trouble(self, owner: str) -> str:
        """Why nothing begins of what waits for an owner's engine, as a clause; "" where nothing is known to be in the way."""
        return self._of(owner)[3]

    def _in_the_way(self, owner: str, engine: EngineNote | None) -> str:
        return engine.trouble if engine else "" if self._registry.owner.lives(owner) else NO_SERVER

    def place(self, run: Run) -> Place | None:
        """Of a run that waits, as exact as it can be said; None where nothing is known of it."""
        place = self.places(run.owner).get(run.id) if run.state is State.QUEUED else None
        return roughly(place) if place and place.seconds >= 1 else place

    def place_of(self, seconds: float, visitor: str, direct: bool = True) -> Place | None:
        """The place of a run that a visitor would ask this process's engine for now; None where it would begin at once."""
        queue, _, answers, _ = self._of(self._registry.owner.name)
        alike = sum(visitor in one.visitors for one in queue.at_work), queue.served.get(visitor), seconds, direct
        if alike not in answers:  # visitors of whom as much is at work, and who were given as much, are told the same
            now = time.time()
            answers[alike] = place_of(Waiting("", seconds, now, frozenset({visitor}), direct), queue, now)
        return answers[alike]

    def forget(self) -> None:
        """The next look reads it anew, because this process has changed it."""
        with self._lock:
            self._read.clear()

    def _of(self, owner: str) -> _Read:
        with self._lock:
            then, read = self._read.get(owner, (0.0, None))
            now, passed = time.time(), time.monotonic()  # the latter goes on where the clock is set
            if read is None or passed - then >= FRESH_SECONDS:
                engine = self._registry.engines.of(owner)
                queue = self.queue(engine) if engine else NOTHING
                read = queue, places(queue, now), {}, self._in_the_way(owner, engine)
                self._read[owner] = passed, read
            return read

    def engines(self) -> list[EngineNote]:
        """The engines of processes that live, the latest first."""
        return [one for one in self._registry.engines.all() if self._registry.owner.lives(one.owner)]

    def slowness(self) -> float:
        """How many times slower the workers are than those of the machine on which the presets were chosen; 1: not known."""
        notes = self._registry.engines.all()
        mine = [note for note in notes if note.owner == self._registry.owner.name]
        return next((slowness(note.speed) for note in (*mine, *notes) if note.speed), 1.0)

    def expected(self, request: Request) -> float:
        """Seconds that a request will take on a worker; one of parts, on all workers, without the parts that are done."""
        if not isinstance(request, Joint):
            return self.durations.expected(request.kind, request.size)
        parts = {key_of(part): part for part in request.parts.values()}
        done = {run.id for run in self._registry.several(parts).values() if run.state is State.DONE}
        seconds = [self.expected(part) for run_id, part in parts.items() if run_id not in done]
        return max([sum(seconds) / self.workers, *seconds])

    @property
    def workers(self) -> int:
        """Of this process's engine; 1 where it has none yet."""
        engine = self._registry.engines.of(self._registry.owner.name)
        return max(1, engine.workers) if engine else 1

    def _owners(self, engine: EngineNote) -> set[str]:
        """The owners of engines on the same cluster, this one included, whose processes live."""
        others = {one.owner for one in self._registry.engines.all() if one.cluster == engine.cluster} - {engine.owner}
        return {engine.owner} | {owner for owner in others if self._registry.owner.lives(owner)}

    def _expected(self, run: Run) -> float:
        return run.expected if run.expected is not None else self.expected(run.request)

    def _left(self, run: Run, now: float) -> float:
        """What is left of what was expected, or what the run itself says, whichever is more: the latter leaves out the test."""
        passed = now - (run.started or now)
        return max(self._expected(run) - passed, run.seconds_left or 0.0, LEAST_LEFT)

    def _asked_by(self, run_ids: Iterable[str]) -> dict[str, frozenset[str]]:
        """Who still wants each of these runs, by itself or as a part of a joint run."""
        shares = self._registry.shares.several(run_ids)
        return {
            run_id: frozenset(share.visitor for share in (*of.own, *of.of_wholes) if share.waits)
            for run_id, of in shares.items()
        }


def _served(begun: Iterable[Run], asked_by: dict[str, frozenset[str]], now: float) -> dict[str, Served]:
    """What visitors were given lately, by visitor."""
    served = dict[str, Served]()
    for run in begun:
        started = run.started or now
        given = (run.finished or now) - max(started, now - LATELY)
        if run.alive:
            given = max(given, run.expected or 0.0)  # as if it had been given all of it
        for visitor in asked_by[run.id] or ("",):
            before = served.get(visitor, Served())
            served[visitor] = Served(before.seconds + given, max(before.last, started))
    return served
