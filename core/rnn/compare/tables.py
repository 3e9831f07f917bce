"""The tables of a comparison as people read them: names in words, percent, digits that mean something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.rnn.compare.views import ahead_of, unit_of
from core.rnn.names import TITLES
from core.rnn.words import p_in_words, say_day

if TYPE_CHECKING:
    from core.rnn.compare.result import CompareResult

_DIGEST = 12  # signs of a digest that are shown


def ranking_table(result: CompareResult) -> pd.DataFrame:
    """The ranking, best first; measures that no model has are left out.

    A small p says that a model is not as good as the random walk by chance: better where its skill is above zero, else worse.
    """
    ranking = result.ranking
    table = {
        "Model": [TITLES[model] for model in ranking["model"]],
        "Skill (%)": (100 * ranking["skill"]).round(2),
        "p, Holm": [p_in_words(p) for p in ranking["dm_p_holm"]],
        "p, best classical": [p_in_words(p) for p in _column(ranking, "dm_best_p")],
        "In the set": _yes_or_no(ranking, "in_mcs"),
        "R² (%)": (100 * _column(ranking, "r2")).round(2),
        "Direction (%)": _directions(ranking),
        "CRPS (%)": (100 * _column(ranking, "crps")).round(3),
        "Coverage (%)": (100 * _column(ranking, "coverage")).round(1),
        "Adaptive (%)": (100 * _column(ranking, "coverage_adaptive")).round(1),
        "First (%)": [_whole(share) for share in 100 * _column(ranking, "rank_first")],
        "RMSE (%)": (100 * ranking["rmse"]).round(3),
        "MAE (%)": (100 * ranking["mae"]).round(3),
        "MASE": ranking["mase"].round(3),
        "p": [p_in_words(p) for p in ranking["dm_p"]],
        "Seeds": ranking["seeds"],
        "Causal": _yes_or_no(ranking, "causal"),
    }
    return _told(pd.DataFrame(table))


def _column(ranking: pd.DataFrame, name: str) -> pd.Series:
    return ranking[name].astype(float) if name in ranking else pd.Series(np.nan, ranking.index)


def _yes_or_no(ranking: pd.DataFrame, name: str) -> list[str]:
    return ["yes" if value else "no" for value in ranking[name]] if name in ranking else [""] * len(ranking)


def _directions(ranking: pd.DataFrame) -> list[str]:
    limits = (_column(ranking, name) for name in ("direction", "direction_low", "direction_high"))
    return [_with_interval(*row) for row in zip(*limits, strict=True)]


def _with_interval(share: float, low: float, high: float) -> str:
    """ "52.1 (47.4 to 56.7)" """
    return "" if np.isnan(share) else f"{100 * share:.1f} ({100 * low:.1f} to {100 * high:.1f})"


def _told(table: pd.DataFrame) -> pd.DataFrame:
    """Without the columns that say nothing."""
    return table.loc[:, [not (table[name].isna() | (table[name] == "")).all() for name in table]]


def ahead_table(result: CompareResult, model: str) -> pd.DataFrame:
    """The days to come by one model: dates, forecasts and prices with their 90 % intervals."""
    table = ahead_of(result, model)
    share = f"{unit_of(result)[:1].upper()}{unit_of(result)[1:]}"
    days = [_day(step, day) for step, day in zip(table["step"], table["date"], strict=True)]
    signed = "+.2f" if result.target == "return" else ".2f"
    forecasts = [f"{100 * one:{signed}}".replace("-", "−") for one in table["forecast"]]
    told = pd.DataFrame({result.bar.capitalize(): days, share: forecasts})
    told[f"90 % of {result.bar}s"] = [
        _between(100 * low, 100 * high) for low, high in zip(table["low"], table["high"], strict=True)
    ]
    told["Close"] = ["" if np.isnan(price) else f"{price:,.2f}" for price in table["price"]]
    told["90 % of closes"] = [_between(low, high) for low, high in zip(table["price_low"], table["price_high"], strict=True)]
    return _told(told)


def _day(step: int, day: pd.Timestamp) -> str:
    return f"{step} ahead" if pd.isna(day) else say_day(day.date())


def _between(low: float, high: float) -> str:
    return "" if np.isnan(low) else f"{low:,.2f} to {high:,.2f}".replace("-", "−")


def provenance_table(result: CompareResult) -> pd.DataFrame:
    """What the figures were made of, a row a fact: the card that makes a run believable."""
    made = result.provenance
    splits = (f"{span.name} {span.days:,} ({say_day(span.first)} to {say_day(span.last)})" for span in result.splits.spans)
    causal = result.ranking["causal"] if "causal" in result.ranking else pd.Series([], dtype=bool)
    leaky = [TITLES[model] for model in result.ranking["model"][~causal.astype(bool)]] if len(causal) else []
    facts = {
        "Source": made.source,
        "Rows": f"{made.rows:,} prices, {say_day(made.first)} to {say_day(made.last)}",
        "Adjustment": made.basis,
        "To know": "; ".join(made.notes),
        "Data hash": f"{made.digest[:_DIGEST]}…" if made.digest else "",
        f"{result.bar.capitalize()}s": ", ".join(splits),
        "Units from": f"the first {made.scaler_days:,} {result.bar}s",
        "Fitted again": made.refit,
        "Causality": _certificate(len(causal), leaky),
        "Versions": ", ".join(f"{name} {version}" for name, version in made.libraries.items()),
        "Seconds": ", ".join(f"{TITLES[name]} {spent:.1f}" for name, spent in made.seconds.items() if spent >= 0.05),
    }
    return pd.DataFrame([{"": name, "What": fact} for name, fact in facts.items() if fact])


def _certificate(models: int, leaky: list[str]) -> str:
    if not models:
        return ""
    if leaky:
        return f"failed by {', '.join(leaky)}: another future changed their forecasts"
    return f"all {models} models: other futures changed not one forecast"


def performance_table(result: CompareResult, rule: str) -> pd.DataFrame:
    """What one rule would have earned, after costs, beside buy-and-hold; highest Sharpe ratio first."""
    table = result.performance[result.performance["rule"].isin([rule, "hold"])]
    table = table.sort_values("sharpe", ascending=False, kind="stable", ignore_index=True)
    limits = zip(table["sharpe"], table["sharpe_low"], table["sharpe_high"], strict=True)
    told = {
        "Model": [TITLES.get(model, model) for model in table["model"]],
        "Growth (%)": (100 * table["growth"]).round(1),
        "A year (%)": (100 * table["annual"]).round(1),
        "Sharpe": [_sharpe(*row) for row in limits],
        "Deflated (%)": [_whole(share) for share in 100 * table["dsr"]],
        "Drawdown (%)": (100 * table["drawdown"]).round(1),
        "Turnover": table["turnover"].round(1),
        "Invested (%)": (100 * table["invested"]).round(0),
    }
    return pd.DataFrame(told)


def _sharpe(ratio: float, low: float, high: float) -> str:
    return "" if np.isnan(ratio) else f"{ratio:.2f} ({low:.2f} to {high:.2f})".replace("-", "−")


def _whole(number: float) -> str:
    return "" if np.isnan(number) else f"{number:.0f}"
