"""What a run of traps says of itself in a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from core.rnn.traps.figures import caption, chart
from core.rnn.traps.result import TRAPS, TrapsResult
from core.runs.report.parts import Report, Shown


def _shown(result: TrapsResult) -> Iterator[Shown]:
    for name in TRAPS:
        trap = result.trap(name)
        words = f"{caption(name)} {trap.done} {trap.why} {trap.caught}"
        yield Shown(f"{trap.title}: {trap.flattering.text} instead of {trap.honest.text}", chart(result, name), words)


def _tables(result: TrapsResult) -> Mapping[str, pd.DataFrame]:
    traps = [result.trap(name) for name in TRAPS]
    rows = {
        "Trap": [trap.title for trap in traps],
        "Flattering": [f"{trap.flattering.text}, {trap.flattering.label}" for trap in traps],
        "Honest": [f"{trap.honest.text}, {trap.honest.label}" for trap in traps],
    }
    return {"The numbers side by side": pd.DataFrame(rows)}


REPORT = Report(
    _shown,
    _tables,
    limits=("It shows that a mistake flatters, on one ticker; how much it flatters differs from ticker to ticker.",),
)
