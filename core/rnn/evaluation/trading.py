"""Trading on forecasts: positions, costs, and equity, compared with buy-and-hold.

Timing: a forecast made after the close of day t, for day t + 1, is traded at the close of t + 1 and earns the return of
t + 2 (`Terms.delay` days later than the day it is for). Nobody trades at a close that the forecast needed. Positions are shares
of the account, 1 fully invested, −1 sold short; what they earn is reinvested, and cash and loans cost nothing. Interest,
borrowing fees and taxes are left out.

Sharpe ratios are annualised, with riskless interest 0. Probabilistic and deflated: Bailey & López de Prado 2012, 2014.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.rnn.dataset.target import DECAY, Target
from core.rnn.evaluation.bootstrap import block_length, drawn_means
from core.rnn.evaluation.metric import Metric

RULES: dict[str, str] = {  # in words; `Target.rules` lists those of a target
    "long-short": "long when up is forecast, short when down",
    "long-flat": "long when up is forecast, else out of the market",
    "scaled": "the larger the forecast, the larger the position",
    "steady-risk": "long, inversely proportional to the forecast volatility (volatility targeting)",
}
HOLD = "buy-and-hold"
_EULER = 0.5772156649015329


@dataclass(frozen=True)
class Terms:
    """How forecasts become trades."""

    cost_bp: float = 5.0  # basis points of what is bought or sold
    delay: int = 1  # days between the day a forecast is for and the day it earns
    days_a_year: float = 252.0
    risk_aversion: float = 3.0  # of the scaled rule: position = return / (aversion · variance), Campbell & Thompson 2008
    sigma: float = 1.0  # standard deviation of a return whose forecast size is 1, see `Target.sigma_of`
    steady_risk: float = 0.15  # a year: the volatility that "steady-risk" keeps to
    most: float = 1.0  # the largest position, long or short: nothing is borrowed


@dataclass(frozen=True)
class Account:
    """N days of one account; the position of a day earns that day's return."""

    position: np.ndarray  # (N,)
    net: np.ndarray  # (N,) simple return after costs; never below −1
    turnover: np.ndarray  # (N,) what was bought or sold for the day, as a share of the account

    @property
    def equity(self) -> np.ndarray:
        """Equity (N,) after each day, from 1 on."""
        return np.cumprod(1 + self.net)


def positions(rule: str, target: Target, forecast: np.ndarray, volatility: np.ndarray, terms: Terms) -> np.ndarray:
    """The position (N,) by a rule for each forecast (N,); `volatility` (N,) is daily, from the days up to its origin.

    A return of 0 and a probability of ½ give no position.
    """
    if rule == "steady-risk":
        sigma = forecast * terms.sigma
        daily = terms.steady_risk / math.sqrt(terms.days_a_year)
        return np.where(sigma > 0, np.minimum(terms.most, daily / np.where(sigma > 0, sigma, 1.0)), terms.most)
    edge = forecast - target.middle
    if rule == "long-short":
        return terms.most * np.sign(edge)
    if rule == "long-flat":
        return terms.most * (edge > 0)
    sure = 2 * edge if target.is_probability else edge / (terms.risk_aversion * volatility**2)
    return np.clip(sure, -1, 1) * terms.most


def account(wanted: np.ndarray, returns: np.ndarray, terms: Terms) -> Account:
    """Hold the position of each day's forecast (N,) `delay` days later, through the log returns (N,) of the same days.

    The first `delay` days earn nothing and are left out. ValueError when lengths differ or no day is left.
    """
    if wanted.shape != returns.shape or len(wanted) <= terms.delay:
        raise ValueError(f"{len(wanted)} positions and {len(returns)} returns: want as many, and more than {terms.delay}")
    held = wanted[: len(wanted) - terms.delay]
    turnover = np.abs(np.diff(held, prepend=0.0))
    net = held * np.expm1(returns[terms.delay :]) - terms.cost_bp / 1e4 * turnover
    return Account(held, np.maximum(-1.0, net), turnover)


def sharpe(net: np.ndarray) -> float:
    """Mean over standard deviation of returns (N,), a day's, not annualised; NaN when they do not vary."""
    return float(_sharpes(net.mean(), np.mean(net**2), len(net)))


