"""A comparison under another valuation: the same forecasts and ranking, with another verdict and other trades."""

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
    """The same comparison with other costs, or as one of so many trials on its ticker. Trains nothing."""
    if valuation == result.valuation:
        return result
    verdict = judge(result.ranking, result.losses, result.target_row, valuation.trials, result.bar)
    year, sigma = result.days_a_year, result.size_to_sigma
    performance, equity = traded(result.forecasts, result.days, result.close, result.target_row, valuation, year, sigma)
    changed = {"valuation": valuation, "verdict": verdict, "performance": performance, "equity": equity}
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
