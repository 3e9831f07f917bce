"""To delete, softly: a share is taken away at once, the run goes when it is nobody's and the time to undo that is over.

Also the reset before a class, which is the same for all runs but those that are shipped or pinned, and to pin.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from core.errors import InvalidRequest
from core.runs.joint import Joint
from core.runs.lab import ALL, Lab
from core.runs.registry import Run, State
from core.runs.request import key_of
from core.runs.visitors import rules
from core.runs.visitors.share import Deletion
from core.runs.visitors.visitor import COMMAND_LINE, Visitor


class Canceller(Protocol):
    """The engine or, where there is none, the lab, whose wish the engine of another process hears."""

    def cancel(self, run_id: str, unless_awaited: bool = False, why: str = "") -> bool:
        """Cancel a run; False when it had ended or is awaited."""


@dataclass(frozen=True)
class ResetPlan:
    """What a reset would do."""

    gone: tuple[str, ...]  # the ids of runs
    alive: tuple[str, ...]  # of those, the ones that would be cancelled
    visitors: int  # whose they are
    kept: int  # shipped and pinned runs

    @property
    def sentence(self) -> str:
        """ "14 runs of 5 visitors go; 2 of them are not finished and will be cancelled. 11 shipped and pinned runs stay." """
        stay = f"{self.kept} shipped and pinned runs stay."
        if not self.gone:
            return f"There is no run that would go. {stay}"
        runs, visitors = len(self.gone), self.visitors
        words = f"{runs} {'run' if runs == 1 else 'runs'} of {visitors} {'visitor' if visitors == 1 else 'visitors'}"
        living = f"; {len(self.alive)} of them {'is' if len(self.alive) == 1 else 'are'} not finished and will be cancelled"
        verb = "goes" if runs == 1 else "go"
        return f"{words} {verb}{living if self.alive else ''}. {stay}"


def why(by: Visitor) -> str:
    """Who ended a run that others waited for."""
    return rules.ON_COMMAND_LINE if by.id == COMMAND_LINE else rules.BY_LECTURER


def delete(lab: Lab, canceller: Canceller, run_ids: Iterable[str], by: Visitor, everybodys: bool = False) -> Deletion:
    """Take away a visitor's own shares of runs, or everybody's; what nobody waits for then is cancelled.

    InvalidRequest where the visitor may not, or it is nobody's to delete.
    """
    runs = lab.registry.several(run_ids)
    shares = lab.registry.shares.several(runs)
    for run_id, own in shares.items():
        if not rules.may_delete(by, own, everybodys):
            raise InvalidRequest(rules.why_not_deleted(runs[run_id].title, own))
    deletion = lab.registry.shares.delete(runs, by.id, everybodys)
    for run in runs.values():
        if run.alive and everybodys:
            canceller.cancel(run.id, why=why(by))
        elif run.alive:
            canceller.cancel(run.id, unless_awaited=True, why=rules.left_by(shares[run.id]))
    return deletion


def latest_deletion(lab: Lab, by: str) -> Deletion | None:
    """What a visitor deleted last and can still have back."""
    return next(iter(lab.registry.shares.deletions(by, time.time() - lab.undo_seconds)), None)


def undo(lab: Lab, by: str) -> list[Run]:
    """Give a visitor back what they deleted last; the runs. InvalidRequest where there is nothing, or its time is over."""
    deletion = latest_deletion(lab, by)
    if deletion is None:
        raise InvalidRequest(f"nothing was deleted in the last {lab.undo_seconds / 60:.0f} minutes")
    return list(lab.several(lab.registry.shares.undo(by, deletion.at)).values())


def pin(lab: Lab, run: Run, by: Visitor) -> None:
    """Let a finished run stand first in all lists, and stay through a reset."""
    _only_who_pins(by)
    if run.state is not State.DONE:
        raise InvalidRequest(f"only finished runs are pinned, and {run.title} is {run.state}")
    lab.registry.shares.pin(run.id)


def unpin(lab: Lab, run: Run, by: Visitor) -> None:
    """Take the pin away again; a run that nobody else holds is deleted by that."""
    _only_who_pins(by)
    lab.registry.shares.unpin(run.id, by.id)


def _only_who_pins(by: Visitor) -> None:
    if not rules.may_pin(by):
        raise InvalidRequest("only the lecturer pins runs")


def plan_reset(lab: Lab) -> ResetPlan:
    """What a reset would do now: everything goes but shipped and pinned runs, and what they consist of."""
    runs = {run.id: run for run in lab.runs(limit=ALL)}
    shares = lab.registry.shares.several(runs)
    kept = {run_id for run_id, those in shares.items() if those.shipped or those.pinned}
    parts = {part for run_id in kept for part in _parts(runs[run_id])}
    gone = {run_id: run for run_id, run in runs.items() if run_id not in kept | parts}
    alive = tuple(run_id for run_id, run in gone.items() if run.alive)
    visitors = {visitor for run_id in gone for visitor in shares[run_id].holders}
    return ResetPlan(tuple(gone), alive, len(visitors), len(kept))


def reset(lab: Lab, canceller: Canceller, by: Visitor) -> ResetPlan:
    """Do so; what became of it. It can be undone like any deletion."""
    if not rules.may_reset(by):
        raise InvalidRequest("only the lecturer resets the lab")
    plan = plan_reset(lab)
    lab.registry.shares.delete(plan.gone, by.id, everybodys=True)
    for run_id in plan.alive:
        canceller.cancel(run_id, why=why(by))
    return plan


def _parts(run: Run) -> list[str]:
    """The runs that a joint run consists of."""
    with suppress(InvalidRequest):  # a request of an earlier version that this one cannot read
        request = run.request
        return [key_of(part) for part in request.parts.values()] if isinstance(request, Joint) else []
    return []
