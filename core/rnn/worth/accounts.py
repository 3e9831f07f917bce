"""Trading on forecasts: rules, positions, costs and equity.

Timing: a forecast made after the close of day t, for day t + 1, is traded at the close of t + 1 and earns the return of
t + 2 (`Terms.delay` days later than the day it is for). Nobody trades at a close that the forecast needed. Positions are shares
of the account, 1 fully invested, −1 sold short; what they earn is reinvested, and cash and loans cost nothing. Interest,
borrowing fees and taxes are left out.

To add a rule, write its function of a `Signal` and its row, and name it in `Target.rules`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.rnn.dataset.target import Target

HOLD = "buy-and-hold"
MOST_COST = 500.0  # basis points
USUAL_COST = 5.0  # basis points per unit of turnover: what Fischer & Krauss 2018 take for liquid stocks


@dataclass(frozen=True)
class Terms:
    """How forecasts become trades."""

    cost_bp: float = USUAL_COST  # basis points of what is bought or sold
    delay: int = 1  # days between the day a forecast is for and the day it earns
    days_a_year: float = 252.0
    risk_aversion: float = 3.0  # of the scaled rule: position = return / (aversion · variance), Campbell & Thompson 2008
    steady_risk: float = 0.15  # a year: the volatility that "steady-risk" keeps to
    most: float = 1.0  # the largest position, long or short: nothing is borrowed

    @property
    def daily_risk(self) -> float:
        """The volatility that "steady-risk" keeps to, a day."""
        return self.steady_risk / math.sqrt(self.days_a_year)


@dataclass(frozen=True)
class Signal:
    """What a rule reads: N forecasts of a target, and what was known when they were made."""

    forecast: np.ndarray  # (N,)
    volatility: np.ndarray  # (N,) of a day's return, from the days up to the forecast's origin
    target: Target
    sigma: float  # standard deviation of a return whose forecast size is 1, fitted on the training days; NaN: not a size
    terms: Terms

    @property
    def edge(self) -> np.ndarray:
        """Forecasts above what is between rise and fall."""
        return self.forecast - self.target.middle


@dataclass(frozen=True)
class Account:
    """N days of one account; the position of a day earns that day's return."""

    position: np.ndarray  # (N,), or (N, tickers) of an account in equal parts
    net: np.ndarray  # (N,) simple return after costs; never below −1
    turnover: np.ndarray  # (N,) what was bought or sold for the day, as a share of the account

    @property
    def equity(self) -> np.ndarray:
        """Equity (N,) after each day, from 1 on."""
        return np.cumprod(1 + self.net)

    @property
    def long_only(self) -> bool:
        """Whether it was never short: it then earns what the market earns, so it is judged against buy-and-hold."""
        return bool((self.position >= 0).all())


@dataclass(frozen=True)
class Rule:
    """How forecasts become positions; a return of 0 and a probability of ½ give none."""

    name: str
    text: str  # in words
    position: Callable[[Signal], np.ndarray]  # (N,)
    known_as: str = ""  # where that is not its name

    @property
    def title(self) -> str:
        """At the start of a sentence."""
        return (self.known_as or self.name.replace("-", " ")).capitalize()


def _long_short(signal: Signal) -> np.ndarray:
    return signal.terms.most * np.sign(signal.edge)


def _long_flat(signal: Signal) -> np.ndarray:
    return signal.terms.most * (signal.edge > 0)


def _scaled(signal: Signal) -> np.ndarray:
    if signal.target.is_probability:
        return np.clip(2 * signal.edge, -1, 1) * signal.terms.most
    return np.clip(signal.edge / (signal.terms.risk_aversion * signal.volatility**2), -1, 1) * signal.terms.most


def _steady_risk(signal: Signal) -> np.ndarray:
    return steady_position(signal.forecast * signal.sigma, signal.terms)


def steady_position(volatility: np.ndarray, terms: Terms) -> np.ndarray:
    """Volatility targeting, (N,): the volatility to keep to by that forecast for the day (N,), `Terms.most` at most."""
    some = volatility > 0
    return np.where(some, np.minimum(terms.most, terms.daily_risk / np.where(some, volatility, 1.0)), terms.most)


RULES: dict[str, Rule] = {  # `Target.rules` lists those of a target
    row.name: row
    for row in (
        Rule("long-short", "long when up is forecast, short when down", _long_short),
        Rule("long-flat", "long when up is forecast, else out of the market", _long_flat),
        Rule("scaled", "the larger the forecast, the larger the position", _scaled),
        Rule(
            "steady-risk",
            "long, inversely proportional to the forecast volatility",
            _steady_risk,
            "volatility targeting",
        ),
    )
}


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


def drawdown(equity: np.ndarray) -> float:
    """The largest fall from a peak so far, the start at 1 included: −0.2 is a loss of a fifth."""
    path = np.concatenate([[1.0], equity])
    return float((path / np.maximum.accumulate(path) - 1).min())
