"""How accounts traded on forecasts did, beside buy-and-hold over the same days.

A model trades the mean forecast of its seeds. An account that is never short earns what the market earns, so what counts is its
Sharpe ratio minus that of buy-and-hold; of other accounts it is the ratio itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.rnn.dataset.target import Target
from core.rnn.evaluation.metric import Metric
from core.rnn.worth.accounts import HOLD, RULES, Account, Signal, Terms, account, drawdown
from core.rnn.worth.one_step import OneStep
from core.rnn.worth.sharpe import (
    Difference,
    deflated_sharpe,
    expected_max_sharpe,
    sharpe,
    sharpe_difference,
    sharpe_interval,
)


@dataclass(frozen=True, eq=False)
class Traded:
    """The account of one model by one rule, and what its figures depend on."""

    account: Account
    hold: Account  # buy-and-hold over the same days
    terms: Terms
    seeds: int  # whose mean forecast was traded
    trials: int
    variance: float  # of the daily Sharpe ratios of the accounts that were tried, or of their differences from buy-and-hold

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Of the daily Sharpe ratio, 90 %."""
        return sharpe_interval(self.account.net)

    @cached_property
    def gain(self) -> Difference:
        """Daily Sharpe ratio minus that of buy-and-hold."""
        return sharpe_difference(self.account.net, self.hold.net)

    @property
    def root_year(self) -> float:
        """From a daily Sharpe ratio or volatility to a year's."""
        return math.sqrt(self.terms.days_a_year)

    def sure(self, trials: int) -> float:
        """How likely the true Sharpe ratio (gain on buy-and-hold, if long only) is above the best of trials without skill."""
        if self.account.long_only:
            return self.gain.above(expected_max_sharpe(trials, self.variance))
        return deflated_sharpe(self.account.net, trials, self.variance)


PERFORMANCE_METRICS: dict[str, Metric[Traded]] = {  # by column of `PERFORMANCE`
    "seeds": Metric(lambda traded: traded.seeds),
    "growth": Metric(
        lambda traded: float(traded.account.equity[-1] - 1),
        "Total return",
        "%",
        "What the account gained over the test",
        True,
        digits=1,
    ),
    "annual": Metric(
        lambda traded: float(traded.account.equity[-1] ** (traded.terms.days_a_year / len(traded.account.net)) - 1),
        "Annualised return",
        "%",
        "The same gain a year",
        True,
        digits=1,
    ),
    "volatility": Metric(
        lambda traded: float(traded.account.net.std(ddof=1) * traded.root_year),
        "Annualised volatility",
        "%",
        "Standard deviation of the account's returns, a year",
        digits=1,
    ),
    "sharpe": Metric(
        lambda traded: sharpe(traded.account.net) * traded.root_year,
        "Sharpe ratio",
        "",
        "Annualised, without interest; with its 90 % bootstrap interval",
        True,
        interval=("sharpe_low", "sharpe_high"),
    ),
    "sharpe_low": Metric(lambda traded: traded.interval[0] * traded.root_year),
    "sharpe_high": Metric(lambda traded: traded.interval[1] * traded.root_year),
    "gain": Metric(
        lambda traded: traded.gain.value * traded.root_year,
        "Sharpe over buy-and-hold",
        "",
        "Sharpe ratio minus that of buy-and-hold, a year, with its 90 % interval (Ledoit & Wolf 2008)",
        True,
        interval=("gain_low", "gain_high"),
    ),
    "gain_low": Metric(lambda traded: traded.gain.interval[0] * traded.root_year),
    "gain_high": Metric(lambda traded: traded.gain.interval[1] * traded.root_year),
    "gain_p": Metric(
        lambda traded: traded.gain.p,
        "p",
        "p",
        "Chance of such a difference from buy-and-hold without any; of this account alone, not corrected for the others",
    ),
    "psr": Metric(lambda traded: traded.sure(1)),
    "dsr": Metric(
        lambda traded: traded.sure(traded.trials),
        "Deflated Sharpe ratio",
        "%",
        "How likely the true Sharpe ratio is above that of the best trial without skill (Bailey & López de Prado 2014); of "
        "accounts that are never short, its difference from buy-and-hold",
        True,
        digits=0,
        sparse=True,
    ),
    "turnover": Metric(
        lambda traded: float(traded.account.turnover.mean()) * traded.terms.days_a_year,
        "Turnover",
        "",
        "How many times the account was traded, a year",
        digits=1,
    ),
    "drawdown": Metric(
        lambda traded: drawdown(traded.account.equity), "Maximum drawdown", "%", "The largest fall from a peak", True, 1
    ),
    "invested": Metric(
        lambda traded: float(np.abs(traded.account.position).mean()),
        "Invested",
        "%",
        "Mean size of the position",
        digits=0,
    ),
}


def trade(
    forecasts: pd.DataFrame, returns: pd.Series, target: Target, terms: Terms, trials: int = 0, sigma: float = math.nan
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every model by every rule for its target, and buy-and-hold over the same days: (performance, equity).

    `returns` are log returns by date, as far back as they go: the volatility of the scaled rule is RiskMetrics' of the days up
    to the cutoff. Only one-step forecasts are traded. `trials` are all on the ticker; accounts in this table count at least.
    `sigma`: see `Signal`.

    The first is `PERFORMANCE`, with a column for each of `PERFORMANCE_METRICS`; volatility, Sharpe ratio and turnover are a
    year's. The second is `EQUITY`.
    """
    days = OneStep.of(forecasts, returns, target, sigma)
    accounts = {
        (model, rule): account(
            RULES[rule].position(Signal(days[model], days.riskmetrics, target, sigma, terms)), days.returns, terms
        )
        for model in days.models
        for rule in target.rules
    }
    hold = account(np.ones(len(days.returns)), days.returns, terms)
    rows = rows_of_accounts(accounts, hold, terms, trials, days.seeds)
    curves = {f"{model} {rule}": one.equity for (model, rule), one in (accounts | {(HOLD, "hold"): hold}).items()}
    return pd.DataFrame(rows), pd.DataFrame({"date": days.dates[terms.delay :], **curves})


def rows_of_accounts(
    accounts: Mapping[tuple[str, str], Account], hold: Account, terms: Terms, trials: int, seeds: Mapping[str, int]
) -> list[dict[str, float | str]]:
    """The rows of `PERFORMANCE`; accounts that are judged alike are deflated by the variance among them."""
    rows: list[dict[str, float | str]] = []
    variances, tried = {}, 0
    for long_only in (True, False):
        ratios = [
            sharpe(one.net) - (sharpe(hold.net) if long_only else 0.0)
            for one in accounts.values()
            if one.long_only == long_only
        ]
        finite = np.array(ratios)[np.isfinite(ratios)]
        tried += len(finite)
        variances[long_only] = float(finite.var(ddof=1)) if len(finite) > 1 else 1 / len(hold.net)
    counted = max(trials, tried, 1)
    for (model, rule), one in accounts.items():
        traded = Traded(one, hold, terms, seeds.get(model, 1), counted, variances[one.long_only])
        rows.append({"model": model, "rule": rule} | _performance(traded))
    traded = Traded(hold, hold, terms, 1, counted, variances[True])
    return [*rows, {"model": HOLD, "rule": "hold"} | _performance(traded)]


def _performance(traded: Traded) -> dict[str, float]:
    return {name: metric.measure(traded) for name, metric in PERFORMANCE_METRICS.items()}
