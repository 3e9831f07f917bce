"""The parts of a joint run: each is a run of its own on the cluster; when the last has ended, they are joined."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from functools import partial
from typing import TYPE_CHECKING, Any

from core.errors import Away, GridcastError
from core.runs.joint import STOPPED, Joint, Tally
from core.runs.kinds import kind_of
from core.runs.lab import Lab
from core.runs.recovery.outages import patiently
from core.runs.registry import Run, State
from core.runs.request import Progress, Request, Wish, key_of

if TYPE_CHECKING:
    from core.runs.result import Result

JOINT_SECONDS = 0.5  # between two looks at the parts

Begin = Callable[[Run, Request], None]
Cancel = Callable[[str], Any]


def parts_on_workers(lab: Lab, whole: Run, request: Joint, begin: Begin, cancel: Cancel) -> Generator[Progress, Any, Result]:
    """Let the workers do the parts of a joint request, and join them. `begin` is given each part that no equal run is of;
    left before its end, the generator has `cancel` end those that nothing else waits for; so it does when it is stopped and
    one is done."""
    tally = Tally(request.parts)
    names = {key_of(part): name for name, part in request.parts.items()}
    try:
        for name, part in request.parts.items():
            yield tally.progress({})
            if reason := patiently(partial(_refused, lab, part, whole, begin)):
                tally.refused[name] = reason
        alive = patiently(partial(_alive, lab, names))
        tally.begin(set(names.values()) - set(alive))
        while alive:
            at_work = {name: run.fraction for name, run in alive.items() if run.state is State.RUNNING}
            wish = yield tally.progress(at_work, set(names.values()) - set(alive))
            tally.stopped = tally.stopped or wish is Wish.STOP
            for left in [name for name in alive if tally.leaves_out(name, request.needed)]:
                cancel(alive[left].id)
                tally.refused[left] = STOPPED
            time.sleep(JOINT_SECONDS)
            alive = {name: run for name, run in patiently(partial(_alive, lab, names)).items() if name not in tally.refused}
    except GeneratorExit:
        for run_id in names:
            cancel(run_id)
        raise
    return kind_of(request).join(request, lab.ended(request, tally.refused))


def _alive(lab: Lab, names: dict[str, str]) -> dict[str, Run]:
    """Of these runs (id -> name) those that are alive, by name."""
    return {names[run_id]: run for run_id, run in lab.several(names).items() if run.alive}


def _refused(lab: Lab, part: Request, whole: Run, begin: Begin) -> str:
    """Queue a part, unless an equal run exists; the reason when it is refused, else nothing."""
    try:
        run, ours = lab.claim(part, whole.id)
        if ours:
            begin(run, part)
    except Away:
        raise  # that says nothing about the part
    except GridcastError as error:
        return str(error)
    return ""
