"""The result of a comparison: forecasts, intervals, ranking, verdict, trades, provenance, and the trained networks.

Ranking, verdict and trades follow from forecasts, closes and `valuation` alone and can be computed again (see `valued`). The
columns of every table stand in `evaluation/columns.py`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

import numpy as np
import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from core.errors import InvalidRequest
from core.rnn.compare.live.so_far import planned_in_words
from core.rnn.compare.valuation import Valuation
from core.rnn.compare.verdict import Verdict, judge, others_of
from core.rnn.dataset.return_digests import return_digests
from core.rnn.dataset.splits import Splits
from core.rnn.dataset.target import MeasureName, Target, TargetName, log_returns, smallest_size, target_of
from core.rnn.evaluation.columns import AHEAD, BANDS, CURVES, EQUITY, FORECASTS, HORIZONS, PERFORMANCE, RANKING
from core.rnn.evaluation.evidence import Evidence
from core.rnn.evaluation.loss_functions import by_which
from core.rnn.evaluation.losses import Losses, Scale
from core.rnn.evaluation.metrics import Judged, corrected
from core.rnn.evaluation.significance import unsure_in_words
from core.rnn.models import MODELS, TITLES, in_a_sentence
from core.rnn.prices.bar_sizes import BarSize, bar_of
from core.rnn.prices.prices import spacing_of
from core.rnn.prices.quality.breaks import MOVES
from core.rnn.words import say_percent
from core.runs.conclusion import NextStep
from core.runs.result import Result, rows_of
from core.runs.standing import Standing, health_of


class Provenance(BaseModel):
    """The data and software behind a result, and how long each model took."""

    model_config = ConfigDict(frozen=True)

    rows: int
    first: date
    last: date
    source: str  # in words
    basis: str = "close"  # what the prices are, see `Prices.basis`
    currency: str = ""  # of the prices; "": unknown, or an index
    notes: tuple[str, ...] = ()  # what a reader of the prices should know
    digest: str  # of the prices
    scaler_days: int  # networks' units come from so many first days of the target series
    refit: str = "never"  # when models were fitted again during the test
    libraries: dict[str, str]  # name -> version
    not_converged: tuple[str, ...] = ()  # models of which a search for parameters did not end; never chosen as the best
    seconds: dict[str, float]  # model -> fitting and forecasting, all seeds together

    @property
    def moves(self) -> tuple[str, ...]:
        """The notes on moves that look like a split or an error."""
        return tuple(note for note in self.notes if note.startswith(MOVES))

    @property
    def convergence(self) -> str:
        """In a sentence, which searches for parameters did not end; empty where all did."""
        if not self.not_converged:
            return ""
        models = " and ".join(TITLES[model] for model in self.not_converged)
        return f"The search for the parameters of {models} did not converge from either start: not chosen as the best."


class CompareResult(Result):
    """A finished comparison: forecasts of the test days, ranking, verdict and trades."""

    old_names: ClassVar[Mapping[str, str]] = {"bar_size": "interval", "best_on_validation": "favourite"}

    symbol: str
    source: str
    target: TargetName
    measure: MeasureName = "absolute"
    bar_size: BarSize = "1d"
    horizon: int = 1  # bars
    splits: Splits
    dates: np.ndarray  # (T,) int64: days since 1970-01-01
    times: np.ndarray = np.empty(0, np.int64)  # seconds since then by the exchange's clock, where a day has several bars
    close: np.ndarray  # (T,)
    mase_scale: float  # mean absolute error of the random walk on the training days, in units of the target
    best_on_validation: str = ""  # the model with the lowest loss in the validation days, chosen before the test
    chosen: dict[str, str] = Field(default_factory=dict)  # the same in each of `models.GROUPS`; earlier versions lack it
    validation_losses: dict[str, float] = Field(default_factory=dict)  # the target's leading loss, by model
    ranking: Annotated[pd.DataFrame, AfterValidator(RANKING.check)]
    horizons: Annotated[pd.DataFrame, AfterValidator(HORIZONS.check)]
    forecasts: Annotated[pd.DataFrame, AfterValidator(FORECASTS.check)]
    bands: Annotated[pd.DataFrame, AfterValidator(BANDS.check)]
    ahead: Annotated[pd.DataFrame, AfterValidator(AHEAD.check)]
    valuation: Valuation = Valuation()  # the assumptions behind performance, equity and verdict
    performance: Annotated[pd.DataFrame, AfterValidator(PERFORMANCE.check)]
    equity: Annotated[pd.DataFrame, AfterValidator(EQUITY.check)]
    days_a_year: float = 252.0
    train_mean: float = float("nan")  # of the target, on the training days; earlier versions lack it and the next
    sigma: float = float("nan")  # of a return whose forecast size is 1, on the training days
    curves: Annotated[pd.DataFrame, AfterValidator(CURVES.check)]
    weights: dict[str, np.ndarray]  # "gru/0/…": what `Forecaster.restore` reads, by model and seed
    verdict: Verdict
    provenance: Provenance
    planned: dict[str, int] = Field(default_factory=dict)  # of a run that was stopped: how many seeds of which networks it had

    @property
    def unfinished(self) -> str:
        """In a sentence what is there of a run that was stopped; empty for one that came to its end."""
        if not self.planned:
            return ""
        done = {str(model): int(seeds) for model, seeds in self.forecasts.groupby("model")["seed"].nunique().items()}
        return f"It was stopped with {planned_in_words(self.planned, done, TITLES)}. The others are not judged."

    @property
    def target_row(self) -> Target:
        """What was forecast."""
        return target_of(self.target, self.measure)

    @cached_property
    def judged(self) -> dict[tuple[str, str], Judged]:
        """What was computed by loss and reference; copies of this result share it."""
        return {}

    def judged_by(self, valuation: Valuation) -> Judged:
        """Evidence and ranking under a valuation, computed once a loss and reference."""
        key = (valuation.loss, valuation.reference)
        if key not in self.judged:
            self.judged[key] = Judged(self._evidence(*key))
        return self.judged[key]

    def judged_as(self, valuation: Valuation) -> Self:
        """The same with ranking and verdict under a valuation; its trades are those of the result as it was. InvalidRequest for
        a loss or model that is not among those of the result."""
        if self.is_judged_as(valuation):
            return self
        self._refuse_unsuited(valuation)
        judged = self.judged_by(valuation)
        p = corrected(judged.evidence, others_of(judged.evidence, valuation.trials))
        changed = {
            "valuation": valuation,
            "ranking": judged.ranking.assign(dm_p_holm=p.reindex(judged.ranking["model"]).to_numpy()),
            "horizons": judged.horizons,
            "verdict": judge(judged.evidence, valuation.trials, self.bar),
        }
        return self.model_copy(update=changed)

    def is_judged_as(self, valuation: Valuation) -> bool:
        """Whether it is valued like this already; results of earlier versions lack some of it."""
        return valuation == self.valuation and bool(self.verdict.reference) and "gain" in self.performance

    def _refuse_unsuited(self, valuation: Valuation) -> None:
        scores, models = self.target_row.scores, self.ranking["model"].tolist()
        if valuation.loss and valuation.loss not in scores:
            raise InvalidRequest(
                f"the {self.target_row.title} is not judged by {valuation.loss}; choose one of {', '.join(scores)}"
            )
        if valuation.reference and valuation.reference not in models:
            raise InvalidRequest(f"{valuation.reference!r} is not in this comparison; choose one of {', '.join(models)}")

    def corrected_for(self, others: int) -> Self:
        own = len(self.losses.models) - 1
        return self.judged_as(self.valuation.model_copy(update={"trials": own + others}))

    def _evidence(self, loss: str, rival: str) -> Evidence:
        probed = self.ranking.dropna(subset="causal") if "causal" in self.ranking else self.ranking[:0]
        causal = {str(row.model): bool(row.causal) for row in probed.itertuples()}
        return Evidence(
            self.forecasts, self.mase_scale, self.target_row, self.training_mean, self.bands, self.chosen, causal, self.scale,
            loss, rival,
        )  # fmt: skip

    @property
    def losses(self) -> Losses:
        """The losses of the forecasts, and the tests over them."""
        return self.judged_by(self.valuation).evidence.losses

    @property
    def words(self) -> Mapping[str, str]:
        """What the help of metrics speaks of: loss, reference, classical."""
        return self.judged_by(self.valuation).evidence.words

    @property
    def training_mean(self) -> float:
        """The mean of the target over the training days; NaN of earlier versions where it needs other prices than closes."""
        if np.isfinite(self.train_mean) or self.target_row.of_return is None:
            return self.train_mean
        returns = log_returns(self.close)[: self.splits.train_end]
        return self.target_row.mean_of(self.target_row.values_of(returns, np.abs(returns)))

    @property
    def scale(self) -> Scale:
        """What losses of a size read beside forecasts. Without a training mean the size of returns stands for it."""
        returns = log_returns(self.close)
        mean = self.training_mean if np.isfinite(self.training_mean) else np.abs(returns[: self.splits.train_end]).mean()
        squares = pd.Series(returns**2, self.days[1:].astype("datetime64[s]"))
        return Scale(squares, self.size_to_sigma, smallest_size(np.atleast_1d(mean)))

    @property
    def size_to_sigma(self) -> float:
        """What a forecast size is multiplied by to be a standard deviation; NaN where no size is forecast.

        Results of earlier versions lack it: there it follows from their closes or, of a measure by ranges, is 1 as then.
        """
        if np.isfinite(self.sigma) or not self.target_row.is_size:
            return self.sigma
        if self.target_row.of_return is None:
            return 1.0
        returns = log_returns(self.close)[: self.splits.train_end]
        return self.target_row.sigma_of(returns, self.target_row.values_of(returns, np.abs(returns)))

    @property
    def bar(self) -> str:
        """What one step is, in words."""
        return bar_of(self.bar_size, spacing_of(self.dates))

    @property
    def days(self) -> np.ndarray:
        """When the prices are from, (T,): datetime64[D], or [s] where a day has several bars."""
        return self.times.astype("datetime64[s]") if self.times.size else self.dates.astype("datetime64[D]")

    @property
    def scores(self) -> list[dict[str, Any]]:
        """The ranking, one row a model, ready for JSON: what is not a number is None."""
        return rows_of(self.ranking)

    @property
    def standing(self) -> Standing:
        """Of the network chosen on the validation days, without networks of the best classical model, against the reference.

        Healthy, or unhealthy, only if the verdict's p value, corrected for all models, says so, too.
        """
        evidence, losses = self.judged_by(self.valuation).evidence, self.losses
        model = evidence.best("network") or evidence.best("classical") or losses.reference
        better = -losses.test(model).stat if model != losses.reference else math.nan
        refuted = unsure_in_words(self.verdict.p_of(model, losses.reference))
        error_is = f"{losses.loss.title}, {TITLES[model]}"
        return Standing(
            losses.mean(model), error_is, losses.mean(losses.reference), TITLES[losses.reference], *health_of(better, refuted)
        )

    @property
    def trading(self) -> list[dict[str, Any]]:
        """The performance of every rule, ready for JSON."""
        return rows_of(self.performance)

    @property
    def tested_data(self) -> tuple[str, ...]:
        """The digests of its test days' returns, a month each."""
        return return_digests(self.days[1:], log_returns(self.close), self.splits.test_start)

    @property
    def next_step(self) -> NextStep:
        return "more seeds"

    @property
    def headline(self) -> str:
        """For lists of runs: what the verdict says, in a few words."""
        return f"{self._headline} (stopped early)" if self.planned else self._headline

    @property
    def _headline(self) -> str:
        said = judge(self.judged_by(self.valuation).evidence, self.valuation.trials, self.bar)
        if not said.beats_reference:
            winning = {loss: bool(models) for loss, models in said.winning_by_loss.items()}
            return f"nothing beats {self.words['reference']}{_by_several(winning, 'something does')}"
        rival = f"{in_a_sentence(said.best_classical)}, the best classical model before the test"
        if said.best_network and not said.networks_beat_classical:
            beating = {loss: bool(models) for loss, models in said.beating_by_loss.items()}
            return f"no network beats {rival}{_by_several(beating)}"
        duels = [row for row in said.comparisons if row.reference == said.best_classical and MODELS[row.model].is_network]
        if ahead := next((row for row in duels if row.better), None):  # the network that the verdict on the screen names
            beating = {loss: ahead.model in models for loss, models in said.beating_by_loss.items()}
            return f"{TITLES[ahead.model]}: skill {say_percent(ahead.skill or 0.0, 1)} against {rival}{_by_several(beating)}"
        skill = next(row.skill for row in said.comparisons if (row.model, row.reference) == (said.best, said.reference))
        gain = f"skill {say_percent(skill or 0.0, 1)} against {self.words['reference']}"
        return f"lowest {self.losses.loss.title}: {TITLES[said.best]}, {gain}"


def _by_several(holds: Mapping[str, bool], others: str = "one does") -> str:
    """By which losses something holds, where the target has several: ", by QLIKE only, not by the 3 other losses"."""
    return f", {by_which(holds, others)}" if len(holds) > 1 else ""
