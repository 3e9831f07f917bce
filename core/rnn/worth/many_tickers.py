"""Risk targeting over many tickers: each ticker by itself, then the mean over them.

Whether a forecaster is worth more than the reference is tested on the mean over the tickers of each day's difference, because
errors of one day move together (`significance.panel_test`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.rnn.evaluation.significance import corrected, panel_test
from core.rnn.words import say_p, true_minus
from core.rnn.worth.accounts import Terms
from core.rnn.worth.sentences import compared_in_words, correction_in_words
from core.rnn.worth.targeting import risk_utility, sizes_of, targeted
from core.runs.result import rows_of

_SMALLEST = 0.05  # a forecast volatility is no smaller than this share of the standard deviation of the days before the test
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

    def volatility(self, model: str, ticker: int) -> np.ndarray:
        """On the test days that a ticker trades."""
        values = np.maximum(self.volatilities[model][self.test, ticker], self.smallest[ticker])
        return values[np.isfinite(self.returns[self.test, ticker])]

    def earned(self, ticker: int) -> np.ndarray:
        """Returns of the test days that a ticker trades."""
        test = self.returns[self.test, ticker]
        return test[np.isfinite(test)]

    def standardised(self, ticker: int) -> np.ndarray:
        """Its returns of the days before the test by the reference's forecasts of their volatility."""
        forecast = np.maximum(self.volatilities[self.reference][: self.first_test, ticker], self.smallest[ticker])
        values = self.returns[: self.first_test, ticker] / forecast
        return values[np.isfinite(values)]

    def on_days(self, ticker: int, values: np.ndarray) -> np.ndarray:
        """Values of the test days that a ticker trades as a column of all test days, NaN elsewhere."""
        column = np.full(len(self.returns) - self.first_test, np.nan)
        column[np.isfinite(self.returns[self.test, ticker])] = values
        return column


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


def _targeting(tickers: Tickers, model: str, terms: Terms) -> _Judged:
    values, columns = [], []
    for ticker in range(tickers.returns.shape[1]):
        volatility, returns = tickers.volatility(model, ticker), tickers.earned(ticker)
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
        sizes = sizes_of(returns, tickers.standardised(ticker))
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


@dataclass(frozen=True, eq=False)
class TickersWorth:
    """What forecasts of many tickers were worth; empty where the target has no such use."""

    reference: str
    targeting: pd.DataFrame  # `TARGETING_COLUMNS`
    tail: pd.DataFrame  # a row a level and forecaster: model, level, tickers, exceeded (a share), rejected (tickers), …
    sentences: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, tickers: Tickers, tail: pd.DataFrame, model: str, titles: Mapping[str, str], terms: Terms, trials: int = 0
    ) -> TickersWorth:
        """Of all forecasters, with sentences about one of them; `titles` are names inside a sentence, `trials` the tests made
        on the same data."""
        targeting = targeting_over_tickers(tickers, terms)
        said = _in_words(targeting, tail, model, titles[model], titles[tickers.reference], terms, trials)
        return cls(tickers.reference, targeting, tail, tuple(said))

    @property
    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "text": " ".join(self.sentences),
            "reference": self.reference,
            "targeting": rows_of(self.targeting),
        }


def _in_words(
    targeting: pd.DataFrame, tail: pd.DataFrame, model: str, title: str, reference: str, terms: Terms, trials: int
) -> list[str]:
    own = {row["model"]: row for row in rows_of(targeting)}[model]
    p = targeting["p"].to_numpy(float)  # NaN: of the reference
    after = correction_in_words(int(np.isfinite(p).sum()), "model", trials)
    own_p = float(corrected(p, trials)[targeting["model"].tolist().index(model)])
    said = [
        _compared(own, own_p, after, title, reference),
        f"An account of each ticker held at {100 * terms.steady_risk:.0f} % volatility by the forecasts of {title} had a "
        f"volatility of volatility of {100 * own['variation']:.0f} % in the mean, a fixed position of the same average size "
        f"{100 * own['fixed_variation']:.0f} %. After costs its Sharpe ratio was {abs(own['sharpe_gain']):.2f} a year "
        f"{'higher' if own['sharpe_gain'] > 0 else 'lower'}, in the mean.",
    ]
    rows = [row for row in rows_of(tail) if row["model"] == model]
    counts = "; ".join(
        f"at {100 * row['level']:g} % on {100 * row['exceeded']:.1f} % of days, rejected on {row['rejected']} of "
        f"{row['tickers']} tickers"
        for row in rows
    )
    return said + ([f"The value at risk by the forecasts of {title} was exceeded {counts}."] if rows else [])


def _compared(own: Mapping[str, Any], p: float, after: str, title: str, reference: str) -> str:
    """Whether the forecasts were worth more than the reference's."""
    if math.isnan(p):
        return f"The forecasts of {title} are those that others are compared with."
    size = (
        f"{true_minus(format(100 * own['gain'], '+z.2f'))} % of an account a year where its risk is kept steady, before costs, "
        f"{say_p(p)}{after}, better on {own['better_on']:.0f} of {own['tickers']} tickers"
    )
    return compared_in_words(own["gain"], p, title, reference, size)
