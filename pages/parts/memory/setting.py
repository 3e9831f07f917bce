"""What every section of the screen is given: a finished comparison, its networks opened, and the network and day chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import streamlit as st

from core.errors import InvalidRequest
from core.rnn.compare import CompareRequest, CompareResult
from core.rnn.evaluation.backtest import refits
from core.rnn.memory.inspection import OpenNetworks
from core.rnn.models import TITLES, short_title
from core.runs.lab import lab
from core.runs.registry import Run, State
from pages.parts import controls
from pages.parts.examples import latest
from pages.parts.follow import run_in_url
from pages.parts.links.copy_link import latest_run

OPENED = 8  # comparisons whose networks stay open, for all visitors together


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


def comparison() -> tuple[Run, CompareResult] | None:
    """The comparison that the URL names, or else the latest one, or the shipped one."""
    run = run_in_url("compare")
    if run is not None and run.state is State.DONE:
        result = lab().result(run)
        return (run, result) if isinstance(result, CompareResult) else None
    found = latest("compare", "recurrent")
    return (found[0], found[1]) if found and isinstance(found[1], CompareResult) else None


def chosen(run: Run, result: CompareResult) -> Setting:
    """The network that the controls name, at the day of the URL, or else the last one."""
    request = run.request
    assert isinstance(request, CompareRequest)
    titles = {short_title(cell): cell for cell in request.cells}
    networks = opened(run.id)
    with latest_run(run), st.container(horizontal=True, vertical_alignment="bottom"):
        title = controls.segmented_control("Network", list(titles), default=next(iter(titles)), required=True, key="network")
        seed = 0
        if request.seeds > 1:
            seed = controls.selectbox("Seed", range(request.seeds), key="seed", width=120)
    return Setting(run, request, result, networks, titles[title or next(iter(titles))], seed, day_in_url(networks))


def day_in_url(networks: OpenNetworks) -> date:
    """The day of the URL where it is one of the series; else the last one."""
    days = networks.series.days.astype("datetime64[D]")
    first, last = days[0].astype(date), days[-1].astype(date)
    try:
        day = date.fromisoformat(st.query_params.get("day", ""))
    except ValueError:
        return last
    return min(max(day, first), last)


def words(setting: Setting) -> str:
    """ "GRU of seed 0" """
    return f"{TITLES[setting.model]} of seed {setting.seed}"
