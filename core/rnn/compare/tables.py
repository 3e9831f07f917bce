"""The tables of a comparison as screens show them: model titles, percent, rounded numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.made_once import made_once
from core.rnn.compare.result import CompareResult
from core.rnn.compare.views import ahead_of, price_of, sigma_a_year, unit_of
from core.rnn.evaluation.metrics import METRICS
from core.rnn.models import MODELS, TITLES, capitalised_title, with_meaning
from core.rnn.prices.notes import in_plain_words
from core.rnn.words import true_minus
from core.rnn.worth.performance import PERFORMANCE_METRICS
from core.rnn.worth.readable import beside_holding, number, readable, without_empty
from core.rnn.worth.report import Worth
from core.rnn.worth.tail_table import TAIL_METRICS
from core.rnn.worth.targeting import TARGETING_METRICS
from core.system.dates import say_day

ADVICE = "Not investment advice."
LEADING = 6  # columns of the ranking that come first
_DIGEST = 12  # characters of a digest that are shown


@made_once
def ranking_table(result: CompareResult) -> pd.DataFrame:
    """The ranking, best first: a column for each of `METRICS` that has a title; those that no model has are left out.

    A small p: the difference from the reference is more than chance; the sign of the skill says whether better or worse.
    """
    leading = {f"skill_{result.losses.loss.name}"}  # is the column "skill"
    table = readable(result.ranking, {name: one for name, one in METRICS.items() if name not in leading}, _named)
    unfit = [model in result.provenance.not_converged for model in result.ranking["model"]]
    named = [
        with_meaning(title, model, result.target_row)
        for title, model in zip(table["Model"], result.ranking["model"], strict=True)
    ]
    table["Model"] = [f"{title} (not converged)" if no else title for title, no in zip(named, unfit, strict=True)]
    return without_empty(table)


@made_once
def leading_table(result: CompareResult) -> pd.DataFrame:
    """What a verdict rests on: skill, its spread over seeds and its p, and the same over the best classical model."""
    return ranking_table(result).iloc[:, :LEADING]


def _named(model: str) -> str:
    """A model at the start of a row; buy-and-hold is none."""
    return capitalised_title(model) if model in MODELS else model.capitalize()


def ahead_table(result: CompareResult, model: str) -> pd.DataFrame:
    """One model's forecasts of the days after the last price: dates, forecasts, σ, prices, 90 % intervals."""
    table = ahead_of(result, model)
    share = f"{unit_of(result)[:1].upper()}{unit_of(result)[1:]}"
    days = [_day(step, day) for step, day in zip(table["step"], table["date"], strict=True)]
    signed = "+.2f" if result.target_row.is_signed else ".2f"
    forecasts = [true_minus(f"{100 * one:{signed}}") for one in table["forecast"]]
    shown = pd.DataFrame({result.bar.capitalize(): days, share: forecasts})
    shown[f"90 % of {result.bar}s"] = [
        _between(100 * low, 100 * high) for low, high in zip(table["low"], table["high"], strict=True)
    ]
    shown["σ a year (%)"] = [number(100 * sigma, 1) for sigma in sigma_a_year(result, table["forecast"])]
    close = price_of(result)
    shown[f"{close[0].upper()}{close[1:]}"] = ["" if np.isnan(price) else f"{price:,.2f}" for price in table["price"]]
    shown["90 % of prices"] = [_between(low, high) for low, high in zip(table["price_low"], table["price_high"], strict=True)]
    return without_empty(shown)


def _day(step: int, day: pd.Timestamp) -> str:
    return f"{step} ahead" if pd.isna(day) else say_day(day.date())


def _between(low: float, high: float) -> str:
    return "" if np.isnan(low) else true_minus(f"{low:,.2f} to {high:,.2f}")


def provenance_table(result: CompareResult) -> pd.DataFrame:
    """The provenance of a result, a row a fact: data, splits, causality check, software and time."""
    provenance = result.provenance
    splits = (f"{span.name} {span.days:,} ({say_day(span.first)} to {say_day(span.last)})" for span in result.splits.spans)
    probed = result.ranking.dropna(subset="causal") if "causal" in result.ranking else result.ranking[:0]
    leaky = [TITLES[model] for model, causal in zip(probed["model"], probed["causal"], strict=True) if not causal]
    facts = {
        "Source": provenance.source,
        "Rows": f"{provenance.rows:,} prices, {say_day(provenance.first)} to {say_day(provenance.last)}",
        "Adjustment": provenance.basis,
        "Notes": "; ".join(in_plain_words(provenance.notes)),
        "Data hash": f"{provenance.digest[:_DIGEST]}…" if provenance.digest else "",
        f"{result.bar.capitalize()}s": ", ".join(splits),
        "Scaler": f"fitted on the first {provenance.scaler_days:,} {result.bar}s",
        "Fitted again": provenance.refit,
        "Causality": _causality(len(probed), leaky),
        "Convergence": result.provenance.convergence,
        "Versions": ", ".join(f"{name} {version}" for name, version in provenance.libraries.items()),
        "Seconds": ", ".join(f"{TITLES[name]} {spent:.1f}" for name, spent in provenance.seconds.items() if spent >= 0.05),
    }
    return pd.DataFrame([{"": name, "What": fact} for name, fact in facts.items() if fact])


def _causality(models: int, leaky: list[str]) -> str:
    if not models:
        return ""
    if leaky:
        return f"failed by {', '.join(leaky)}: their forecasts changed with later days"
    return f"passed by all {models} models: no forecast changed with later days"


def performance_table(result: CompareResult, rule: str) -> pd.DataFrame:
    """What one rule would have earned, after costs, beside buy-and-hold; highest Sharpe ratio first."""
    return readable(beside_holding(result.performance, rule), PERFORMANCE_METRICS, _named)


def targeting_table(worth: Worth) -> pd.DataFrame:
    """Volatility targeting by every model, highest risk utility first."""
    table = worth.targeting.sort_values("risk_utility", ascending=False, kind="stable", ignore_index=True)
    return without_empty(readable(table, TARGETING_METRICS, _named))


def tail_risk_table(worth: Worth, level: float) -> pd.DataFrame:
    """Value at risk and expected shortfall at a level by every model, lowest loss first."""
    table = worth.tail[worth.tail["level"] == level].sort_values("loss", kind="stable", ignore_index=True)
    return without_empty(readable(table, TAIL_METRICS, _named))
