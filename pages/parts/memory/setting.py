"""What every section of the screen is given: a finished comparison, its networks opened, and the network and day chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import streamlit as st

from core.errors import InvalidRequest
from core.rnn.compare import CompareRequest, CompareResult
from core.rnn.evaluation.backtest import refits
from core.rnn.memory.alike import Alike, states_of
from core.rnn.memory.inspection import Inspected, OpenNetworks
from core.rnn.memory.trace import Tracer
from core.rnn.models import TITLES, capitalised_title
from core.runs.lab import lab
from core.runs.registry import Run, State
from pages.parts import controls
from pages.parts.examples import latest, shipped_ids
from pages.parts.follow import run_in_url
from pages.parts.links.copy_link import latest_run
from pages.parts.memory import day as days
from pages.parts.visitors.me import my_id

OPENED = 8  # comparisons whose networks stay open, for all visitors together
KEPT = 24  # networks of which what all days share is kept, for all visitors together: up to 10 MB each


@dataclass(frozen=True)
class Setting:
    """One network of a finished comparison, at a day."""

    run: Run
    request: CompareRequest
    result: CompareResult
    networks: OpenNetworks
    model: str
    seed: int
    day: date

    def at(self, day: date) -> Setting:
        return replace(self, day=day)

    @property
    def inspected(self) -> Inspected:
        """The network at its day."""
        return self.networks.inspected(self.model, self.seed, self.day, tracer_of(self.run.id, self.model, self.seed))

    def alike(self, ahead: int = 5) -> Alike:
        """The days after which the network's state was most like that of its day."""
        states = states_on_all_days(self.run.id, self.model, self.seed)
        return self.networks.alike(self.model, self.seed, self.day, ahead, states)

    @property
    def last_fit(self) -> int:
        """Position of the day before which the networks were fitted last."""
        return refits(self.networks.series, self.result.splits, self.request.refit_days)[-1]


@st.cache_resource(max_entries=OPENED, show_spinner="Opening the networks")
def opened(run_id: str) -> OpenNetworks:
    """The networks of a finished comparison; read by many visitors, changed by nobody."""
    run = lab().look(run_id)
    if run is None or not isinstance(run.request, CompareRequest):
        raise InvalidRequest(f"run {run_id} is no comparison; only the networks of a comparison can be looked into")
    result = lab().result(run)
    assert isinstance(result, CompareResult)
    return OpenNetworks.of(result, run.request, lab().inputs_of(run.request))


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def tracer_of(run_id: str, model: str, seed: int) -> Tracer:
    """What the traces of a network have in common on all days."""
    return opened(run_id).tracer(model, seed)


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def states_on_all_days(run_id: str, model: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`alike.states_of` a network: positions of the days, and the states that its head reads after them."""
    networks = opened(run_id)
    return states_of(networks.networks[model, seed], networks.series)


def comparison() -> tuple[Run, CompareResult] | None:
    """The comparison that the URL names, or else the latest one, or the shipped one; the visitor may choose another.

    RunFailed where its result is not here any more.
    """
    run = run_in_url("compare")
    if run is not None and run.state is State.DONE:
        result = lab().result(run)
        compared = (run, result) if isinstance(result, CompareResult) else None
    else:
        newest = latest("compare", "recurrent")
        compared = (newest[0], newest[1]) if newest and isinstance(newest[1], CompareResult) else None
    if compared:
        _choice(compared[0])
    return compared


def _choice(current: Run) -> None:
    """The finished comparisons with networks, those of the lab first, then those that came with it."""
    finished = {
        run.id: run
        for run in lab().runs("recurrent", parts=False, seen_by=my_id())
        if run.kind == "compare" and run.state is State.DONE
    }
    with_networks = {name: run for name, run in finished.items() if getattr(run.request, "cells", ())} | {current.id: current}
    came_with_it = shipped_ids()
    names = sorted(with_networks, key=lambda name: name in came_with_it)
    if len(names) < 2:
        return

    def open_chosen() -> None:
        st.query_params["run"] = st.session_state.comparison

    controls.selectbox(
        "Comparison", names, index=names.index(current.id), key="comparison", bind=None, on_change=open_chosen,
        format_func=lambda name: f"{with_networks[name].title} · {name[:6]}",
    )  # fmt: skip


def chosen(run: Run, result: CompareResult) -> Setting:
    """The network that the controls name, at the day of the URL, or else the last one."""
    request = run.request
    assert isinstance(request, CompareRequest)
    if not request.cells:
        raise InvalidRequest("this comparison has no network to look into; compare with one, or choose another comparison")
    if result.unfinished:
        raise InvalidRequest(f"{result.unfinished} Run the comparison again to its end, or choose another one")
    titles = {capitalised_title(cell): cell for cell in request.cells}
    networks = opened(run.id)
    with latest_run(run), st.container(horizontal=True, vertical_alignment="bottom"):
        title = controls.segmented_control("Network", list(titles), default=next(iter(titles)), required=True, key="network")
        seed = request.seed
        if request.seeds > 1:
            seed = controls.selectbox("Seed", range(seed, seed + request.seeds), key="seed", width=120)
    return Setting(run, request, result, networks, titles[title or next(iter(titles))], seed, days.current(networks.series))


def words(setting: Setting) -> str:
    """ "GRU of seed 0" """
    return f"{TITLES[setting.model]} of seed {setting.seed}"
