"""How memory runs: open the comparison's networks, measure what they keep, train and measure the placebos, test."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np
import pandas as pd

from core.checkpoints.checkpoint import clock
from core.drive import relayed, until_stopped
from core.errors import InvalidRequest
from core.rnn.compare import CompareResult, dataset_of, fitted, untrained
from core.rnn.dataset.series import Series
from core.rnn.dataset.splits import training_days
from core.rnn.evaluation.backtest import Candidate, refits
from core.rnn.memory.connected import by_lag, sizes_table, weights_table
from core.rnn.memory.placebo import ALPHA, agreement, p_values, shuffled
from core.rnn.memory.request import MemoryRequest
from core.rnn.memory.result import GRADIENTS, PLACEBO, STAGES, TRAINED, VARIANTS, MemoryResult, half_lag
from core.rnn.models import MODELS, TITLES
from core.runs.request import Inputs, Progress, Wish, key_of

if TYPE_CHECKING:  # they bring torch, which `check` does without
    from core.rnn.networks.network import Network


@dataclass(frozen=True)
class Days:
    """The series, the day before which the networks were fitted last, and the first test day."""

    series: Series
    fitted_until: int
    test_start: int

    def in_another_order(self, seed: int) -> Days:
        """With the days before the last fit shuffled."""
        return Days(shuffled(self.series, self.fitted_until, seed), self.fitted_until, self.test_start)


@dataclass(frozen=True)
class Measured:
    """One network on its own series."""

    sizes: np.ndarray  # (days, lags) connectivity
    agreement: float


def days_of(request: MemoryRequest, inputs: Inputs) -> Days:
    """What the comparison's networks learned from and are looked into on."""
    data = dataset_of(request.comparison, inputs)
    last = refits(data.series, data.splits, request.comparison.refit_days)[-1]
    return Days(data.series, last, data.splits.test_start)


def check(request: MemoryRequest, inputs: Inputs) -> None:
    """StoreError, InvalidRequest, SeriesTooShort or PriceError where the run could only fail."""
    days_of(request, inputs)
    if unfinished := CompareResult.from_bytes(inputs[request.networks]).unfinished:
        raise InvalidRequest(f"{unfinished} Run the comparison again to its end to look into all its networks.")


def measured(network: Network, days: Days) -> Measured:
    """The connectivity of a fitted network on the test days, and how well its forecasts of them agree with what came."""
    from core.rnn.memory.gradients.connectivity import connectivity, origins_of  # here: it brings torch

    forecast = network.forecast(days.series, days.test_start)[:-1, 0]
    held = agreement(forecast, np.asarray(days.series.values)[days.test_start : days.test_start + len(forecast)])
    return Measured(connectivity(network, days.series, origins_of(days.series, days.test_start)), held)


def trained_on(request: MemoryRequest, cell: str, seed: int, days: Days) -> Generator[Progress, None, Measured]:
    """A new network of a cell and a seed, trained as the comparison's was, on these days."""
    network = untrained(request.comparison, cell, seed, days.series.extras.shape[1])
    yield from network.fit(days.series.until(days.fitted_until), training_days(days.fitted_until))
    return measured(network, days)


