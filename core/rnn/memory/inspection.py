"""A day looked into: the traces of a comparison's networks at one origin, as tables and for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from core.errors import InvalidRequest
from core.rnn.compare import CompareRequest, CompareResult, dataset_of, fitted
from core.rnn.dataset.series import Series
from core.rnn.dataset.splits import Splits
from core.rnn.memory.alike import Alike, days_alike, states_of
from core.rnn.memory.equations import EQUATIONS, FEED_FORWARD, OUTPUT, SATURATED
from core.rnn.memory.trace import FED, MOVES, Part, Trace, Tracer
from core.rnn.memory.unrolled.forecast_terms import forecast_formula
from core.rnn.networks.network import Network
from core.rnn.prices.prices import Prices
from core.runs.request import Inputs
from core.system.dates import say_day

TABLE = ("date", "variant", "seed", "part", "unit", "gate", "value")
States = tuple[np.ndarray, np.ndarray]  # positions (D,) of days, and the states (D, S) after them
SHOWN = 60  # steps of a network that reads all days


@dataclass(frozen=True)
class OpenNetworks:
    """The networks of a finished comparison with equations, and the series that they read."""

    request: CompareRequest
    prices: Prices
    series: Series
    splits: Splits
    networks: dict[tuple[str, int], Network]  # by variant and seed

    @classmethod
    def of(cls, result: CompareResult, request: CompareRequest, inputs: Inputs, models: Iterable[str] = ()) -> OpenNetworks:
        """All variants of the comparison, or those named; InvalidRequest where one is not in it."""
        chosen = tuple(models) or request.cells
        if strange := [name for name in chosen if name not in request.cells]:
            raise InvalidRequest(f"{strange[0]!r} is no network of this comparison; it has {', '.join(request.cells)}")
        candidates = fitted(result, request, inputs, chosen)
        networks = {(one.model, one.seed): one.forecaster for one in candidates if isinstance(one.forecaster, Network)}
        data = dataset_of(request, inputs)
        return cls(request, data.prices, data.series, data.splits, networks)

    def position(self, day: date | np.datetime64) -> int:
        """The last day of the series until this one; InvalidRequest before the first."""
        place = int(np.searchsorted(self.series.days, np.datetime64(day) + np.timedelta64(1, "D"))) - 1
        if place < 0:
            raise InvalidRequest(f"the first day is {say_day(self.series.days[0])}; {day} lies before it")
        return place

    def tracer(self, model: str, seed: int) -> Tracer:
        """One network, for many days."""
        return Tracer.of(self.networks[model, seed], self.series)

    def inspected(self, model: str, seed: int, day: date | np.datetime64, tracer: Tracer | None = None) -> Inspected:
        """One network at the origin of a day; its `tracer`, if there is one, spares what days share."""
        traced = (tracer or self.tracer(model, seed)).until(self.position(day))
        return Inspected(model, seed, self.networks[model, seed], self.series, traced)

    def alike(self, model: str, seed: int, day: date | np.datetime64, ahead: int = 5, states: States | None = None) -> Alike:
        """The days after which this network's state was most like that of a day, and the `ahead` days after each.

        `states` are those of all days (`alike.states_of`), where they have been computed before.
        """
        positions_and_states = states or states_of(self.networks[model, seed], self.series)
        return days_alike(*positions_and_states, self.series, self.position(day), ahead)

    def follows(self, model: str, seed: int) -> pd.DataFrame:
        """`FOLLOWED`: which of its inputs each unit of the state that this network's head reads follows, over all days."""
        network = self.networks[model, seed]
        positions, states = states_of(network, self.series)
        return followed(states, features_by_name(network, self.series, positions))

    def alike_plain(self, model: str, seed: int, day: date | np.datetime64) -> dict[str, Any]:
        """The same for JSON."""
        alike = self.alike(model, seed, day)
        about = {"difference": alike.difference, "p": alike.p, "any_day": float(alike.any_day.mean())}
        days = zip(self.series.days[alike.days], alike.distances, alike.after, strict=True)
        rows = [{"date": str(when), "distance": float(far), "after": after.tolist()} for when, far, after in days]
        return about | {"days": rows}


