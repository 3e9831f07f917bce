"""Simulated series with known truth, and shortcuts to their prices and splits."""

from __future__ import annotations

import numpy as np

from core.rnn.dataset.series import Series, series_of
from core.rnn.dataset.splits import Splits, split_days
from core.rnn.dataset.target import Target, target_of
from core.rnn.prices.prices import Prices


def random_walk(days: int, seed: int = 0, size: float = 0.01) -> np.ndarray:
    """Returns (days,) that nobody can forecast."""
    return size * np.random.default_rng(seed).standard_normal(days)


def garch(days: int, seed: int = 0, size: float = 0.01, alpha: float = 0.12, beta: float = 0.85) -> np.ndarray:
    """Returns (days,) whose sign nobody can forecast, but whose size comes in clusters."""
    noise = np.random.default_rng(seed).standard_normal(days)
    returns, variance = np.empty(days), size**2
    for day in range(days):
        returns[day] = np.sqrt(variance) * noise[day]
        variance = (1 - alpha - beta) * size**2 + alpha * returns[day] ** 2 + beta * variance
    return returns


def falling_garch(days: int, seed: int = 0) -> np.ndarray:
    """Returns (days,) of which only falls raise the volatility."""
    noise, returns, variance = np.random.default_rng(seed).standard_normal(days), np.empty(days), 1e-4
    for day in range(days):
        returns[day] = np.sqrt(variance) * noise[day]
        variance = 3e-6 + 0.25 * returns[day] ** 2 * (returns[day] < 0) + 0.84 * variance
    return returns


def ar1(days: int, seed: int = 0, phi: float = 0.7, size: float = 0.01) -> np.ndarray:
    """Returns (days,) of which a share phi² of the variance can be forecast."""
    noise = size * np.random.default_rng(seed).standard_normal(days)
    for day in range(1, days):
        noise[day] += phi * noise[day - 1]
    return noise


def days_of(returns: np.ndarray) -> np.ndarray:
    """The days (T + 1,) of the prices behind returns (T,), weekends left out."""
    return np.busday_offset("2010-01-04", np.arange(len(returns) + 1)).astype("datetime64[D]")


def splits_of(returns: np.ndarray, test_days: int) -> Splits:
    return split_days(days_of(returns), test_days)


def prices_of(returns: np.ndarray, symbol: str = "SIM") -> Prices:
    close = 100 * np.exp(np.concatenate([[0.0], np.cumsum(returns)]))
    return Prices(symbol=symbol, source="sample", currency="USD", dates=days_of(returns), close=close)


def with_ranges(prices: Prices, seed: int = 0) -> Prices:
    """The same closes with an open, a high and a low a day: the open near the last close, the range wide on wild days."""
    random = np.random.default_rng(seed)
    close = prices.close
    before = np.concatenate([close[:1], close[:-1]])
    open = before * np.exp(0.2 * random.standard_normal(len(close)) * np.abs(np.log(close / before)))
    above, below = np.exp(np.abs(np.log(close / before)) * random.uniform(0.1, 0.6, (2, len(close))) + 1e-4)
    return prices.model_copy(
        update={"open": open, "high": np.maximum(open, close) * above, "low": np.minimum(open, close) / below}
    )


def as_series(returns: np.ndarray, target: Target | None = None) -> Series:
    """Returns (T,) as models see them, (T,); what is forecast is the return unless another target is named."""
    return series_of(with_ranges(prices_of(returns)), target or target_of())
