"""A comparison as every screen shows it: corrected for the trials on its data, with the chosen loss and trading cost."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.rnn.compare.result import CompareResult
from core.rnn.compare.trials import trials_until
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued, worth_of
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.worth.report import Worth
from core.runs.lab import lab
from core.runs.registry import Run

HELP = "The loss that forecasts are ranked and tested by. Choosing another trains nothing."


def as_valued(run: Run, result: CompareResult, **changes: Any) -> CompareResult:
    """The comparison corrected for the trials until its end, with changes of its valuation. Cached for all visitors."""
    fields = result.valuation.model_dump() | {"trials": trials_until(lab(), run)} | changes
    return _valued(run.id, Valuation.model_validate(fields).model_dump_json(), result)


def chosen_loss(result: CompareResult) -> str:
    """The loss that the visitor judges by; the target's first without a choice where there is no other."""
    scores = result.target_row.scores
    if len(scores) == 1:
        return scores[0]
    chosen = st.segmented_control(
        "Judged by", scores, default=scores[0], key=f"score_{result.target}", bind="query-params", required=True,
        format_func=lambda loss: LOSS_FUNCTIONS[loss].title, help=HELP,
    )  # fmt: skip
    return str(chosen or scores[0])


@st.cache_resource(max_entries=32, show_spinner=False)
def _valued(run_id: str, valuation: str, _result: CompareResult) -> CompareResult:
    return valued(_result, Valuation.model_validate_json(valuation))


def worth_valued(run: Run, result: CompareResult) -> Worth:
    """What the forecasts of a valued comparison were worth. Cached for all."""
    return _worth(run.id, result.valuation.model_dump_json(), result)


@st.cache_resource(max_entries=32, show_spinner=False)
def _worth(run_id: str, valuation: str, _result: CompareResult) -> Worth:
    return worth_of(_result)
