"""Value at risk and expected shortfall of several forecasters, backtested: one row a forecaster and level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.rnn.evaluation.metric import Metric
from core.rnn.evaluation.significance import diebold_mariano
from core.rnn.worth.coverage import Coverage, coverage
from core.rnn.worth.one_step import Predicted
from core.rnn.worth.value_at_risk import LEVELS, TailRisk, filtered


@dataclass(frozen=True, eq=False)
class TailJudged:
    """The tail risk of one forecaster, what happened, and the reference's losses."""

    risk: TailRisk
    returns: np.ndarray  # (N,)
    reference: np.ndarray | None  # (N,) losses of the reference; None: it is the reference

    @cached_property
    def coverage(self) -> Coverage:
        return coverage(self.risk.exceeded(self.returns), self.risk.level)

    @cached_property
    def losses(self) -> np.ndarray:
        """(N,)"""
        return self.risk.losses(self.returns)

    @property
    def gain(self) -> float:
        """Mean loss of the reference minus that of the forecaster; NaN of the reference itself."""
        return float("nan") if self.reference is None else float(np.mean(self.reference - self.losses))

    @property
    def gain_p(self) -> float:
        """That both have the same mean loss (Diebold & Mariano 1995); NaN of the reference, or where a loss is not defined."""
        if self.reference is None or not np.isfinite(self.reference - self.losses).all():
            return float("nan")
        return diebold_mariano(self.losses, self.reference).p


TAIL_METRICS: dict[str, Metric[TailJudged]] = {
    "level": Metric(lambda tail: tail.risk.level),
    "days": Metric(lambda tail: tail.coverage.days),
    "exceedances": Metric(
        lambda tail: tail.coverage.exceedances,
        "Exceeded",
        "count",
        "Days on which the loss was larger than the value at risk",
        digits=0,
    ),
    "expected": Metric(
        lambda tail: tail.risk.level * tail.coverage.days, "Expected", "", "As many are expected at this level", digits=1
    ),
    "value_at_risk": Metric(
        lambda tail: float(tail.risk.value_at_risk.mean()),
        "VaR",
        "%",
        "Mean value at risk: the return that is undercut so often",
    ),
    "shortfall": Metric(
        lambda tail: float(tail.risk.shortfall.mean()),
        "ES",
        "%",
        "Mean expected shortfall: the mean return below it",
    ),
    "kupiec_p": Metric(
        lambda tail: tail.coverage.unconditional.p, "As often", "p", "That it is exceeded as often as it says (Kupiec 1995)"
    ),
    "independence_p": Metric(
        lambda tail: tail.coverage.independence.p,
        "Independent",
        "p",
        "That an exceedance is not more likely after another (Christoffersen 1998)",
    ),
    "christoffersen_p": Metric(lambda tail: tail.coverage.conditional.p, "Both", "p", "Both together (Christoffersen 1998)"),
    "loss": Metric(
        lambda tail: float(tail.losses.mean()),
        "FZ loss",
        "",
        "Of VaR and ES (Patton, Ziegel & Chen 2019)",
        False,
        3,
    ),
    "gain": Metric(lambda tail: tail.gain, "FZ gain", "", "Loss of the reference minus the loss", True, 3, sparse=True),
    "gain_p": Metric(lambda tail: tail.gain_p, "p", "p", "Diebold–Mariano test against the reference's loss"),
}


def tail_table(
    predicted: Mapping[str, Predicted],
    returns: np.ndarray,
    earlier: np.ndarray,
    reference: str,
    levels: tuple[float, ...] = LEVELS,
) -> pd.DataFrame:
    """A row a level and forecaster with `TAIL_METRICS`, from the forecast distributions of N days by forecaster, their returns
    (N,) and the standardised returns (M,) of days before; levels that need more days before are left out.

    See `value_at_risk.filtered`. Without the reference there are no gains.
    """
    rows = []
    for level in levels:
        if len(earlier) < 1 / level:
            continue
        risks = {name: filtered(returns, one.expected, one.volatility, earlier, level) for name, one in predicted.items()}
        base = risks[reference].losses(returns) if reference in risks else None
        for name, risk in risks.items():
            judged = TailJudged(risk, returns, None if name == reference else base)
            rows.append({"model": name} | {column: metric.measure(judged) for column, metric in TAIL_METRICS.items()})
    return pd.DataFrame(rows, columns=["model", *TAIL_METRICS])
