"""What `python -m core runs` does with runs beside listing them: delete, undo, pin, reset. Whoever has the folder may."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from core.errors import InvalidRequest
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.visitors import deletion
from core.runs.visitors.label import Label
from core.runs.visitors.visitor import COMMAND_LINE, Visitor, usual_name

ME = Visitor(COMMAND_LINE, usual_name(COMMAND_LINE))
Answer = tuple[dict[str, Any], str]  # as JSON, and in words


def delete(lab: Lab, run: Run) -> Answer:
    deletion.delete(lab, lab, [run.id], ME, everybodys=True)
    return {"deleted": run.id}, f"deleted {run.id}; for {lab.undo_seconds / 60:.0f} minutes --undo brings it back"


def pin(lab: Lab, run: Run) -> Answer:
    deletion.pin(lab, run, ME)
    return {"pinned": run.id}, f"pinned {run.id}: it stands first in all lists"


def unpin(lab: Lab, run: Run) -> Answer:
    deletion.unpin(lab, run, ME)
    return {"unpinned": run.id}, f"unpinned {run.id}"


def undo(lab: Lab) -> Answer:
    runs = [run.id for run in deletion.undo(lab, COMMAND_LINE)]
    return {"undone": runs}, f"brought back {', '.join(runs)}"


def reset(lab: Lab) -> Answer:
    plan = deletion.reset(lab, lab, ME)
    after = f" For {lab.undo_seconds / 60:.0f} minutes --undo brings them back." if plan.gone else ""
    return {"reset": list(plan.gone), "cancelled": list(plan.alive), "kept": plan.kept}, f"{plan.sentence}{after}"


def label(lab: Lab, run: str | None, name: str | None, note: str | None) -> Answer:
    """Call a run by a name, or note something of it; None leaves what was there, "" takes it away."""
    if run is None:
        raise InvalidRequest('--name and --note need a run: python -m core runs RUN --name "first try"')
    found = lab.registry.find(run)
    before = lab.registry.labels.of(found.id, ME.id)
    now = Label.of(before.name if name is None else name, before.note if note is None else note, before.pinned)
    lab.registry.labels.write(found.id, ME.id, now)
    return {"run": found.id, "name": now.name, "note": now.note}, f"{found.id}: {now.called(found.title)}  {now.note}".rstrip()


OF_A_RUN: dict[str, Callable[[Lab, Run], Answer]] = {"delete": delete, "pin": pin, "unpin": unpin}
OF_ALL: dict[str, Callable[[Lab], Answer]] = {"undo": undo, "reset": reset}


def chosen(run: str | None, flags: dict[str, bool], of_all: Collection[str] = tuple(OF_ALL)) -> str:
    """The one action that is asked for, "" for a list; InvalidRequest where it is not one, or a run is missing or too many.
    What is not about one run may be named without its dashes, in place of a run."""
    if run in of_all and not any(flags.values()):
        return str(run)
    actions = [name for name, on in flags.items() if on]
    if len(actions) > 1:
        raise InvalidRequest(f"one at a time: --{actions[0]} or --{actions[1]}")
    action = actions[0] if actions else ""
    if action in OF_A_RUN and run is None:
        raise InvalidRequest(f"--{action} needs a run: python -m core runs RUN --{action}")
    if action in of_all and run is not None:
        raise InvalidRequest(f"--{action} is not about one run: python -m core runs --{action}")
    return action
