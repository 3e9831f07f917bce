"""What a run of memory says of itself in a report."""

from __future__ import annotations

from collections.abc import Iterator

from core.rnn.memory.figures import (
    AGREEMENT,
    CONNECTIVITY,
    GRADIENT,
    PLACEBO,
    agreement_chart,
    connectivity_chart,
    gradient_chart,
)
from core.rnn.memory.result import MemoryResult
from core.rnn.models import TITLES
from core.runs.report.parts import Report, Shown


def _shown(result: MemoryResult) -> Iterator[Shown]:
    yield Shown("Forecasts beside those of the placebos", agreement_chart(result), AGREEMENT)
    for model in result.models:
        yield Shown(
            f"Connectivity of the {TITLES[model]} by lag", connectivity_chart(result, model), f"{CONNECTIVITY} {PLACEBO}"
        )
    for stage in dict.fromkeys(result.gradients["stage"]):
        drawn = gradient_chart(result.gradients[result.gradients["stage"] == stage])
        yield Shown(f"Gradient by the states of the days before, at the {stage} of the training", drawn, GRADIENT)


REPORT = Report(
    _shown,
    words=lambda result: f"{result.verdict}\n{result.reason}",
    limits=(
        "Connectivity says how far a forecast moves, not whether it moves the right way: that is what the test is for.",
        "The placebos are of this run; with few of them no small p is possible.",
    ),
)
