"""Accounts that trade forecasts of many tickers at once: equal parts of the account, one a ticker, each by the same rule.

Every day the parts are made equal again, which costs nothing here; what a rule buys and sells within its part does. A ticker
takes no part on days without a price. Timing and costs of a part are those of `accounts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.rnn.dataset.level import DECAY
from core.rnn.dataset.target import Target
from core.rnn.worth.accounts import HOLD, RULES, Account, Signal, Terms, account
from core.rnn.worth.performance import rows_of_accounts


@dataclass(frozen=True, eq=False)
class ManyForecasts:
    """R days of N tickers, oldest first; the test begins at row `first_test`, and earlier rows have returns too."""

    target: Target
    returns: np.ndarray  # (R, N) log returns; NaN where a ticker does not trade
    points: Mapping[str, np.ndarray]  # model -> (R, N), made the day before
    dates: np.ndarray  # (R,)
    first_test: int
    sigmas: np.ndarray  # (N,) see `accounts.Signal`

    def positions(self, model: str, rule: str, ticker: int, terms: Terms) -> np.ndarray:
        """What a rule wants of a ticker on the test days that it trades."""
        there = np.isfinite(self.returns[:, ticker])
        returns, forecasts = self.returns[there, ticker], self.points[model][there, ticker]
        volatility = np.sqrt(pd.Series(returns**2).ewm(alpha=1 - DECAY, adjust=False).mean().shift(1).bfill().to_numpy())
        test = np.flatnonzero(there) >= self.first_test
        signal = Signal(forecasts[test], volatility[test], self.target, float(self.sigmas[ticker]), terms)
        return RULES[rule].position(signal)

    def together(self, wanted: Mapping[int, np.ndarray], terms: Terms) -> Account:
        """One account in equal parts of some tickers, from the positions wanted of each on its test days."""
        days, tickers = len(self.returns) - self.first_test, self.returns.shape[1]
        position, net, turnover = (np.full((days, tickers), np.nan) for _ in range(3))
        for ticker, positions in wanted.items():
            returns = self.returns[self.first_test :, ticker]
            there = np.flatnonzero(np.isfinite(returns))
            if len(there) <= terms.delay:
                continue
            one = account(positions, returns[there], terms)
            held = there[terms.delay :]
            position[held, ticker], net[held, ticker], turnover[held, ticker] = one.position, one.net, one.turnover
        some = np.isfinite(net[terms.delay :]).any(axis=1)
        rows = terms.delay + np.flatnonzero(some)
        return Account(np.nan_to_num(position[rows]), np.nanmean(net[rows], axis=1), np.nanmean(turnover[rows], axis=1))

    def days_of(self, terms: Terms) -> np.ndarray:
        """The days on which an account earns something."""
        test = np.isfinite(self.returns[self.first_test :])
        counted = np.cumsum(test, axis=0) > terms.delay
        return self.dates[self.first_test :][(test & counted).any(axis=1)]


def trade_together(
    many: ManyForecasts, terms: Terms, trials: int, seeds: Mapping[str, int]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every model by every rule for its target, and buy-and-hold of all tickers: `PERFORMANCE` and `EQUITY`, as
    `performance.trade` has them of one ticker."""
    tickers = range(many.returns.shape[1])
    accounts = {
        (model, rule): many.together({ticker: many.positions(model, rule, ticker, terms) for ticker in tickers}, terms)
        for model in many.points
        for rule in many.target.rules
    }
    tested = np.isfinite(many.returns[many.first_test :]).sum(axis=0)
    hold = many.together({ticker: np.ones(tested[ticker]) for ticker in tickers}, terms)
    rows = rows_of_accounts(accounts, hold, terms, trials, seeds)
    curves = {f"{model} {rule}": one.equity for (model, rule), one in (accounts | {(HOLD, "hold"): hold}).items()}
    return pd.DataFrame(rows), pd.DataFrame({"date": many.days_of(terms), **curves})
