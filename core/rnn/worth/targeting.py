"""What a volatility forecast is worth to an investor who keeps the risk of an account steady.

Two views. The account of volatility targeting after costs, beside a fixed position of the same average exposure: how steady its
risk was, and what a mean–variance investor would pay a year to change from one to the other (Fleming, Kirby & Ostdiek 2001).
That depends on what the market happened to return, so it is unsure for years. The other view does not: the utility of risk
targeting of Bollerslev, Hood, Huss & Pedersen 2018, "Risk everywhere", section 4, takes the Sharpe ratio as given and asks how
near to its target the risk of each day was; it is greatest for the true volatility, and tells forecasts apart.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.rnn.evaluation.metric import Metric
from core.rnn.evaluation.significance import long_run_variance
from core.rnn.worth.accounts import Account, Terms, account, steady_position
from core.rnn.worth.sharpe import Difference, sharpe_difference

MONTH = 22  # days whose returns give the realised volatility that "steady" is judged by
GIVEN_SHARPE = 0.4  # a year, and
GIVEN_AVERSION = 2.0  # of risk: those of Bollerslev et al.; the utility of the true volatility is then 4 % a year
NOTHING = Difference(math.nan, math.nan)


def realised_volatility(net: np.ndarray, days_a_year: float) -> np.ndarray:
    """Standard deviation of each stretch of `MONTH` daily returns (N,), a year: (N − MONTH + 1,)."""
    return np.lib.stride_tricks.sliding_window_view(net, MONTH).std(axis=1, ddof=1) * math.sqrt(days_a_year)


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
        realised = realised_volatility(net, days_a_year)
        low, high = np.quantile(realised, [0.05, 0.95])
        return cls(float(low), float(high), float(realised.std() / realised.mean()))


@dataclass(frozen=True, eq=False)
class Targeting:
    """Volatility targeting by one forecaster, beside a fixed position of the same average exposure, both after costs."""

    account: Account
    fixed: Account
    terms: Terms

    @cached_property
    def steadiness(self) -> Steadiness:
        """Of the account."""
        return Steadiness.of(self.account.net, self.terms.days_a_year)

    @cached_property
    def fixed_steadiness(self) -> Steadiness:
        """Of the fixed position."""
        return Steadiness.of(self.fixed.net, self.terms.days_a_year)

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


def sizes_of(returns: np.ndarray, standardised: np.ndarray) -> np.ndarray:
    """Estimates (N,) of each day's volatility that are right on average: the size of its return (N,), times √E z² / E|z| of
    standardised returns (M,) of the days before."""
    return np.abs(returns) * float(np.sqrt(np.mean(standardised**2)) / np.abs(standardised).mean())


def risk_utility(volatility: np.ndarray, returns: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Utility (N,) a year of keeping to a volatility by forecasts of it (N,): SR² / γ · (s / f − ½ r² / f²).

    `sizes` (N,) are estimates s of each day's volatility that are right on average (`sizes_of`), r² is one of its variance.
    ValueError when a forecast is not above 0.
    """
    if not (volatility > 0).all():
        raise ValueError("a forecast volatility is not above 0")
    return GIVEN_SHARPE**2 / GIVEN_AVERSION * (sizes / volatility - (returns / volatility) ** 2 / 2)


def mean_difference(values: np.ndarray, others: np.ndarray) -> Difference:
    """Mean of values (N,) minus that of others (N,) of the same days, with a standard error that allows for dependence."""
    return Difference(float(values.mean() - others.mean()), math.sqrt(long_run_variance(values - others) / len(values)))


@dataclass(frozen=True, eq=False)
class TargetingJudged:
    """Volatility targeting by one forecaster, and the risk utility of it and of the reference, (N,) each."""

    targeting: Targeting
    utility: np.ndarray
    reference: np.ndarray | None  # None: it is the reference, or there is none

    @property
    def gain(self) -> Difference:
        """Risk utility minus that of the reference."""
        return NOTHING if self.reference is None else mean_difference(self.utility, self.reference)


