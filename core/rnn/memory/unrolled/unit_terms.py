"""One unit on one day, term by term: every weight times its input, their sum, and what the activation makes of it.

a = W·x_t + W·h_{t−1} + b,  value = act(a);  of the GRU's candidate  a = W·x_t + b + r_t (V·h_{t−1} + d)  (Cho et al. 2014)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.errors import InvalidRequest
from core.rnn.memory.equations import EQUATIONS, sigmoid
from core.rnn.memory.trace import Part

ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "σ": sigmoid,
    "tanh": np.tanh,
    "ReLU": lambda a: np.maximum(a, 0.0),
    "": lambda a: a,
}


@dataclass(frozen=True)
class Terms:
    """One gate, or where there are no gates the state, or the output y, of one unit on one day."""

    name: str  # "input", "forget", …; "h"; "y"
    letter: str  # i, f, …; h; y
    activation: str  # its row of `ACTIVATIONS`
    from_input: np.ndarray  # (inputs,) weights
    x: np.ndarray  # (inputs,)
    from_state: np.ndarray  # (states,) weights
    h: np.ndarray  # (states,) of the step before; of y the states that the head reads
    bias: float
    gated_by: float | None = None  # r_t of the GRU's candidate
    gated_bias: float = 0.0  # d, inside what r_t is multiplied by

    @property
    def of_input(self) -> float:
        """W·x_t"""
        return float(self.from_input @ self.x)

    @property
    def of_state(self) -> float:
        """W·h_{t−1}; of the GRU's candidate r_t (V·h_{t−1} + d)"""
        own = float(self.from_state @ self.h)
        return own if self.gated_by is None else self.gated_by * (own + self.gated_bias)

    @property
    def total(self) -> float:
        """The pre-activation a."""
        return self.of_input + self.of_state + self.bias

    @property
    def value(self) -> float:
        return float(ACTIVATIONS[self.activation](np.array(self.total)))


def unit_terms(part: Part, step: int, unit: int) -> tuple[Terms, ...]:
    """Every gate of a unit, or its state where there are no gates; `step` is a place in the part's steps, both count from 0.

    InvalidRequest where the part has no such unit.
    """
    units = part.held["h"].shape[1]
    if part.layer is None or not 0 <= unit < units:
        raise InvalidRequest(f"unit {unit + 1} of {units}; choose one that is there")
    layer, row = part.layer, EQUATIONS.get(part.mode)
    gates = dict(row.gates) if row and row.gates else {"h": "h"}
    before = part.before(step)["h"] if layer.from_state.shape[1] else np.empty(0)
    all_terms: list[Terms] = []
    for number, (name, letter) in enumerate(gates.items()):
        at = number * units + unit
        gated = part.mode == "GRU" and name == "candidate"
        bias = float(layer.input_bias[at]) + (0.0 if gated else float(layer.state_bias[at]))
        all_terms.append(
            Terms(
                name,
                letter,
                _activation(part.mode, name),
                layer.from_input[at],
                part.x[step],
                layer.from_state[at],
                before,
                bias,
                gated_by=all_terms[0].value if gated else None,
                gated_bias=float(layer.state_bias[at]) if gated else 0.0,
            )
        )
    return tuple(all_terms)


def _activation(mode: str, gate: str) -> str:
    if mode == "RNN_RELU":
        return "ReLU"
    row = EQUATIONS.get(mode)
    return "σ" if row and gate in row.gates and gate not in row.signed else "tanh"


def output_terms(weight: np.ndarray, bias: np.ndarray, states: np.ndarray, output: int = 0) -> Terms:
    """One number of y_t = W_y·h_t + b_y: weight (outputs, S), bias (outputs,) of the head, and the states (S,) it reads."""
    nothing = np.empty(0)
    own = np.asarray(weight, dtype=np.float64)[output]
    return Terms("y", "y", "", nothing, nothing, own, states, float(bias[output]))
