"""A comparison by hand, for figures and tables: HAR and GRU know something, the drift is wrong by design."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from core.rnn.compare.result import CompareResult, Provenance
from core.rnn.compare.verdict import judge
from core.rnn.dataset.target import TargetName, smallest_size, target_of
from core.rnn.evaluation.columns import EQUITY, PERFORMANCE
from core.rnn.evaluation.evidence import Evidence
from core.rnn.evaluation.losses import Scale
from core.rnn.evaluation.metrics import by_horizon, rank
from tests.rnn.series import garch, prices_of, splits_of

TEST_DAYS = 120
HALF = 0.02  # of every interval; the adaptive ones are twice as wide


def made_result(target: TargetName = "return", seeds: int = 3, horizon: int = 1) -> CompareResult:
    returns = garch(400)
    prices, splits = prices_of(returns), splits_of(returns, TEST_DAYS)
    row = target_of(target)
    values = row.values_of(returns, np.abs(returns))
    forecasts = _forecasts(values, prices.days[1:], target, seeds, horizon)
    bands = _bands(forecasts) if row.has_intervals else _bands(forecasts).iloc[:0]
    causal = dict.fromkeys(forecasts["model"].unique(), True)
    squares = pd.Series(returns**2, prices.days[1:].astype("datetime64[s]"))
    train, before = slice(splits.train_end), values[: splits.train_end]
    scale = Scale(squares, row.sigma_of(returns[train], before), smallest_size(before))
    chosen = {"all": "gru", "network": "gru", "classical": "har", "without-recurrence": "har"}
    evidence = Evidence(forecasts, 0.01, row, row.mean_of(before), bands, chosen, causal, scale)
    steps = {"step": [5, 10, 15], "loss": [1.0, 0.8, 0.7], "validation": [1.2, 1.1, 1.15]}
    curves = [pd.DataFrame({"model": model, "seed": seed} | steps) for model in ("birnn", "gru") for seed in range(seeds)]
    return CompareResult(
        symbol="SIM",
        source="sample",
        target=target,
        horizon=horizon,
        splits=splits,
        dates=prices.dates,
        close=prices.close,
        mase_scale=0.01,
        best_on_validation="gru",
        chosen=chosen,
        train_mean=evidence.train_mean,
        sigma=scale.sigma,
        ranking=rank(evidence),
        horizons=by_horizon(evidence),
        forecasts=forecasts,
        bands=bands,
        ahead=_ahead(forecasts, target, float(prices.close[-1]), prices.days[-1]),
        performance=pd.DataFrame(columns=PERFORMANCE.names),
        equity=pd.DataFrame(columns=EQUITY.names),
        curves=pd.concat(curves, ignore_index=True),
        weights={"gru/0/w": np.zeros(1)},
        verdict=judge(evidence),
        provenance=Provenance(
            rows=401,
            first=date(2010, 1, 4),
            last=date(2011, 7, 18),
            source="SIM · made by hand",
            digest="0123456789abcdef",
            scaler_days=200,
            libraries={"numpy": "2"},
            seconds={"gru": 1.25, "drift": 0.001},
        ),
    )


def _forecasts(values: np.ndarray, days: np.ndarray, target: TargetName, seeds: int, horizon: int) -> pd.DataFrame:
    random, tables = np.random.default_rng(0), []
    days = days.astype("datetime64[s]")
    for step in range(1, horizon + 1):
        cutoffs = np.arange(len(values) - TEST_DAYS - 1, len(values) - horizon)
        actual = values[cutoffs + step]
        walk = values[cutoffs] if target == "volatility" else 0 * actual + (0.5 if target == "direction" else 0)
        by_model = {"random-walk": [walk], "drift": [actual + 0.05], "har": [0.5 * actual + 0.5 * walk]}
        for model, share in (("gru", 0.7), ("birnn", 0.2)):
            noise = 0.002 * random.standard_normal((seeds, len(actual)))
            by_model[model] = list(share * actual + (1 - share) * walk + noise)
        for model, rows in by_model.items():
            for seed, one in enumerate(rows):
                row = {"model": model, "seed": seed, "cutoff": days[cutoffs], "step": step, "date": days[cutoffs + step]}
                tables.append(pd.DataFrame(row | {"actual": actual, "forecast": one}))
    return pd.concat(tables, ignore_index=True)


def _bands(forecasts: pd.DataFrame) -> pd.DataFrame:
    middle = forecasts["forecast"]
    sides = {"low": middle - HALF, "high": middle + HALF, "adaptive_low": middle - 2 * HALF, "adaptive_high": middle + 2 * HALF}
    return forecasts.drop(columns=["actual", "forecast"]).assign(**sides, crps=0.005)


def _ahead(forecasts: pd.DataFrame, target: TargetName, last: float, day: np.datetime64) -> pd.DataFrame:
    rows = forecasts[forecasts["cutoff"] == forecasts["cutoff"].max()][["model", "seed", "step", "forecast"]].copy()
    dates = np.busday_offset(day, rows["step"].to_numpy(), roll="forward").astype("datetime64[s]")
    half = np.nan if target == "direction" else HALF
    rows = rows.assign(date=dates, low=rows["forecast"] - half, high=rows["forecast"] + half)
    prices = {"price": last, "price_low": 0.9 * last, "price_high": 1.1 * last}
    return rows.assign(**(prices if target == "return" else dict.fromkeys(prices, np.nan)))
