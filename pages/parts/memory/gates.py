"""Gates and states of all networks of a comparison, as heat maps under the price line, and their numbers on a day."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.rnn.memory.over_days import OverDays, over_days
from core.rnn.models import TITLES, capitalised_title
from core.system.dates import say_day
from core.system.spreadsheet import to_csv
from pages.parts import controls
from pages.parts.layout import explain
from pages.parts.memory.components.day_line import SPANS, Map, Maps, last_bars, unit_in_url
from pages.parts.memory.setting import KEPT, Setting, tracer_of

EXPLANATION = (
    "A column is a day, a row a unit; rows are sorted by the input that the unit's state follows most, by its correlation "
    "over all days. Blue is above zero and vermillion below. Click a row to draw its unit as a line. A gate between 0 and 1 "
    "is closed below 0.1 and open above 0.9; a candidate, between −1 and 1, is at a bound beyond ±0.9. Of a bidirectional "
    "network the units of the backwards direction come after the others, as they were at the first day of the window."
)
GATES = {"h": "state h", "c": "cell state c", "input": "input gate i", "forget": "forget gate f", "output": "output gate o",
         "candidate": "candidate", "reset": "reset gate r", "update": "update gate z"}  # fmt: skip


@st.cache_resource(max_entries=KEPT, show_spinner="Reading all days")
def gates_on_all_days(run_id: str, model: str, seed: int) -> OverDays:
    return over_days(tracer_of(run_id, model, seed))


def maps(setting: Setting) -> Maps:
    """One gate or state of all networks that have it, for the price line."""
    gates = _offered(setting)
    chosen = controls.segmented_control(
        "Gate or state", [GATES[one] for one in gates], default=GATES["h"], required=True, key="map"
    )
    gate = next(one for one in gates if GATES[one] == (chosen or GATES["h"]))
    drawn = _drawn(setting.run.id, setting.seed, gate, setting)
    digest = sha256(b"".join(one.codes.tobytes() for one in drawn)).hexdigest()[:16] if len(drawn) else ""
    return Maps(drawn, digest, _chosen(setting))


def show(setting: Setting) -> None:
    """The numbers of the chosen unit on the day, the shares of saturated gates, and all of it as CSV."""
    model, unit = _chosen(setting)
    held = gates_on_all_days(setting.run.id, model, setting.seed)
    place = int(np.searchsorted(held.positions, setting.networks.position(setting.day)))
    day = say_day(np.datetime64(setting.day))
    if place < len(held.positions) and held.positions[place] == setting.networks.position(setting.day):
        numbers = " · ".join(f"{GATES[name]} {values[place, unit - 1]:.3f}" for name, values in held.held.items())
        st.markdown(f"**{capitalised_title(model)}, unit {unit}, {day}:** {numbers.replace('-', '−')}")
    else:
        st.markdown(f"**{capitalised_title(model)}, unit {unit}, {day}:** the network had not read a whole window yet")
    row = held.units.set_index("unit").loc[unit]
    if row["follows"]:
        st.caption(
            f"Over all days its state follows the {row['follows']}, correlation {row['correlation']:.2f}".replace("-", "−")
        )
    if rows := _saturated(setting):
        st.table(pd.DataFrame(rows).set_index("Network"))
    span = SPANS.get(str(st.session_state.get("span", "year")), 252)
    st.download_button(
        "Gates and states of the days seen (CSV)", data=lambda: _csv(setting, span), mime="text/csv", on_click="ignore",
        file_name=f"gridcast-gates-{setting.run.id}-{setting.day}.csv", icon=":material/download:", key="gates-csv",
    )  # fmt: skip
    explain(EXPLANATION)


def _offered(setting: Setting) -> list[str]:
    """The gates and states that some network of the comparison has."""
    names = {name for model in setting.request.cells for name in gates_on_all_days(setting.run.id, model, setting.seed).held}
    return [name for name in GATES if name in names]


def _chosen(setting: Setting) -> tuple[str, int]:
    """The model and unit of the URL; else the first row of the chosen network."""
    named = unit_in_url()
    model = named[0] if named and named[0] in setting.request.cells else setting.model
    order = gates_on_all_days(setting.run.id, model, setting.seed).order
    return model, named[1] if named and named[0] == model and named[1] in order else order[0]


@st.cache_data(max_entries=16, show_spinner=False)
def _drawn(run_id: str, seed: int, gate: str, _setting: Setting) -> tuple[Map, ...]:
    bars, drawn = last_bars(_setting), []
    for model in _setting.request.cells:
        held = gates_on_all_days(run_id, model, seed)
        if gate not in held.held:
            continue
        own = held.held[gate]
        scale = max(1.0, float(np.abs(own).max()))
        values = np.full((len(_setting.networks.series), own.shape[1]), -128, np.int8)
        values[held.positions] = np.round(127 * own / scale)
        rows = np.array(held.order) - 1
        drawn.append(
            Map(model, capitalised_title(model), GATES[gate], tuple(held.order), values[bars][:, rows].T.copy(), scale)
        )
    return tuple(drawn)


def _saturated(setting: Setting) -> list[dict[str, Any]]:
    """A row a network that has gates: of each gate the share of numbers at a bound, over all days and units."""
    rows = []
    for model in setting.request.cells:
        shares = gates_on_all_days(setting.run.id, model, setting.seed).saturated
        words = {GATES[gate]: f"{100 * one['low']:.1f} % low, {100 * one['high']:.1f} % high" for gate, one in shares.items()}
        if words:
            rows.append({"Network": TITLES[model]} | words)
    names = list(dict.fromkeys(name for row in rows for name in row))
    return [{name: row.get(name, "") for name in names} for row in rows]


def _csv(setting: Setting, span: int) -> bytes:
    """`inspection.TABLE` of all networks for as many days around the chosen one as are seen."""
    series, at = setting.networks.series, setting.networks.position(setting.day)
    days = series.days.astype("datetime64[s]").copy()
    if span:
        first = min(max(0, at - span // 2), max(0, len(days) - span))
        days[:first] = days[first + span :] = np.datetime64("NaT")
    tables = [
        gates_on_all_days(setting.run.id, model, setting.seed).table(model, setting.seed, days)
        for model in setting.request.cells
    ]
    return to_csv(pd.concat(tables))
