"""What a visitor can do with a run that is alive: stop waiting for it, come back, stop its learning. What may be done by whom
is said by `core.runs.visitors.rules`."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.runs.lab import lab
from core.runs.registry import Run, State
from core.runs.visitors import rules
from core.runs.visitors.share import SharesOfRun
from core.runs.visitors.visitor import Visitor
from pages.parts.visitors.engine import engine
from pages.parts.visitors.me import me

STOP = "It learns no further, is tested, and keeps what it has learned."
CANCEL = "It ends at once and leaves nothing behind, unless somebody else waits for it too."


def run_buttons(run: Run, stop: DeltaGenerator, cancel: DeltaGenerator) -> bool:
    """The buttons of a run that is alive, each in its place; True when something was done with it."""
    visitor, shares = me(), lab().registry.shares.of(run.id)
    if visitor.id in shares.left:
        return _come_back(run, visitor, shares, cancel)
    done = (
        _stop(run, visitor, shares, stop)
        if run.request.stoppable and run.state is State.RUNNING and not run.stopping
        else False
    )
    return _leave(run, visitor, shares, cancel) or done


def _stop(run: Run, visitor: Visitor, shares: SharesOfRun, place: DeltaGenerator) -> bool:
    if visitor.id not in shares.askers and not rules.may_stop(visitor, shares):
        return False  # whoever only looks has no such button
    may = rules.may_stop(visitor, shares)
    help = STOP if may else f"{_others(visitor, shares)}: only one who waits alone, or the lecturer, can stop it."
    pressed = place.button(
        "Stop here", icon=":material/flag:", width="stretch", key=f"stop-{run.id}", help=help, disabled=not may
    )  # fmt: skip
    if pressed and may:
        engine().stop(run.id)
    return pressed and may


def _leave(run: Run, visitor: Visitor, shares: SharesOfRun, place: DeltaGenerator) -> bool:
    for_all = rules.may_cancel(visitor, shares)
    if not (for_all or rules.may_leave(visitor, shares)):
        return False
    if not place.button(
        "Cancel", icon=":material/stop:", width="stretch", key=f"cancel-{run.id}", help=_leaving(visitor, shares)
    ):
        return False
    if visitor.lecturer:
        engine().cancel(run.id, why=rules.BY_LECTURER)
    else:
        engine().leave(run.id, visitor.id)
    return True


def _leaving(visitor: Visitor, shares: SharesOfRun) -> str:
    """What Cancel does."""
    if not rules.others(visitor, shares):
        return CANCEL
    if visitor.lecturer:
        return f"You are the lecturer: it ends for all. {_others(visitor, shares)}."
    return f"You leave it. {_others(visitor, shares)}, so it goes on."


def _others(visitor: Visitor, shares: SharesOfRun) -> str:
    """ "2 others wait for it too" """
    number = rules.others(visitor, shares)
    return "Another visitor waits for it too" if number == 1 else f"{number} others wait for it too"


def _come_back(run: Run, visitor: Visitor, shares: SharesOfRun, place: DeltaGenerator) -> bool:
    st.caption(f"You have left this run. {_others(visitor, shares)}, so it goes on.")
    pressed = place.button("Come back", icon=":material/undo:", width="stretch", key=f"back-{run.id}", help="Wait for it again")
    if pressed:
        engine().submit(run.request, visitor.id)
    return pressed
