"""The result of a sweep: a row a ticker and model, and how many beat the best classical model and the reference.

Of many tests some are significant by chance alone. Beside the count at 5 % stand the count expected by chance, and the count
that remains when the false discovery rate is controlled at 5 % (Benjamini & Hochberg 1995).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.evaluation.significance import ALPHA, benjamini_hochberg
from core.rnn.models import MODELS, REFERENCE, TITLES, in_a_sentence
from core.runs.joint import left_out_in_words
from core.runs.result import Result, rows_of
from core.runs.standing import Standing, health_of, of_several

RECURRENT = frozenset(name for name, model in MODELS.items() if model.recurs)


class Summary(BaseModel):
    """How often a model beats the reference, and a recurrent network the best classical model, over all tickers.

    One beats another where its loss is lower and the test of equal loss gives p below 5 %, two-sided. Results of earlier
    versions lack the fields that have a default: there it is the squared error against the random walk.
    """

    model_config = ConfigDict(frozen=True)

    tickers: int  # that could be compared
    failed: int  # that could not
    tests: int  # pairs of ticker and model that could be tested against the reference
    better: int  # before control
    worse: int  # than the reference, before control
    by_chance: float  # expected number of `better` if no model were: half of 5 % of the tests
    controlled: int  # better, after control of the false discovery rate at 5 %
    networks: int  # tests of networks against the best classical model of their ticker
    over_classical: int  # networks better than that, before control
    over_classical_controlled: int  # after control over these tests
    reference: str = REFERENCE
    loss: str = "squared"
    over_classical_by_loss: dict[str, int] = Field(default_factory=dict)  # `over_classical_controlled` by every loss
    without_reference: int = 0  # tickers whose stored comparison lacks the reference and is judged against the random walk

    @property
    def beats_reference(self) -> bool:
        """Whether any model beats the reference after control."""
        return self.controlled > 0

    @property
    def networks_beat_classical(self) -> bool:
        """Whether any network beats the best classical model of its ticker after control."""
        return self.over_classical_controlled > 0

    @property
    def text(self) -> str:
        failed = f"{_count(self.failed, 'ticker')} could not be compared." if self.failed else ""
        return " ".join(filter(None, [self._against_classical, self._against_reference, self._without_reference, failed]))

    @property
    def _against_classical(self) -> str:
        if not self.networks:
            return ""
        few = self.over_classical_controlled <= 1
        counted = f"{_some(self.over_classical_controlled)} of {_count(self.networks, 'network')}"
        beat = f"beat{'s' if few else ''} {'its' if few else 'their'} ticker's best classical model before the test"
        before = f"before control {_some(self.over_classical)}, {_by_chance(self.networks)}"
        others = ", ".join(f"by {LOSS_FUNCTIONS[loss].title} {_some(count)}" for loss, count in self.other_losses.items())
        by = f"by {self.loss_title}{f' ({others})' if others else ''}"
        weak = f", but no model the reference, {in_a_sentence(self.reference)}" if self._only_over_classical else ""
        return f"After control of false discoveries, {counted} {beat} {by}{weak}; {before}."

    @property
    def _only_over_classical(self) -> bool:
        """Whether networks beat the best classical model of their ticker, though nothing beats the reference."""
        return self.networks_beat_classical and not self.beats_reference

    @property
    def other_losses(self) -> dict[str, int]:
        """Networks better than the best classical model, after control, by the other losses of the target."""
        return {loss: count for loss, count in self.over_classical_by_loss.items() if loss != self.loss}

    @property
    def _against_reference(self) -> str:
        after = f"after control, {_some(self.controlled)} of {self.tests:,} tests on {_count(self.tickers, 'ticker')}"
        says = f"{'say' if self.controlled > 1 else 'says'} that a model beats the reference, {in_a_sentence(self.reference)}"
        return f"{after[0].upper()}{after[1:]} {says}; before control {_some(self.better)}, {_by_chance(self.tests)}."

    @property
    def _without_reference(self) -> str:
        if not self.without_reference:
            return ""
        return f"On {_count(self.without_reference, 'ticker')} without it the random walk is the reference."

    @property
    def loss_title(self) -> str:
        return LOSS_FUNCTIONS[self.loss].title


def _some(number: int) -> str:
    return f"{number:,}" if number else "none"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _by_chance(tests: int) -> str:
    """How many of so many tests would look better if no model were, and why so many."""
    return f"where chance alone would make about {_round(ALPHA / 2 * tests)} ({100 * ALPHA / 2:g} % of {tests:,})"


def _round(number: float) -> str:
    return f"{number:.1f}" if number < 10 else f"{number:,.0f}"


def _by_others(counts: Mapping[str, int]) -> str:
    """ ", by the 3 other losses 0 to 2" """
    if not counts:
        return ""
    least, most = min(counts.values()), max(counts.values())
    named = f"the {len(counts)} other losses" if len(counts) > 1 else LOSS_FUNCTIONS[next(iter(counts))].title
    return f", by {named} {least:,}{f' to {most:,}' if most > least else ''}"


class SweepResult(Result):
    """The rankings of all tickers, with tests corrected over all of them."""

    title: str  # what was forecast
    rows: pd.DataFrame  # symbol, what `metrics.rank` gives, run, and the columns of `judged`
    variants: pd.DataFrame  # see `variants_of`
    tickers: pd.DataFrame  # symbol, source, run, days, first, last, best (the model with the lowest loss), reason (why not)
    summary: Summary

    @property
    def unfinished(self) -> str:
        return left_out_in_words(dict(zip(self.tickers["symbol"], self.tickers["reason"], strict=True)), "tickers")

    @property
    def scores(self) -> dict[str, Any]:
        summary = self.summary.model_dump() | {
            "text": self.summary.text,
            "beats_reference": self.summary.beats_reference,
            "networks_beat_classical": self.summary.networks_beat_classical,
        }
        return {"summary": summary, "variants": rows_of(self.variants), "failed": rows_of(self.failed)}

    @property
    def standing(self) -> Standing:
        """Of the first network that is not healthy: over the tickers, against the reference of each."""
        rivals = self.variants[self.variants["model"] != self.reference]
        networks = rivals[rivals["network"]]
        return of_several([self._standing(str(model)) for model in (networks if len(networks) else rivals)["model"]])

    def _standing(self, model: str) -> Standing:
        mine = self.rows[self.rows["model"] == model]
        skills = mine["skill"].to_numpy(np.float64)
        error = float(skills.std(ddof=1)) / math.sqrt(len(skills)) if len(skills) > 1 else math.nan
        better = float(skills.mean()) / error if error else math.nan
        found = mine["beats_controlled"].any() or better < 0
        refuted = "" if found else "on no ticker after control of false discoveries"
        error_is = f"{self.summary.loss_title} above the reference's, as skill: {TITLES[model]}, {_count(len(mine), 'ticker')}"
        return Standing(-float(skills.mean()), error_is, 0.0, TITLES[self.reference], *health_of(better, refuted))

    @property
    def headline(self) -> str:
        counts = self.summary
        reference = f"{counts.controlled:,} of {counts.tests:,} tests say that a model beats {in_a_sentence(counts.reference)}"
        if not counts.networks:
            return f"after control, {reference}"
        networks = f"{counts.over_classical_controlled:,} of {counts.networks:,} networks beat the best classical model before"
        return f"after control, {networks} the test by {counts.loss_title}{_by_others(counts.other_losses)}; {reference}"

    @property
    def reference(self) -> str:
        """What skill is measured against."""
        return self.summary.reference

    @property
    def words(self) -> dict[str, str]:
        """What the help of metrics speaks of."""
        return {
            "loss": self.summary.loss_title,
            "reference": in_a_sentence(self.reference),
            "classical": "the best classical model of the ticker",
        }

    @cached_property
    def failed(self) -> pd.DataFrame:
        """Tickers that could not be compared: symbol, reason."""
        return self.tickers.loc[self.tickers["reason"] != "", ["symbol", "reason"]].reset_index(drop=True)


def judged(rankings: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """The rankings of several tickers (each with its symbol) as one table, with further columns.

    - beats: a lower loss than the reference's, and p below 5 %
    - dm_p_bh, beats_controlled: p corrected over all tickers and models, and `beats` by that p
    - beats_classical, dm_best_p_bh, beats_classical_controlled: of networks, the same against the best classical model
    """
    rows = pd.concat(list(rankings), ignore_index=True)
    rows["dm_p_bh"] = benjamini_hochberg(rows["dm_p"].to_numpy(np.float64))
    better = rows["dm_stat"] < 0
    rows["beats"] = better & (rows["dm_p"] < ALPHA)
    rows["beats_controlled"] = better & (rows["dm_p_bh"] < ALPHA)
    network = rows["model"].isin(RECURRENT)
    ahead = network & (rows["skill_classical"] > 0)
    rows["dm_best_p_bh"] = benjamini_hochberg(rows["dm_best_p"].where(network).to_numpy(np.float64))
    rows["beats_classical"] = ahead & (rows["dm_best_p"] < ALPHA)
    rows["beats_classical_controlled"] = ahead & (rows["dm_best_p_bh"] < ALPHA)
    return rows


def controlled_by_loss(tests: pd.DataFrame) -> dict[str, int]:
    """How many networks are better than the best classical model by each loss, after control over its tests.

    Of tests with the columns loss, skill and p, a row a loss, ticker and network.
    """
    ahead = {
        str(loss): (own["skill"].to_numpy() > 0) & (benjamini_hochberg(own["p"].to_numpy(np.float64)) < ALPHA)
        for loss, own in tests.groupby("loss", sort=False)
    }
    return {loss: int(better.sum()) for loss, better in ahead.items()}


def summarised(
    rows: pd.DataFrame,
    failed: int,
    reference: str = REFERENCE,
    loss: str = "squared",
    without_reference: int = 0,
    by_loss: Mapping[str, int] | None = None,
) -> Summary:
    """The counts over a table of `judged`, and those of `controlled_by_loss`."""
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
        reference=reference,
        loss=loss,
        over_classical_by_loss=dict(by_loss or {}),
        without_reference=without_reference,
    )


def variants_of(rows: pd.DataFrame, reference: str = REFERENCE) -> pd.DataFrame:
    """One row a model, the highest median skill first: model, network (whether recurrent), tickers, median_, lowest_ and
    highest_skill, wins, wins_controlled, wins_classical (for networks), first (tickers on which it has the lowest loss)."""
    ranked = rows.assign(place=rows.groupby("symbol")["skill"].rank(method="min", ascending=False))
    present = [model for model in TITLES if model in set(rows["model"])]
    table = pd.DataFrame([_variant(model, ranked[ranked["model"] == model], reference) for model in present])
    return table.sort_values("median_skill", ascending=False, kind="stable", ignore_index=True)


def _variant(model: str, mine: pd.DataFrame, reference: str) -> dict[str, Any]:
    return {
        "model": model,
        "network": model in RECURRENT,
        "tickers": len(mine),
        "median_skill": 0.0 if model == reference else float(mine["skill"].median()),
        "lowest_skill": float(mine["skill"].min()),
        "highest_skill": float(mine["skill"].max()),
        "wins": int(mine["beats"].sum()),
        "wins_controlled": int(mine["beats_controlled"].sum()),
        "wins_classical": int(mine["beats_classical"].sum()),
        "first": int((mine["place"] == 1).sum()),
    }
