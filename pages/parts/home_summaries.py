"""What the first page shows of two finished runs, made once for all visitors: it is small, where the results are large."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from core.rnn.compare.overview_figures import skill_chart
from core.rnn.compare.result import CompareResult
from core.runs.lab import lab
from core.runs.registry import Run
from core.stn.straighten.result import StraightenResult
from core.theme import Mode
from pages.parts.rnn.valuation import as_judged
from pages.parts.stn.straighten_result import answer, given


@dataclass(frozen=True)
class Straightened:
    """One photo before and after, and how well the network does in the median of all trials."""

    before: np.ndarray
    after: np.ndarray
    turned: float  # degrees
    seconds: float  # of learning
    trials: int
    error: float  # degrees


@dataclass(frozen=True)
class Compared:
    """The skill of all models, and the verdict."""

    symbol: str
    source: str
    verdict: str
    result: CompareResult

    def figure(self, mode: Mode) -> go.Figure:
        return skill_chart(self.result, mode)


@st.cache_resource(max_entries=8, show_spinner=False)
def straightened(run_id: str, digest: str | None, mode: Mode, _run: Run) -> Straightened:
    """Raises RunFailed where the result is not here any more."""
    result = lab().result(_run)
    assert isinstance(result, StraightenResult)
    scores = result.scores
    trials, error = scores["seen_trials"], scores["angle_error_deg"]
    assert isinstance(trials, int)
    assert isinstance(error, float)
    turned = float(result.trials.applied_deg.iloc[0])
    return Straightened(given(result, 0, mode), answer(result, 0, mode), turned, result.seconds, trials, error)


@st.cache_resource(max_entries=8, show_spinner=False)
def compared(run_id: str, digest: str | None, _run: Run) -> Compared:
    """Raises RunFailed where the result is not here any more."""
    result = lab().result(_run)
    assert isinstance(result, CompareResult)
    judged = as_judged(_run, result)
    return Compared(result.symbol, result.provenance.source, judged.verdict.text, judged)
