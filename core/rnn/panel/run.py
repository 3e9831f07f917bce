"""How a panel runs: its parts fit the models, then committees and combinations are taken, and all are judged."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.errors import RunFailed
from core.rnn.evaluation.columns import CURVES
from core.rnn.panel.combinations import combined, members_of
from core.rnn.panel.comparisons import UNSEEN, Evidence, by_regime, by_ticker, comparisons
from core.rnn.panel.learner.request import LearnerRequest
from core.rnn.panel.learner.result import LearnerResult
from core.rnn.panel.learner.run import check as check_part
from core.rnn.panel.losses import Choice, Outcomes, PanelLosses
from core.rnn.panel.models import PanelModel, panel_model
from core.rnn.panel.request import ALIGNMENT, PanelRequest
from core.rnn.panel.result import PanelResult, wild_days
from core.rnn.panel.risk.intervals import Intervals
from core.rnn.panel.verdict import Chosen, judge
from core.runs.joint import Ended, run_parts
from core.runs.request import Inputs, Progress
from core.runs.result import Result

MOST_SEED_NUMBERS = 1_000_000  # forecasts of single seeds that a result keeps: 8 MB


@dataclass
class _Fitted:
    """What the parts gave, joined."""

    seeds: dict[str, np.ndarray] = field(default_factory=dict)  # "model/seed" -> (R, N)
    unseen: dict[str, np.ndarray] = field(default_factory=dict)  # symbol -> (R, N)
    causal: dict[str, bool] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    curves: list[pd.DataFrame] = field(default_factory=list)
    not_converged: dict[str, tuple[str, ...]] = field(default_factory=dict)  # model -> tickers
    failed: dict[str, str] = field(default_factory=dict)

    def add(self, part: LearnerRequest, result: LearnerResult) -> None:
        if part.unseen:
            self.unseen[part.unseen] = next(iter(result.points.values()))
            return
        for name, values in result.points.items():
            before = self.seeds.get(name)
            self.seeds[name] = values if before is None else np.where(np.isfinite(values), values, before)
        for model, causal in result.causal.items():
            self.causal[model] = self.causal.get(model, True) and causal
            self.seconds[model] = self.seconds.get(model, 0.0) + result.seconds.get(model, 0.0)
        for model, tickers in result.not_converged.items():
            self.not_converged[model] = (*self.not_converged.get(model, ()), *tickers)
        if len(result.curves):
            self.curves.append(result.curves)

    def committees(self, days: LearnerResult) -> dict[str, np.ndarray]:
        """The mean forecast of each model's seeds, (R, N); models that lack a forecast are noted as failed."""
        grouped = dict[str, list[np.ndarray]]()
        for name, values in self.seeds.items():
            grouped.setdefault(name.partition("/")[0], []).append(values)
        committees = dict[str, np.ndarray]()
        for model, members in grouped.items():
            mean = np.mean(members, axis=0)
            if np.isfinite(mean[:-1][np.isfinite(days.actual)]).all():
                committees[model] = mean
            else:
                self.failed[panel_model(model).title] = "it lacks forecasts of some tickers or days"
        return committees


def join(request: PanelRequest, ended: Ended) -> PanelResult:
    """The result of a panel from its ended parts; RunFailed when the tickers could not be aligned, or no reference is there."""
    fitted, parts, days = _Fitted(), request.parts, None
    for name, outcome in ended:
        if not isinstance(outcome, LearnerResult):
            if name == ALIGNMENT:
                raise RunFailed(str(outcome))
            fitted.failed[name] = str(outcome)
        elif name == ALIGNMENT:
            days = outcome
        else:
            part = parts[name]
            assert isinstance(part, LearnerRequest)
            fitted.add(part, outcome)
    if days is None or days.splits is None:
        raise RunFailed("the tickers were not aligned; run the panel again")
    points = fitted.committees(days)
    points |= combined(request, points)
    if request.target_row.reference not in points:
        reasons = "; ".join(fitted.failed.values())
        raise RunFailed(f"the panel has no {panel_model(request.target_row.reference).title} to compare with: {reasons}")
    return _assembled(request, days, fitted, points)


