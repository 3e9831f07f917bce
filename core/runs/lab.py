"""Lab: registry and store together, and what both must agree on.

A run is done if and only if the registry says so and the store has its result; a cancelled run leaves nothing behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any, NoReturn

from core.checkpoints.checkpoint import Start
from core.errors import (
    Away,
    Damaged,
    DatabaseError,
    DoubtfulPrices,
    InvalidRequest,
    Missing,
    RunFailed,
    RunInterrupted,
    StoreError,
)
from core.in_use import InUse
from core.runs.database.ledger import Trials
from core.runs.joint import Ended, Joint, Tally, parts_in_turn
from core.runs.kinds import kind_named, kind_of
from core.runs.live.snapshots import Snapshots
from core.runs.queue.left import TimeLeft
from core.runs.queue.line import Line
from core.runs.recovery.orphans import is_orphan, shown
from core.runs.recovery.outages import PATIENCE_SECONDS, patiently
from core.runs.recovery.room import awaited, make_room
from core.runs.registry import GONE, INTERRUPTED, Registry, Run, State
from core.runs.request import Inputs, Progress, Request, Wish, key_of
from core.runs.storage.places import place_at
from core.runs.store import Store
from core.runs.visitors.rules import ON_COMMAND_LINE
from core.runs.visitors.visitor import COMMAND_LINE
from core.runs.work import Outcome, work
from core.settings import Settings, settings

if TYPE_CHECKING:
    from core.runs.result import Result

ALL = 1_000_000  # more runs than any lab has
MOST_REMEMBERED = 256  # answers about finished runs
DAMAGED = "Its stored result was damaged and has been set aside"
AGAIN = "It is to be done again"
LEFT = "The process that did this was ended. Run it again to finish it."


@dataclass(frozen=True)
class Lab:
    """One folder's runs and files."""

    registry: Registry
    store: Store
    undo_seconds: float = 600.0  # for which what was deleted is kept
    all_private: bool = False  # nobody's runs stand in the lists of others
    patience: float = PATIENCE_SECONDS  # for which a result that cannot be written down is kept

    @classmethod
    def open(cls, settings: Settings) -> Lab:
        registry = Registry(settings.home, settings.database_url)
        store = Store(place_at(settings.store, settings.home), int(settings.store_gb * 1e9), settings.home / "prices")
        return cls(registry, store, settings.undo_minutes * 60, settings.private)

    @cached_property
    def snapshots(self) -> Snapshots:
        """Of its runs that are alive, for screens."""
        return Snapshots(self.look, self.registry, self.line, self.trouble)

    @cached_property
    def line(self) -> Line:
        """Its runs that wait and that are at work, and the places of those that wait."""
        return Line(self.registry)

    @cached_property
    def time_left(self) -> TimeLeft:
        """What its runs that are alive have left."""
        return TimeLeft(self.registry.get, self.line.expected)

    @cached_property
    def here(self) -> set[str]:
        """The runs that a thread of this process does."""
        return set()

    @cached_property
    def troubles(self) -> dict[str, str]:
        """Why a run of this process does not go on, by run: what the registry cannot be told."""
        return {}

    @cached_property
    def opened(self) -> InUse[Result]:
        """Results in use, by kind and digest."""
        return InUse()

    @cached_property
    def _tests(self) -> dict[tuple[str, float | None], frozenset[str]]:
        """What `tests_until` has answered, by run and when it ended: that does not change any more."""
        return {}

    def claim(self, request: Request, whole: str | None = None, visitor: str = COMMAND_LINE) -> tuple[Run, bool]:
        """Queue a request; the flag says whether it is ours to run. One without its owner or its result is queued again.
        `visitor` is who asks; `whole` is the joint run that waits for it, where it is asked for as a part.

        Raises what the kind's `check` raises: a request that could only fail leaves no run behind.
        """
        self.purge()
        existing = self._settled(key_of(request))
        if existing and existing.result and existing.result not in self.store:
            self.registry.evict([existing.result])
            existing = self.registry.get(existing.id)
        if not (existing and (existing.alive or existing.state is State.DONE)):
            self.check(request)
        return self.registry.claim(request, whole, visitor)

    def check(self, request: Request) -> None:
        """Raise what a kind has against a request before it is queued: it could only fail, or somebody has to be asked."""
        kind_of(request).check(request, self.inputs_of(request))

    def confirmed(self, request: Request) -> Request:
        """A request after somebody has said that all its prices are right, whatever its check doubts."""
        try:
            self.check(request)
        except DoubtfulPrices as doubt:
            right = request.confirmed(doubt.symbol)
            if right == request:
                raise
            return self.confirmed(right)
        return request

    def look(self, run_id: str) -> Run | None:
        """A run as it is: one whose process is gone is shown as what will become of it. A look changes nothing."""
        run = self.registry.get(run_id)
        return self._up_to_date(run) if run else None

    def several(self, run_ids: Iterable[str]) -> dict[str, Run]:
        """Those of these runs that exist, each as `look` gives it, by id."""
        return {run_id: self._up_to_date(run) for run_id, run in self.registry.several(run_ids).items()}

    def runs(
        self, bench: str | None = None, limit: int = 200, parts: bool = True, seen_by: str = "", of: str = "",
        kind: str | None = None,
    ) -> list[Run]:  # fmt: skip
        """Runs that somebody holds, each as `look` gives it, pinned ones first, then the newest; without `parts` only those
        that were asked for directly. Only what may stand in the lists of the visitor `seen_by`; only the runs of the visitor
        `of`."""
        self.purge()
        whose = self.registry.shares.whose(of, seen_by, self.all_private)
        return [self._up_to_date(run) for run in self.registry.runs(limit, bench, (), parts, whose, kind)]

    def _up_to_date(self, run: Run) -> Run:
        return shown(run) if is_orphan(self.registry, run) else run

    def trouble(self, run: Run) -> str:
        """Why a run that is alive does not go on, as a clause; "" where nothing is known to be in its way."""
        return self.troubles.get(run.id) or (self.line.trouble(run.owner) if run.state is State.QUEUED else "")

    def _settled(self, run_id: str) -> Run | None:
        """A run, marked interrupted if its process is gone."""
        run = self.registry.get(run_id)
        if run and is_orphan(self.registry, run):
            self.registry.interrupt(run_id, INTERRUPTED, run.owner)
            run = self.registry.get(run_id)
        return run

    def inputs_of(self, request: Request) -> Inputs:
        return {digest: self.store.get(digest) for digest in request.inputs}

    def progress(self, run_id: str, progress: Progress, attempt: int | None = None) -> bool:
        """Note how far a run is, and keep what another could start from; False when it, or this attempt, is wanted no more."""
        if not self.registry.progress(run_id, self.time_left.with_time_left(run_id, progress, attempt), attempt):
            return False
        if progress.checkpoint:
            self._keep_checkpoint(run_id, progress.checkpoint)
        return True

    def _keep_checkpoint(self, run_id: str, content: bytes) -> None:
        """The latest checkpoint replaces the one before; of a run that is not wanted any more none stays."""
        run, digest = self.registry.get(run_id), self.store.put(content)
        before = run.checkpoint if run else None
        if not self.registry.checkpoint(run_id, digest):
            self._drop(digest)
        elif before and before != digest:
            self._drop(before)

    def cancel(self, run_id: str, unless_awaited: bool = False, why: str = "") -> bool:
        """Mark a run cancelled and leave nothing of it; False when it had already ended or, with `unless_awaited`,
        when somebody or something waits for it. `why` says who ended it."""
        run = self.registry.get(run_id)
        cancelled = self.registry.cancel(run_id, unless_awaited, why)
        if cancelled and run and run.checkpoint:
            self._drop(run.checkpoint)
        return cancelled

    def start_of(self, run: Run) -> Start:
        """What a run begins with: its checkpoint, if there was one and it is still here and undamaged. StoreError when the
        store does not answer."""
        try:
            return Start(self.store.get(run.checkpoint)) if run.checkpoint else Start()
        except (Damaged, Missing) as error:
            return Start(lost=str(error))

    def can_go_on(self, run: Run) -> bool:
        """Whether there is a checkpoint that a run goes on from when it is asked for again."""
        try:
            return self.start_of(run).content is not None
        except StoreError:
            return False

    def begin_anew(self, run: Run) -> None:
        """Let a run that has ended without a result begin from its start when it is asked for again."""
        if self.registry.forget_checkpoint(run.id) and run.checkpoint:
            self._drop(run.checkpoint)

    def _drop(self, digest: str) -> None:
        """Delete a checkpoint, unless a run that is alive has it."""
        if digest not in awaited(self.registry):
            self.store.delete(digest)

    def keep(self, run_id: str, outcome: Outcome) -> Run | None:
        """Write down how a run ended. A result that comes after the run was cancelled is thrown away."""
        if outcome.cancelled:
            self.cancel(run_id)
        elif outcome.interrupted:
            self.registry.interrupt(run_id, outcome.error)
        elif outcome.content is None:
            run = self.registry.get(run_id)
            self.registry.fail(run_id, outcome.error)
            if run:
                self.begin_anew(run)  # it would fail again
        else:
            digest = self.store.put(outcome.content)
            run = self.registry.get(run_id)
            self._write_missing_entries()  # first, so that rows stand in the order in which runs ended
            outcome = self._corrected(run.request, outcome) if run else outcome
            kept = self.registry.finish(run_id, digest, outcome)
            if kept and run:
                self._write_entry(run, outcome.data, outcome.finished or time.time())
            if run and run.checkpoint and run.checkpoint != digest:
                self._drop(run.checkpoint)  # the result replaces it
            if kept:
                make_room(self.registry, self.store)
            elif not self.registry.holds(digest):
                self.store.delete(digest)
        return self.registry.get(run_id)

    def _corrected(self, request: Request, outcome: Outcome) -> Outcome:
        """The same with the headline that it has beside the other tests on its data; what came with the lab has it already."""
        if not request.tests or outcome.finished:
            return outcome
        others = len(self.registry.ledger.tests_on(outcome.data, request.subjects) - set(request.tests))
        if not others:
            return outcome
        result: Result = kind_of(request).result.from_bytes(outcome.content or b"")
        return replace(outcome, headline=result.corrected_for(others).headline)

    def tests_until(self, run: Run) -> frozenset[str]:
        """Every test that had been made on the data of a finished run when it ended, see `ledger`."""
        key = run.id, run.finished
        tests = self._tests.get(key)
        if tests is None:
            self._write_missing_entries()
            tests = self.registry.ledger.tests_until(run.id)
            if len(self._tests) >= MOST_REMEMBERED:
                self._tests.clear()
            self._tests[key] = tests
        return tests

    def other_tests_until(self, run: Run) -> int:
        """How many of them a run did not make itself."""
        return len(self.tests_until(run) - set(run.request.tests))

    def runs_on_data_of(self, run: Run) -> list[Run]:
        """The finished runs that tested something on the data of a run, itself included, in the order in which they ended."""
        self._write_missing_entries()
        ids = self.registry.ledger.runs_on_data_of(run.id)
        there = self.registry.several(ids)
        return [there[one] for one in ids if one in there and there[one].state is State.DONE]

    def _write_missing_entries(self) -> None:
        """Take runs of earlier versions into the ledger; those whose result is gone by what their data was called."""
        for run in self.registry.without_entry():
            with suppress(InvalidRequest):  # a request of an earlier version that this one cannot read
                data = self._data_of(run) if run.request.tests else ()
                if data is not None:
                    self._write_entry(run, data, run.finished or run.created)

    def _data_of(self, run: Run) -> tuple[str, ...] | None:
        """None where the store does not answer now."""
        try:
            content = self.store.get(run.result) if run.result else b""
        except (Damaged, Missing):
            return ()
        except StoreError:
            return None
        try:
            return kind_named(run.kind).result.from_bytes(content).tested_data
        except (StoreError, ValueError):
            return ()

    def _write_entry(self, run: Run, data: tuple[str, ...], finished: float) -> None:
        request = run.request
        self.registry.ledger.write(run.id, finished, Trials(request.tests, data, request.subjects))

    def result(self, run: Run) -> Result:
        """The stored result of a finished run, one object for all who look; RunFailed with the reason when there is none, or
        when it cannot be read now."""
        try:
            return self._result(run)
        except Away as error:
            raise RunFailed(f"The result of run {run.id} cannot be read: {error}.") from error

    def corrected(self, run: Run) -> Result:
        """The same, its tests corrected for all others that had been made on its data when it ended; RunFailed as there."""
        return self.result(run).corrected_for(self.other_tests_until(run))

    def _result(self, run: Run) -> Result:
        if run.state is not State.DONE or run.result is None:
            reason = run.error or f"it is {run.state}"
            raise RunFailed(f"Run {run.id} has no result: {reason}")
        key = run.kind, run.result
        opened = self.opened.get(key)
        if opened is not None and self._is_used(run.result):
            return opened
        try:
            content = self.store.get(run.result)
        except StoreError as error:
            if isinstance(error, Away):
                raise
            if not isinstance(error, (Damaged, Missing)):
                raise RunFailed(f"The result of run {run.id} cannot be read: {error}.") from error
            self._evicted(run, DAMAGED if isinstance(error, Damaged) else GONE)
        try:
            result: Result = kind_named(run.kind).result.from_bytes(content)
        except StoreError as error:
            self._evicted(run, f"This version cannot read its result ({error})")
        return self.opened.keep(key, result)

    def _is_used(self, digest: str) -> bool:
        """Note the use of what is open; it stays open while the store is away."""
        try:
            return self.store.use(digest)
        except Away:
            return True

    def _evicted(self, run: Run, why: str) -> NoReturn:
        """Write down that a run has no result any more, and why: everybody is told the same."""
        self.registry.evict([run.result or ""], why)
        now = self.registry.get(run.id)
        raise RunFailed((now and now.error) or why)

    def delete(self, run: Run) -> None:
        """Forget a run and its result at once, whosever it is; so do the parts that nobody else has."""
        self.cancel(run.id)
        self.registry.delete(run.id)
        self._delete_files(run)
        for part in self.several(self.registry.shares.forget(run.id)).values():
            self.delete(part)

    def drop_result(self, run: Run) -> None:
        """Let a finished run be done again when it is asked for next, as if its result had been cleared."""
        if run.result:
            self.registry.evict([run.result], AGAIN)
            self.store.delete(run.result)

    def purge(self) -> None:
        """Forget the runs that nobody holds any more, as soon as that cannot be undone."""
        for run_id in self.registry.shares.overdue(time.time() - self.undo_seconds):
            run = self.registry.get(run_id)
            if run and self.registry.delete(run_id, unless_held=True):
                self._delete_files(run)
                for part in self.several(self.registry.shares.forget(run_id, held_too=False)).values():
                    self.delete(part)

    def _delete_files(self, run: Run) -> None:
        """Delete the checkpoint and the result of a run that is gone."""
        if run.checkpoint:
            self._drop(run.checkpoint)
        if run.result and not self.registry.holds(run.result):
            self.store.delete(run.result)

    def iterate(
        self, request: Request, whole: str | None = None, visitor: str = COMMAND_LINE
    ) -> Generator[Progress, None, Run]:
        """Run a request in this process, or follow the process that already runs it; returns the run when it has ended."""
        run, ours = self.claim(request, whole, visitor)
        if ours:
            yield from self.complete(run, self._parts_in_this_process(run, request) if isinstance(request, Joint) else None)
        else:
            try:
                yield from follow(self, run.id)
            finally:
                self._watch_no_longer(run.id, visitor)
        ended = self._settled(run.id)
        if ended is None:
            raise RunFailed(f"Run {run.id} was deleted while it ran.")
        return ended

    def complete(self, run: Run, running: Generator[Progress, Any, Result] | None = None) -> Generator[Progress, None, None]:
        """Iterate a run of this process to its end and store its result; `running` replaces the kind's own generator."""
        request = run.request
        patiently(lambda: self.registry.start(run.id, run.attempt))
        begin = (lambda: running) if running else partial(kind_of(request).run, request, self.inputs_of(request))
        worker = work(request, begin, partial(self._wish, run), self.start_of(run))
        self.here.add(run.id)
        try:
            while True:
                progress = next(worker)
                with suppress(StoreError):  # the next one says it again
                    self.progress(run.id, progress, run.attempt)
                yield progress
        except StopIteration as end:
            self._write_end(run, end.value)
        except (GeneratorExit, KeyboardInterrupt):
            if self._is_latest(run):
                self._leave(run.id)
            raise
        except Exception as error:
            self.registry.interrupt(run.id, f"An unexpected {type(error).__name__} ended this run: {error}. Run it again")
            raise
        finally:
            self.here.discard(run.id)

    def _write_end(self, run: Run, outcome: Outcome) -> None:
        """Write down how a run of this process ended, again and again until that holds; a result that cannot be stored for too
        long fails its run."""
        try:
            patiently(lambda: self.keep(run.id, outcome) if self._is_latest(run) else None, (StoreError,), self.patience)
        except StoreError as error:
            patiently(partial(self.registry.fail, run.id, str(error)), seconds=self.patience)

    def _watch_no_longer(self, run_id: str, visitor: str) -> None:
        """A run of another process goes on for the others who wait for it."""
        run = self.registry.get(run_id)
        if run and run.alive and self.registry.shares.of(run_id).askers - {visitor}:
            self.registry.shares.leave(run_id, visitor)

    def _leave(self, run_id: str) -> None:
        """This process does not go on with a run: it is cancelled; where a visitor waits for it, it can be run again."""
        if self.registry.shares.of(run_id).askers - {COMMAND_LINE}:
            self.registry.interrupt(run_id, LEFT)
        else:
            self.cancel(run_id, why=ON_COMMAND_LINE)

    def _wish(self, run: Run) -> Wish | None:
        try:
            return self.registry.wish(run.id) if self._is_latest(run) else Wish.CANCEL
        except DatabaseError:
            return None

    def _is_latest(self, run: Run) -> bool:
        """Whether this attempt at a run is the latest: it may have been cancelled and queued again meanwhile."""
        now = self.registry.get(run.id)
        return now is not None and now.attempt == run.attempt

    def _parts_in_this_process(self, whole: Run, request: Joint) -> Generator[Progress, Any, Result]:
        """Do the parts of a joint request one after the other, and join them."""
        tally = Tally(request.parts)
        tally.begin(name for name, run in self.part_runs(request).items() if run.state is State.DONE)
        yield from parts_in_turn(request, tally, lambda part: self.iterate(part, whole.id))
        return kind_of(request).join(request, self.ended(request, tally.refused))

    def part_runs(self, request: Joint) -> dict[str, Run]:
        """The runs of a joint request's parts that exist, by the parts' names."""
        runs = self.several(map(key_of, request.parts.values()))
        return {name: runs[run_id] for name, part in request.parts.items() if (run_id := key_of(part)) in runs}

    def ended(self, request: Joint, refused: Mapping[str, str]) -> Ended:
        """The result of each part of a joint request, or why it has none, loaded one after the other; `refused` says of
        parts that were never queued why. RunInterrupted when one was interrupted: that says nothing about the part itself."""
        for name, part in request.parts.items():
            run = patiently(partial(self.look, key_of(part)))
            if name in refused:
                yield name, refused[name]
            elif run is None:
                yield name, "its run was deleted"
            elif run.state is State.INTERRUPTED:
                raise RunInterrupted(run.error)
            else:
                yield name, self._result_or_reason(run)

    def _result_or_reason(self, run: Run) -> Result | str:
        try:
            return patiently(partial(self._result, run))
        except (RunFailed, Away) as error:
            return run.error or str(error)


def follow(lab: Lab, run_id: str, pause: Callable[[float], Any] = time.sleep) -> Generator[Progress, None, None]:
    """Watch a run that another process does, until it has ended."""
    while (run := lab.look(run_id)) and run.alive and not is_orphan(lab.registry, run):
        values = {"step": run.step, "total": run.total, "seconds_left": run.seconds_left, "note": run.note}
        yield Progress(phase=run.phase or run.state, **values)
        pause(0.25)


@cache
def lab() -> Lab:
    """This process's lab, in the folder that GRIDCAST_HOME names."""
    return Lab.open(settings())
