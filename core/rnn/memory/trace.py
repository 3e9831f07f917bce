"""What a trained network computes while it reads the days until an origin, in numpy: x_t, gates, c_t, h_t, y_t of every step.

The steps of a network of type many-to-many are all days from the first on; the other types read a window, of one day or many,
and where a path is written, its steps follow. All values are of float64 equations with the stored float32 weights, so they
equal torch's to about 1e-6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import torch

from core.errors import SeriesTooShort
from core.rnn.dataset.series import Series
from core.rnn.memory.equations import Layer, Values, layers_of
from core.rnn.networks.modules import EncoderDecoder, FeedForward, ManyToMany, ManyToOne, OneToMany
from core.rnn.networks.network import Network

MOVES = ("size of the move", "move", "level")  # what is read each day, in the order of `features.Scaler.features`
FED = "own forecast of the day before"


@dataclass(frozen=True)
class Part:
    """One layer in one direction over its steps, in the order of time."""

    name: str  # "layer 1", "layer 1 backwards", "decoder 1"
    steps: np.ndarray  # (S,) position in the series of the day that is read, or of a decoder's the day that is forecast
    x: np.ndarray  # (S, inputs) what it reads
    held: Values  # (S, units) each: gates, "c" of an LSTM, "h"
    mode: str  # its row of `equations.EQUATIONS`; "feed-forward"
    layer: Layer | None = None  # its weights; of a feed-forward layer there are none from a state
    start: Values = field(default_factory=dict)  # c and h before its first step; zeros where there are none

    def before(self, step: int) -> Values:
        """c and h, (units,) each, of the step that was read before this one (a place in `steps`)."""
        backwards = self.layer is not None and self.layer.backwards
        earlier = step + 1 if backwards else step - 1
        if 0 <= earlier < len(self.steps):
            return {name: self.held[name][earlier] for name in ("c", "h") if name in self.held}
        zeros = np.zeros(self.held["h"].shape[-1])
        return {"c": zeros, "h": zeros} | self.start


@dataclass(frozen=True)
class Trace:
    """Everything that a network computes for the forecast from one origin, or on the way to it."""

    parts: tuple[Part, ...]
    y_steps: np.ndarray  # (N,) position of the day after which y is given
    y: np.ndarray  # (N, outputs) W_y·h + b_y
    units: np.ndarray  # (N,) that each y forecasts in: the level after its day, on a path after the origin; 1: there is none
    forecast: np.ndarray  # (H,) of the days after the origin, in units of the target
    states: np.ndarray  # (N, states) h, what the head reads

    @property
    def writes(self) -> bool:
        """Whether its last steps are days that are forecast: a path."""
        return int(self.parts[-1].steps[-1]) > int(self.y_steps[-1])

    @property
    def top(self) -> tuple[Part, ...]:
        """The highest layer of what reads the days: one part, or both directions."""
        own = [part for part in self.parts if not part.name.startswith("decoder")]
        both = len(own) > 1 and own[-1].name.endswith("backwards")
        return tuple(own[-2:] if both else own[-1:])


@dataclass(frozen=True)
class _Opened:
    """The weights of a network as numpy arrays, and its head."""

    network: Network
    weights: dict[str, np.ndarray]

    @classmethod
    def of(cls, network: Network) -> _Opened:
        return cls(network, {name: value.numpy() for name, value in network.model.state_dict().items()})

    def layers(self, cell: str) -> list[list[Layer]]:
        """Of the module's attribute of this name."""
        own = {name.removeprefix(f"{cell}."): value for name, value in self.weights.items() if name.startswith(f"{cell}.")}
        return layers_of(getattr(self.network.model, cell), own)

    def head(self, states: np.ndarray) -> np.ndarray:
        """y = W_y·h + b_y of states (…, S): (…, outputs)."""
        return states @ self.weights["head.linear.weight"].astype(np.float64).T + self.weights["head.linear.bias"]

    def point(self, y: np.ndarray) -> np.ndarray:
        """The forecasts that y (…, steps · K) stands for: (…, steps), in the network's units."""
        head = self.network.model.head
        raw = torch.from_numpy(y).unflatten(-1, (head.steps, -1))
        return head.loss.point(head.loss.activation(raw)).numpy()


