"""The equations of the recurrent layers in numpy, one day at a time, so that every number in them can be shown.

    vanilla  h_t = act(W_h·[x_t, h_{t−1}] + b_h), act tanh or ReLU                          (Elman 1990)
    LSTM     i, f, o = σ(W·[x_t, h_{t−1}] + b)   g = tanh(W·[x_t, h_{t−1}] + b)
             c_t = f ∘ c_{t−1} + i ∘ g           h_t = o ∘ tanh(c_t)                        (Hochreiter & Schmidhuber 1997)
    GRU      r, z = σ(W·[x_t, h_{t−1}] + b)      n = tanh(W·x_t + b + r ∘ (V·h_{t−1} + d))
             h_t = (1 − z) ∘ n + z ∘ h_{t−1}                                                (Cho et al. 2014)

They share no code with torch's layers, which compute the same; rows have torch's name of the layer (`mode`) as their key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.errors import InvalidRequest

Values = dict[str, np.ndarray]  # of one day, by name: the gates, then "c" where there is one, then "h"; (…, units) each
SATURATED = 0.1  # a gate is closed below it and open above 1 − it; a candidate is at a bound where |n| is above 1 − it


@dataclass(frozen=True)
class Layer:
    """One layer in one direction, G gates one below the other.

    W_h of the lecture is `from_input` and `from_state` side by side, b_h is the sum of both biases.
    """

    mode: str
    from_input: np.ndarray  # (G · units, inputs)
    from_state: np.ndarray  # (G · units, units)
    input_bias: np.ndarray  # (G · units,)
    state_bias: np.ndarray  # (G · units,)
    backwards: bool = False

    @classmethod
    def of(cls, mode: str, weights: Mapping[str, np.ndarray], end: str) -> Layer:
        """From torch's parameters of a layer, whose names end with `end`: "l0", "l1_reverse"."""
        if mode not in EQUATIONS:
            raise InvalidRequest(f"there are no equations for {mode}; choose a vanilla, LSTM or GRU network")
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        from_input, from_state, input_bias, state_bias = (weights[f"{name}_{end}"].astype(np.float64) for name in names)
        return cls(mode, from_input, from_state, input_bias, state_bias, end.endswith("_reverse"))

    @property
    def units(self) -> int:
        return self.from_state.shape[1]

    def both(self, x: np.ndarray, h: np.ndarray) -> np.ndarray:
        """W_h·[x_t, h_{t−1}] + b_h, (…, G · units)."""
        return x @ self.from_input.T + h @ self.from_state.T + self.input_bias + self.state_bias

    def read(self, inputs: np.ndarray, before: Values | None = None) -> Values:
        """Every value of every day, (…, T, units) each, in the order of time, while inputs (…, T, F) are read.

        `before` holds h, and c of an LSTM, of the day before the first, (…, units) each; zeros by default.
        """
        zeros = np.zeros((*inputs.shape[:-2], self.units))
        now: Values = {"c": zeros, "h": zeros} if before is None else dict(before)
        order = range(inputs.shape[-2])
        days = []
        for t in reversed(order) if self.backwards else order:
            now = EQUATIONS[self.mode].step(self, inputs[..., t, :], now)
            days.append(now)
        in_time = days[::-1] if self.backwards else days
        return {name: np.stack([day[name] for day in in_time], axis=-2) for name in in_time[0]}


@dataclass(frozen=True)
class Equations:
    """What a kind of layer computes in a day, and how the lecture writes it (LaTeX)."""

    step: Callable[[Layer, np.ndarray, Mapping[str, np.ndarray]], Values]  # layer, x_t (…, F), the values of the day before
    formulas: tuple[str, ...]
    gates: Mapping[str, str]  # the gate's name in tables -> its letter
    signed: tuple[str, ...] = ()  # gates between −1 and 1; the others are between 0 and 1


def sigmoid(x: np.ndarray) -> np.ndarray:
    """σ(x) = 1 / (1 + e^−x), by tanh, which does not overflow."""
    return 0.5 + 0.5 * np.tanh(0.5 * x)


