"""What the networks remember: whether that is more than chance, how far back they are connected, and the run that tests it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.rnn.memory.connected import Connected, connected
from core.rnn.memory.figures import AGREEMENT, CONNECTIVITY, PLACEBO, agreement_chart, connectivity_chart
from core.rnn.memory.request import PLACEBOS, MemoryRequest
from core.rnn.memory.result import MemoryResult, half_lag
from core.rnn.models import TITLES, capitalised_title
from core.runs.lab import lab
from core.runs.registry import Run, State
from core.runs.request import key_of
from pages.parts import controls
from pages.parts.follow import follow, run_in_url, submit
from pages.parts.layout import chart, explain, mistakes_shown, mode, plain, side_by_side, table
from pages.parts.memory.setting import OPENED, Setting, opened
from pages.parts.rnn.memory import EXPLANATION, memory_table
from pages.parts.visitors.me import my_id
from pages.parts.wait import wait_shown

KEY = "memory"  # the parameter of the URL that names the run of the test


def show(setting: Setting) -> None:
    run = tested(setting)
    result = follow(run, KEY) if run else None
    if isinstance(result, MemoryResult):
        st.markdown(f"**{plain(result.verdict)}** {plain(result.reason)}")
        _connectivity(setting, result)
        _test(result, setting.run.id)
    else:
        with mistakes_shown():
            own = measured(setting.run.id)
        st.markdown(f"**{_untested(setting, own)}**")
        if run is None:
            _offer(setting)
        _connectivity(setting, own)
    explain(EXPLANATION)


def tested(setting: Setting) -> Run | None:
    """The run of the test for this comparison: the URL's, or else any that is finished, or one that is alive."""
    own = run_in_url("memory", KEY)
    if own is not None and _is_of(own, setting):
        return own
    usual = lab().look(key_of(request_of(setting)))
    if usual is not None:
        return usual if usual.alive or usual.state is State.DONE else None
    finished = (
        run for run in lab().runs("recurrent", parts=False, seen_by=my_id()) if run.kind == "memory" and run.state is State.DONE
    )
    return next((run for run in finished if _is_of(run, setting)), None)


def request_of(setting: Setting) -> MemoryRequest:
    assert setting.run.result is not None
    return MemoryRequest(comparison=setting.request, networks=setting.run.result)


MEASURING = 0.9  # seconds for each second of training: 420 s where the comparison's networks train for 223


@st.cache_data(max_entries=OPENED, show_spinner="Measuring how far back they are connected")
def measured(run_id: str) -> Connected:
    """The connectivity of a comparison's networks, without a test."""
    run, networks = lab().look(run_id), opened(run_id)
    assert run is not None
    return connected(networks.networks, networks.series, lab().result(run), networks.request, lab().inputs_of(run.request))


def seconds_of(setting: Setting) -> float:
    """About how long the test takes: for every shuffled order as long as the comparison trained, and then it measures."""
    request = setting.request
    fits = 1 + (request.test_days - 1) // request.refit_days if request.refit_days else 1
    took = setting.result.provenance.seconds
    training = PLACEBOS[0] * sum(took.get(cell, 0.0) for cell in request.cells) / request.seeds / fits
    return training * (1 + MEASURING)


def _is_of(run: Run, setting: Setting) -> bool:
    request = run.request
    return isinstance(request, MemoryRequest) and key_of(request.comparison) == setting.run.id


def _untested(setting: Setting, own: Connected) -> str:
    days = half_lag(own.curve(setting.model))
    within = f"Half of what the forecasts of the {TITLES[setting.model]} depend on lies in the last {_bars(days, setting)}"
    return f"{within}. Whether that is more than chance has not been tested yet."


def _offer(setting: Setting) -> None:
    """The button that starts the test, and how long it takes."""
    left, right = st.columns([2, 3], vertical_alignment="center")
    with left:
        pressed = controls.button(
            "Measure whether it is more than chance", type="primary", icon=":material/play_arrow:", width="stretch", key="go"
        )
    if pressed:
        with mistakes_shown():
            submit(request_of(setting), KEY)
        st.rerun()
    with right:
        st.caption(training_in_words(len(setting.request.cells)))
        wait_shown("memory", request_of(setting).size, expected=max(10.0, seconds_of(setting)))


def training_in_words(count: int) -> str:
    """What the test trains, of so many networks."""
    networks = "the network" if count == 1 else f"each of the {count} networks"
    return f"Trains {networks} {PLACEBOS[0]} times anew, on the same days in shuffled order."


def _connectivity(setting: Setting, connection: Connected | MemoryResult) -> None:
    picture, numbers = side_by_side(3, 1)
    with picture:
        alt = f"Connectivity of the {TITLES[setting.model]} by lag, beside the other networks and the weights of AR and HAR"
        drawn = connectivity_chart(connection, setting.model, mode())
        chart(drawn, alt, "connectivity", f"gridcast-connectivity-{setting.run.id}-{setting.model}")
        st.caption(f"{CONNECTIVITY} {PLACEBO}" if isinstance(connection, MemoryResult) else CONNECTIVITY)
    with numbers:
        days = half_lag(connection.curve(setting.model))
        st.metric(f"Half of it within, {TITLES[setting.model]}", _bars(days, setting))
        table(_halves(connection, setting.result.bar))


def _halves(connection: Connected | MemoryResult, bar: str) -> pd.DataFrame:
    """The lag that holds half, of every network and linear model."""
    networks = {
        capitalised_title(str(model)): half_lag(connection.curve(str(model)))
        for model in dict.fromkeys(connection.trained["model"])
    }
    weights = {
        capitalised_title(str(model)): half_lag(own["weight"].to_numpy()) for model, own in connection.linear.groupby("model")
    }
    rows = networks | weights
    return pd.DataFrame({"Model": list(rows), f"Half within ({bar}s)": list(rows.values())})


def _test(result: MemoryResult, run_id: str) -> None:
    held, numbers = side_by_side(1, 1)
    with held:
        chart(agreement_chart(result, mode()), AGREEMENT, "agreement", f"gridcast-agreement-{run_id}")
        st.caption(AGREEMENT)
    with numbers:
        table(memory_table(result))


def _bars(count: int, setting: Setting) -> str:
    """ "7 days", "1 week" """
    return f"{count} {setting.result.bar}{'' if count == 1 else 's'}"
