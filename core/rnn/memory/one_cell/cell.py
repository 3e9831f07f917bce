"""A recurrent cell of one unit that reads one number a day, every weight of it given: what it computes, and its formulas with
the numbers in them. The equations are those of `core.rnn.memory.equations`, of which a unit is the smallest case."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from core.errors import InvalidRequest
from core.rnn.memory.equations import EQUATIONS, Layer, Values
from core.rnn.words import true_minus

DAYS = 6
VALUE, WEIGHT = 2.0, 10.0  # the largest size of an input, and of a weight or bias
PARTS = tuple("wub")  # the weights of a gate: of x_t, of h_{t−1}, and the bias


@dataclass(frozen=True)
class Preset:
    """Weights and inputs that show one thing."""

    about: str  # what one sees, in a sentence
    inputs: tuple[float, ...]
    weights: Mapping[str, float]  # those that are not 0


@dataclass(frozen=True)
class Kind:
    """A kind of cell: its gates in torch's order, and how its state follows from them, with numbers (LaTeX)."""

    title: str
    mode: str  # its row of `EQUATIONS`
    model: str  # whose colour it has
    letters: Mapping[str, str]  # of its gates: the name in `Values` -> the letter of its weights
    formulas: Callable[[OneCell, Step], list[str]]
    presets: Mapping[str, Preset] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Its weights, a row a gate: "wf", "uf", "bf"."""
        return tuple(f"{part}{letter}" for letter in self.letters.values() for part in PARTS)


@dataclass(frozen=True)
class Step:
    """One day of a cell: the number t of the day, from 1, and every value of it and of the day before."""

    t: int
    x: float
    now: Mapping[str, float]
    before: Mapping[str, float]  # "h", and "c" of an LSTM


@dataclass(frozen=True)
class OneCell:
    """A cell of one unit; weights that are not named are 0."""

    kind: str
    weights: Mapping[str, float]

    def __post_init__(self) -> None:
        if strange := set(self.weights) - set(KINDS[self.kind].names):
            raise InvalidRequest(f"{KINDS[self.kind].title} has no weight {min(strange)!r}")

    def weight(self, name: str) -> float:
        return self.weights.get(name, 0.0)

    def read(self, inputs: np.ndarray) -> Values:
        """Every gate, c and h of every day, (T,) each, while it reads inputs (T,) from a state of 0."""
        kind = KINDS[self.kind]
        w, u, b = (np.array([self.weight(f"{part}{letter}") for letter in kind.letters.values()]) for part in PARTS)
        layer = Layer(kind.mode, w[:, None], u[:, None], b, np.zeros(len(b)))
        return {name: values[:, 0] for name, values in layer.read(np.asarray(inputs, dtype=np.float64)[:, None]).items()}

    def step(self, inputs: np.ndarray, t: int) -> Step:
        """Day t, from 1."""
        values = self.read(inputs)
        now = {name: float(column[t - 1]) for name, column in values.items()}
        before = {name: float(values[name][t - 2]) if t > 1 else 0.0 for name in values if name in ("h", "c")}
        return Step(t, float(inputs[t - 1]), now, before)

    def formulas(self, inputs: np.ndarray, t: int) -> list[str]:
        """The equations of day t, from 1, with their numbers (LaTeX), a gate or a state each."""
        return KINDS[self.kind].formulas(self, self.step(inputs, t))


def number(value: float) -> str:
    """A number in a formula: 0.83, 10, (−1.2)."""
    text = true_minus(f"{round(value, 2) + 0.0:.4g}")  # and no −0
    return f"({text})" if text.startswith("−") else text


def _lines(left: str, symbols: str, numbers: str, result: float) -> str:
    value = true_minus(f"{round(result, 3) + 0.0:.3f}")
    return rf"\begin{{aligned}} {left} &= {symbols} = \mathbf{{{value}}} \\ &= {numbers} \end{{aligned}}"


def _gates(cell: OneCell, step: Step) -> list[str]:
    """act(w x_t + u h_{t−1} + b) of each gate whose formula is no other."""
    kind, t, h = KINDS[cell.kind], step.t, step.before["h"]
    lines = []
    for name, letter in kind.letters.items():
        act = r"\tanh" if name == "h" or name in EQUATIONS[kind.mode].signed else r"\sigma"
        w, u, b = (number(cell.weight(f"{part}{letter}")) for part in PARTS)
        symbols = rf"{act}(w_{letter}\,x_{t} + u_{letter}\,h_{t - 1} + b_{letter})"
        numbers = rf"{act}({w} \cdot {number(step.x)} + {u} \cdot {number(h)} + {b})"
        lines.append(_lines(f"{letter}_{t}", symbols, numbers, step.now[name]))
    return lines


def _lstm(cell: OneCell, step: Step) -> list[str]:
    t, (i, f, g, o) = step.t, (number(step.now[name]) for name in KINDS["lstm"].letters)
    memory = rf"{f} \cdot {number(step.before['c'])} + {i} \cdot {g}"
    return [
        *_gates(cell, step),
        _lines(f"c_{t}", rf"f_{t}\,c_{t - 1} + i_{t}\,g_{t}", memory, step.now["c"]),
        _lines(f"h_{t}", rf"o_{t} \tanh(c_{t})", rf"{o} \cdot \tanh({number(step.now['c']).strip('()')})", step.now["h"]),
    ]


def _gru(cell: OneCell, step: Step) -> list[str]:
    t, h = step.t, number(step.before["h"])
    r, z, n = (number(step.now[name]) for name in KINDS["gru"].letters)
    w, u, b = (number(cell.weight(f"{part}n")) for part in PARTS)
    candidate = _lines(
        f"n_{t}",
        rf"\tanh(w_n\,x_{t} + b_n + r_{t}\,u_n\,h_{t - 1})",
        rf"\tanh({w} \cdot {number(step.x)} + {b} + {r} \cdot {u} \cdot {h})",
        step.now["candidate"],
    )
    state = _lines(f"h_{t}", rf"(1 - z_{t})\,n_{t} + z_{t}\,h_{t - 1}", rf"(1 - {z}) \cdot {n} + {z} \cdot {h}", step.now["h"])
    return [*_gates(cell, step)[:2], candidate, state]


_ONCE, _ALWAYS = (2.0, 0.0, 0.0, 0.0, 0.0, 0.0), (1.0,) * DAYS
KINDS: dict[str, Kind] = {
    "vanilla": Kind(
        "a vanilla cell", "RNN_TANH", "rnn", {"h": "h"}, _gates,
        {
            "Forget at once": Preset("With $u_h = 0$ nothing of the day before is left: h is tanh of today alone.",
                                     _ONCE, {"wh": 1.0}),
            "Remember for ever": Preset("With $u_h = 3$ one move pushes h to a place from which it does not return. Only its "
                                        "sign is kept, not its size.", _ONCE, {"wh": 2.0, "uh": 3.0}),
            "Count": Preset("With $u_h = 1$ and small steps h rises a little every day, until tanh bends it down: it counts "
                            "only near 0.", _ALWAYS, {"wh": 0.2, "uh": 1.0}),
        },
    ),
    "lstm": Kind(
        "an LSTM cell", "LSTM", "lstm", {"input": "i", "forget": "f", "candidate": "g", "output": "o"}, _lstm,
        {
            "Forget at once": Preset("A closed forget gate ($b_f = -10$) empties c every day.",
                                     _ONCE, {"bi": 10.0, "bf": -10.0, "wg": 1.0, "bo": 10.0}),
            "Remember for ever": Preset("An open forget gate ($b_f = 10$) and an input gate that opens for a large x alone: c "
                                        "keeps the first day, size and all.",
                                        _ONCE, {"wi": 10.0, "bi": -10.0, "bf": 10.0, "wg": 1.0, "bo": 10.0}),
            "Count": Preset("With all gates open c rises by the same 0.50 every day; no bound stops it, only h is bent.",
                            _ALWAYS, {"bi": 10.0, "bf": 10.0, "wg": 0.55, "bo": 10.0}),
        },
    ),
    "gru": Kind(
        "a GRU cell", "GRU", "gru", {"reset": "r", "update": "z", "candidate": "n"}, _gru,
        {
            "Forget at once": Preset("With z near 0 ($b_z = -10$) h is the candidate of today alone.",
                                     _ONCE, {"br": 10.0, "bz": -10.0, "wn": 1.0}),
            "Remember for ever": Preset("z is near 1 on a day without a move, and near 0 for a large x: h keeps the first day.",
                                        _ONCE, {"br": 10.0, "wz": -10.0, "bz": 10.0, "wn": 1.0}),
            "Count": Preset("h is a mean of candidate and state, both below 1: a GRU can count only so far.",
                            _ALWAYS, {"br": 10.0, "bz": 1.5, "wn": 1.5}),
        },
    ),
}  # fmt: skip