def _sharpes(mean: np.ndarray | float, square: np.ndarray | float, days: int) -> np.ndarray:
    """From mean returns and mean squared returns, of any shape."""
    variance = np.maximum(0.0, square - np.square(mean)) * days / (days - 1)
    flat = variance <= 1e-12 * np.abs(square)  # only rounding varies, which can leave a mean of squares below 0
    return np.where(flat, np.nan, mean / np.sqrt(np.where(flat, 1.0, variance)))


def sharpe_interval(nets: np.ndarray) -> tuple[float, float]:
    """A 90 % interval of the mean daily Sharpe ratio of accounts (K, N) over the same days, by stationary bootstrap."""
    count, days = nets.shape
    drawn = drawn_means(np.concatenate([nets, nets**2]).T, block_length(days))  # (draws, 2 K)
    ratios = _sharpes(drawn[:, :count], drawn[:, count:], days).mean(axis=1)
    low, high = np.nanquantile(ratios, [0.05, 0.95]) if np.isfinite(ratios).any() else (np.nan, np.nan)
    return float(low), float(high)


def probabilistic_sharpe(ratio: float, days: int, skew: float, kurtosis: float, benchmark: float = 0.0) -> float:
    """How likely the true Sharpe ratio is above the benchmark, both a day's: Bailey & López de Prado 2014, eq. 2.

    Φ((SR − SR₀) √(T − 1) / √(1 − γ₃ SR + (γ₄ − 1) / 4 · SR²)), γ₄ = 3 for a normal distribution.
    """
    from scipy.special import ndtr  # here: it loads for a quarter of a second

    return float(ndtr((ratio - benchmark) * math.sqrt(days - 1) / math.sqrt(1 - skew * ratio + (kurtosis - 1) / 4 * ratio**2)))


def expected_max_sharpe(trials: int, variance: float) -> float:
    """The best Sharpe ratio to be expected of so many trials without any skill, whose ratios have this variance (eq. 1).

    √V · ((1 − γ) Φ⁻¹(1 − 1/N) + γ Φ⁻¹(1 − 1/(N e))), γ Euler's constant; 0 for a single trial.
    """
    from scipy.special import ndtri

    if trials < 1:
        raise ValueError(f"{trials} trials: want 1 or more")
    if trials == 1:
        return 0.0
    expected = (1 - _EULER) * ndtri(1 - 1 / trials) + _EULER * ndtri(1 - 1 / (trials * math.e))
    return math.sqrt(variance) * float(expected)


def deflated_sharpe(net: np.ndarray, trials: int, variance: float) -> float:
    """How likely the true Sharpe ratio of returns (N,) is above the best of so many without skill; NaN without a ratio."""
    ratio, centred = sharpe(net), net - net.mean()
    if math.isnan(ratio):
        return float("nan")
    spread = centred.std()
    skew, kurtosis = float((centred**3).mean() / spread**3), float((centred**4).mean() / spread**4)
    return probabilistic_sharpe(ratio, len(net), skew, kurtosis, expected_max_sharpe(trials, variance))


def drawdown(equity: np.ndarray) -> float:
    """The largest fall from a peak so far, the start at 1 included: −0.2 is a loss of a fifth."""
    path = np.concatenate([[1.0], equity])
    return float((path / np.maximum.accumulate(path) - 1).min())


@dataclass(frozen=True, eq=False)
class Traded:
    """The accounts of one model by one rule, one a seed; figures are means over them."""

    accounts: tuple[Account, ...]
    terms: Terms
    trials: int
    variance: float  # of the daily Sharpe ratios of all accounts that were tried

    @cached_property
    def nets(self) -> np.ndarray:
        """Net returns (K, N) of K seeds."""
        return np.stack([one.net for one in self.accounts])

    @cached_property
    def final(self) -> np.ndarray:
        """Equity (K,) at the end, from 1 on."""
        return np.array([one.equity[-1] for one in self.accounts])

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Of the daily Sharpe ratio, 90 %."""
        return sharpe_interval(self.nets)

    @property
    def root_year(self) -> float:
        """From a daily Sharpe ratio or volatility to a year's."""
        return math.sqrt(self.terms.days_a_year)

    def mean(self, value: Callable[[Account], Any]) -> float:
        return float(np.mean([value(one) for one in self.accounts]))


