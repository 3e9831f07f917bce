"""A comparison under another valuation: the same forecasts, with another ranking and verdict and other trades."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from core.rnn.compare.result import CompareResult
from core.rnn.compare.valuation import Valuation
from core.rnn.dataset.target import Target, log_returns
from core.rnn.models import MODELS, in_a_sentence
from core.rnn.words import say_percent
from core.rnn.worth.accounts import Terms
from core.rnn.worth.one_step import OneStep
from core.rnn.worth.performance import trade
from core.rnn.worth.report import Worth, worth
from core.rnn.worth.sentences import Speaker, in_words
from core.rnn.worth.targeting import MONTH, realised_volatility, targeted
from core.runs.result import rows_of


def valued(result: CompareResult, valuation: Valuation) -> CompareResult:
    """The same comparison by another loss, against another model, with other costs, or as one of so many trials on its ticker.

    Trains nothing. Results of earlier versions are judged as this one does. InvalidRequest for a loss or model that is not
    among those of the result.
    """
    if result.is_judged_as(valuation):
        return result
    ranked = result.judged_as(valuation)
    year, sigma = result.days_a_year, result.size_to_sigma
    performance, equity = traded(result.forecasts, result.days, result.close, result.target_row, valuation, year, sigma)
    return ranked.model_copy(update={"performance": performance, "equity": equity})


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
    terms = Terms(valuation.cost_bp, days_a_year=days_a_year)
    return trade(forecasts, _returns(days, close), target, terms, valuation.trials, sigma)


def worth_of(result: CompareResult) -> Worth:
    """What the forecasts of a valued comparison were worth, with the sentences that say so."""
    target, terms = result.target_row, Terms(result.valuation.cost_bp, days_a_year=result.days_a_year)
    days = OneStep.of(result.forecasts, _returns(result.days, result.close), target, result.size_to_sigma)
    losses = np.stack(list(result.losses.by_model.values()), axis=1)
    report = worth(days, result.performance, result.equity, result.verdict.reference or target.reference, terms, losses)
    return replace(
        report, sentences=tuple(in_words(report, Speaker(result.symbol, speaking_of(result), terms, result.valuation.trials)))
    )


def speaking_of(result: CompareResult) -> str:
    """The model that sentences are about: the network chosen on the validation days; earlier versions have the best."""
    return result.chosen.get("network") or result.best_on_validation or str(result.ranking["model"].iloc[0])


def trials_in_words(result: CompareResult) -> str:
    """For how many tests p values and Sharpe ratios of a valued comparison are corrected, and where these were made."""
    return (
        f"{result.valuation.trials:,} trials on these days of {result.symbol} in this lab until this run ended, its own and "
        "those of the examples among them: p values and Sharpe ratios allow for them."
    )


def seeds_in_words(result: CompareResult) -> str:
    """How many trainings the judged network is the mean of, and how far these lie apart; empty without a network."""
    model = speaking_of(result)
    if not MODELS[model].is_network:
        return ""
    own = next(row for row in rows_of(result.ranking) if row["model"] == model)
    if own["seeds"] < 2:
        return "Each network was trained once: how much another seed would change is not in these numbers."
    lowest, highest = (say_percent(own[name], 1) for name in ("skill_low", "skill_high"))
    spread = f"{lowest} to {highest}" if lowest != highest else lowest
    return (
        f"Of {in_a_sentence(model)} the mean forecast of {own['seeds']:.0f} seeds is judged; one by one they have skill "
        f"{spread} against {result.words['reference']}."
    )


def risk_paths(result: CompareResult, model: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, float]:
    """Days (N,), the volatility of `MONTH` days of the account that targets it by a model, that of a fixed position of the same
    average size, (N,) both, and the target; a year."""
    terms = Terms(result.valuation.cost_bp, days_a_year=result.days_a_year)
    returns = _returns(result.days, result.close)
    days = OneStep.of(result.forecasts, returns, result.target_row, result.size_to_sigma)
    accounts = targeted(days.volatility(model), days.returns, terms)
    own, fixed = (realised_volatility(one.net, terms.days_a_year) for one in (accounts.account, accounts.fixed))
    return days.dates[terms.delay + MONTH - 1 :], own, fixed, terms.steady_risk


def _returns(days: np.ndarray, close: np.ndarray) -> pd.Series:
    """Log returns by day, datetime64[s]."""
    return pd.Series(log_returns(close), days[1:].astype("datetime64[s]"))
