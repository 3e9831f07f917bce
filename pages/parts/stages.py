"""Which stage of a training is shown: a slider over its stages, and the arrow keys."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts import controls

STAGE = "stage"  # the key of the control


def chosen_stage(names: Sequence[str], label: str = "Stage of the training", key: str = STAGE, first: bool = False) -> int:
    """The number of one of the stages, from 0; the last, or the first, until another is chosen. No slider where there is one
    stage only."""
    last = len(names) - 1
    usual = names[0 if first else last]
    if not last:
        return 0
    if st.session_state.get(key, usual) not in names:  # chosen on another run
        del st.session_state[key]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        chosen = controls.select_slider(
            label, names, usual, key=key, label_visibility="collapsed"
        )  # fmt: skip
        stage_arrows(names, chosen, key)
    return list(names).index(chosen)


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