TARGETING_METRICS: dict[str, Metric[TargetingJudged]] = {
    "low": Metric(lambda one: one.targeting.steadiness.low),
    "high": Metric(lambda one: one.targeting.steadiness.high),
    "volatility": Metric(
        lambda one: float(one.targeting.account.net.std(ddof=1) * math.sqrt(one.targeting.terms.days_a_year)),
        "Annualised volatility",
        "%",
        "Of the account, a year; and between what 22 days in a row stayed in 9 of 10 cases",
        digits=1,
        interval=("low", "high"),
    ),
    "fixed_low": Metric(lambda one: one.targeting.fixed_steadiness.low),
    "fixed_high": Metric(lambda one: one.targeting.fixed_steadiness.high),
    "variation": Metric(
        lambda one: one.targeting.steadiness.variation,
        "Volatility of volatility",
        "%",
        "Standard deviation of the volatility of 22 days, over its mean",
        False,
        digits=0,
    ),
    "fixed_variation": Metric(
        lambda one: one.targeting.fixed_steadiness.variation,
        "Of a fixed position",
        "%",
        "The same of a fixed position of the same average size",
        digits=0,
    ),
    "invested": Metric(lambda one: float(one.targeting.account.position.mean()), "Invested", "%", "Mean position", digits=0),
    "sharpe_gain": Metric(
        lambda one: one.targeting.sharpe_gain.value,
        "Sharpe over fixed",
        "",
        "Sharpe ratio minus that of the fixed position, a year, with its 90 % interval",
        True,
        interval=("sharpe_gain_low", "sharpe_gain_high"),
    ),
    "sharpe_gain_low": Metric(lambda one: one.targeting.sharpe_gain.interval[0]),
    "sharpe_gain_high": Metric(lambda one: one.targeting.sharpe_gain.interval[1]),
    "sharpe_gain_p": Metric(lambda one: one.targeting.sharpe_gain.p),
    "utility_gain": Metric(
        lambda one: one.targeting.utility_gain.value,
        "Utility gain",
        "%",
        "What a mean–variance investor would pay a year to change from the fixed position, a share of the account",
        True,
        digits=1,
    ),
    "utility_gain_p": Metric(lambda one: one.targeting.utility_gain.p, "p", "p", "Chance of such a gain without any"),
    "risk_utility": Metric(
        lambda one: float(one.utility.mean()),
        "Risk utility",
        "%",
        "Of keeping to a volatility by these forecasts, a year; 4 % for the true one (Bollerslev et al. 2018)",
        True,
    ),
    "risk_utility_gain": Metric(
        lambda one: one.gain.value, "Over the reference", "%", "Risk utility minus that of the reference", True, sparse=True
    ),
    "risk_utility_gain_p": Metric(
        lambda one: one.gain.p,
        "p, risk utility",
        "p",
        "Chance of such a difference without any; of this model alone, not corrected for the others",
    ),
}


def targeting_table(
    volatilities: Mapping[str, np.ndarray], returns: np.ndarray, sizes: np.ndarray, reference: str, terms: Terms
) -> pd.DataFrame:
    """A row a forecaster with `TARGETING_METRICS`, from forecasts (N,) of daily volatility by forecaster, and the log returns
    (N,) of the days they are for; `sizes` (N,): see `risk_utility`. Without the reference there are no gains over it."""
    utilities = {name: risk_utility(forecast, returns, sizes) for name, forecast in volatilities.items()}
    base = utilities.get(reference)
    rows = []
    for name, forecast in volatilities.items():
        judged = TargetingJudged(targeted(forecast, returns, terms), utilities[name], None if name == reference else base)
        rows.append({"model": name} | {column: metric.measure(judged) for column, metric in TARGETING_METRICS.items()})
    return pd.DataFrame(rows, columns=["model", *TARGETING_METRICS])
