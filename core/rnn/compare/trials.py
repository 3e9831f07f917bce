"""A comparison as all screens of a lab show it: corrected for all tests that had been made on its data when it ended.

Of a hundred models tried on the same prices some beat the reference by chance. A test is a model with its settings, whatever
the seeds; the data are the returns of the test days, whatever the ticker was called: see `core.runs.database.ledger`. P values
and Sharpe ratios are corrected for their number (Šidák 1967 in `verdict`; Bailey & López de Prado 2014 in `worth.sharpe`). The
correction errs on the safe side: tests on the same days are correlated, and Šidák's assumes independence.
"""

from __future__ import annotations

from itertools import islice

import pandas as pd

from core.errors import RunFailed
from core.rnn.compare.result import CompareResult
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued
from core.rnn.worth.overfitting import Overfitting
from core.rnn.worth.report import nets_of, overfitting_among
from core.runs.lab import Lab
from core.runs.registry import Run

_MOST_RUNS = 50  # whose accounts are read


def trials_until(lab: Lab, run: Run) -> int:
    """How many tests had been made on the data of a finished comparison when it ended, its own included."""
    return len(lab.tests_until(run))


def valued_in(lab: Lab, run: Run, result: CompareResult, valuation: Valuation | None = None) -> CompareResult:
    """The result of a run, corrected for these tests; by default as it is valued, otherwise as `valuation` says."""
    wanted = valuation or result.valuation
    return valued(result, wanted.model_copy(update={"trials": trials_until(lab, run)}))


def overfitting_on_data_of(lab: Lab, run: Run) -> Overfitting | None:
    """Of choosing among the accounts of all stored comparisons on the data of a run, over the days that it shares with them.

    None where there are no others. Of many comparisons the latest are read.
    """
    own = _stored_nets(lab, run)
    if own is None:
        return None
    others = (_stored_nets(lab, other) for other in reversed(lab.runs_on_data_of(run)) if other.id != run.id)
    fitting = (nets for nets in others if nets is not None and len(nets.index.intersection(own.index)) >= len(own) / 2)
    joined = pd.concat([own, *islice(fitting, _MOST_RUNS)], axis=1, join="inner")
    return overfitting_among(joined) if joined.shape[1] > own.shape[1] else None


def _stored_nets(lab: Lab, run: Run) -> pd.DataFrame | None:
    """Daily returns of the accounts of a stored comparison; None where there are none."""
    try:
        result = lab.result(run)
    except RunFailed:
        return None
    return nets_of(result.equity) if isinstance(result, CompareResult) and len(result.equity) else None
