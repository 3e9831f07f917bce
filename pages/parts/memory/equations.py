"""The equations of the chosen network with their numbers on the chosen day: unrolled, step by step, unit by unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from core.rnn.memory.inspection import Inspected
from core.rnn.memory.unrolled import worked
from core.rnn.memory.unrolled.columns import Column, unrolled
from core.rnn.memory.unrolled.drawing import Chosen, Names
from core.rnn.memory.unrolled.forecast_terms import ForecastTerms, forecast_in_words
from core.rnn.memory.unrolled.unit_terms import Terms, output_terms, unit_terms
from core.system.dates import say_day
from pages.parts.layout import explain, mode
from pages.parts.memory.components import unrolled as on_screen
from pages.parts.memory.setting import Setting
from pages.parts.task import report

ABOVE = (
    "Each column is a day. The box reads $x_t$, the numbers of that day (the size of the move and the move itself, in units of "
    "the running level, and the level), and $h_{t-1}$, which it kept from the day before; it gives $h_t$ to the day after, and "
    "$y_t = W_y h_t + b_y$ is what the forecast is made of. The numbers in a box are those of the chosen unit; the squares are "
    "all units, blue above zero and vermillion below."
)
BELOW = "All of it is computed from the stored weights by the equations as they stand here, and equals what torch computes."


def show(setting: Setting) -> None:
    looked = setting.inspected
    report({"y": looked.traced.y[-1, 0]})
    columns = unrolled(looked.traced, looked.network.architecture.inputs)
    chosen, gate = on_screen.chosen_in_url(columns)
    box = columns[chosen.column].boxes[chosen.level]
    part = looked.traced.parts[box.part]
    chosen = Chosen(chosen.column, chosen.level, min(chosen.unit, part.held["h"].shape[1] - 1))
    gates = unit_terms(part, box.step, chosen.unit)
    y = _output(looked, columns[chosen.column])
    names = Names(_days(columns, looked), _inputs(looked, columns))
    day = names.columns[chosen.column]
    scene = on_screen.Scene(looked, columns, names, chosen, (*gates, *y), gate, str(setting.day), mode())
    on_screen.show(scene)
    st.caption(f"{part.name.capitalize()}, unit {chosen.unit + 1}, {day}")
    backwards = part.layer is not None and part.layer.backwards
    left, right = st.columns(2)
    with left:
        st.latex(r" \\[6pt] ".join(worked.gate(one, backwards) for one in gates))
    states = worked.states(part, box.step, chosen.unit, backwards)
    with right:
        outputs = [*map(worked.output, y), *map(worked.forecast, _forecast_terms(looked, columns[chosen.column]))]
        st.latex(r" \\[6pt] ".join([*states, *outputs]) or r"\text{no output on this day}")
    st.caption(_forecast(setting, looked))
    on_screen.list_terms(scene)
    explain(f"{ABOVE} {forecast_in_words(looked.network.loss, looked.traced.writes)} {BELOW}")


def _output(looked: Inspected, column: Column) -> tuple[Terms, ...]:
    """The first number of y on the day of a column, if it has one."""
    if column.output is None:
        return ()
    head = looked.network.model.head.linear
    weight, bias = head.weight.detach().numpy(), head.bias.detach().numpy()
    return (output_terms(weight, bias, looked.traced.states[column.output]),)


def _forecast_terms(looked: Inspected, column: Column) -> tuple[ForecastTerms, ...]:
    """What y on the day of a column forecasts, if it has one."""
    return () if column.output is None else (ForecastTerms.of(looked.network.loss, looked.traced, column.output),)


def _inputs(looked: Inspected, columns: Sequence[Column]) -> tuple[str, ...]:
    """Short names of what x holds; a path is fed its own forecast, too."""
    names = looked.inputs[: looked.network.architecture.inputs]
    return (*names, "forecast fed") if any(column.written for column in columns) else names


def _days(columns: Sequence[Column], looked: Inspected) -> list[str]:
    days, origin = looked.series.days, int(looked.traced.y_steps[0])
    return [f"+{one.position - origin} forecast" if one.written else say_day(days[one.position]) for one in columns]


def _forecast(setting: Setting, looked: Inspected) -> str:
    """What the network says after the day, in units of the target."""
    target, forecast = setting.request.target_row, np.asarray(looked.traced.forecast[:5])
    values = ", ".join(f"{100 * value:.1f} %" if target.is_probability else f"{100 * value:.3f} %" for value in forecast)
    return f"After {say_day(np.datetime64(setting.day))} it forecasts, as {target.title}: {values.replace('-', '−')}"
