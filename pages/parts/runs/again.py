"""What is offered for settings that were trained before, and for a run that was stopped or had too little of the processor."""

from __future__ import annotations

import streamlit as st

from core.runs.beside.seeds import SEED, grouped, next_seed, seed_of
from core.runs.kinds import kind_named
from core.runs.lab import lab
from core.runs.registry import Run
from core.runs.request import Request
from core.runs.visitors.rules import may_replace
from pages.parts import controls
from pages.parts.layout import mistakes_shown
from pages.parts.screen import LEARNED, screen_of
from pages.parts.stages import play_from_start
from pages.parts.visitors.me import me, my_id

BEFORE = "run that was there before"  # in a session: its id, where somebody asked for what had been trained
MOST_SEED = 2**31 - 1


def chosen_seed() -> int:
    return int(
        controls.number_input(
            "Seed", 0, MOST_SEED, 0, key=SEED, help="Weights and random numbers begin with it. Another seed is another run."
        )
    )


def note(run: Run | None) -> None:
    """Remember that a run which has just been asked for was there before."""
    st.session_state[BEFORE] = run.id if run else ""


def offered(run: Run, stop_told: bool = False) -> Request | None:
    """Above the result of such a run: to play it back, to train again with another seed, or to repeat it in its place. The
    request of which the button was pressed."""
    before, alone = st.session_state.get(BEFORE) == run.id, not kind_named(run.kind).request.joint
    stopped = run.stopping and alone  # a joint run goes on where it was
    if not (before or run.starved or stopped):
        return None
    with st.container(border=True, key="again"):
        if before:
            st.markdown("These settings were trained before: this is that run, nothing was trained now.")
        if run.starved:
            st.markdown(run.starved_in_words)
        if stopped and not stop_told:
            st.markdown("It was stopped before its end.")
        with st.container(horizontal=True):
            _play(run)
            return _another_seed(run) or _repeat(run, stopped)


def _play(run: Run) -> None:
    if kind_named(run.kind).bench == "spatial" or screen_of(run).learned:
        st.button("Play it back", icon=":material/play_arrow:", key="play-back", on_click=_play_back)


def _play_back() -> None:
    st.session_state[LEARNED] = True  # the fold that the stages are in
    play_from_start()


def _another_seed(run: Run) -> Request | None:
    seed = seed_of(run)
    if seed is None:
        return None
    alike = next(group for group in grouped([run, *lab().runs(kind=run.kind, seen_by=my_id())]) if run in group)
    following = next_seed(alike, seed)
    words = f"Train again with seed {following}"
    pressed = st.button(words, icon=":material/casino:", key="another-seed", on_click=_choose_seed, args=(following,))
    return run.request.model_copy(update={SEED: following}) if pressed else None


def _choose_seed(seed: int) -> None:
    """In the form, where there is one."""
    if SEED in st.session_state:
        st.session_state[SEED] = seed


def _repeat(run: Run, stopped: bool) -> Request | None:
    if not (stopped or kind_named(run.kind).request.timed) or not may_replace(me(), lab().registry.shares.of(run.id)):
        return None
    help = "It is trained once more, and the new result takes the place of this one."
    words = "Run it to its end, and replace this one" if stopped else "Repeat and replace it"
    if not st.button(words, icon=":material/replay:", key="repeat", help=help):
        return None
    with mistakes_shown():
        return in_place_of(run)


def in_place_of(run: Run) -> Request:
    """The request of a finished run whose result is dropped, to be done again; GridcastError where it could only fail."""
    lab().check(run.request)
    lab().drop_result(run)
    return run.request
