"""A comparison as all screens of a lab show it: corrected for all tests that had been made on its data when it ended.

Of a hundred models tried on the same prices some beat the reference by chance. A test is a model with its settings, whatever
the seeds; the data are the returns of the test days, whatever the ticker was called: see `core.runs.database.ledger`. P values
and Sharpe ratios are corrected for their number (Šidák 1967 in `verdict`; Bailey & López de Prado 2014 in `worth.sharpe`). The
correction errs on the safe side: tests on the same days are correlated, and Šidák's assumes independence.
"""

from __future__ import annotations

from core.rnn.compare.result import CompareResult
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.valued_result import valued
from core.runs.lab import Lab
from core.runs.registry import Run


def trials_until(lab: Lab, run: Run) -> int:
    """How many tests had been made on the data of a finished comparison when it ended, its own included."""
    return len(lab.tests_until(run))


def valued_in(lab: Lab, run: Run, result: CompareResult, cost_bp: float | None = None) -> CompareResult:
    """The result of a run, corrected for these tests. `cost_bp` None: the cost of its present valuation."""
    cost = result.valuation.cost_bp if cost_bp is None else cost_bp
    return valued(result, Valuation(cost_bp=cost, trials=trials_until(lab, run)))
