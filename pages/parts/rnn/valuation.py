"""A comparison as every screen shows it: corrected for the trials on its data, with the chosen loss and trading cost."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.result import CompareResult
from core.rnn.compare.trials import trials_until
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued, worth_of
from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.worth.report import Worth
from core.runs.lab import lab
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.as_shown import as_shown

HELP = "The loss that forecasts are ranked and tested by. Choosing another trains nothing."


def as_valued(run: Run, result: CompareResult, valuation: Valuation | None = None) -> CompareResult:
    """The comparison corrected for the trials until its end; by default as it is valued. Cached for all visitors."""
    return _valued(run.id, _corrected(run, valuation or result.valuation).model_dump_json(), result)


def as_judged(run: Run, result: CompareResult) -> CompareResult:
    """The same where ranking and verdict alone are shown. Not cached."""
    return result.judged_as(_corrected(run, result.valuation))


def _corrected(run: Run, valuation: Valuation) -> Valuation:
    """For the trials until the end of a run."""
    return valuation.model_copy(update={"trials": trials_until(lab(), run)})


def taken_away_by(run: Run, valuation: Valuation) -> None:
    """From now on what the visitor takes away of this run is valued so."""
    as_shown(run).of = lambda stored: valued(stored, valuation)


def with_chosen_loss(result: CompareResult) -> Valuation:
    """The valuation by the loss that the visitor chooses; no choice where the target has a single one."""
    first, *others = result.target_row.scores
    if not others:
        return result.valuation
    chosen = controls.segmented_control(
        "Judged by", [first, *others], default=first, key=f"score_{result.target}", required=True,
        format_func=lambda loss: LOSS_FUNCTIONS[loss].title, help=HELP,
    )  # fmt: skip
    return result.valuation.model_copy(update={"loss": "" if chosen == first else chosen or ""})


@st.cache_resource(max_entries=32, show_spinner=False)
def _valued(run_id: str, valuation: str, _result: CompareResult) -> CompareResult:
    return valued(_result, Valuation.model_validate_json(valuation))


def worth_valued(run: Run, result: CompareResult) -> Worth:
    """What the forecasts of a valued comparison were worth. Cached for all."""
    return _worth(run.id, result.valuation.model_dump_json(), result)


@st.cache_resource(max_entries=32, show_spinner=False)
def _worth(run_id: str, valuation: str, _result: CompareResult) -> Worth:
    return worth_of(_result)
