"""GARCH(1, 1) and GJR-GARCH(1, 1) with Student-t errors of the returns, fitted by arch and then filtered by our own recursion.

    r_t = μ + e_t,  e_t = σ_t z_t,  σ²_{t+1} = ω + (α + γ [e_t < 0]) e_t² + β σ_t²

with z of a t distribution with ν degrees and variance 1. γ is 0 for GARCH (Bollerslev 1987); GJR-GARCH fits it, as falls raise
the variance by more than rises (Glosten, Jagannathan & Runkle 1993). The distribution h > 1 days ahead is approximated by the
same t with the expected variance, ω + (α + γ / 2 + β) σ² step by step; the true tails are a little fatter. A return is forecast
by μ, a direction by the probability of r > 0, the size of the return by its mean under that distribution, another measure of
volatility by σ. Sizes are multiplied by the factor that makes them right on average on the days of the fit: for |r| it is near
1 where the law fits, and mends it where the price often stands still.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.errors import PriceError
from core.rnn.classical.forecaster import FittedModel
from core.rnn.classical.linear_recursion import recursive
from core.rnn.dataset.series import Series
from core.rnn.forecaster import LEVELS

if TYPE_CHECKING:
    import pandas as pd
    from arch.univariate.base import ARCHModel

_BACKCAST_DAYS = 75  # the variance before the first day is that of the first days, as in arch
_BACKCAST_DECAY = 0.94
_SLACK = 2.0  # of the log likelihood: the degrees of freedom of the t distribution are bounded
_STILL = 1e-9  # standard deviation a day of returns that do not vary but by rounding


@dataclass(frozen=True)
class Garch(FittedModel):
    """The parameters, for returns without unit."""

    mu: float
    omega: float
    alpha: float
    gamma: float  # what a fall adds to alpha
    beta: float
    nu: float
    before: float  # variance and squared error before the first day
    factor: float  # of sizes, see above; 1 where none are forecast
    converged: bool = True

    @classmethod
    def fit(cls, past: Series, *, leverage: bool = False) -> Garch:
        """By maximum likelihood, with γ where there is `leverage`; PriceError where the returns do not vary."""
        from arch import arch_model  # here: it loads for more than a second

        scale = float(past.returns.std())
        if scale < _STILL:
            raise PriceError(f"all {len(past):,} returns are {past.returns[0]:.6g}; GARCH-t needs returns that vary")
        model = arch_model(
            past.returns / scale, mean="Constant", vol="GARCH", p=1, o=int(leverage), q=1, dist="t", rescale=False
        )
        fitted, converged = _searched(model, len(past), leverage)
        mu, omega, alpha, beta, nu = (float(fitted[name]) for name in ("mu", "omega", "alpha[1]", "beta[1]", "nu"))
        before = _backcast(past.returns - past.returns.mean())
        of_returns = cls(
            mu * scale, omega * scale**2, alpha, float(fitted.get("gamma[1]", 0.0)), beta, nu, before, 1.0, converged
        )
        if not past.target.is_size:
            return of_returns
        sizes = of_returns.forecasts(past, 0, 1)[:-1, 0]
        return replace(of_returns, factor=float(np.mean(past.values) / np.mean(sizes)))

    def variances(self, returns: np.ndarray) -> np.ndarray:
        """σ² of every day of the returns (T,) and of the day after them, (T + 1,)."""
        errors = returns - self.mu
        squares = np.concatenate([[self.before], np.square(errors)])
        falls = np.concatenate([[0.5], errors < 0])  # before the first day half of the errors, as in arch
        driven = self.omega + (self.alpha + self.gamma * falls) * squares
        driven[0] += self.beta * self.before
        return recursive(driven, np.array([self.beta]))

    def forecasts(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """Forecasts (T - first + 1, H) in units of the target."""
        spreads = self._spreads(series, first, horizon)
        if series.target.is_return:
            return np.full_like(spreads, self.mu)
        if series.target.is_rise:
            return self._chances(spreads)
        return self.factor * (spreads if series.target.of_return is None else self._sizes(spreads))

    def quantiles(self, series: Series, first: int, horizon: int) -> np.ndarray | None:
        """The quantiles (T - first + 1, H, LEVELS) of returns."""
        if not series.target.is_return:
            return None
        from scipy.special import stdtrit  # here: it loads for a quarter of a second

        return self.mu + self._widths(self._spreads(series, first, horizon))[..., None] * stdtrit(self.nu, LEVELS)

    def _spreads(self, series: Series, first: int, horizon: int) -> np.ndarray:
        """σ of the days ahead, (T - first + 1, H)."""
        ahead = [self.variances(series.returns)[first:]]
        for _ in range(horizon - 1):
            ahead.append(self.omega + (self.alpha + self.gamma / 2 + self.beta) * ahead[-1])
        return np.sqrt(np.stack(ahead, axis=1))

    def _widths(self, spreads: np.ndarray) -> np.ndarray:
        """What a t variable with ν degrees and variance ν / (ν - 2) is multiplied by."""
        return spreads * np.sqrt((self.nu - 2) / self.nu)

    def _chances(self, spreads: np.ndarray) -> np.ndarray:
        from scipy.special import stdtr

        return stdtr(self.nu, self.mu / self._widths(spreads))

    def _sizes(self, spreads: np.ndarray) -> np.ndarray:
        """E|r|: with r = μ + w T and a = μ / w it is μ (2 F(a) - 1) + 2 w f(a) (ν + a²) / (ν - 1), F and f of Student's T."""
        from scipy.special import gammaln, stdtr

        nu, widths = self.nu, self._widths(spreads)
        at = self.mu / widths
        height = np.exp(gammaln((nu + 1) / 2) - gammaln(nu / 2)) / np.sqrt(nu * np.pi)
        density = height * (1 + at**2 / nu) ** (-(nu + 1) / 2)
        return self.mu * (2 * stdtr(nu, at) - 1) + 2 * widths * density * (nu + at**2) / (nu - 1)


def garch(past: Series, horizon: int) -> Garch:
    return Garch.fit(past)


def gjr(past: Series, horizon: int) -> Garch:
    return Garch.fit(past, leverage=True)


def _searched(model: ARCHModel, days: int, leverage: bool) -> tuple[pd.Series, bool]:
    """The parameters of the best search, and whether it ended at an optimum; another start is tried where the first did not.

    The library's flag is not enough: some searches end, by their own word, far below the likelihood of a constant variance,
    which every GARCH holds as a special case.
    """
    constant = -days / 2 * (np.log(2 * np.pi) + 1)  # log likelihood of independent normal returns of variance 1
    best: tuple[bool, float, pd.Series] | None = None
    for start in (None, np.array([0.0, 0.05, 0.05, *([0.05] if leverage else []), 0.85, 8.0])):
        search = model.fit(disp="off", show_warning=False, starting_values=start)
        ended = bool(search.convergence_flag == 0 and search.loglikelihood >= constant - _SLACK)
        if best is None or (ended, search.loglikelihood) > best[:2]:
            best = (ended, search.loglikelihood, search.params)
        if ended:
            break
    assert best
    return best[2], best[0]


def _backcast(errors: np.ndarray) -> float:
    """The weighted mean square of the first days, the first the most."""
    weights = _BACKCAST_DECAY ** np.arange(min(_BACKCAST_DAYS, len(errors)))
    return float(weights @ np.square(errors[: len(weights)]) / weights.sum())
