"""The result of a panel: every model's forecasts of every ticker, and what follows from them.

Forecasts are matrices (R, N), a row a day from the first validation day on and one for the day to come, a column a ticker; NaN
where a ticker does not trade. A network's row is its committee, the mean forecast of its seeds. Tests, tables and verdict
follow from the test rows alone; who is best is chosen on the validation rows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, Self

import numpy as np
import pandas as pd
from pydantic import AfterValidator, Field

from core.made_once import made_once
from core.rnn.dataset.return_digests import return_digests
from core.rnn.dataset.splits import Splits
from core.rnn.dataset.target import MeasureName, Target, TargetName, target_of
from core.rnn.evaluation.columns import CURVES, Columns
from core.rnn.evaluation.loss_functions import by_which
from core.rnn.evaluation.significance import unsure_in_words
from core.rnn.panel.comparisons import COMPARISONS, REGIMES, TICKERS, UNSEEN, Evidence, corrected_for
from core.rnn.panel.losses import Outcomes, PanelLosses
from core.rnn.panel.models import panel_model
from core.rnn.panel.risk.intervals import Intervals
from core.rnn.panel.risk.tails import Tails
from core.rnn.panel.verdict import Chosen, Verdict, by_loss, judge
from core.rnn.words import say_percent
from core.rnn.worth.accounts import USUAL_COST
from core.runs.conclusion import NextStep
from core.runs.joint import left_out_in_words
from core.runs.result import Result, rows_of
from core.runs.standing import Standing, health_of

MODELS = Columns("models", ("model", "title", "group", "seeds", "validation", "one_seed", "seconds", "causal"))
NAMED = 5  # tickers at most; of more, it is said how many
FORECASTS = Columns(
    "panel forecasts", ("symbol", "model", "cutoff", "date", "actual", "forecast", "return", "unit", "sigma", "wild")
)


class PanelResult(Result):
    """A finished panel."""

    target: TargetName
    measure: MeasureName = "absolute"
    symbols: tuple[str, ...]  # N, in the order of the columns
    days: np.ndarray  # (R - 1,) seconds since 1970-01-01, of the rows
    first_test: int  # the row of the first test day
    splits: Splits
    actual: np.ndarray  # (R - 1, N) in units of the target
    returns: np.ndarray  # (R - 1, N) log returns
    cutoffs: np.ndarray  # (R, N) seconds: the last day known to each forecast
    levels: np.ndarray  # (R, N) the running mean size at the cutoff
    market: np.ndarray  # (R,) the market's level on the day before
    units: np.ndarray  # (N,) mean size of the training days: losses are in these units
    sigmas: np.ndarray  # (N,) standard deviation of a return whose size is forecast as 1
    points: dict[str, np.ndarray]  # model -> (R, N); of networks their committee
    seeds: dict[str, np.ndarray] = Field(default_factory=dict)  # "model/seed" -> (R, N), where they are not large
    models: Annotated[pd.DataFrame, AfterValidator(MODELS.check)]
    comparisons: Annotated[pd.DataFrame, AfterValidator(COMPARISONS.check)]
    tickers: Annotated[pd.DataFrame, AfterValidator(TICKERS.check)]
    regimes: Annotated[pd.DataFrame, AfterValidator(REGIMES.check)]
    unseen: Annotated[pd.DataFrame, AfterValidator(UNSEEN.check)] = pd.DataFrame(columns=UNSEEN.names)
    curves: Annotated[pd.DataFrame, AfterValidator(CURVES.check)] = pd.DataFrame(columns=CURVES.names)
    verdict: Verdict
    cost_bp: float = USUAL_COST  # of a trade in basis points, of the accounts that are shown; no forecast depends on it
    notes: tuple[str, ...] = ()  # what a reader of the data should know
    not_converged: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # model -> tickers; never chosen as the best
    failed: dict[str, str] = Field(default_factory=dict)  # parts that could not be done, and why; tickers that take no part

    @property
    def target_row(self) -> Target:
        """What was forecast."""
        return target_of(self.target, self.measure)

    @property
    def ordered(self) -> dict[str, np.ndarray]:
        """The forecasts in the order of the table of models; a stored file has another."""
        return {str(model): self.points[str(model)] for model in self.models["model"]}

    @property
    def test(self) -> slice:
        """The test rows of the matrices that have a row for the day to come."""
        return slice(self.first_test, len(self.days))

    @property
    def dates(self) -> np.ndarray:
        """The days of the rows, (R - 1,) datetime64[s]."""
        return self.days.astype("datetime64[s]")

    @property
    def wild(self) -> np.ndarray:
        """Of the test days, whether the market's level of the day before is above its median over the test, (D,)."""
        return wild_days(self.market[self.test])

    @cached_property
    def evidence(self) -> Evidence:
        """The test forecasts with what is needed to judge them."""
        outcomes = Outcomes(self.target_row, self.actual, self.returns, self.units, self.sigmas).rows(self.test)
        points = {model: values[self.test] for model, values in self.ordered.items()}
        chosen = Chosen(self.verdict.best_network, self.verdict.best_classical, self.verdict.best_without_recurrence)
        return Evidence(outcomes, points, self.symbols, chosen, self.wild)

    @property
    def unfinished(self) -> str:
        return left_out_in_words(self.failed, "parts")

    @cached_property
    def forecasts(self) -> pd.DataFrame:
        """`FORECASTS` of the test days, a row a ticker, model and day."""
        return self._table(self.test)

    @cached_property
    def validation(self) -> pd.DataFrame:
        """`FORECASTS` of the validation days, by which the best models were chosen."""
        return self._table(slice(0, self.first_test))

    @property
    def bands(self) -> Intervals:
        """90 % intervals of every model on every ticker, computed when they are read."""
        return Intervals(self.target_row, self.points, self.actual, self.levels, self.first_test)

    @property
    def intervals(self) -> pd.DataFrame:
        """`intervals.INTERVALS` of the models that the verdict speaks of."""
        verdict = self.verdict
        spoken_of = (verdict.best_network, verdict.best_classical, verdict.best_without_recurrence, verdict.reference)
        models = dict.fromkeys(model for model in spoken_of if model)
        return self.bands.table(models, self.symbols, self.dates, self.cutoffs)

    @cached_property
    def tails(self) -> pd.DataFrame:
        """`tails.TAILS`: value at risk and expected shortfall by every model, where volatility is forecast."""
        outcomes = Outcomes(self.target_row, self.actual, self.returns, self.units, self.sigmas)
        points = {model: values[:-1] for model, values in self.ordered.items()}
        return Tails(outcomes, points, self.first_test).table(self.verdict.reference)

    @property
    def ahead(self) -> pd.DataFrame:
        """Forecasts of each ticker's next day, which is to come: symbol, model, cutoff, forecast."""
        rows = [
            {"symbol": symbol, "model": model, "cutoff": self.cutoffs[-1, place].astype("datetime64[s]"), "forecast": one}
            for model, values in self.ordered.items()
            for place, (symbol, one) in enumerate(zip(self.symbols, values[-1], strict=True))
        ]
        return pd.DataFrame(rows)

    def _table(self, rows: slice) -> pd.DataFrame:
        actual = self.actual[rows]
        day, ticker = np.nonzero(np.isfinite(actual).T)[::-1]
        days = self.dates[rows]
        shared = {
            "symbol": np.array(self.symbols)[ticker],
            "cutoff": self.cutoffs[rows][day, ticker].astype("datetime64[s]"),
            "date": days[day],
            "actual": actual[day, ticker],
            "return": self.returns[rows][day, ticker],
            "unit": self.units[ticker],
            "sigma": self.sigmas[ticker],
            "wild": wild_days(self.market[rows])[day].astype(int),
        }
        tables = [
            pd.DataFrame(shared | {"model": model, "forecast": values[rows][day, ticker]})
            for model, values in self.ordered.items()
        ]
        return pd.concat(tables, ignore_index=True)[list(FORECASTS.names)]

    @property
    def tested_data(self) -> tuple[str, ...]:
        """The digests of every ticker's returns in the test, a month each."""
        digests: list[str] = []
        for column in self.returns.T:
            there = np.isfinite(column)
            digests += return_digests(self.dates[there], column[there], int(there[: self.first_test].sum()))
        return tuple(digests)

    def corrected_for(self, others: int) -> Self:
        verdict = judge(self._leading, self.evidence.chosen, others)
        return self.model_copy(update={"verdict": verdict, "comparisons": corrected_for(self.comparisons, others)})

    @made_once
    def at_cost(self, cost_bp: float) -> PanelResult:
        """The same panel, whose accounts pay so many basis points of what is traded."""
        return self.model_copy(update={"cost_bp": cost_bp})

    @property
    def convergence(self) -> str:
        """In a sentence, which searches for parameters did not end; empty where all did."""
        if not self.not_converged:
            return ""
        models = "; ".join(
            f"{panel_model(model).in_sentence} on {some_of(tickers, len(self.symbols))}"
            for model, tickers in self.not_converged.items()
        )
        return f"Searches for parameters that did not converge, of models that are therefore not chosen as the best: {models}."

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The stored tables, and the forecasts as tables."""
        of_matrices = {"forecasts": self.forecasts, "validation": self.validation, "ahead": self.ahead}
        if self.target_row.has_intervals:
            of_matrices["intervals"] = self.intervals
        if len(self.tails):
            of_matrices["tails"] = self.tails
        return of_matrices | {name: table for name, table in super().tables.items() if len(table)}

    @property
    def scores(self) -> list[dict[str, Any]]:
        """The comparisons, ready for JSON."""
        return rows_of(self.comparisons)

    @property
    def standing(self) -> Standing:
        """Of the network chosen on the validation days, without networks of the best other model, against the reference.

        Healthy, or unhealthy, only if the verdict's p value, corrected for all models, says so, too.
        """
        losses, verdict = self._leading, self.verdict
        model = verdict.best_network or verdict.best_without_recurrence or verdict.reference
        better = -losses.compare(model, verdict.reference).test.stat if model != verdict.reference else math.nan
        refuted = unsure_in_words(verdict.p_of(model, verdict.reference))
        error, baseline = losses.mean(model), losses.mean(verdict.reference)
        titles = (panel_model(name).title for name in (model, verdict.reference))
        return Standing(error, f"{losses.loss.title}, {next(titles)}", baseline, next(titles), *health_of(better, refuted))

    @property
    def next_step(self) -> NextStep:
        return "more seeds"

    @property
    def headline(self) -> str:
        """For lists of runs: what the verdict says, in a few words."""
        verdict = self.judged_verdict
        if not verdict.best_network or not verdict.best_classical:
            return f"{len(verdict.winners)} models beat {panel_model(verdict.reference).in_sentence}"
        duel = verdict.comparisons[0]
        network, classical = (panel_model(name).in_sentence for name in (duel.model, duel.reference))
        beats = "beats" if duel.better else "is not surely better than"
        several = f", {by_which(verdict.beating_by_loss, 'it is')}" if len(verdict.beating_by_loss) > 1 else ""
        rival = f"{classical}, the best classical model before the test{several}"
        first = f"{network} {beats} {rival}: skill {say_percent(duel.skill)} against it"
        second = next((one for one in verdict.comparisons[1:] if one.reference == verdict.best_without_recurrence), None)
        if not duel.better or second is None or second.model != duel.model or second.better:
            return first
        return f"{first}, but is not surely better than {panel_model(second.reference).in_sentence}"

    @property
    def judged_verdict(self) -> Verdict:
        """The verdict by all losses of the target; results of earlier versions have that of the leading one stored."""
        if self.verdict.beating_by_loss:
            return self.verdict
        beating = by_loss(self._leading, self.evidence.chosen, self.verdict.trials or 0)
        return self.verdict.model_copy(update={"beating_by_loss": beating})

    @property
    def _leading(self) -> PanelLosses:
        return PanelLosses.leading(self.evidence.outcomes, self.evidence.points)


def some_of(tickers: Sequence[str], count: int) -> str:
    """Some of `count` tickers in words: by name, or how many where they are more than a few."""
    return ", ".join(tickers) if len(tickers) <= NAMED else f"{len(tickers)} of {count} tickers"


def wild_days(level: np.ndarray) -> np.ndarray:
    """Whether each of some levels is above their median."""
    return level > np.median(level)