# parts, steps of y, y, forecast (H,) in the network's units, states that the head reads
Traced = tuple[list[Part], np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Tracer:
    """Traces of a fitted network on a series, for one day after another.

    What all days share is computed once: weights, features, and of a network that reads every day all of its steps, for the
    values of a day depend on no later one.
    """

    series: Series
    opened: _Opened
    features: np.ndarray  # (T, F)
    units: np.ndarray  # (T + 1,) of the outputs, before the first day and after each

    @classmethod
    def of(cls, network: Network, series: Series) -> Tracer:
        features = network.features(series).numpy().astype(np.float64)
        return cls(series, _Opened.of(network), features, network.units(series))

    def until(self, origin: int) -> Trace:
        """What the network computes for its forecast after day `origin` of the series (a position in it).

        InvalidRequest for a cell without equations; SeriesTooShort where fewer days come before than it reads.
        """
        network = self.opened.network
        read = network.window or origin + 1
        if not read - 1 <= origin < len(self.series):
            days = len(self.series)
            raise SeriesTooShort(f"the network reads {read} days; day {origin + 1} of {days} has not so many before it")
        if network.window is None:
            return self._cut(origin)
        steps = np.arange(origin + 1 - read, origin + 1)
        parts, at, y, forecast, states = _TRACES[type(network.model)](self.opened, self.features[steps], steps)
        unit = self.units[origin + 1]
        return Trace(tuple(parts), at, y, np.full(len(y), unit), forecast * unit, states)

    @cached_property
    def _every_day(self) -> Traced:
        return _many_to_many(self.opened, self.features, np.arange(len(self.series)))

    def _cut(self, origin: int) -> Trace:
        """The trace of a network that reads every day, until an origin."""
        parts, steps, y, _, states = self._every_day
        read = slice(origin + 1)
        cut = tuple(
            replace(part, steps=part.steps[read], x=part.x[read], held={name: held[read] for name, held in part.held.items()})
            for part in parts
        )
        units = self.units[1:][read]
        return Trace(cut, steps[read], y[read], units, self.opened.point(y[origin]) * units[origin], states[read])


def trace(network: Network, series: Series, origin: int) -> Trace:
    """`Tracer.until` of a day, computed from the days until it alone."""
    return Tracer.of(network, series.until(origin + 1)).until(origin)


def _read(stack: list[list[Layer]], x: np.ndarray, steps: np.ndarray, name: str = "layer") -> list[Part]:
    """The parts of recurrent layers, one on top of the other, that read x (S, F) from a state of zeros."""
    parts: list[Part] = []
    for number, directions in enumerate(stack, start=1):
        both = [
            Part(f"{name} {number}{' backwards' * layer.backwards}", steps, x, layer.read(x), layer.mode, layer)
            for layer in directions
        ]
        x = np.concatenate([part.held["h"] for part in both], axis=-1)
        parts += both
    return parts


def _many_to_many(opened: _Opened, x: np.ndarray, steps: np.ndarray) -> Traced:
    parts = _read(opened.layers("cell"), x, steps)
    states = parts[-1].held["h"]
    y = opened.head(states)
    return parts, steps, y, opened.point(y[-1]), states


def _many_to_one(opened: _Opened, x: np.ndarray, steps: np.ndarray) -> Traced:
    stack = opened.layers("cell")
    parts = _read(stack, x, steps)
    ends = [
        part.held["h"][0 if layer.backwards else -1] for part, layer in zip(parts[-len(stack[-1]) :], stack[-1], strict=True)
    ]
    states = np.concatenate(ends)
    y = opened.head(states)
    return parts, steps[-1:], y[None], opened.point(y), states[None]


def _feed_forward(opened: _Opened, x: np.ndarray, steps: np.ndarray) -> Traced:
    parts, read = [], x.reshape(1, -1)
    for number, place in enumerate(range(0, 2 * opened.network.architecture.layers, 2), start=1):  # each followed by its tanh
        weight, bias = (opened.weights[f"layers.{place}.{name}"].astype(np.float64) for name in ("weight", "bias"))
        h = np.tanh(read @ weight.T + bias)
        units = len(bias)
        layer = Layer("feed-forward", weight, np.zeros((units, 0)), bias, np.zeros(units))
        parts.append(Part(f"layer {number}", steps[-1:], read, {"h": h}, "feed-forward", layer))
        read = h
    y = opened.head(read[0])
    return parts, steps[-1:], y[None], opened.point(y), read


def _one_to_many(opened: _Opened, x: np.ndarray, steps: np.ndarray) -> Traced:
    first = np.concatenate([x[0], [0.0]])
    zeros = [{"c": np.zeros(layers[0].units), "h": np.zeros(layers[0].units)} for layers in opened.layers("cell")]
    return _written(opened, "cell", first, zeros, steps[-1], "layer")


def _encoder_decoder(opened: _Opened, x: np.ndarray, steps: np.ndarray) -> Traced:
    stack = opened.layers("cell")
    encoder = _read(stack, x, steps)
    ends = [
        {name: part.held[name][0 if layer.backwards else -1] for name in part.held if name in ("c", "h")}
        for part, layer in zip(encoder, [layer for layers in stack for layer in layers], strict=True)
    ]
    both = len(stack[0])
    state = [
        {name: np.mean([end[name] for end in ends[at : at + both]], axis=0) for name in ends[at]}
        for at in range(0, len(ends), both)
    ]
    parts, at, y, forecast, states = _written(opened, "decoder", np.zeros(1), state, steps[-1], "decoder")
    return encoder + parts, at, y, forecast, states


def _written(opened: _Opened, cell: str, fed: np.ndarray, state: list[Values], origin: int, name: str) -> Traced:
    """A path of days: after `fed` (inputs,) the cell is fed zeros and, last, its own forecast of the day before."""
    layers, horizon = [directions[0] for directions in opened.layers(cell)], opened.network.architecture.horizon
    read: list[list[np.ndarray]] = [[] for _ in layers]
    days: list[list[Values]] = [[] for _ in layers]
    start, path, forecasts, tops = list(state), [], [], []
    for _ in range(horizon):
        x = fed
        for number, layer in enumerate(layers):
            once = layer.read(x[None], state[number])
            state[number] = {key: value[0] for key, value in once.items()}
            read[number].append(x)
            days[number].append(state[number])
            x = state[number]["h"]
        tops.append(x)
        path.append(opened.head(x))
        forecasts.append(opened.point(path[-1])[0])
        fed = np.concatenate([np.zeros(len(fed) - 1), forecasts[-1:]])
    steps = origin + 1 + np.arange(horizon)
    parts = [
        Part(f"{name} {number + 1}", steps, np.stack(read[number]), _stacked(days[number]), layer.mode, layer, start[number])
        for number, layer in enumerate(layers)
    ]
    return parts, steps - 1, np.stack(path), np.array(forecasts), np.stack(tops)


def _stacked(days: list[Values]) -> Values:
    return {name: np.stack([day[name] for day in days]) for name in days[0]}


_TRACES: dict[type, Callable[[_Opened, np.ndarray, np.ndarray], Traced]] = {
    ManyToMany: _many_to_many,
    ManyToOne: _many_to_one,
    FeedForward: _feed_forward,
    OneToMany: _one_to_many,
    EncoderDecoder: _encoder_decoder,
}