@dataclass(frozen=True)
class Inspected:
    """One network's trace until an origin, with its days and names."""

    model: str
    seed: int
    network: Network
    series: Series
    traced: Trace

    @property
    def formulas(self) -> tuple[str, ...]:
        """The lecture's equations of its cell, LaTeX; the last makes the forecast of the output."""
        mode = self.traced.parts[0].mode
        cell = EQUATIONS[mode].formulas if mode in EQUATIONS else (FEED_FORWARD,)
        return (*cell, OUTPUT, forecast_formula(self.network.loss, self.traced.writes))

    @property
    def inputs(self) -> tuple[str, ...]:
        """What x_t holds, in words."""
        columns = self.traced.parts[0].x.shape[1]
        further = columns - len(MOVES) - self.series.extras.shape[1]
        extras = [f"further input {n + 1}" for n in range(self.series.extras.shape[1])]
        return (*MOVES, *extras, *([FED] if further == 1 else []))[:columns]

    def table(self, steps: int | None = None) -> pd.DataFrame:
        """`TABLE`: x, every gate, c, h and y of the last `steps` steps, all of them by default, one number a row.

        `unit` counts from 1: of x the inputs, of y the outputs.
        """
        tables = [self._rows(part, gate, values, steps) for part in self.traced.parts for gate, values in numbers(part).items()]
        y = self._long(self._dates(self.traced.y_steps)[-(steps or 0) :], "output", "y", self.traced.y[-(steps or 0) :])
        return pd.concat([*tables, y], ignore_index=True)[list(TABLE)]

    def plain(self, steps: int = SHOWN) -> dict[str, Any]:
        """For JSON: the same numbers, by part and step."""
        return {
            "model": self.model,
            "seed": self.seed,
            "formulas": self.formulas,
            "parts": [self._plain_part(part, steps) for part in self.traced.parts],
            "outputs": [
                {"date": when, "y": y.tolist()}
                for when, y in zip(self._texts(self.traced.y_steps)[-steps:], self.traced.y[-steps:], strict=True)
            ],
            "forecast": self.traced.forecast.tolist(),
            "saturated": saturated(self.traced.parts),
        }

    def _plain_part(self, part: Part, steps: int) -> dict[str, Any]:
        dates = self._texts(part.steps)[-steps:]
        held = {name: values[-steps:].tolist() for name, values in numbers(part).items()}
        return {
            "part": part.name,
            "steps": [{"date": when} | {name: values[n] for name, values in held.items()} for n, when in enumerate(dates)],
        }

    def _rows(self, part: Part, gate: str, values: np.ndarray, steps: int | None) -> pd.DataFrame:
        last = slice(-steps if steps else None, None)
        return self._long(self._dates(part.steps)[last], part.name, gate, values[last])

    def _long(self, dates: np.ndarray, part: str, gate: str, values: np.ndarray) -> pd.DataFrame:
        count = values.shape[1]
        columns = {
            "date": np.repeat(dates, count),
            "variant": self.model,
            "seed": self.seed,
            "part": part,
            "unit": np.tile(np.arange(1, count + 1), len(values)),
            "gate": gate,
            "value": values.ravel(),
        }
        return pd.DataFrame(columns)

    def _dates(self, steps: np.ndarray) -> np.ndarray:
        """The days of steps; a step after the series has none (NaT)."""
        days = self.series.days.astype("datetime64[s]")
        within = np.minimum(steps, len(days) - 1)
        return np.where(steps < len(days), days[within], np.datetime64("NaT", "s"))

    def _texts(self, steps: np.ndarray) -> list[str | None]:
        dates = self._dates(steps)
        bars = self.series.days.dtype == np.dtype("datetime64[s]")
        return [None if np.isnat(one) else str(one if bars else one.astype("datetime64[D]")) for one in dates]


def numbers(part: Part) -> dict[str, np.ndarray]:
    """What a part reads and computes, (S, …) each: x, gates, c, h."""
    return {"x": part.x} | part.held


def saturated(parts: Sequence[Part]) -> dict[str, dict[str, float]]:
    """Of every gate of the recurrent parts the shares of numbers at a bound: "low" and "high".

    A gate between 0 and 1 is closed below 0.1 and open above 0.9; a candidate, between −1 and 1, is at a bound beyond ± 0.9.
    """
    shares: dict[str, dict[str, float]] = {}
    for part in parts:
        for gate in EQUATIONS[part.mode].gates if part.mode in EQUATIONS else ():
            values = part.held[gate]
            low = SATURATED - 1 if gate in EQUATIONS[part.mode].signed else SATURATED
            shares[f"{part.name}, {gate}"] = {
                "low": float((values < low).mean()),
                "high": float((values > 1 - SATURATED).mean()),
            }
    return shares


FOLLOWED = ("unit", "follows", "correlation")


def followed(states: np.ndarray, about: dict[str, np.ndarray]) -> pd.DataFrame:
    """`FOLLOWED`: which of the series (T,) each unit of states (T, units) follows most, by the size of the correlation.

    Sorted by what they follow, the closest first. A unit that never changes follows nothing: "", 0.
    """
    units = states.shape[1]
    own, others = _standardised(states), _standardised(np.stack(list(about.values()), axis=1))
    correlation = own.T @ others / len(states)  # (units, series)
    best = np.abs(correlation).argmax(axis=1)
    names = np.array(list(about))[best]
    value = correlation[np.arange(units), best]
    table = pd.DataFrame({"unit": np.arange(1, units + 1), "follows": np.where(value == 0, "", names), "correlation": value})
    place = {name: number for number, name in enumerate([*about, ""])}
    order = sorted(range(units), key=lambda unit: (place[table["follows"][unit]], -abs(value[unit])))
    return table.iloc[order].reset_index(drop=True)


def _standardised(values: np.ndarray) -> np.ndarray:
    spread = values.std(axis=0)
    return np.where(spread > 0, (values - values.mean(axis=0)) / np.where(spread > 0, spread, 1), 0)


def features_by_name(network: Network, series: Series, steps: np.ndarray) -> dict[str, np.ndarray]:
    """What the units may follow: the inputs of the steps, (S,) each, by name."""
    read = network.features(series).numpy()[steps].astype(np.float64)
    extras = [f"further input {n + 1}" for n in range(read.shape[1] - len(MOVES))]
    return dict(zip((*MOVES, *extras), read.T, strict=True))
