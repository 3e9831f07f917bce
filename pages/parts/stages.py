"""Which stage of a training is shown: a slider over its stages, and the arrow keys.

While they are played the browser asks for the next stage, so that only the fragment around them is drawn again.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts import controls

STAGE = "stage"  # the key of the control
PLAYING, FROM_START = "stages that play", "stages to be played"  # in a session: their keys; whether the next ones are played
MILLISECONDS_A_STAGE, MOST_PLAYED = 500, 24
_clock = st.components.v2.component(
    "gridcast_stages", html="<span></span>", js="""
const drawing = () => document.querySelector("[data-test-script-state=running]");  // a stage is shown before the next comes
export default function ({ parentElement, data, setTriggerValue }) {
  const next = () => {
    if (drawing()) parentElement.due = setTimeout(next, data.pause / 5);
    else setTriggerValue("next", data.stage);
  };
  clearTimeout(parentElement.due);
  parentElement.due = setTimeout(next, data.pause);
  return () => clearTimeout(parentElement.due);
}""",
)  # fmt: skip


def chosen_stage(names: Sequence[str], label: str = "Stage of the training", key: str = STAGE, first: bool = False) -> int:
    """The number of one of the stages, from 0; the last, or the first, until another is chosen. No slider where there is one
    stage only."""
    last = len(names) - 1
    usual = names[0 if first else last]
    if not last:
        return 0
    if st.session_state.get(key, usual) not in names:  # chosen on another run
        del st.session_state[key]
    if st.session_state.pop(FROM_START, False):
        _play(key, names)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        chosen = controls.select_slider(
            label, names, usual, key=key, label_visibility="collapsed"
        )  # fmt: skip
        stage_arrows(names, chosen, key)
        controls.button(
            "", key=f"{key}_play", icon=":material/play_arrow:", help="Play the stages, as they came",
            on_click=_play, args=(key, names),
        )  # fmt: skip
    if key in st.session_state.get(PLAYING, ()):
        data = {"stage": chosen, "pause": MILLISECONDS_A_STAGE}
        _clock(key=f"{key}_clock", data=data, on_next_change=lambda: play_on(key, names))
    return list(names).index(chosen)


def play_from_start() -> None:
    """The stages that are shown next are played."""
    st.session_state[FROM_START] = True


def _play(key: str, names: Sequence[str]) -> None:
    st.session_state[PLAYING] = {key}
    _go(key, names, 0)


def play_on(key: str, names: Sequence[str]) -> None:
    """The stage after the one that is shown; of many stages some are left out. At the last it ends."""
    state, last, stride = st.session_state, len(names) - 1, max(1, round(len(names) / MOST_PLAYED))
    to = min(last, list(names).index(state[key]) + stride) if key in state else last
    if to == last:
        state[PLAYING] = set()
    _go(key, names, to)


def stage_arrows(names: Sequence[str], chosen: str, key: str = STAGE) -> None:
    """Two buttons, and the arrow keys, that go to the stage before and to the next one; for a control with that key."""
    number = list(names).index(chosen)
    with st.container(horizontal=True, width="content", gap="xsmall"):
        _step("The stage before", key, "left", names, number - 1)
        _step("The next stage", key, "right", names, number + 1)


def after_seconds(seconds: Sequence[float]) -> list[str]:
    """The names of stages by the seconds of learning before them, as exact as tells them apart."""
    for digits in (1, 2, 3):
        names = [f"{value:.{digits}f} s" for value in seconds]
        if len(set(names)) == len(names):
            return names
    return [f"{name} ({number})" for number, name in enumerate(names, 1)]


def _step(words: str, key: str, arrow: str, names: Sequence[str], to: int) -> None:
    """A button with its arrow key; it does nothing at the end."""
    controls.button(
        "", key=f"{key}_{arrow}", shortcut=arrow, help=words,
        disabled=not 0 <= to < len(names), on_click=_go, args=(key, names, to),
    )  # fmt: skip


def _go(key: str, names: Sequence[str], to: int) -> None:
    st.session_state[key] = names[to]
