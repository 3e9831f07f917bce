"""One model's forecasts of one step over the test, as arrays, for figures; and which models a figure shows."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from core.rnn.compare.result import CompareResult
from core.rnn.models import NETWORKS, REFERENCE
from core.rnn.prices.prices import price_axis

TOGETHER = 4  # networks in one figure


def unit_of(result: CompareResult) -> str:
    """What is forecast, with its unit, as an axis says it."""
    return result.target_row.axis


def price_of(result: CompareResult) -> str:
    """What the prices are, with their currency, as an axis says it."""
    return price_axis(result.provenance.basis, result.provenance.currency)


def skill_axis(result: CompareResult) -> str:
    """What skill is, as an axis says it: "skill by QLIKE against HAR (%)"."""
    return f"skill by {result.words['loss']} against {result.words['reference']} (%)"


def best_by_kind(result: CompareResult, networks: bool) -> str | None:
    """The model with the lowest loss among the networks, or among the others."""
    return next((model for model in result.ranking["model"] if (model in NETWORKS) == networks), None)


def shown_beside(result: CompareResult, model: str) -> list[str]:
    """The models drawn beside one: the best of the other kind (network or not), and the random walk."""
    rivals = [best_by_kind(result, model not in NETWORKS), REFERENCE]
    return [rival for rival in dict.fromkeys(rivals) if rival and rival != model]


def drawn_together(result: CompareResult) -> list[str]:
    """The best networks and the best classical model, or only classical ones: as many lines as one figure can tell apart."""
    ranked = [model for model in result.ranking["model"] if model != REFERENCE]
    networks = [model for model in ranked if model in NETWORKS][:TOGETHER]
    return networks + [model for model in ranked if model not in NETWORKS][: 1 if networks else TOGETHER]


def ahead_of(result: CompareResult, model: str) -> pd.DataFrame:
    """The days to come by one model, the mean over its seeds: `AHEAD` without model and seed."""
    rows = result.ahead[result.ahead["model"] == model].drop(columns=["model", "seed"])
    return rows.groupby("step", as_index=False).mean()


def sigma_a_year(result: CompareResult, sizes: pd.Series) -> pd.Series:
    """Forecasts of a day's size as annualised standard deviations of the return; NaN where no size is forecast."""
    return sizes * result.size_to_sigma * result.days_a_year**0.5


_ENDS = ("low", "high", "adaptive_low", "adaptive_high")


@dataclass(frozen=True)
class Track:
    """N origins, oldest first, and S seeds; values in units of the target. Without intervals their ends are NaN.

    Intervals are those of the committee, B = 1, in results of earlier versions those of each seed, B = S.
    """

    days: np.ndarray  # (N,) the day that is forecast
    last_close: np.ndarray  # (N,) the close at the origin, from which the forecast is made
    actual: np.ndarray  # (N,)
    forecasts: np.ndarray  # (S, N)
    low: np.ndarray  # (B, N) of the static interval
    high: np.ndarray
    adaptive_low: np.ndarray
    adaptive_high: np.ndarray

    @property
    def forecast(self) -> np.ndarray:
        """The mean over the seeds, (N,)."""
        return self.forecasts.mean(axis=0)

    @property
    def residuals(self) -> np.ndarray:
        """Actual minus forecast, (S, N)."""
        return self.actual - self.forecasts

    @property
    def banded(self) -> bool:
        """Whether there are intervals."""
        return bool(np.isfinite(self.adaptive_low).any())

    def last(self, count: int) -> Track:
        """The newest `count` origins."""
        return Track(**{field.name: getattr(self, field.name)[..., -count:] for field in fields(self)})


def track_of(result: CompareResult, model: str, step: int = 1) -> Track:
    """The forecasts of a model, so many days ahead."""
    rows = _rows(result.forecasts, model, step)
    seeds = rows["seed"].nunique()
    cutoffs, days, actual = (rows[name].to_numpy()[: len(rows) // seeds] for name in ("cutoff", "date", "actual"))
    bands = _rows(result.bands, model, step)
    without = np.full((1, len(days)), np.nan)
    ends = {name: bands[name].to_numpy(float).reshape(-1, len(days)) if len(bands) else without for name in _ENDS}
    last_close = result.close[np.searchsorted(result.days.astype("datetime64[s]"), cutoffs.astype("datetime64[s]"))]
    return Track(days.astype("datetime64[ms]"), last_close, actual, rows["forecast"].to_numpy().reshape(seeds, -1), **ends)


def _rows(table: pd.DataFrame, model: str, step: int) -> pd.DataFrame:
    return table[(table["model"] == model) & (table["step"] == step)].sort_values(["seed", "cutoff"], kind="stable")
