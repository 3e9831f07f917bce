"""Value at risk and risk targeting over many tickers: each ticker by itself, then the mean over them.

Whether a forecaster is worth more than the reference is tested on the mean over the tickers of each day's difference, because
errors of one day move together (`significance.panel_test`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.rnn.evaluation.significance import ALPHA, panel_test
from core.rnn.worth.accounts import Terms
from core.rnn.worth.coverage import coverage
from core.rnn.worth.targeting import risk_utility, targeted
from core.rnn.worth.value_at_risk import LEVELS, filtered

_SMALLEST = 0.05  # a forecast volatility is no smaller than this share of the standard deviation of the days before the test
TAIL_COLUMNS = ("model", "level", "tickers", "exceeded", "rejected", "loss", "gain", "p", "better_on")
TARGETING_COLUMNS = (
    "model", "tickers", "volatility", "variation", "fixed_variation", "sharpe_gain", "utility_gain",
    "risk_utility", "gain", "p", "better_on",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Tickers:
    """R days of N tickers, oldest first; the test begins at row `first_test`, and earlier rows have forecasts too."""

    returns: np.ndarray  # (R, N) log returns; NaN where a ticker does not trade
    volatilities: Mapping[str, np.ndarray]  # forecaster -> (R, N) of daily volatility, made the day before
    first_test: int
    reference: str  # a forecaster

    @property
    def test(self) -> slice:
        return slice(self.first_test, None)

    @cached_property
    def smallest(self) -> np.ndarray:
        """The least volatility that is taken from a forecast, (N,)."""
        return _SMALLEST * np.nanstd(self.returns[: self.first_test], axis=0)

    def volatility(self, model: str, ticker: int) -> tuple[np.ndarray, np.ndarray]:
        """On the days that a ticker trades: before the test and in it."""
        values = np.maximum(self.volatilities[model], self.smallest)[:, ticker]
        trades = np.isfinite(self.returns[:, ticker])
        return values[: self.first_test][trades[: self.first_test]], values[self.test][trades[self.test]]

    def earned(self, ticker: int) -> tuple[np.ndarray, np.ndarray]:
        """Returns of the same days."""
        before, test = self.returns[: self.first_test, ticker], self.returns[self.test, ticker]
        return before[np.isfinite(before)], test[np.isfinite(test)]

    def on_days(self, ticker: int, values: np.ndarray) -> np.ndarray:
        """Values of the test days that a ticker trades as a column of all test days, NaN elsewhere."""
        column = np.full(len(self.returns) - self.first_test, np.nan)
        column[np.isfinite(self.returns[self.test, ticker])] = values
        return column


def tail_over_tickers(tickers: Tickers, levels: Sequence[float] = LEVELS) -> pd.DataFrame:
    """`TAIL_COLUMNS`, a row a level and forecaster: the share of days that exceeded the value at risk, how many tickers reject
    it (Christoffersen's conditional coverage at 5 %), the mean loss FZ0, and its gain on the reference's with the panel test.

    Standardised returns of the days before the test are by the forecaster's own volatility. Tickers with too few such days for
    a level are left out of it.
    """
    rows = []
    for level in levels:
        enough = [one for one in range(tickers.returns.shape[1]) if len(tickers.earned(one)[0]) >= 1 / level]
        if not enough:
            continue
        judged = {model: _tail(tickers, model, level, enough) for model in tickers.volatilities}
        for model, one in judged.items():
            gains = _gains(model, tickers.reference, -one.daily, -judged[tickers.reference].daily)
            rows.append({"model": model, "level": level, "tickers": len(enough)} | one.row("loss") | gains)
    return pd.DataFrame(rows, columns=list(TAIL_COLUMNS))


def targeting_over_tickers(tickers: Tickers, terms: Terms) -> pd.DataFrame:
    """`TARGETING_COLUMNS`, a row a forecaster: means over the tickers of what `targeting` says of each, and the gain in risk
    utility on the reference's with the panel test."""
    judged = {model: _targeting(tickers, model, terms) for model in tickers.volatilities}
    rows = [
        {"model": model, "tickers": tickers.returns.shape[1]}
        | one.row("risk_utility")
        | _gains(model, tickers.reference, one.daily, judged[tickers.reference].daily)
        for model, one in judged.items()
    ]
    return pd.DataFrame(rows, columns=list(TARGETING_COLUMNS))


@dataclass(frozen=True, eq=False)
class _Judged:
    """One forecaster on all tickers: values that are averaged, and a value for each test day and ticker, (D, N)."""

    means: dict[str, float]
    daily: np.ndarray

    def row(self, name: str) -> dict[str, float]:
        return self.means | {name: float(np.nanmean(self.daily))}


def _tail(tickers: Tickers, model: str, level: float, chosen: list[int]) -> _Judged:
    shares, rejected, columns = [], 0, []
    for ticker in chosen:
        (before, volatility), (earlier, returns) = tickers.volatility(model, ticker), tickers.earned(ticker)
        risk = filtered(returns, np.zeros(len(returns)), volatility, earlier / before, level)
        tested = coverage(risk.exceeded(returns), level)
        shares.append(tested.exceedances / tested.days)
        rejected += tested.conditional.p < ALPHA
        columns.append(tickers.on_days(ticker, risk.losses(returns)))
    return _Judged({"exceeded": float(np.mean(shares)), "rejected": rejected}, np.stack(columns, axis=1))


def _targeting(tickers: Tickers, model: str, terms: Terms) -> _Judged:
    values, columns = [], []
    for ticker in range(tickers.returns.shape[1]):
        (_, volatility), (earlier, returns) = tickers.volatility(model, ticker), tickers.earned(ticker)
        one = targeted(volatility, returns, terms)
        values.append(
            {
                "volatility": float(one.account.net.std(ddof=1)) * terms.days_a_year**0.5,
                "variation": one.steadiness.variation,
                "fixed_variation": one.fixed_steadiness.variation,
                "sharpe_gain": one.sharpe_gain.value,
                "utility_gain": one.utility_gain.value,
            }
        )
        sizes = np.abs(returns) * float(np.sqrt(np.mean(earlier**2)) / np.abs(earlier).mean())
        columns.append(tickers.on_days(ticker, risk_utility(volatility, returns, sizes)))
    means = {str(name): float(mean) for name, mean in pd.DataFrame(values).mean().items()}
    return _Judged(means, np.stack(columns, axis=1))


def _gains(model: str, reference: str, values: np.ndarray, others: np.ndarray) -> dict[str, float]:
    """Mean of values (D, N) minus that of the reference's, its p, and on how many tickers it is above; NaN of itself."""
    if model == reference:
        return {"gain": np.nan, "p": np.nan, "better_on": np.nan}
    over = panel_test(-values, -others)
    better = float(np.sum(np.nanmean(values - others, axis=0) > 0))
    return {"gain": -over.test.difference, "p": over.test.p, "better_on": better}
