"""The lab's memory: registry and store together, and what both must agree on.

A run is done if and only if the registry says so and the store has its result; a cancelled run leaves nothing behind.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.errors import RunFailed, StoreError
from core.runs.registry import ALIVE, INTERRUPTED, Registry, Run, State
from core.runs.request import Inputs, Progress, Request, Result, experiment, key_of
from core.runs.store import Store
from core.runs.work import Outcome, work
from core.settings import Settings, settings


@dataclass(frozen=True)
class Lab:
    """One folder's runs and files."""

    registry: Registry
    store: Store

    @classmethod
    def open(cls, settings: Settings) -> Lab:
        registry = Registry(settings.home, settings.database)
        return cls(registry, Store(settings.home / "store", int(settings.store_gb * 1e9)))

    def claim(self, request: Request) -> tuple[Run, bool]:
        """Queue a request; the flag says whether it is ours to run. A run without its owner or its result is asked anew.

        Raises what `request.check` raises: a question that could only fail leaves no run behind.
        """
        known = self.look(key_of(request))
        if known and known.result and known.result not in self.store:
            self.registry.evict([known.result])
            known = self.registry.get(known.id)
        if not (known and (known.alive or known.state is State.DONE)):
            request.check(self.inputs_of(request))
        return self.registry.claim(request)

    def look(self, run_id: str) -> Run | None:
        """A run as it stands; one whose process is gone is marked interrupted first."""
        run = self.registry.get(run_id)
        return self._seen_to(run) if run else None

    def runs(self, bench: str | None = None, limit: int = 200) -> list[Run]:
        """Runs as they stand, the newest first."""
        return [self._seen_to(run) for run in self.registry.runs(limit=limit, bench=bench)]

    def _seen_to(self, run: Run) -> Run:
        if run.alive and not self.registry.owner.lives(run.owner):
            self.registry.interrupt(run.id, INTERRUPTED)
            return self.registry.get(run.id) or run
        return run

    def inputs_of(self, request: Request) -> Inputs:
        return {digest: self.store.get(digest) for digest in request.inputs}

    def progress(self, run_id: str, progress: Progress) -> bool:
        """Note how far a running run is, and keep what another could start from; False when it is not wanted any more."""
        if not self.registry.progress(run_id, progress):
            return False
        if progress.checkpoint:
            self._keep_checkpoint(run_id, progress.checkpoint)
        return True

    def _keep_checkpoint(self, run_id: str, content: bytes) -> None:
        """The latest takes the place of the one before; nothing stays of a run that is not wanted any more."""
        run, digest = self.registry.get(run_id), self.store.put(content)
        before = run.checkpoint if run else None
        if not self.registry.checkpoint(run_id, digest):
            self._drop(digest)
        elif before and before != digest:
            self._drop(before)

    def cancel(self, run_id: str) -> bool:
        """Mark a run cancelled and leave nothing of it; False when it had already ended."""
        run = self.registry.get(run_id)
        cancelled = self.registry.cancel(run_id)
        if cancelled and run and run.checkpoint:
            self._drop(run.checkpoint)
        return cancelled

    def _drop(self, digest: str) -> None:
        """Delete a checkpoint, unless a run that is alive starts from it."""
        if digest not in self._awaited():
            self.store.delete(digest)

    def keep(self, run_id: str, outcome: Outcome) -> Run | None:
        """Write down how a run ended. A result that comes after the run was cancelled is thrown away."""
        if outcome.cancelled:
            self.cancel(run_id)
        elif outcome.content is None:
            self.registry.fail(run_id, outcome.error)
        else:
            digest = self.store.put(outcome.content)
            run = self.registry.get(run_id)
            kept = self.registry.finish(run_id, digest, outcome)
            if run and run.checkpoint and run.checkpoint != digest:
                self._drop(run.checkpoint)  # the result says more
            if kept:
                self._make_room()
            elif not self.registry.holds(digest):
                self.store.delete(digest)
        return self.registry.get(run_id)

    def result(self, run: Run) -> Result:
        """The stored result of a finished run; RunFailed with the reason when there is none."""
        if run.state is not State.DONE or run.result is None:
            reason = run.error or f"it is {run.state}"
            raise RunFailed(f"Run {run.id} has no result: {reason}")
        try:
            return experiment(run.kind).result.from_bytes(self.store.get(run.result))
        except StoreError as error:
            self.registry.evict([run.result])
            raise RunFailed(f"The result of run {run.id} is gone ({error}); run it again to have it back.") from error

    def delete(self, run: Run) -> None:
        """Forget a run and its result."""
        self.cancel(run.id)
        self.registry.delete(run.id)
        if run.checkpoint:
            self._drop(run.checkpoint)
        if run.result and not self.registry.holds(run.result):
            self.store.delete(run.result)

    def iterate(self, request: Request) -> Generator[Progress, None, Run]:
        """Do a request in this process, or wait for the process that is already at it; ends with the finished run."""
        run, ours = self.claim(request)
        if ours:
            yield from self._iterate_here(run, request)
        else:
            yield from follow(self, run.id)
        ended = self.look(run.id)
        if ended is None:
            raise RunFailed(f"Run {run.id} was deleted while it ran.")
        return ended

    def _iterate_here(self, run: Run, request: Request) -> Generator[Progress, None, None]:
        self.registry.start(run.id)
        worker = work(request, self.inputs_of(request), lambda: self.registry.wish(run.id))
        try:
            while True:
                progress = next(worker)
                self.progress(run.id, progress)
                yield progress
        except StopIteration as end:
            self.keep(run.id, end.value)
        finally:
            self.cancel(run.id)  # only where the iteration was left before its end

    def _awaited(self) -> set[str]:
        """The inputs of all runs that are alive."""
        return {digest for run in self.registry.runs(states=ALIVE) for digest in run.request.inputs}

    def _make_room(self) -> None:
        gone = self.store.clear_room(keep=self._awaited())
        if gone:
            self.registry.evict(gone)


def follow(lab: Lab, run_id: str, pause: Callable[[float], Any] = time.sleep) -> Generator[Progress, None, None]:
    """Watch a run that another process does, until it has ended."""
    while (run := lab.look(run_id)) and run.alive:
        told = {"step": run.step, "total": run.total, "seconds_left": run.seconds_left, "note": run.note}
        yield Progress(phase=run.phase or run.state, **told)
        pause(0.25)


@cache
def lab() -> Lab:
    """This process's lab, in the folder that GRIDCAST_HOME names."""
    return Lab.open(settings())