def placebos(request: MemoryRequest, days: Days) -> Generator[Progress, Wish | None, list[list[list[Measured]]]]:
    """By order, variant and seed; stopped, the orders of which all networks are trained, one at the least."""
    began = clock()
    cells, seeds, first = request.comparison.cells, request.seeds, request.comparison.seed
    own = range(first, first + seeds)
    parts = [(order, cell, seed) for order in range(1, request.placebos + 1) for cell in cells for seed in own]

    def overall(number: int, progress: Progress) -> Progress:
        order, cell, _ = parts[number]
        phase = f"placebo {order} of {request.placebos}, {TITLES[cell]}"
        return _progress(phase, number + progress.fraction, len(parts), clock() - began)

    trainings = (trained_on(request, cell, seed, days.in_another_order(order)) for order, cell, seed in parts)
    of_an_order = len(cells) * seeds
    flat = yield from until_stopped(trainings, overall, enough=lambda done: len(done) >= of_an_order)
    by_cell = [flat[at : at + seeds] for at in range(0, len(flat) // of_an_order * of_an_order, seeds)]
    return [by_cell[at : at + len(cells)] for at in range(0, len(by_cell), len(cells))]


def _progress(phase: str, done: float, total: int, elapsed: float) -> Progress:
    left = elapsed * (total - done) / done if elapsed > 0.5 and done else None
    return Progress(phase=phase, step=round(100 * done), total=100 * total, seconds_left=left)


def run(request: MemoryRequest, inputs: Inputs) -> Generator[Progress, Wish | None, MemoryResult]:
    """Measure the networks of the comparison, then train and measure the placebos of each, until all are done or it is
    stopped."""
    yield Progress(phase="opening the networks")
    days, comparison = days_of(request, inputs), CompareResult.from_bytes(inputs[request.networks])
    models, cells = fitted(comparison, request.comparison, inputs), request.comparison.cells
    own = [[measured(cast("Network", one.forecaster), days) for one in models if one.model == cell] for cell in cells]
    first = request.comparison.seed
    linear = weights_table([one for one in models if MODELS[one.model].is_classical], days.series)
    trained = [
        sizes_table(cell, n, one.sizes) for cell, seeds in zip(cells, own, strict=True) for n, one in enumerate(seeds, first)
    ]
    gradients, stages = yield from _backward(models, days, cells)
    orders = yield from placebos(request, days)
    return MemoryResult(
        symbol=request.comparison.symbol,
        target=request.comparison.target,
        measure=request.comparison.measure,
        comparison=key_of(request.comparison),
        placebos=len(orders),
        planned=request.placebos if len(orders) < request.placebos else 0,
        seeds=request.seeds,
        trained=_table(trained, TRAINED),
        placebo=_table([_placebo(cell, [order[n] for order in orders]) for n, cell in enumerate(cells)], PLACEBO),
        linear=linear,
        gradients=gradients,
        stages=stages,
        variants=_variants(request, own, orders),
    )


def _backward(
    models: Sequence[Candidate], days: Days, cells: Sequence[str]
) -> Generator[Progress, None, tuple[pd.DataFrame, pd.DataFrame]]:
    """`GRADIENTS` and `STAGES` of the first seed of each variant that reads day by day."""
    from core.rnn.memory.gradients.backward import can_go_back, gradient_table, stages

    gradients, about = list[pd.DataFrame](), list[pd.DataFrame]()
    first = min(one.seed for one in models if one.model in cells)
    for one in models:
        if one.model not in cells or one.seed != first or not can_go_back(network := cast("Network", one.forecaster)):
            continue
        training = stages(network, days.series, days.fitted_until, training_days(days.fitted_until))
        by_stage = yield from relayed(training, partial(_following, one.model))
        for stage, back in by_stage.items():
            gradients.append(gradient_table(one.model, stage, back))
            about.append(pd.DataFrame([{"model": one.model, "stage": stage, "radius": back.radius, "norm": back.weights}]))
    return _table(gradients, GRADIENTS), _table(about, STAGES)


def _following(model: str, progress: Progress) -> Progress:
    return Progress(phase=f"following the gradient of the {TITLES[model]}")


def _table(parts: Sequence[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    whole = [part for part in parts if len(part)] or [pd.DataFrame(columns=list(columns))]
    return pd.concat(whole, ignore_index=True)[list(columns)]


def _placebo(cell: str, orders: Sequence[Sequence[Measured]]) -> pd.DataFrame:
    """`PLACEBO` of one variant, a mean over its seeds."""
    tables = []
    for order, seeds in enumerate(orders, start=1):
        size = np.mean([one.sizes.mean(axis=0) for one in seeds], axis=0)
        tables.append(by_lag(len(size)).assign(model=cell, order=order, size=size, agreement=_held(seeds)))
    return pd.concat(tables)


def _held(seeds: Sequence[Measured]) -> float:
    return float(np.mean([one.agreement for one in seeds]))


def _variants(
    request: MemoryRequest, own: Sequence[Sequence[Measured]], orders: Sequence[Sequence[Sequence[Measured]]]
) -> pd.DataFrame:
    """`VARIANTS`: the test, and the lags that hold half."""
    held = np.array([_held(seeds[: request.seeds]) for seeds in own])
    by_chance = np.array([[_held(seeds) for seeds in order] for order in orders])  # (placebos, variants)
    p = p_values(held, by_chance)
    curves = [np.mean([one.sizes.mean(axis=0) for one in seeds], axis=0) for seeds in own]
    placebo = [np.mean([one.sizes.mean(axis=0) for order in orders for one in order[n]], axis=0) for n in range(len(own))]
    columns = {
        "model": list(request.comparison.cells),
        "agreement": held,
        "placebo_agreement": by_chance.mean(axis=0),
        "placebo_highest": by_chance.max(axis=0),
        "p": p,
        "more_than_chance": p <= ALPHA,
        "half_lag": [half_lag(curve) for curve in curves],
        "placebo_half_lag": [half_lag(curve) for curve in placebo],
        "peak": [int(curve.argmax()) + 1 for curve in curves],
        "placebo_peak": [int(curve.argmax()) + 1 for curve in placebo],
    }
    return pd.DataFrame(columns)[list(VARIANTS)]
