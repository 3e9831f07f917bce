"""What a sweep says of itself in a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from core.rnn.sweep.figures import heat_map, spread
from core.rnn.sweep.result import SweepResult
from core.rnn.sweep.tables import row_table, variant_table
from core.runs.report.parts import Report, Shown, heading


def _shown(result: SweepResult) -> Iterator[Shown]:
    reference = result.words["reference"]
    read = f"Blue is better than {reference}, orange worse; * after control of false discoveries."
    yield Shown("Skill by ticker and model", heat_map(result), f"By {result.words['loss']}. {read}")
    yield Shown("Models over all tickers", spread(result), "A dot a ticker.")


def _tables(result: SweepResult) -> Mapping[str, pd.DataFrame]:
    failed = {"Without a result": result.failed[["symbol", "reason"]]} if len(result.failed) else {}
    return {"How often each wins": variant_table(result), "Every test": row_table(result)} | failed


REPORT = Report(
    _shown,
    _tables,
    limits=(
        "Not investment advice.",
        "Tickers of one market move together: their tests are not so many independent ones.",
        "Control of false discoveries counts the tests of this sweep alone, and lets one in twenty of what it finds be "
        "false; the comparison of a ticker allows for all trials on its days, and for none to be false: it may say that "
        "nothing is sure.",
    ),
    words=lambda result: heading(result.summary.text, ". "),
)