def _assembled(request: PanelRequest, days: LearnerResult, fitted: _Fitted, points: dict[str, np.ndarray]) -> PanelResult:
    target, test = request.target_row, slice(days.first_test, len(days.days))
    before = slice(0, days.first_test)
    outcomes = Outcomes(target, days.actual, days.returns, days.units, days.sigmas)
    held_out = PanelLosses.leading(outcomes.rows(before), {model: values[before] for model, values in points.items()})
    choice = Choice(held_out)
    not_converged = {model: tickers for model, tickers in fitted.not_converged.items() if model in points}
    chosen = Chosen.by(choice, not_converged)
    of_test = {model: values[test] for model, values in points.items()}
    evidence = Evidence(outcomes.rows(test), of_test, days.symbols, chosen, wild_days(days.market[test]))
    seeds = fitted.seeds if sum(values.size for values in fitted.seeds.values()) <= MOST_SEED_NUMBERS else {}
    return PanelResult(
        target=request.data.target,
        measure=request.data.measure,
        symbols=days.symbols,
        days=days.days,
        first_test=days.first_test,
        splits=days.splits,
        actual=days.actual,
        returns=days.returns,
        cutoffs=days.cutoffs,
        levels=days.levels,
        market=days.market,
        units=days.units,
        sigmas=days.sigmas,
        points=points,
        seeds={name: values for name, values in seeds.items() if panel_model(name.partition("/")[0]).has_seeds},
        models=_models(request, fitted, choice, evidence, Intervals(target, points, days.actual, days.levels, days.first_test)),
        comparisons=comparisons(evidence),
        tickers=by_ticker(evidence),
        regimes=by_regime(evidence),
        unseen=_unseen(request, fitted, evidence, test),
        curves=pd.concat(fitted.curves, ignore_index=True) if fitted.curves else pd.DataFrame(columns=CURVES.names),
        verdict=judge(PanelLosses.leading(evidence.outcomes, of_test), chosen),
        notes=days.notes,
        not_converged=not_converged,
        failed=fitted.failed | {one.symbol: one.reason for one in request.missing},
    )


def _models(request: PanelRequest, fitted: _Fitted, choice: Choice, evidence: Evidence, intervals: Intervals) -> pd.DataFrame:
    """`result.MODELS`: a row a model. `one_seed` is the skill of a single seed against the reference, the mean over seeds."""
    losses = evidence.losses(evidence.outcomes.target.scores[0])
    reference, members = evidence.outcomes.target.reference, members_of(request, evidence.points)
    rows = [
        {
            "model": row.name,
            "title": row.title,
            "group": row.group,
            "line": row.line,
            "pooled": row.pooled,
            "reads_market": row.reads_market,
            "members": ", ".join(members.get(row.name, ())),
            "seeds": len(_seeds(fitted, row)),
            "validation": choice.means[row.name],
            "loss": losses.mean(row.name),
            "one_seed": _one_seed(losses, _seeds(fitted, row), reference),
            "seconds": fitted.seconds.get(row.name, 0.0),
            **dict(zip(("coverage", "adaptive_coverage"), intervals.coverage(row.name), strict=True)),
            "causal": all(fitted.causal.get(name, True) for name in _ingredients(row.name, members)),
        }
        for row in map(panel_model, evidence.points)
    ]
    return pd.DataFrame(rows)


def _ingredients(name: str, members: Mapping[str, Sequence[str]]) -> Iterator[str]:
    if name not in members:
        yield name
    for member in members.get(name, ()):
        yield from _ingredients(member, members)


def _seeds(fitted: _Fitted, row: PanelModel) -> list[np.ndarray]:
    return [values for name, values in fitted.seeds.items() if name.partition("/")[0] == row.name] if row.has_seeds else []


def _one_seed(losses: PanelLosses, seeds: list[np.ndarray], reference: str) -> float:
    if not seeds:
        return float("nan")
    days = len(losses.outcomes.actual)
    single = [float(np.nanmean(losses.of(values[-days - 1 : -1]))) for values in seeds]
    return losses.loss.skill(float(np.mean(single)), losses.mean(reference))


def _unseen(request: PanelRequest, fitted: _Fitted, evidence: Evidence, test: slice) -> pd.DataFrame:
    """`UNSEEN`: how the network forecasts a ticker that it never saw, beside one seed that saw it, and the reference."""
    if not fitted.unseen or f"{request.witness}/{request.seed}" not in fitted.seeds:
        return pd.DataFrame(columns=UNSEEN.names)
    losses = evidence.losses(evidence.outcomes.target.scores[0])
    saw = losses.of(fitted.seeds[f"{request.witness}/{request.seed}"][test])
    reference = losses[evidence.outcomes.target.reference]
    rows = []
    for place, symbol in enumerate(evidence.symbols):
        if symbol in fitted.unseen:
            never = losses.of(fitted.unseen[symbol][test])
            columns = {"seen": saw, "unseen": never, "reference": reference}
            means = {name: float(np.nanmean(values[:, place])) for name, values in columns.items()}
            rows.append({"symbol": symbol, "model": request.witness} | means)
    return pd.DataFrame(rows)


def check(request: PanelRequest, inputs: Inputs) -> None:
    """As the check of any part: all of them read the same prices."""
    check_part(LearnerRequest(data=request.data), inputs)


def run(request: PanelRequest, inputs: Inputs) -> Generator[Progress, Any, Result]:
    """Do the parts here, one after the other; a lab does them as runs of their own instead."""
    return run_parts(request, inputs)
