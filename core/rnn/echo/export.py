"""What an echo says of itself in a report."""

from __future__ import annotations

from collections.abc import Iterator

from core.rnn.echo.figures import CAPTION, LAG_CAPTION, lag_chart, skill_chart
from core.rnn.echo.result import EchoResult
from core.runs.report.parts import Report, Shown


def _shown(result: EchoResult) -> Iterator[Shown]:
    yield Shown("Skill of every network by lag", skill_chart(result), CAPTION)
    for lag in dict.fromkeys(result.scores_by_lag["lag"]):
        yield Shown(f"The echo of {lag} days", lag_chart(result, int(lag)), LAG_CAPTION)


REPORT = Report(
    _shown,
    words=lambda result: str(result.text),
    limits=("The days are made by this lab: it says what networks can learn in this time, not that markets echo.",),
)
