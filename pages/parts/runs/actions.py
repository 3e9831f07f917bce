"""What can be done with the chosen rows of the list of runs, by `core.runs.visitors.rules`: checked again when it is done."""

from __future__ import annotations

import streamlit as st

from core.errors import InvalidRequest
from core.runs.beside.beside import FEWEST, MOST, check
from core.runs.lab import lab
from core.runs.registry import Run, State
from core.runs.visitors import deletion, rules
from core.runs.visitors.share import SharesOfRun
from core.runs.visitors.visitor import Visitor
from pages.parts.layout import mistakes_shown
from pages.parts.links.places import go
from pages.parts.runs.labels import label_menu, pin_for_me
from pages.parts.visitors.buttons import CANCEL
from pages.parts.visitors.engine import engine

GENERATION = "runs-generation"  # of the table: a new one has no row chosen


def actions(runs: list[Run], viewer: Visitor, own: bool) -> None:
    """Buttons for the chosen rows of one's own runs, or of all: there the lecturer's are about everybody's share."""
    shares = lab().registry.shares.several(run.id for run in runs)
    everybodys = viewer.lecturer and not own
    with st.container(horizontal=True, vertical_alignment="center", key="actions"):
        _cancel([run for run in runs if run.alive], shares, viewer, everybodys)
        _delete(runs, shares, viewer, everybodys)
        _side_by_side(runs)
        label_menu(runs[0] if len(runs) == 1 else None)
        if viewer.lecturer:
            _pin(runs, shares, viewer)
        else:
            _pin_for_me(runs, viewer)
        _undo(viewer)
    if viewer.lecturer:
        _reset(viewer)


def _cancel(alive: list[Run], shares: dict[str, SharesOfRun], viewer: Visitor, everybodys: bool) -> None:
    may = rules.may_cancel if everybodys else rules.may_leave
    these = [run for run in alive if may(viewer, shares[run.id])]
    waiting = sum(rules.others(viewer, shares[run.id]) > 0 for run in these)
    help = "It ends for all who wait for it." if everybodys else "You leave it; a run that others wait for goes on for them."
    pressed = st.button(
        "Cancel for all" if everybodys else "Cancel", icon=":material/stop:", disabled=not these, key="cancel-runs",
        help=help if waiting else CANCEL,
    )  # fmt: skip
    if pressed:
        for run in these:
            if everybodys:
                engine().cancel(run.id, why=rules.BY_LECTURER)
            else:
                engine().leave(run.id, viewer.id)
        st.rerun()


def _delete(runs: list[Run], shares: dict[str, SharesOfRun], viewer: Visitor, everybodys: bool) -> None:
    may = [run for run in runs if rules.may_delete(viewer, shares[run.id], everybodys)]
    pressed = st.button(
        "Delete for all" if everybodys else "Delete", icon=":material/delete:", disabled=not runs or len(may) < len(runs),
        key="delete-runs", help=_about_deleting(runs, may, shares), shortcut="Ctrl+Delete",
    )  # fmt: skip
    if pressed and runs:
        with mistakes_shown():
            deletion.delete(lab(), engine(), [run.id for run in runs], viewer, everybodys)
        clear_choice()
        st.rerun()


def _about_deleting(runs: list[Run], may: list[Run], shares: dict[str, SharesOfRun]) -> str:
    """What Delete does, or why not."""
    refused = [run for run in runs if run not in may]
    if not runs:
        return "Choose rows first"
    if refused:
        return rules.why_not_deleted(refused[0].title, shares[refused[0].id])
    return "Gone from your list at once; who has it too keeps it. You can undo that for a while."


def _side_by_side(runs: list[Run]) -> None:
    """To the screen where they stand beside each other."""
    refused = f"Choose {FEWEST} to {MOST} rows of one kind" if not runs else _refusal(runs)
    help = refused or "What differs between them, and where each stands"
    if st.button("Side by side", icon=":material/compare:", disabled=bool(refused), key="beside-runs", help=help):
        go("beside", runs=",".join(run.id for run in runs))


def _refusal(runs: list[Run]) -> str:
    try:
        check(runs)
    except InvalidRequest as error:
        return f"{error}."
    return ""


def _pin_for_me(runs: list[Run], viewer: Visitor) -> None:
    labels = lab().registry.labels.several([run.id for run in runs], viewer.id)
    first = not (runs and all(labels[run.id].pinned for run in runs))
    words, icon = ("Pin", ":material/keep:") if first else ("Unpin", ":material/keep_off:")
    if st.button(words, icon=icon, disabled=not runs, key="pin-for-me", help="First in your own lists"):
        pin_for_me(runs, first)
        clear_choice()
        st.rerun()


def _pin(runs: list[Run], shares: dict[str, SharesOfRun], viewer: Visitor) -> None:
    pinned = [run for run in runs if shares[run.id].pinned]
    done = [run for run in runs if run.state is State.DONE and run not in pinned]
    if st.button("Pin", icon=":material/keep:", disabled=not done, key="pin-runs", help="First in all lists, kept by a reset"):
        for run in done:
            deletion.pin(lab(), run, viewer)
        clear_choice()
        st.rerun()
    if pinned and st.button("Unpin", icon=":material/keep_off:", key="unpin-runs"):
        for run in pinned:
            deletion.unpin(lab(), run, viewer)
        clear_choice()
        st.rerun()


def _undo(viewer: Visitor) -> None:
    """What was deleted last, as long as it can be brought back."""
    last = deletion.latest_deletion(lab(), viewer.id)
    if last is None:
        return
    count = len(last.runs)
    st.markdown(f"Deleted {count} {'run' if count == 1 else 'runs'}.", width="content")
    if st.button(
        "Undo", icon=":material/undo:", key="undo-runs", help=f"For {lab().undo_seconds / 60:.0f} minutes after deleting"
    ):
        with mistakes_shown():
            deletion.undo(lab(), viewer.id)
        clear_choice()
        st.rerun()


def _reset(viewer: Visitor) -> None:
    """Before a class: everything goes but shipped and pinned runs, after one question that says what."""
    place = st.popover("Reset the lab", icon=":material/restart_alt:", key="reset", on_change="rerun")
    if not place.open:
        return
    with place:
        plan = deletion.plan_reset(lab())
        undo = f" You can undo that for {lab().undo_seconds / 60:.0f} minutes." if plan.gone else ""
        st.markdown(f"{plan.sentence}{undo}")
        if st.button("Reset it", type="primary", icon=":material/restart_alt:", key="reset-now", disabled=not plan.gone):
            with mistakes_shown():
                deletion.reset(lab(), engine(), viewer)
            clear_choice()
            st.rerun()


def clear_choice() -> None:
    """No row of the next table is chosen: rows are numbers, and would be those of other runs."""
    st.session_state[GENERATION] = st.session_state.get(GENERATION, 0) + 1
