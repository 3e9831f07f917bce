"""The screen of finished traps: for the chosen one two numbers, a figure and three texts."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.rnn.prices.sources import SOURCES
from core.rnn.traps.figures import caption, chart
from core.rnn.traps.request import TrapsRequest
from core.rnn.traps.result import Number, TrapName, TrapsResult
from core.runs.registry import Run
from pages.parts import controls, layout
from pages.parts.layout import mode, plain
from pages.parts.links.kept_uploads import RunFiles
from pages.parts.rnn.ticker_field import key_of_field
from pages.parts.screen import Screen
from pages.parts.words.glossary import explained

NUMBER = 166  # pixels: two of them fit on a phone
SHORT: dict[str, TrapName] = {  # options stand in the URL as they are shown
    "Future": "future",
    "Scaler": "scaler",
    "Price level": "level",
    "Shuffle": "shuffle",
    "Best of many": "luck",
    "Accuracy": "accuracy",
}


def show(run: Run, result: TrapsResult) -> None:
    chosen = controls.pills("Trap", list(SHORT), default="Future", key="show", required=True)
    trap = result.trap(SHORT[chosen or "Future"])
    st.subheader(trap.title, anchor=False)
    with st.container(horizontal=True, gap="small"):  # side by side on a phone too
        _number(trap.flattering, ":orange[{}]", result.seeds)
        _number(trap.honest, "{}", result.seeds)
    drawn, words = st.columns([3, 2], gap="large")
    with drawn:
        name = f"gridcast-traps-{run.id}-{trap.name}"
        layout.chart(chart(result, trap.name, mode()), f"{trap.title}: {caption(trap.name)}", f"{trap.name}-{run.id}", name)
        st.caption(caption(trap.name))
    with words:
        for label, sentence in (
            ("What people do", trap.done),
            ("Why it flatters", trap.why),
            ("How it is caught", trap.caught),
        ):
            st.markdown(explained(f"**{label}.** {plain(sentence)}", "recurrent"))


def _number(number: Number, colour: str, seeds: int) -> None:
    spread = f"{seeds} seeds: {number.spread}" if number.spread else ""
    with st.container(width=NUMBER, gap=None):
        st.markdown(f"# {colour.format(plain(number.text))}")
        st.caption("  \n".join(plain(line) for line in (number.label, spread) if line))


def refill(request: TrapsRequest) -> dict[str, Any]:
    """The form's controls as they are for a request, by key."""
    source = SOURCES[request.source]
    if source.from_file:
        named: dict[str, Any] = {"csv": RunFiles.of([request.symbol], [request.prices])}
    else:
        named = {key_of_field(source): request.symbol}
    period = {"start": request.start, "end": request.end}
    return {"source": source.title, **named, **period, "seeds": request.seeds, "seed": request.seed}


SCREEN = Screen(show=show, refill=refill)
