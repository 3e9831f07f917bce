"""Days like this one: when the network's state was most alike, and what came after beside what comes after any day."""

from __future__ import annotations

import numpy as np
import streamlit as st

from core.rnn.memory.alike import Alike
from core.rnn.memory.alike_figures import AFTER_CAPTION, AROUND_CAPTION, SNIPPETS, after_chart, around_chart
from core.rnn.models import TITLES
from core.system.dates import say_day
from pages.parts import controls
from pages.parts.layout import chart, explain, mode, plain, side_by_side
from pages.parts.memory import day
from pages.parts.memory.components import day_line
from pages.parts.memory.setting import Setting

EXPLANATION = (
    "A recurrent network sees nothing of the past but its state. The days shown are those after which the state was "
    "nearest to that of the chosen day (Euclidean distance of the units, each divided by its standard deviation), at "
    "least ten days apart: to the network they are all but one and the same. If it has learned something, what came after"
    " them differs from what comes after any day. $p$ is of one day that is looked at: of twenty days looked at, one "
    "seems more than chance by chance."
)


def show(setting: Setting) -> None:
    alike, series = setting.alike(), setting.networks.series
    st.markdown(f"**{plain(alike.text(series.target, say_day(series.days[alike.origin]), setting.result.bar))}**")
    around, after = side_by_side(3, 2)
    with around:
        close = setting.result.close[1:]  # the first price has no return
        alt = f"Price lines around the days after which the state of the {TITLES[setting.model]} was most alike"
        chart(around_chart(alike, series.days, close, mode()), alt, "days-alike", f"gridcast-days-alike-{setting.day}")
        st.caption(AROUND_CAPTION)
        _buttons([series.days[place] for place in alike.days[:SNIPPETS]])
    with after:
        alt = "What came after the days most like it, beside what comes after any day"
        rested = at_rest(setting, alike)
        chart(after_chart(rested, series.target, mode()), alt, "after-alike", f"gridcast-after-alike-{setting.day}")
        st.caption(AFTER_CAPTION)
    explain(EXPLANATION)


def at_rest(setting: Setting, alike: Alike) -> Alike:
    """The days alike; while the day is being moved those of the day where it last rested, so that the browser has one figure
    less to draw in between."""
    network = (setting.run.id, setting.model, setting.seed)
    last, rested = st.session_state.get("alike_at_rest", (None, alike))
    if day_line.last_move().settled or last != network:
        rested = alike
    st.session_state.alike_at_rest = network, rested
    return rested


def _buttons(days: list[np.datetime64]) -> None:
    """Buttons that move the day to these."""
    with st.container(horizontal=True, gap="small"):
        for number, one in enumerate(days, start=1):
            when = one.astype("datetime64[D]").item()
            controls.button(
                say_day(one), key=f"alike_{number}", type="tertiary", on_click=day.keep, args=(when,), kwargs={"settled": True}
            )