PERFORMANCE_METRICS: dict[str, Metric[Traded]] = {  # by column of `PERFORMANCE`
    "seeds": Metric(lambda traded: len(traded.accounts)),
    "growth": Metric(
        lambda traded: float(traded.final.mean() - 1), "Growth", "%", "What the account gained over the test", True, digits=1
    ),
    "annual": Metric(
        lambda traded: float(np.mean(traded.final ** (traded.terms.days_a_year / traded.nets.shape[1])) - 1),
        "A year",
        "%",
        "The same gain a year",
        True,
        digits=1,
    ),
    "volatility": Metric(lambda traded: float(traded.nets.std(axis=1, ddof=1).mean() * traded.root_year)),
    "sharpe": Metric(
        lambda traded: traded.mean(lambda one: sharpe(one.net)) * traded.root_year,
        "Sharpe",
        "",
        "A year, without interest; with its 90 % bootstrap interval",
        True,
        interval=("sharpe_low", "sharpe_high"),
    ),
    "sharpe_low": Metric(lambda traded: traded.interval[0] * traded.root_year),
    "sharpe_high": Metric(lambda traded: traded.interval[1] * traded.root_year),
    "psr": Metric(lambda traded: traded.mean(lambda one: deflated_sharpe(one.net, 1, traded.variance))),
    "dsr": Metric(
        lambda traded: traded.mean(lambda one: deflated_sharpe(one.net, traded.trials, traded.variance)),
        "Deflated",
        "%",
        "How likely the true Sharpe ratio is above that of the best trial without skill (Bailey & López de Prado 2014)",
        True,
        digits=0,
        sparse=True,
    ),
    "turnover": Metric(
        lambda traded: traded.mean(lambda one: one.turnover.mean()) * traded.terms.days_a_year,
        "Turnover",
        "",
        "How many times the account was traded, a year",
        digits=1,
    ),
    "drawdown": Metric(
        lambda traded: traded.mean(lambda one: drawdown(one.equity)), "Drawdown", "%", "The largest fall from a peak", True, 1
    ),
    "invested": Metric(
        lambda traded: traded.mean(lambda one: np.abs(one.position).mean()),
        "Invested",
        "%",
        "Mean size of the position",
        digits=0,
    ),
}


def trade(
    forecasts: pd.DataFrame, returns: pd.Series, target: Target, terms: Terms, trials: int = 0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Every model by every rule for its target, and buy-and-hold over the same days: (performance, equity).

    `returns` are log returns by date, as far back as they go: the volatility of the scaled rule is RiskMetrics' of the days up
    to the cutoff. Only one-step forecasts are traded. `trials` are all on the ticker; accounts in this table count at least.

    The first is `PERFORMANCE`, with a column for each of `PERFORMANCE_METRICS`; volatility, Sharpe ratio and turnover are a
    year's. The second is `EQUITY`, capital split over the seeds.
    """
    steps = forecasts[forecasts["step"] == 1]
    wide = steps.pivot(index=["cutoff", "date"], columns=["model", "seed"], values="forecast").sort_index()  # noqa: PD010
    cutoffs, dates = (wide.index.get_level_values(name) for name in ("cutoff", "date"))
    squares = (returns**2).ewm(alpha=1 - DECAY, adjust=False).mean()
    volatility, earned = np.sqrt(squares.loc[cutoffs].to_numpy()), returns.loc[dates].to_numpy()
    accounts: dict[tuple[str, str], list[Account]] = {
        (str(model), rule): [
            account(positions(rule, target, wide[model, seed].to_numpy(), volatility, terms), earned, terms)
            for seed in wide[model].columns
        ]
        for model in steps["model"].unique()
        for rule in target.rules
    }
    ratios = np.array([sharpe(one.net) for seeds in accounts.values() for one in seeds])
    ratios = ratios[np.isfinite(ratios)]
    variance = float(ratios.var(ddof=1)) if len(ratios) > 1 else 1 / len(earned)
    accounts[HOLD, "hold"] = [account(np.ones(len(earned)), earned, terms)]
    counted = max(trials, len(ratios), 1)
    rows = [
        {"model": model, "rule": rule} | _performance(Traded(tuple(seeds), terms, counted, variance))
        for (model, rule), seeds in accounts.items()
    ]
    curves = {f"{model} {rule}": np.mean([one.equity for one in seeds], axis=0) for (model, rule), seeds in accounts.items()}
    return pd.DataFrame(rows), pd.DataFrame({"date": dates[terms.delay :], **curves})


def _performance(traded: Traded) -> dict[str, float]:
    return {name: metric.measure(traded) for name, metric in PERFORMANCE_METRICS.items()}
