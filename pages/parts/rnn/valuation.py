"""A comparison as every screen shows it: corrected for the trials on its data, with the chosen trading cost."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.result import CompareResult
from core.rnn.compare.trials import trials_until
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued, worth_of
from core.rnn.worth.report import Worth
from core.runs.lab import lab
from core.runs.registry import Run


def as_valued(run: Run, result: CompareResult, cost_bp: float | None = None) -> CompareResult:
    """The comparison corrected for the trials until its end; `cost_bp` None: the cost of the result. Cached for all."""
    cost = result.valuation.cost_bp if cost_bp is None else cost_bp
    return _valued(run.id, trials_until(lab(), run), cost, result)


@st.cache_resource(max_entries=32, show_spinner=False)
def _valued(run_id: str, trials: int, cost_bp: float, _result: CompareResult) -> CompareResult:
    return valued(_result, Valuation(cost_bp=cost_bp, trials=trials))


def worth_valued(run: Run, result: CompareResult) -> Worth:
    """What the forecasts of a valued comparison were worth. Cached for all."""
    return _worth(run.id, result.valuation.trials, result.valuation.cost_bp, result)


@st.cache_resource(max_entries=32, show_spinner=False)
def _worth(run_id: str, trials: int, cost_bp: float, _result: CompareResult) -> Worth:
    return worth_of(_result)
