"""The result of a sweep: a row a ticker and model, how many beat the random walk, and how many would have by chance.

Of many tests some are significant by chance alone. Beside the count at 5 % stand the count expected by chance, and the count
that remains when the false discovery rate is controlled at 5 % (Benjamini & Hochberg 1995).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict

from core.rnn.evaluation.significance import ALPHA, benjamini_hochberg
from core.rnn.models import NETWORKS, REFERENCE, TITLES
from core.runs.result import Result, rows_of


class Summary(BaseModel):
    """How often a model beats the random walk, over all tickers: lower error, Diebold–Mariano p below 5 %, two-sided."""

    model_config = ConfigDict(frozen=True)

    tickers: int  # that could be compared
    failed: int  # that could not
    tests: int  # pairs of ticker and model that could be tested
    better: int  # before control
    worse: int  # than the random walk, before control
    by_chance: float  # expected number of `better` if no model were: half of 5 % of the tests
    controlled: int  # better, after control of the false discovery rate at 5 %
    networks: int  # tests of networks against the best classical model of their ticker
    over_classical: int  # networks better than that, before control
    over_classical_controlled: int  # after control over these tests

    @property
    def text(self) -> str:
        counted = f"Of {self.tests:,} tests on {_count(self.tickers, 'ticker')}, {_some(self.better)}"
        sentence = f"{counted} {'say' if self.better > 1 else 'says'} that a model beats the random walk"
        chance = f"chance alone would make about {_round(self.by_chance)}"
        lost = f" {_count(self.failed, 'ticker')} could not be compared." if self.failed else ""
        return f"{sentence}; {chance}.{self._after_control}{self._against_classical}{lost}"

    @property
    def _after_control(self) -> str:
        if not self.better:
            return ""
        remain = "remain" if self.controlled > 1 else "remains"
        return f" {_some(self.controlled).capitalize()} {remain} after control of false discoveries."

    @property
    def _against_classical(self) -> str:
        if not self.networks:
            return ""
        if not self.over_classical:
            return " No network beats the best classical model of its ticker."
        beating = f"{self.over_classical:,} of {self.networks:,} networks beat the best classical model of their ticker"
        return f" {beating}, {_some(self.over_classical_controlled)} after control."


def _some(number: int) -> str:
    return f"{number:,}" if number else "none"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _round(number: float) -> str:
    return f"{number:.1f}" if number < 10 else f"{number:,.0f}"


class SweepResult(Result):
    """The rankings of all tickers, with tests corrected over all of them."""

    title: str  # what was forecast
    rows: pd.DataFrame  # symbol, what `metrics.rank` gives, run, and the columns of `judged`
    variants: pd.DataFrame  # see `variants_of`
    tickers: pd.DataFrame  # symbol, source, run, days, first, last, best (the model with the lowest error), reason (why not)
    summary: Summary

    @property
    def scores(self) -> dict[str, Any]:
        summary = self.summary.model_dump() | {"text": self.summary.text}
        return {"summary": summary, "variants": rows_of(self.variants), "failed": rows_of(self.failed)}

    @property
    def headline(self) -> str:
        counts = self.summary
        return f"{counts.controlled:,} of {counts.tests:,} beat the random walk after control, {counts.better:,} before"

    @property
    def failed(self) -> pd.DataFrame:
        """Tickers that could not be compared: symbol, reason."""
        return self.tickers.loc[self.tickers["reason"] != "", ["symbol", "reason"]].reset_index(drop=True)


def judged(rankings: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The rankings of several tickers (each with its symbol) as one table, with further columns.

    - beats: a lower error than the random walk's, and p below 5 %
    - dm_p_bh, beats_controlled: p corrected over all tickers and models, and `beats` by that p
    - beats_classical, dm_best_p_bh, beats_classical_controlled: of networks, the same against the best classical model
    """
    rows = pd.concat(list(rankings), ignore_index=True)
    rows["dm_p_bh"] = benjamini_hochberg(rows["dm_p"].to_numpy(np.float64))
    better = rows["dm_stat"] < 0
    rows["beats"] = better & (rows["dm_p"] < ALPHA)
    rows["beats_controlled"] = better & (rows["dm_p_bh"] < ALPHA)
    network = rows["model"].isin(NETWORKS)
    best = rows["rmse"].mask(network).groupby(rows["symbol"]).transform("min")
    ahead = network & (rows["rmse"] < best)
    rows["dm_best_p_bh"] = benjamini_hochberg(rows["dm_best_p"].where(network).to_numpy(np.float64))
    rows["beats_classical"] = ahead & (rows["dm_best_p"] < ALPHA)
    rows["beats_classical_controlled"] = ahead & (rows["dm_best_p_bh"] < ALPHA)
    return rows


def summarised(rows: pd.DataFrame, failed: int) -> Summary:
    """The counts over a table of `judged`."""
    tests = int(rows["dm_p"].notna().sum())
    return Summary(
        tickers=rows["symbol"].nunique(),
        failed=failed,
        tests=tests,
        better=int(rows["beats"].sum()),
        worse=int(((rows["dm_stat"] > 0) & (rows["dm_p"] < ALPHA)).sum()),
        by_chance=ALPHA / 2 * tests,
        controlled=int(rows["beats_controlled"].sum()),
        networks=int(rows["dm_best_p_bh"].notna().sum()),
        over_classical=int(rows["beats_classical"].sum()),
        over_classical_controlled=int(rows["beats_classical_controlled"].sum()),
    )


def variants_of(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a model, the highest median skill first: model, network, tickers, median_, lowest_ and highest_skill, wins,
    wins_controlled, wins_classical (for networks), first (tickers on which it has the lowest error of all)."""
    ranked = rows.assign(place=rows.groupby("symbol")["rmse"].rank(method="min"))
    present = [model for model in TITLES if model in set(rows["model"])]
    table = pd.DataFrame([_variant(model, ranked[ranked["model"] == model]) for model in present])
    return table.sort_values("median_skill", ascending=False, kind="stable", ignore_index=True)


def _variant(model: str, mine: pd.DataFrame) -> dict[str, Any]:
    return {
        "model": model,
        "network": model in NETWORKS,
        "tickers": len(mine),
        "median_skill": 0.0 if model == REFERENCE else float(mine["skill"].median()),
        "lowest_skill": float(mine["skill"].min()),
        "highest_skill": float(mine["skill"].max()),
        "wins": int(mine["beats"].sum()),
        "wins_controlled": int(mine["beats_controlled"].sum()),
        "wins_classical": int(mine["beats_classical"].sum()),
        "first": int((mine["place"] == 1).sum()),
    }
