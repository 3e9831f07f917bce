"""The shares of all runs: who asked for each, who has left it, who has deleted it and can take that back."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import peewee as pw

from core.runs.database.prepared import Prepared
from core.runs.database.state import ALIVE
from core.runs.database.tables import Tables
from core.runs.visitors.share import Deletion, Share, SharesOfRun
from core.runs.visitors.visitor import LAB, NOBODY, PINNED

_KEPT = (LAB, PINNED)  # whose shares are never deleted


@dataclass(frozen=True)
class Whose:
    """Whose runs are meant: a condition on a run, by name, and the visitor whom it is about."""

    name: tuple[str, bool]
    condition: Callable[[Any], Any]
    visitor: str = ""


class Shares:
    """Of one lab; a run of earlier versions has none. What can stand in a query is given as a query."""

    def __init__(self, database: pw.Database, tables: Tables) -> None:
        self._db, self._share, self._part = database, tables.share, tables.part
        self._run, self._visitor = tables.run, tables.visitor
        self._prepared = Prepared()

    # -- reading -----------------------------------------------------------------------------------

    def of(self, run_id: str) -> SharesOfRun:
        return self.several([run_id])[run_id]

    def several(self, run_ids: Iterable[str]) -> dict[str, SharesOfRun]:
        """The shares of these runs by id; of a run without any, none."""
        share, part, ids = self._share, self._part, tuple(run_ids)
        with self._db.connection_context():
            rows = self._prepared.ask("own", lambda ids: share.select().where(share.run.in_(ids)).order_by(share.asked), ids)
            own = list(map(_value, rows))
            parts = self._prepared.ask("wholes", lambda ids: part.select().where(part.part.in_(ids)), ids)
            pairs = [(row.part, row.whole) for row in parts]
            wholes = {whole for _, whole in pairs}
            of_wholes = list(map(_value, share.select().where(share.run.in_(wholes)))) if wholes else []
            alive = {run for (run,) in self._alive(wholes).tuples()} if wholes else set()
        by_id = {}
        for one in ids:
            above = {whole for part_id, whole in pairs if part_id == one}
            mine, its = (tuple(s for s in shares if s.run in of) for shares, of in ((own, {one}), (of_wholes, above)))
            by_id[one] = SharesOfRun(one, mine, its, awaited=not alive.isdisjoint(above))
        return by_id

    def askers(self, run_id: str) -> frozenset[str]:
        """The visitors who still want a run, by itself or as a part of a joint run that is alive."""
        shares, part = self._share, self._part
        with self._db.connection_context():
            wholes = part.select(part.whole).where(part.part == run_id)
            wanted = (shares.run == run_id) | shares.run.in_(self._alive(wholes))
            rows = shares.select(shares.visitor).where(wanted, *self._waits).distinct()
            return frozenset(visitor for (visitor,) in rows.tuples())

    def awaited_by(self, visitor_id: str) -> frozenset[str]:
        """The runs, queued or running, that a visitor asked for by themselves and still wants."""
        share = self._share
        with self._db.connection_context():
            wanted = share.select(share.run).where(share.visitor == visitor_id, *self._waits)
            return frozenset(run for (run,) in self._alive(wanted).tuples())

    def deletions(self, by: str, since: float) -> list[Deletion]:
        """What a visitor has deleted since then and not taken back, the latest first."""
        share = self._share
        with self._db.connection_context():
            rows = share.select(share.deleted, share.run).where(share.deleted_by == by, share.deleted >= since)
            ordered = list(rows.order_by(share.deleted.desc()).distinct().tuples())
        return [
            Deletion(by, at, tuple(dict.fromkeys(run for one, run in ordered if one == at)))
            for at in dict.fromkeys(at for at, _ in ordered)
        ]

    def overdue(self, before: float) -> list[str]:
        """Runs that somebody deleted before that time and that nobody holds. Where others hold it, the share is dropped."""
        share, part = self._share, self._part
        with self._db.connection_context():
            if not list(self._prepared.ask("late", lambda at: share.select().where(share.deleted < at).limit(1), before)):
                return []
            late = share.select(share.run).where(share.deleted < before)
            young = share.select(share.run).where(share.deleted >= before)
            of_wholes = part.select(part.part).where(part.whole.in_(self._held()))
            share.delete().where(share.deleted < before, share.run.in_(list(self._held().tuples()))).execute()
            rows = late.where(share.run.not_in(self._held()), share.run.not_in(young), share.run.not_in(of_wholes)).distinct()
            return [run for (run,) in rows.tuples()]

    # -- queries -----------------------------------------------------------------------------------

    def whose(self, own: str = "", seen_by: str = "", all_private: bool = False) -> Whose:
        """The runs of a visitor, or what may stand in a visitor's lists, or what anybody holds."""
        if own:
            return Whose(("own", False), self.held_by, own)
        if seen_by:
            return Whose(("seen", all_private), lambda visitor: self.seen_by(visitor, all_private), seen_by)
        return Whose(("held", False), lambda _: self.held())

    def pinned(self) -> Any:
        """The ids of pinned runs."""
        return self._share.select(self._share.run).where(self._share.visitor == PINNED)

    def shipped(self) -> Any:
        """The ids of the runs that come with the lab."""
        return self._share.select(self._share.run).where(self._share.visitor == LAB)

    def held_by(self, visitor_id: str, parts: bool = True) -> Any:
        """A condition on a run: it is one of a visitor's own, or a part of one."""
        own = self._held(self._share.visitor == visitor_id)
        part = self._part.select(self._part.part).where(self._part.whole.in_(own))
        return self._run.id.in_(own) | self._run.id.in_(part) if parts else self._run.id.in_(own)

    def seen_by(self, visitor_id: str, all_private: bool = False) -> Any:
        """A condition on a run: it may stand in a visitor's lists, because it is theirs, or one's who keeps nothing to
        themselves; or, unless all runs are private, because it is of an earlier version and nobody's."""
        share, part = self._share, self._part
        open_to_all = self._open(all_private)
        visible = self.held_by(visitor_id) | self._run.id.in_(open_to_all)
        visible |= self._run.id.in_(part.select(part.part).where(part.whole.in_(open_to_all)))
        if all_private:
            return visible
        return visible | (self._run.id.not_in(share.select(share.run)) & self._run.id.not_in(part.select(part.part)))

    def held(self) -> Any:
        """A condition on a run: somebody has it among their runs, or it is of an earlier version and nobody's."""
        share, part = self._share, self._part
        held = self._run.id.in_(self._held()) | self._run.id.in_(part.select(part.part).where(part.whole.in_(self._held())))
        return held | (self._run.id.not_in(share.select(share.run)) & self._run.id.not_in(part.select(part.part)))

    def left_by_all(self, run_id: str) -> tuple[Any, Any]:
        """Conditions on a run: it was asked for, and everybody who did has left."""
        own = self._share.select(self._share.run).where(self._share.run == run_id)
        return pw.fn.EXISTS(own), ~pw.fn.EXISTS(own.where(*self._waits))

    def _open(self, all_private: bool) -> Any:
        share, visitor = self._share, self._visitor
        if all_private:
            return share.select(share.run).where(share.visitor.in_(_KEPT))
        private = visitor.select(visitor.id).where(visitor.private == True)  # noqa: E712
        return self._held(share.visitor.not_in(private))

    def _held(self, *conditions: Any) -> Any:
        return self._share.select(self._share.run).where(self._share.deleted.is_null(), *conditions)

    def _alive(self, run_ids: Any) -> Any:
        return self._run.select(self._run.id).where(self._run.id.in_(run_ids), self._run.state.in_(ALIVE))

    @property
    def _waits(self) -> tuple[Any, Any]:
        return self._share.left.is_null(), self._share.deleted.is_null()

    # -- writing -----------------------------------------------------------------------------------

    def ask(self, run_id: str, visitor_id: str) -> None:
        """Note that a visitor wants a run; who had left it or deleted it wants it again."""
        share, now = self._share, time.time()
        fresh = {share.asked: now, share.left: None, share.deleted: None, share.deleted_by: None}
        with self._db.connection_context():
            there = share.get_or_none(share.run == run_id, share.visitor == visitor_id)
            if there is None or not _value(there).waits:
                row = share.insert(run=run_id, visitor=visitor_id, asked=now)
                row.on_conflict(conflict_target=[share.run, share.visitor], update=fresh).execute()

    def leave(self, run_id: str, visitor_id: str) -> bool:
        """Note that a visitor does not wait for a run any more; False where they did not."""
        share = self._share
        with self._db.connection_context():
            change = share.update(left=time.time()).where(share.run == run_id, share.visitor == visitor_id, *self._waits)
            return change.execute() == 1

    def begin_anew(self, run_id: str, ended: float, visitor_id: str) -> None:
        """Note that a run which had ended at that time is done again for one visitor: the others wait for it no more."""
        share = self._share
        with self._db.connection_context():
            others = (share.run == run_id, share.visitor.not_in((visitor_id, *_KEPT)), share.asked <= ended, *self._waits)
            share.update(left=ended).where(*others).execute()

    def delete(self, run_ids: Iterable[str], by: str, everybodys: bool = False) -> Deletion:
        """Take a visitor's own share of these runs away, or everybody's, but that of the lab and of what is pinned."""
        share, now, ids = self._share, time.time(), list(run_ids)
        whose = share.visitor.not_in(_KEPT) if everybodys else share.visitor == by
        with self._db.connection_context(), self._db.atomic():
            if everybodys:
                shared = {run for (run,) in share.select(share.run).where(share.run.in_(ids)).tuples()}
                for run in set(ids) - shared:
                    share.create(run=run, visitor=NOBODY, asked=now)
            share.update(deleted=now, deleted_by=by).where(share.run.in_(ids), whose, share.deleted.is_null()).execute()
        return Deletion(by, now, tuple(ids))

    def undo(self, by: str, at: float) -> list[str]:
        """Give back what a visitor deleted at that time; the runs."""
        share = self._share
        with self._db.connection_context(), self._db.atomic():
            these = (share.deleted == at, share.deleted_by == by)
            runs = [run for (run,) in share.select(share.run).where(*these).distinct().tuples()]
            share.delete().where(*these, share.visitor == NOBODY).execute()
            share.update(deleted=None, deleted_by=None).where(*these).execute()
        return runs

    def pin(self, run_id: str) -> None:
        self.ask(run_id, PINNED)

    def unpin(self, run_id: str, by: str) -> None:
        """Take the pin away; where nobody else holds the run, `by` has deleted it by that."""
        share = self._share
        with self._db.connection_context(), self._db.atomic():
            these = (share.run == run_id, share.visitor == PINNED)
            if self._held(share.run == run_id, share.visitor != PINNED).exists():
                share.delete().where(*these).execute()
            else:
                share.update(deleted=time.time(), deleted_by=by).where(*these).execute()

    def forget(self, run_id: str, held_too: bool = True) -> list[str]:
        """Drop the shares of a run that is gone, those that are held only on demand: somebody may just have asked for it.
        Returns the runs that were parts of it and of nothing else, and that nobody asked for by themselves: they go with it."""
        share, part = self._share, self._part
        with self._db.connection_context(), self._db.atomic():
            share.delete().where(share.run == run_id, *(() if held_too else [share.deleted.is_null(False)])).execute()
            parts = [one for (one,) in part.select(part.part).where(part.whole == run_id).tuples()]
            part.delete().where(part.whole == run_id).execute()
            others = part.select(part.part).where(part.part.in_(parts))
            own = share.select(share.run).where(share.run.in_(parts))
            kept = {run for (run,) in (*others.tuples(), *own.tuples())}
        return [one for one in parts if one not in kept]


def _value(row: Any) -> Share:
    return Share(row.run, row.visitor, row.asked, row.left, row.deleted, row.deleted_by)
