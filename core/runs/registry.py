"""The database of runs: what was asked, how far it is, how it ended.

SQLite inside the lab's folder by default, PostgreSQL by URL. The registry is the durable truth: screens read only this, and a
run whose owner (the process that is responsible for it, see `owner`) is gone is marked interrupted.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import peewee as pw

from core.errors import DatabaseError, InvalidRequest, StoreError
from core.runs.database import connections
from core.runs.database.engines import Engines
from core.runs.database.labels import Labels
from core.runs.database.ledger import Ledger
from core.runs.database.owner import FileOwner, Owner
from core.runs.database.people import People
from core.runs.database.prepared import Prepared
from core.runs.database.refusals import told
from core.runs.database.server import Server
from core.runs.database.server_owner import ServerOwner
from core.runs.database.shares import Shares, Whose
from core.runs.database.state import ALIVE, ENDED_EMPTY, State
from core.runs.database.tables import create, tables_of
from core.runs.kinds import kind_named, parse_request
from core.runs.request import Progress, Request, Wish, key_of
from core.runs.visitors.visitor import COMMAND_LINE
from core.runs.work import Outcome
from core.system.events import event
from core.system.files import close_to_others, private_folder

OWNERS = "owners"  # the folder of the locks
STARVED = 0.6  # share of a run's seconds, below which it learned markedly less than on a machine that is free
GONE = "Its result is gone from the lab's folder"
INTERRUPTED = "The lab was stopped while this ran. Run it again to finish it."


@dataclass(frozen=True)
class Run:
    """One row: a request and what became of it. Times are seconds since the epoch, UTC."""

    id: str
    kind: str
    bench: str
    title: str
    request_json: str
    state: State
    attempt: int
    created: float
    started: float | None
    finished: float | None
    seconds: float | None
    result: str | None  # digest of the stored result
    headline: str
    scores_json: str
    error: str
    phase: str
    step: int
    total: int
    seconds_left: float | None
    owner: str
    note: str  # a sentence about the state of a run that is alive
    stopping: bool  # whether it has been asked to end its training
    checkpoint: str | None  # digest of what it can go on from when it is asked for again
    direct: bool  # asked for by itself; False: only as a part of a joint run
    expected: float | None  # seconds that it was expected to take when it was queued
    busy: float | None  # share of its seconds for which it had the processor; None where that was not measured

    @property
    def alive(self) -> bool:
        return self.state in ALIVE

    @property
    def starved(self) -> bool:
        """Whether it was given a time and, because the machine was busy, had the processor for too little of it."""
        return self.busy is not None and self.busy < STARVED and kind_named(self.kind).request.timed

    @property
    def starved_in_words(self) -> str:
        """What to know of one that is `starved`; else nothing."""
        share = f"{self.busy or 0:.0%}".replace("%", " %")
        busy = f"The machine was busy: it had the processor for {share} of its time, and learned that much less."
        return busy if self.starved else ""

    @property
    def request(self) -> Request:
        return parse_request(self.request_json)

    @property
    def scores(self) -> Any:
        return json.loads(self.scores_json) if self.scores_json else None

    @property
    def fraction(self) -> float:
        return min(1.0, self.step / self.total) if self.total else 0.0

    @property
    def finished_at(self) -> datetime | None:
        return datetime.fromtimestamp(self.finished, UTC) if self.finished else None


LARGE = ("request_json", "scores_json")  # of a panel 170 kB; one string for all who hold the run


def _value(row: Any) -> Run:
    values = {name: getattr(row, name) for name in Run.__dataclass_fields__}
    newer = {"note": row.note or "", "stopping": bool(row.stopping), "direct": row.direct is not False}
    shared = {name: sys.intern(getattr(row, name)) for name in LARGE}
    return Run(**values | newer | shared | {"state": State(row.state)})


def _inputs(run: Run) -> tuple[str, ...]:
    """None of a request of an earlier version that this one cannot read."""
    try:
        return run.request.inputs
    except InvalidRequest:
        return ()


def _note(run: Run) -> None:
    """That a run has come into its state. Seconds are those of the work, or since it was started."""
    seconds = run.seconds or (run.finished - run.started if run.finished and run.started else None)
    level = logging.WARNING if run.state is State.FAILED else logging.INFO
    event(run.state, {"run": run.id, "kind": run.kind, "seconds": seconds, "reason": run.error}, level)


class Registry:
    """All runs of one lab; safe for several threads and processes at once."""

    def __init__(self, folder: Path, url: str | None = None) -> None:
        """`folder` is the lab's own, for database and owners' locks; `url` names another database, see `connections`."""
        try:
            private_folder(folder)
            close_to_others(folder, OWNERS)  # one of an earlier version
            with told():
                database = connections.database(folder, url)
                self.owner: Owner = ServerOwner(database) if isinstance(database, Server) else FileOwner(folder / OWNERS)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise StoreError(
                f"the lab cannot use its folder ({reason}); set GRIDCAST_HOME to a place that it can write"
            ) from error
        try:
            with told():
                self._open(database)
        except DatabaseError:
            self.owner.release()
            raise

    def _open(self, database: pw.Database) -> None:
        self._db, tables = database, tables_of(database)
        self._run, self._event, self._picture, self._part = tables.run, tables.event, tables.picture, tables.part
        self.ledger = Ledger(self._db, tables.entry, tables.datum)
        self.shares, self.people = Shares(self._db, tables), People(self._db, tables)
        self.labels, self.engines = Labels(self._db, tables), Engines(self._db, tables.engine)
        self._tables, self._prepared = tables, Prepared()
        self.make_tables()

    def make_tables(self) -> None:
        """Make the tables that are missing."""
        with self._db.connection_context():
            with connections.alone(self._db, "tables"):
                create(self._db, self._tables)
            connections.learn_tables(self._db, self.make_tables)

    def close(self) -> None:
        """Release this process's runs, those still alive count as interrupted, and its connections."""
        self.owner.release()
        connections.close(self._db)

    def check(self) -> None:
        """DatabaseError when the database does not answer."""
        with self._db.connection_context():
            list(self._prepared.ask("any", lambda: self._run.select().limit(1)))

    @property
    def product(self) -> str:
        """Of the database."""
        return "PostgreSQL" if isinstance(self._db, Server) else "SQLite"

    def counts(self) -> dict[tuple[str, str], int]:
        """How many runs there are by kind and state; StoreError when the database does not answer."""
        run = self._run
        self.check()
        with self._db.connection_context():
            rows = run.select(run.kind, run.state, pw.fn.COUNT(run.id)).group_by(run.kind, run.state).tuples()
            return {(kind, str(state)): count for kind, state, count in rows}

    # -- reading -----------------------------------------------------------------------------------

    def get(self, run_id: str) -> Run | None:
        with self._db.connection_context():
            rows = self._prepared.ask("a run", lambda one: self._run.select().where(self._run.id == one), run_id)
            return next(map(_value, rows), None)

    def find(self, text: str) -> Run:
        """A run by its id or a unique beginning of it; InvalidRequest when there is none, or several."""
        with self._db.connection_context():
            rows = list(self._run.select().where(self._run.id.startswith(text)).limit(2)) if text else []
        if len(rows) != 1:
            what = "no run" if not rows else "more than one run"
            raise InvalidRequest(f"there is {what} with an id that starts with {text!r}; see the list of runs")
        return _value(rows[0])

    def several(self, run_ids: Iterable[str]) -> dict[str, Run]:
        """Those of these runs that exist, by id."""
        with self._db.connection_context():
            rows = self._prepared.ask("runs", lambda ids: self._run.select().where(self._run.id.in_(ids)), tuple(run_ids))
            return {row.id: _value(row) for row in rows}

    def runs(
        self, limit: int = 200, bench: str | None = None, states: tuple[State, ...] = (), parts: bool = True,
        whose: Whose | None = None, kind: str | None = None,
    ) -> list[Run]:  # fmt: skip
        """Runs, pinned ones first, then the newest; without `parts`, only those that were asked for directly."""

        def query(visitor: Any) -> Any:
            pinned = self._run.id.in_(self.shares.pinned())
            query = self._run.select().order_by(pinned.desc(), self._run.created.desc()).limit(limit)
            if whose:
                query = query.where(whose.condition(visitor))
            if bench:
                query = query.where(self._run.bench == bench)
            if kind:
                query = query.where(self._run.kind == kind)
            if states:
                query = query.where(self._run.state.in_(states))
            return query if parts else query.where(self._run.direct.is_null() | self._run.direct)

        name = "list", limit, bench, states, parts, whose and whose.name, kind
        with self._db.connection_context():
            return [_value(row) for row in self._prepared.ask(name, query, whose.visitor if whose else "")]

    def alive(self) -> tuple[int, tuple[tuple[str, State], ...]]:
        """How many runs there are, and which of them are alive, each with its state: what changes when a list of them does."""
        row = self._run
        with self._db.connection_context():
            states = row.select(row.id, row.state).where(row.state.in_(ALIVE)).order_by(row.id).tuples()
            return row.select().count(), tuple((run_id, State(state)) for run_id, state in states)

    def owners(self) -> set[str]:
        """The owners of the runs that are alive."""
        row = self._run
        with self._db.connection_context():
            return {owner for (owner,) in row.select(row.owner).where(row.state.in_(ALIVE)).distinct().tuples()}

    def own(self) -> list[tuple[str, State, int]]:
        """This owner's runs that are alive: id, state, attempt."""
        row = self._run
        with self._db.connection_context():
            mine = row.select(row.id, row.state, row.attempt).where(row.state.in_(ALIVE), row.owner == self.owner.name)
            return [(run_id, State(state), attempt) for run_id, state, attempt in mine.tuples()]

    def numbers(self, run_id: str, most: int = 400) -> list[dict[str, float | str]]:
        """The numbers of a living run's Progress, in order, each with its `step` and `phase`; of many, about `most`."""
        event = self._event
        with self._db.connection_context():
            selected = event.select(event.numbers, event.step, event.phase).where(event.run == run_id).order_by(event.id)
            rows = list(selected.tuples())
        kept = rows[:: 1 + len(rows) // most]
        return [json.loads(numbers) | {"step": step, "phase": phase} for numbers, step, phase in kept]

    def last_report(self, run_id: str) -> int | None:
        """The number of a living run's latest Progress; None before the first."""
        event = self._event
        with self._db.connection_context():
            number: int | None = event.select(pw.fn.MAX(event.id)).where(event.run == run_id).scalar()
        return number

    def pictures(self, run_id: str) -> dict[str, bytes]:
        picture = self._picture
        with self._db.connection_context():
            return {row.name: bytes(row.content) for row in picture.select().where(picture.run == run_id)}

    def begun_since(self, moment: float) -> list[Run]:
        """Runs that began after then, or have not ended yet."""
        row = self._run
        with self._db.connection_context():
            return [_value(one) for one in row.select().where((row.started > moment) | (row.state == State.RUNNING))]

    def wholes_of(self, run_ids: Iterable[str]) -> dict[str, set[str]]:
        """The joint runs that wait for these runs, by these."""
        part, wholes = self._part, dict[str, set[str]]()
        with self._db.connection_context():
            for one in part.select().where(part.part.in_(list(run_ids))):
                wholes.setdefault(one.part, set()).add(one.whole)
        return wholes

    def durations(self, kind: str, most: int = 50) -> list[tuple[str, float]]:
        """The requests, as JSON, and seconds of the latest runs of a kind that came to their own end on this machine."""
        row = self._run
        here = row.started.is_null(False) & (row.stopping.is_null() | (row.stopping == False))  # noqa: E712
        ended = row.select(row.request_json, row.seconds).where(row.kind == kind, row.state == State.DONE, here)
        with self._db.connection_context():
            return list(ended.order_by(row.finished.desc()).limit(most).tuples())

    def wish(self, run_id: str) -> Wish | None:
        """What is wanted of a run."""
        run = self.get(run_id)
        if run is None or not run.alive:
            return Wish.CANCEL
        return Wish.STOP if run.stopping else None

    def holds(self, digest: str) -> bool:
        """Whether any run has this result."""
        with self._db.connection_context():
            return self._run.select().where(self._run.result == digest).exists()

    def results(self) -> set[str]:
        """The results of all runs."""
        row = self._run
        with self._db.connection_context():
            return {result for (result,) in row.select(row.result).where(row.result.is_null(False)).tuples()}

    def shipped(self) -> set[str]:
        """The results and the inputs of the runs that come with the lab."""
        with self._db.connection_context():
            runs = [_value(one) for one in self._run.select().where(self._run.id.in_(self.shares.shipped()))]
        return {run.result for run in runs if run.result} | {digest for run in runs for digest in _inputs(run)}

    def digests(self) -> set[str]:
        """Every file that a run has: results, checkpoints, inputs."""
        with self._db.connection_context():
            runs = [_value(one) for one in self._run.select()]
        own = {digest for run in runs for digest in (run.result, run.checkpoint) if digest}
        return own | {digest for run in runs for digest in _inputs(run)}

    def without_entry(self) -> list[Run]:
        """Runs that ended with scores and have no row in the ledger, such as those of earlier versions; the earliest first."""
        row = self._run
        scored = row.select().where(row.scores_json != "", row.id.not_in(self.ledger.runs)).order_by(row.finished)
        with self._db.connection_context():
            return [_value(one) for one in scored]

    def awaited(self) -> set[str]:
        """The results of runs that are parts of a joint run that is alive."""
        whole = self._run.alias()
        alive = whole.select(whole.id).where(whole.state.in_(ALIVE))
        parts = self._part.select(self._part.part).where(self._part.whole.in_(alive))
        results = self._run.select(self._run.result).where(self._run.id.in_(parts))
        with self._db.connection_context():
            return {row.result for row in results if row.result}

    # -- writing -----------------------------------------------------------------------------------

    def claim(self, request: Request, whole: str | None = None, visitor: str = COMMAND_LINE) -> tuple[Run, bool]:
        """Queue a request under this owner. The flag says whether it is ours to run: equal requests are one run,
        and one that is alive or done (with its result) is left as it is. One that was interrupted keeps
        its checkpoint. The visitor has a share of it, unless it is asked for as a part: `whole` is the joint run that waits
        for it."""
        run_id, now = key_of(request), time.time()
        fresh = {
            "state": State.QUEUED, "created": now, "started": None, "finished": None, "seconds": None, "result": None,
            "headline": "", "scores_json": "", "error": "", "phase": "", "step": 0, "total": 0, "seconds_left": None,
            "owner": self.owner.name, "note": "", "stopping": False,
            "direct": whole is None, "expected": None, "busy": None,
        }  # fmt: skip
        columns = {"kind": request.kind, "bench": request.bench, "title": request.title}
        columns["request_json"] = request.model_dump_json()
        row = self._run
        again = row.update(**columns, **fresh, attempt=row.attempt + 1).where(row.id == run_id, row.state.in_(ENDED_EMPTY))
        before = self.get(run_id)
        if not whole:  # first, so that whoever cancels the run sees that it is wanted
            self.shares.ask(run_id, visitor)
        with self._db.connection_context():
            if whole:
                self._part.insert(whole=whole, part=run_id).on_conflict_ignore().execute()
            try:
                row.insert(id=run_id, **columns, **fresh).execute()
                ours = True
            except pw.IntegrityError:
                ours = again.execute() == 1
            if ours and not (before and before.checkpoint):  # else it goes on, and so do its curves
                self._forget_progress(run_id)
            elif not whole:
                row.update(direct=True).where(row.id == run_id, row.direct == False).execute()  # noqa: E712
            run = _value(row.get_by_id(run_id))
        if ours:
            if before and before.finished:
                self.shares.begin_anew(run_id, before.finished, visitor)
            _note(run)
        return run, ours

    def expect(self, run_id: str, seconds: float) -> bool:
        """Note how long a queued run will take."""
        return self._update(run_id, (State.QUEUED,), expected=seconds)

    def start(self, run_id: str, attempt: int | None = None) -> bool:
        """Note that a run is being done; False when it, or this attempt at it, is not wanted any more. One attempt may start
        more than once: a cluster may begin it anew on another worker."""
        only, now = self._of_attempt(attempt), time.time()
        started = self._update(run_id, (State.QUEUED,), only, state=State.RUNNING, started=now)
        if started and (run := self.get(run_id)):
            _note(run)
        return started or self._update(run_id, (State.RUNNING,), only, started=now, step=0, phase="", seconds_left=None)

    def progress(self, run_id: str, progress: Progress, attempt: int | None = None) -> bool:
        """Note how far a run is; False when it, or this attempt at it, is not wanted any more. It runs, then, even if that
        could not be written down when it started."""
        noted = self._update(
            run_id, ALIVE, self._of_attempt(attempt), phase=progress.phase, step=progress.step, total=progress.total,
            seconds_left=progress.seconds_left, note=progress.note,
            state=State.RUNNING, started=pw.fn.COALESCE(self._run.started, time.time()),
        )  # fmt: skip
        if not noted:
            return False
        event, picture = self._event, self._picture
        with self._db.connection_context(), self._db.atomic():
            event.create(run=run_id, step=progress.step, phase=progress.phase, numbers=json.dumps(progress.numbers))
            for name, content in progress.pictures.items():
                latest = picture.insert(run=run_id, name=name, content=content)
                latest.on_conflict(conflict_target=[picture.run, picture.name], update={"content": content}).execute()
        return True

    def stop(self, run_id: str) -> bool:
        """Wish that a running run learns no further and keeps what it has learned; False when it does not run."""
        return self._update(run_id, (State.RUNNING,), stopping=True)

    def checkpoint(self, run_id: str, digest: str) -> bool:
        """Note what the run can go on from; False when the run is not wanted any more."""
        return self._update(run_id, (State.RUNNING,), checkpoint=digest)

    def forget_checkpoint(self, run_id: str) -> bool:
        """Of a run that has ended without a result; False of any other."""
        return self._update(run_id, ENDED_EMPTY, checkpoint=None)

    def finish(self, run_id: str, result: str, outcome: Outcome) -> bool:
        """Note where a result lies and what it says; False when the run was cancelled meanwhile: its result must not stay.

        A run that was done elsewhere, such as one that came with the lab, is as old as it is, not as its row.
        """
        values: dict[str, Any] = {
            "seconds": outcome.seconds,
            "headline": outcome.headline,
            "scores_json": json.dumps(outcome.scores),
        }
        values |= {"finished": outcome.finished or time.time(), "busy": outcome.busy}
        if outcome.finished and (run := self.get(run_id)):
            values["created"] = min(run.created, outcome.finished - outcome.seconds)
        return self._end(run_id, State.DONE, result=result, phase="", checkpoint=None, **values)

    def fail(self, run_id: str, error: str, attempt: int | None = None) -> bool:
        """End a run for a reason; with `attempt` only as long as that is the latest."""
        return self._end(run_id, State.FAILED, self._of_attempt(attempt), error=error)

    def cancel(self, run_id: str, unless_awaited: bool = False, why: str = "") -> bool:
        """Mark a run cancelled; False when it had already ended or, with `unless_awaited`, when somebody or something waits
        for it. `why` says who ended it."""
        only = self._awaited_by_none(run_id) if unless_awaited else ()
        return self._end(run_id, State.CANCELLED, only, checkpoint=None, error=why)

    def interrupt(self, run_id: str, why: str, owner: str | None = None, attempt: int | None = None) -> bool:
        """End a run that can be run again; with `owner` or `attempt` only as long as it is the run of that one."""
        of_owner = () if owner is None else (self._run.owner == owner,)
        return self._end(run_id, State.INTERRUPTED, (*of_owner, *self._of_attempt(attempt)), error=why)

    def evict(self, digests: list[str], why: str = GONE) -> None:
        """Forget the results of runs that are not in the store any more; requested again, they are run again."""
        with self._db.connection_context():
            self._run.update(state=State.INTERRUPTED, result=None, error=f"{why}; run it again to have it back.").where(
                self._run.result.in_(digests)
            ).execute()

    def delete(self, run_id: str, unless_held: bool = False) -> bool:
        """Forget a run; with `unless_held`, only one that has ended and that nobody holds. False when it stays."""
        row = self._run
        only = (~self.shares.held(), row.state.not_in(ALIVE)) if unless_held else ()
        with self._db.connection_context():
            if not row.delete().where(row.id == run_id, *only).execute():
                return False
            self._forget_progress(run_id)
        self.labels.forget(run_id)
        return True

    def take_over(self, run_id: str, owner: str) -> bool:
        """Let a run of an owner that is gone be this owner's; False where another one has been faster, or it has ended."""
        return self._update(run_id, ALIVE, (self._run.owner == owner,), owner=self.owner.name)

    def wait_again(self, run_id: str, attempt: int) -> bool:
        """Let an attempt that was being done wait again; False when it is not being done."""
        begun = {"started": None, "step": 0, "total": 0, "phase": "", "seconds_left": None}
        return self._update(run_id, (State.RUNNING,), self._of_attempt(attempt), state=State.QUEUED, **begun)

    # -- helpers -----------------------------------------------------------------------------------

    def _of_attempt(self, attempt: int | None) -> tuple[Any, ...]:
        return () if attempt is None else (self._run.attempt == attempt,)

    def _update(self, run_id: str, states: tuple[State, ...], only: tuple[Any, ...] = (), **values: Any) -> bool:
        conditions = (self._run.id == run_id, self._run.state.in_(states), *only)
        with self._db.connection_context():
            return self._run.update(**values).where(*conditions).execute() == 1

    def _end(self, run_id: str, state: State, only: tuple[Any, ...] = (), **values: Any) -> bool:
        ending = {"state": state, "finished": time.time(), "seconds_left": None} | values
        ended = self._update(run_id, ALIVE, only, **ending)
        if ended and (run := self.get(run_id)):
            if state is not State.INTERRUPTED or not run.checkpoint:  # else it can go on, and its curves with it
                with self._db.connection_context():
                    self._forget_progress(run_id)
            _note(run)
        return ended

    def _awaited_by_none(self, run_id: str) -> tuple[Any, ...]:
        """Conditions on its row: it was not asked for directly, or everybody who did has left, and every joint run that waits
        for it has ended or is being stopped."""
        whole = self._run.alias()
        waiting = self._part.select(self._part.whole).where(self._part.part == run_id)
        goes_on = whole.stopping.is_null() | (whole.stopping == False)  # noqa: E712
        alive = whole.select(whole.id).where(whole.id.in_(waiting), whole.state.in_(ALIVE), goes_on)
        asked, left = self.shares.left_by_all(run_id)
        return (self._run.direct == False) | asked, left, ~pw.fn.EXISTS(alive)  # noqa: E712

    def _forget_progress(self, run_id: str) -> None:
        for table in (self._event, self._picture):
            table.delete().where(table.run == run_id).execute()
