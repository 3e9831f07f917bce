"""Value at risk and expected shortfall from a panel's forecasts of volatility, and whether they held (`worth.value_at_risk`).

Each ticker's returns are standardised by a model's own forecasts from the first validation day on; the distribution of earlier
ones, times the next day's forecast, is that of the next return. Judged by the Fissler–Ziegel loss, tested over all tickers as
every other loss of a panel, and by how often the losses exceeded the value at risk.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.rnn.evaluation.columns import Columns
from core.rnn.evaluation.significance import ALPHA, benjamini_hochberg, panel_test
from core.rnn.panel.losses import SMALLEST, Outcomes
from core.rnn.worth.coverage import coverage
from core.rnn.worth.value_at_risk import LEVELS, filtered

TAILS = Columns("tail risk", ("model", "level", "exceeded", "rejected", "loss", "gain", "p", "better_on", "tickers"))


@dataclass(frozen=True)
class Tails:
    """What tail risk is made of: rows from the first validation day on, a column a ticker."""

    outcomes: Outcomes  # of all rows
    points: Mapping[str, np.ndarray]  # model -> (D, N)
    first_test: int

    @property
    def defined(self) -> bool:
        """Whether the forecasts say how volatile a return is."""
        target = self.outcomes.target
        return target.in_levels and not target.is_signed

    def table(self, reference: str) -> pd.DataFrame:
        """`TAILS`: a row a model and level.

        `exceeded` is the share of days with a larger loss than the value at risk, `rejected` the number of tickers on which
        conditional coverage is rejected (false discoveries held at 5 %), `loss` the mean Fissler–Ziegel loss, `gain` that of
        the reference minus it, p that of the test over all tickers. Without a ticker that has enough days the table is empty.
        """
        rows = list[dict[str, Any]]()
        for level in LEVELS if self.defined else ():
            of_model = {model: self._losses(model, level) for model in self.points}
            for model, (losses, exceeded, p_values) in of_model.items():
                if np.isfinite(losses).any():
                    over = panel_test(losses, of_model[reference][0])
                    rows.append(
                        {
                            "model": model,
                            "level": level,
                            "exceeded": float(np.nanmean(exceeded)),
                            "rejected": int((benjamini_hochberg(p_values) < ALPHA).sum()),
                            "loss": float(np.nanmean(losses)),
                            "gain": -over.test.difference,
                            "p": over.test.p,
                            "better_on": over.better_on,
                            "tickers": int(np.isfinite(p_values).sum()),
                        }
                    )
        return pd.DataFrame(rows, columns=list(TAILS.names))

    def _losses(self, model: str, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Losses and exceedances (D, N) of the test days, NaN where a ticker has too few days, and p of coverage, (N,)."""
        shape = self.outcomes.actual[self.first_test :].shape
        losses, exceeded, p_values = np.full(shape, np.nan), np.full(shape, np.nan), np.full(shape[1], np.nan)
        for ticker in range(shape[1]):
            rows = np.flatnonzero(np.isfinite(self.outcomes.actual[:, ticker]))
            smallest = SMALLEST * self.outcomes.units[ticker]
            volatility = self.outcomes.sigmas[ticker] * np.maximum(self.points[model][rows, ticker], smallest)
            returns, test = self.outcomes.returns[rows, ticker], rows >= self.first_test
            if (~test).sum() < 1 / level:
                continue
            earlier = returns[~test] / volatility[~test]
            risk = filtered(returns[test], np.zeros(test.sum()), volatility[test], earlier, level)
            hits, places = risk.exceeded(returns[test]), rows[test] - self.first_test
            losses[places, ticker], exceeded[places, ticker] = risk.losses(returns[test]), hits
            p_values[ticker] = coverage(hits, level).conditional.p
        return losses, exceeded, p_values
