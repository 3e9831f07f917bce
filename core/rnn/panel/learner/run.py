"""How a learner runs: align the tickers, fit its models, forecast from every origin, and check that none knew the future."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from pkgutil import resolve_name

import numpy as np
import pandas as pd

from core.checkpoints.checkpoint import clock
from core.drive import relayed
from core.rnn.dataset.features import Scaler
from core.rnn.dataset.market import market_of
from core.rnn.dataset.panel import Member, Panel, panel_of
from core.rnn.evaluation.columns import CURVES
from core.rnn.panel.learner.certificate import Certificate
from core.rnn.panel.learner.learned import Learned, Learner, Points, Task
from core.rnn.panel.learner.request import LearnerRequest, PanelData
from core.rnn.panel.learner.result import LearnerResult
from core.rnn.panel.models import panel_model
from core.rnn.prices.prices import Prices
from core.rnn.prices.quality.breaks import taken_as_they_are
from core.runs.request import Inputs, Progress

_STEPS = 1000  # of progress, for all models of a request


def files_of(data: PanelData, inputs: Inputs) -> list[Prices]:
    """The prices of the period, a file a ticker."""
    read = ((one.symbol, Prices.from_bytes(inputs[one.prices])) for one in data.tickers)
    return [prices.model_copy(update={"symbol": symbol}).between(data.start, data.end) for symbol, prices in read]


def aligned(data: PanelData) -> Callable[[Sequence[Prices]], Panel]:
    """The function that aligns files as the request says."""
    return lambda prices: panel_of(prices, data.target_row, data.test_days)


def check(request: LearnerRequest, inputs: Inputs) -> None:
    """InvalidRequest or a PriceError where the tickers cannot be aligned, DoubtfulPrices where those of any look wrong and
    nobody has said that they are right."""
    files = files_of(request.data, inputs)
    aligned(request.data)(files)
    for prices, ticker in zip(files, request.data.tickers, strict=True):
        taken_as_they_are(prices, ticker.symbol, None, None, ticker.as_they_are)


def run(request: LearnerRequest, inputs: Inputs) -> Generator[Progress, None, LearnerResult]:
    """Fit and forecast, or only align."""
    yield Progress(phase="reading the prices")
    files, build = files_of(request.data, inputs), aligned(request.data)
    panel = build(files)
    if not request.models:
        return alignment(panel)
    points, causal, seconds, curves = dict[str, np.ndarray](), dict[str, bool](), dict[str, float](), list[pd.DataFrame]()
    not_converged = dict[str, tuple[str, ...]]()
    certificate = Certificate(panel, files, build)
    for number, name in enumerate(request.models):
        began, task = clock(), Task(request, panel, panel_model(name))
        learner: Learner = resolve_name(task.model.learner)

        def overall(progress: Progress, number: int = number) -> Progress:
            step = round(_STEPS * (number + progress.fraction) / len(request.models))
            return progress.model_copy(update={"step": step, "total": _STEPS})

        for one in (yield from relayed(learner(task), overall)):
            points[f"{name}/{one.seed}"] = forecasts(one, panel)
            causal[name] = causal.get(name, True) and certificate.holds(one)
            if one.not_converged:
                not_converged[name] = one.not_converged
            if one.curve is not None:
                curves.append(one.curve.assign(model=name, seed=one.seed))
        seconds[name] = clock() - began
    table = pd.concat(curves, ignore_index=True)[list(CURVES.names)] if curves else pd.DataFrame(columns=CURVES.names)
    return LearnerResult(
        symbols=panel.symbols, points=points, causal=causal, seconds=seconds, curves=table, not_converged=not_converged
    )


def forecasts(learned: Learned, panel: Panel) -> np.ndarray:
    """Forecasts of every row from the first validation day on, (R, N); those of validation days by the fit before them."""
    held_out, count = _limited(learned.before, panel), panel.test_start - panel.train_end
    return np.concatenate([held_out[:count], learned.test(panel, panel.test_start)])


def _limited(points: Points, panel: Panel) -> np.ndarray:
    return points(panel.until(panel.test_start), panel.train_end)


def alignment(panel: Panel) -> LearnerResult:
    """What happened on the days to forecast, and what was known before them."""
    first = panel.train_end
    level = panel.on_axis({one.symbol: _levels(panel, one.symbol)[one.since(first) :] for one in panel.members}, first)
    cutoffs = panel.on_axis({one.symbol: _cutoffs(panel, one.symbol)[one.since(first) :] for one in panel.members}, first)
    market = market_of(panel, None)
    return LearnerResult(
        symbols=panel.symbols,
        days=panel.days[first:].astype("datetime64[s]").astype(np.int64),
        actual=panel.actual[first:],
        returns=panel.returns[first:],
        cutoffs=np.nan_to_num(cutoffs, nan=0).astype(np.int64),
        levels=level,
        market=market.level[first - 1 :],
        units=panel.units,
        sigmas=np.array([_sigma(member) for member in panel.members]),
        first_test=panel.test_start - first,
        splits=panel.splits,
        notes=panel.notes,
    )


def _sigma(member: Member) -> float:
    """Of a return whose forecast size is 1, on the ticker's training days."""
    train = slice(member.training)
    return member.series.target.sigma_of(member.series.returns[train], np.asarray(member.series.values)[train])


def _levels(panel: Panel, symbol: str) -> np.ndarray:
    """The level before the first own day and after each, (T_i + 1,)."""
    [member] = panel.of([symbol]).members
    return Scaler.fit(member.series.sizes, member.training).levels(member.series.sizes)


def _cutoffs(panel: Panel, symbol: str) -> np.ndarray:
    """Seconds of the day before each own day and of the last, (T_i + 1,); of the first day itself."""
    [member] = panel.of([symbol]).members
    own = member.series.days.astype("datetime64[s]").astype(np.float64)
    return np.concatenate([own[:1], own])
