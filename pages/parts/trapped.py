"""What a finished run of the traps has to show: one trap at a time, two numbers, one figure, three sentences."""

from __future__ import annotations

import streamlit as st

from core.rnn.trapped import Number, Trap, TrapName, TrapsResult
from core.rnn.traps_figures import caption, chart
from core.runs.registry import Run
from pages.parts import layout
from pages.parts.layout import mode, plain

SHORT: dict[str, TrapName] = {  # options stand in the URL as they are shown
    "Future": "future",
    "Scaler": "scaler",
    "Price level": "level",
    "Shuffle": "shuffle",
    "Best of many": "luck",
    "Accuracy": "accuracy",
}


def show(run: Run, result: TrapsResult) -> None:
    chosen = st.pills("Trap", list(SHORT), default="Future", key="trap", bind="query-params", required=True)
    trap = result.trap(SHORT[chosen or "Future"])
    st.subheader(trap.title, anchor=False)
    words, drawn = st.columns([2, 3], gap="large")
    with words:
        _numbers(trap, result.seeds)
        for label, sentence in (
            ("What people do", trap.done),
            ("Why it flatters", trap.why),
            ("How it is caught", trap.caught),
        ):
            st.markdown(f"**{label}.** {plain(sentence)}")
    with drawn:
        name = f"gridcast-traps-{run.id}-{trap.name}"
        layout.chart(chart(result, trap.name, mode()), f"{trap.title}: {caption(trap.name)}", f"{trap.name}-{run.id}", name)
        st.caption(caption(trap.name))


def _numbers(trap: Trap, seeds: int) -> None:
    flattering, honest = st.columns(2)
    with flattering:
        _number(trap.flattering, ":orange[{}]", seeds)
    with honest:
        _number(trap.honest, "{}", seeds)


def _number(number: Number, colour: str, seeds: int) -> None:
    spread = f"{seeds} seeds: {number.spread}" if number.spread else ""
    st.markdown(f"# {colour.format(plain(number.text))}")
    st.caption("  \n".join(plain(line) for line in (number.label, spread) if line))
