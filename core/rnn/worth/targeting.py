"""What a volatility forecast is worth to an investor who keeps the risk of an account steady.

Two views. The account of volatility targeting after costs, beside a fixed position of the same average exposure: how steady its
risk was, and what a mean–variance investor would pay a year to change from one to the other (Fleming, Kirby & Ostdiek 2001).
That depends on what the market happened to return, so it is unsure for years. The other view does not: the utility of risk
targeting of Bollerslev, Hood, Huss & Pedersen 2018, "Risk everywhere", section 4, takes the Sharpe ratio as given and asks how
near to its target the risk of each day was; it is greatest for the true volatility, and tells forecasts apart.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.rnn.evaluation.significance import long_run_variance
from core.rnn.worth.accounts import Account, Terms, account, steady_position
from core.rnn.worth.sharpe import Difference, sharpe_difference

MONTH = 22  # days whose returns give the realised volatility that "steady" is judged by
GIVEN_SHARPE = 0.4  # a year, and
GIVEN_AVERSION = 2.0  # of risk: those of Bollerslev et al.; the utility of the true volatility is then 4 % a year


@dataclass(frozen=True)
class Steadiness:
    """The realised volatility of an account, a year, over all stretches of `MONTH` days."""

    low: float  # 5 % of the stretches were calmer
    high: float  # 5 % were wilder
    variation: float  # standard deviation over mean: the volatility of volatility

    @classmethod
    def of(cls, net: np.ndarray, days_a_year: float) -> Steadiness:
        """Of daily returns (N,); NaN with fewer than `MONTH` + 1 days."""
        if len(net) <= MONTH:
            return cls(math.nan, math.nan, math.nan)
        realised = np.lib.stride_tricks.sliding_window_view(net, MONTH).std(axis=1, ddof=1) * math.sqrt(days_a_year)
        low, high = np.quantile(realised, [0.05, 0.95])
        return cls(float(low), float(high), float(realised.std() / realised.mean()))


@dataclass(frozen=True)
class Targeting:
    """Volatility targeting by one forecaster, beside a fixed position of the same average exposure, both after costs."""

    account: Account
    fixed: Account
    terms: Terms

    @property
    def steadiness(self) -> tuple[Steadiness, Steadiness]:
        """Of the account and of the fixed position."""
        return tuple(Steadiness.of(one.net, self.terms.days_a_year) for one in (self.account, self.fixed))  # type: ignore[return-value]

    @property
    def sharpe_gain(self) -> Difference:
        """Sharpe ratio minus that of the fixed position, a year."""
        return sharpe_difference(self.account.net, self.fixed.net).times(math.sqrt(self.terms.days_a_year))

    @property
    def utility_gain(self) -> Difference:
        """What the investor would pay for it, a share of the account a year; see `utility_gain`."""
        return utility_gain(self.account.net, self.fixed.net, self.terms)


def targeted(volatility: np.ndarray, returns: np.ndarray, terms: Terms) -> Targeting:
    """Volatility targeting by forecasts (N,) of daily volatility, through the log returns (N,) of the days they are for."""
    one = account(steady_position(volatility, terms), returns, terms)
    fixed = np.full(len(returns), one.position.mean())
    return Targeting(one, account(fixed, returns, terms), terms)


def utility_gain(net: np.ndarray, other: np.ndarray, terms: Terms) -> Difference:
    """Difference of certainty equivalents μ − ½ γ σ² of returns (N,) and others (N,), a year; γ is `Terms.risk_aversion`."""
    parts = [one - terms.risk_aversion / 2 * (one - one.mean()) ** 2 for one in (net, other)]
    return mean_difference(parts[0], parts[1]).times(terms.days_a_year)


def risk_utility(volatility: np.ndarray, returns: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Utility (N,) a year of keeping to a volatility by forecasts of it (N,): SR² / γ · (s / f − ½ r² / f²).

    `sizes` (N,) are estimates s of each day's volatility that are right on average, such as the size of the move times `sigma`;
    r² is one of its variance. ValueError when a forecast is not above 0.
    """
    if not (volatility > 0).all():
        raise ValueError("a forecast volatility is not above 0")
    return GIVEN_SHARPE**2 / GIVEN_AVERSION * (sizes / volatility - (returns / volatility) ** 2 / 2)


def mean_difference(values: np.ndarray, others: np.ndarray) -> Difference:
    """Mean of values (N,) minus that of others (N,) of the same days, with a standard error that allows for dependence."""
    return Difference(float(values.mean() - others.mean()), math.sqrt(long_run_variance(values - others) / len(values)))
