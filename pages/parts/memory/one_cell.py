"""One cell by hand: six values and the weights of one unit as sliders, all of them in the URL; it needs no run."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.rnn.memory.one_cell.cell import DAYS, KINDS, PARTS, VALUE, WEIGHT, OneCell, Preset
from core.rnn.memory.one_cell.figures import CAPTION, cell_chart
from core.rnn.models import capitalised_title
from pages.parts import controls
from pages.parts.layout import chart, explain, mode, side_by_side
from pages.parts.task import report

FIRST = "Remember for ever"  # the preset that the screen opens with
ABREAST, WIDTH = 3, 104  # sliders in a row, and their width in pixels: three fit beside each other on a phone
EXPLANATION = (
    "A recurrent cell of one unit. It reads $x_1 \\dots x_6$, one a day, from a state of 0. A vanilla cell has nothing but "
    "$h$, and pushes all of it through tanh every day. An LSTM keeps a second number, $c$, which changes by sums alone: the "
    "forget gate says how much of it stays, the input gate how much of today is added, the output gate how much of it is seen. "
    "A GRU takes a mean of yesterday's state and today's candidate, with weights $z$ and $1 - z$. Larger networks have many "
    "such units; each reads the state of all of them."
)


def show() -> None:
    cards()


@st.fragment
def cards() -> None:
    """The whole of it, as a fragment: a slider runs nothing else again."""
    titles = {capitalised_title(kind.model): name for name, kind in KINDS.items()}
    with st.container(horizontal=True, vertical_alignment="center"):
        title = controls.segmented_control(
            "Cell", list(titles), default="LSTM", required=True, key="cell", label_visibility="collapsed"
        )
        chosen = titles[title or "LSTM"]
        for name, preset in KINDS[chosen].presets.items():
            controls.button(name, key=f"preset_{chosen}_{name}", on_click=_take, args=(chosen, preset))
    picture, sliders = side_by_side(3, 2)
    with sliders:
        cell, inputs = OneCell(chosen, _weights(chosen)), _inputs()
    with picture:
        step = controls.slider("Day in the formulas", 1, DAYS, 2, key="step")
        alt = f"x, h and gates of {KINDS[chosen].title} over six days"
        chart(cell_chart(cell, inputs, step, mode()), alt, "one-cell", "gridcast-one-cell")
        st.caption(CAPTION)
    states = cell.read(inputs)["h"]
    report({f"h_{day}": state for day, state in enumerate(states, start=1)})
    for preset in KINDS[chosen].presets.values():
        if _is(preset, cell, inputs):
            st.markdown(preset.about)
    columns = st.columns(2)
    for number, formula in enumerate(cell.formulas(inputs, step)):
        columns[number % 2].latex(formula)
    explain(EXPLANATION)


def _inputs() -> np.ndarray:
    st.markdown("**What it reads**")
    values: list[float] = []
    for row in range(0, DAYS, ABREAST):
        with st.container(horizontal=True, gap="small"):
            values += [_input(day) for day in range(row, row + ABREAST)]
    return np.array(values)


def _input(day: int) -> float:
    first = KINDS["lstm"].presets[FIRST].inputs[day]
    return controls.slider(f"$x_{day + 1}$", -VALUE, VALUE, first, 0.1, key=f"x{day + 1}", width=WIDTH)


def _weights(kind: str) -> dict[str, float]:
    """A row of sliders a gate."""
    st.markdown("**Its weights**: $w$ of $x_t$, $u$ of $h_{t-1}$, and $b$")
    first, weights = KINDS[kind].presets[FIRST].weights, {}
    for letter in KINDS[kind].letters.values():
        with st.container(horizontal=True, gap="small"):
            for part in PARTS:
                name, label = f"{part}{letter}", f"${part}_{letter}$"
                weights[name] = controls.slider(label, -WEIGHT, WEIGHT, first.get(name, 0.0), 0.05, key=name, width=WIDTH)
    return weights


def _take(kind: str, preset: Preset) -> None:
    """Set every slider to a preset."""
    for day, value in enumerate(preset.inputs, start=1):
        st.session_state[f"x{day}"] = value
    for name in KINDS[kind].names:
        st.session_state[name] = preset.weights.get(name, 0.0)


def _is(preset: Preset, cell: OneCell, inputs: np.ndarray) -> bool:
    same = all(np.isclose(cell.weight(name), preset.weights.get(name, 0.0)) for name in KINDS[cell.kind].names)
    return same and np.allclose(inputs, preset.inputs)