def _tanh(layer: Layer, x: np.ndarray, before: Mapping[str, np.ndarray]) -> Values:
    return {"h": np.tanh(layer.both(x, before["h"]))}


def _relu(layer: Layer, x: np.ndarray, before: Mapping[str, np.ndarray]) -> Values:
    return {"h": np.maximum(layer.both(x, before["h"]), 0)}


def _lstm(layer: Layer, x: np.ndarray, before: Mapping[str, np.ndarray]) -> Values:
    i, f, g, o = np.split(layer.both(x, before["h"]), 4, axis=-1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c = f * before["c"] + i * g
    return {"input": i, "forget": f, "candidate": g, "output": o, "c": c, "h": o * np.tanh(c)}


def _gru(layer: Layer, x: np.ndarray, before: Mapping[str, np.ndarray]) -> Values:
    h = before["h"]
    r_x, z_x, n_x = np.split(x @ layer.from_input.T + layer.input_bias, 3, axis=-1)
    r_h, z_h, n_h = np.split(h @ layer.from_state.T + layer.state_bias, 3, axis=-1)
    r, z = sigmoid(r_x + r_h), sigmoid(z_x + z_h)
    n = np.tanh(n_x + r * n_h)
    return {"reset": r, "update": z, "candidate": n, "h": (1 - z) * n + z * h}


_VANILLA = r"h_t = \{act}(W_h\,[x_t, h_{t-1}] + b_h)"
EQUATIONS: dict[str, Equations] = {
    "RNN_TANH": Equations(_tanh, (_VANILLA.replace("{act}", "tanh"),), {}),
    "RNN_RELU": Equations(_relu, (_VANILLA.replace(r"\{act}", r"\operatorname{ReLU}"),), {}),
    "LSTM": Equations(
        _lstm,
        (
            r"i_t = \sigma(W_i\,[x_t, h_{t-1}] + b_i)",
            r"f_t = \sigma(W_f\,[x_t, h_{t-1}] + b_f)",
            r"g_t = \tanh(W_g\,[x_t, h_{t-1}] + b_g)",
            r"o_t = \sigma(W_o\,[x_t, h_{t-1}] + b_o)",
            r"c_t = f_t \circ c_{t-1} + i_t \circ g_t",
            r"h_t = o_t \circ \tanh(c_t)",
        ),
        {"input": "i", "forget": "f", "candidate": "g", "output": "o"},
        signed=("candidate",),
    ),
    "GRU": Equations(
        _gru,
        (
            r"r_t = \sigma(W_r\,[x_t, h_{t-1}] + b_r)",
            r"z_t = \sigma(W_z\,[x_t, h_{t-1}] + b_z)",
            r"n_t = \tanh(W_n\,x_t + b_n + r_t \circ (V_n\,h_{t-1} + d_n))",
            r"h_t = (1 - z_t) \circ n_t + z_t \circ h_{t-1}",
        ),
        {"reset": "r", "update": "z", "candidate": "n"},
        signed=("candidate",),
    ),
}
FEED_FORWARD = r"h = \tanh(W\,[x_{t-w+1}, \dots, x_t] + b)"
OUTPUT = r"y_t = W_y\,h_t + b_y"


def layers_of(cell: Any, weights: Mapping[str, np.ndarray]) -> list[list[Layer]]:
    """The layers of torch's recurrent module, the lowest first, forwards before backwards; `weights` are its parameters.

    InvalidRequest for a cell that is not one of torch's.
    """
    mode = getattr(cell, "mode", type(cell).__name__)
    if mode not in EQUATIONS:
        raise InvalidRequest(f"there are no equations for {mode}; choose a vanilla, LSTM or GRU network")
    ends = ("", "_reverse") if cell.bidirectional else ("",)
    return [[Layer.of(mode, weights, f"l{number}{end}") for end in ends] for number in range(cell.num_layers)]
