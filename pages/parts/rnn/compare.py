"""The screen of a finished comparison: the verdict, then the chosen group of figures; only that group is computed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.rnn.compare.request import CompareRequest
from core.rnn.compare.result import CompareResult
from core.rnn.compare.valued_result import seeds_in_words, trials_in_words
from core.runs.lab import lab
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import plain
from pages.parts.rnn import ranking, worth
from pages.parts.rnn.charts import headline
from pages.parts.rnn.compare_parts import days_ahead, errors, forecasts, model_by_model, provenance
from pages.parts.rnn.compare_parts.so_far import live
from pages.parts.rnn.valuation import as_valued, taken_away_by, with_chosen_loss
from pages.parts.runs.conclusion import next_step
from pages.parts.screen import Screen
from pages.parts.serving.fragments import fragment_of
from pages.parts.task import report
from pages.parts.words.glossary import explained

Group = Callable[[Run, CompareResult], None]


def show(run: Run, result: CompareResult) -> None:
    """The verdict above the groups, by the chosen loss and corrected for all trials on its data."""
    top = st.container()
    valued = as_valued(run, result, with_chosen_loss(result))
    taken_away_by(run, valued.valuation)
    report(_facts(run, valued))
    with top:
        headline(valued.verdict.text)
        st.caption(explained(plain(f"{seeds_in_words(valued)} {trials_in_words(valued)}".strip()), "recurrent"))
        for note in valued.provenance.moves:
            st.caption(plain(f"Note: {note}."))
        next_step(run, valued.next_step)
        if valued.weights and not valued.unfinished:  # there is a network
            inside = {"run": run.id, "show": "Memory"}
            st.page_link("memory.py", label="Look inside the networks", icon=":material/search:", query_params=inside)
    groups(run, valued)


def _facts(run: Run, result: CompareResult) -> dict[str, str | float | tuple[str, ...]]:
    """What tasks may ask for, see `core.lessons.facts`."""
    request = run.request
    assert isinstance(request, CompareRequest)
    return {
        "variants": request.cells, "type": request.network_type, "horizon": request.horizon, "verdict": result.verdict.outcome
    }  # fmt: skip


def _valued_again(run: Run, result: CompareResult) -> Callable[[], CompareResult]:
    valuation = result.valuation

    def again() -> CompareResult:
        stored = lab().result(run)
        assert isinstance(stored, CompareResult)
        return as_valued(run, stored, valuation)

    return again


@fragment_of(_valued_again)
def groups(run: Run, result: CompareResult) -> None:
    offered = _offered(result)
    first = next(iter(offered))
    name = controls.segmented_control(
        "Show", list(offered), default=first, key="show", label_visibility="collapsed", required=True
    )
    offered[name or first](run, result)
    st.caption(plain(result.provenance.source))


def _offered(result: CompareResult) -> dict[str, Group]:
    """The groups that have something to show."""
    offered: dict[str, Group] = {"Ranking": ranking.show, "Forecasts": forecasts.show, "Errors": errors.show}
    if result.target_row.rules and (len(result.performance) or len(result.equity)):
        offered["Worth"] = worth.show
    return offered | {"Ahead": days_ahead.show, "Provenance": provenance.show}


def refill(request: CompareRequest) -> dict[str, Any] | None:
    """See `compare_form`, which a run that is only shown does not need."""
    from pages.parts.rnn import compare_form

    return compare_form.refill(request)


SCREEN = Screen(
    show=show, live=live, refill=refill, learned=model_by_model.show, learned_title="How it came, model by model"
)  # fmt: skip
