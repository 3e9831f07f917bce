"""A comparison under another valuation: the same forecasts, with another ranking and verdict and other trades."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.rnn.compare.result import CompareResult
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.verdict import judge
from core.rnn.dataset.target import Target, log_returns
from core.rnn.worth.accounts import Terms
from core.rnn.worth.performance import trade


def valued(result: CompareResult, valuation: Valuation) -> CompareResult:
    """The same comparison by another loss, against another model, with other costs, or as one of so many trials on its ticker.

    Trains nothing. Results of earlier versions are judged as this one does.
    """
    if valuation == result.valuation and result.verdict.reference:
        return result
    judged = result.judged_by(valuation)
    year, sigma = result.days_a_year, result.size_to_sigma
    performance, equity = traded(result.forecasts, result.days, result.close, result.target_row, valuation, year, sigma)
    changed = {
        "valuation": valuation,
        "ranking": judged.ranking,
        "horizons": judged.horizons,
        "verdict": judge(judged.evidence, valuation.trials, result.bar),
        "performance": performance,
        "equity": equity,
    }
    return result.model_copy(update=changed)


def traded(
    forecasts: pd.DataFrame,
    days: np.ndarray,
    close: np.ndarray,
    target: Target,
    valuation: Valuation,
    days_a_year: float,
    sigma: float,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`PERFORMANCE` and `EQUITY` of `FORECASTS` traded at closes (T,) on these days (T,); `sigma` as of `CompareResult`."""
    returns = pd.Series(log_returns(close), days[1:].astype("datetime64[s]"))
    terms = Terms(valuation.cost_bp, days_a_year=days_a_year)
    return trade(forecasts, returns, target, terms, valuation.trials, sigma)
