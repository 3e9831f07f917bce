"""The lecture's formulas with the numbers of one unit on one day in them, LaTeX."""

from __future__ import annotations

from collections.abc import Sequence

from core.rnn.memory.trace import Part
from core.rnn.memory.unrolled.forecast_terms import ForecastTerms
from core.rnn.memory.unrolled.unit_terms import Terms

_ACT = {"σ": r"\sigma", "tanh": r"\tanh", "ReLU": r"\operatorname{ReLU}"}
DIGITS = 3


def number(value: float, digits: int = DIGITS) -> str:
    return f"{value:.{digits}f}" if round(value, digits) else f"{0:.{digits}f}"


def _factor(value: float, digits: int = DIGITS) -> str:
    """A number that something is multiplied by, in parentheses where it is negative."""
    return f"({number(value, digits)})" if round(value, digits) < 0 else number(value, digits)


def _added(values: Sequence[float]) -> str:
    """ "0.214 − 0.530 + 0.020" """
    first, *others = values
    return number(first) + "".join(f" {'-' if round(one, DIGITS) < 0 else '+'} {number(abs(one))}" for one in others)


def gate(terms: Terms, backwards: bool = False) -> str:
    """One gate, or the state of a cell without gates: the formula, its three sums, the pre-activation, the value."""
    act, letter = _ACT[terms.activation], terms.letter
    earlier = "t+1" if backwards else "t-1"
    if not len(terms.from_state):
        shown, sums = r"W\,[x_{t-w+1}, \dots, x_t] + b", _added([terms.of_input, terms.bias])
    elif terms.gated_by is not None:
        inner = terms.of_state / terms.gated_by if terms.gated_by else 0.0
        shown = rf"W_n\,x_t + b_n + r_t\,(V_n\,h_{{{earlier}}} + d_n)"
        sums = f"{_added([terms.of_input, terms.bias])} + {_factor(terms.gated_by)} \\cdot {_factor(inner)}"
    else:
        shown = rf"W_{letter}\,[x_t, h_{{{earlier}}}] + b_{letter}"
        sums = _added([terms.of_input, terms.of_state, terms.bias])
    lines = [
        rf"{letter}_t &= {act}({shown})",
        rf"&= {act}({sums})",
        rf"&= {act}({number(terms.total)}) = {number(terms.value)}",
    ]
    return _aligned(lines)


def output(terms: Terms) -> str:
    """y_t = W_y·h_t + b_y"""
    return _aligned([r"y_t &= W_y\,h_t + b_y", rf"&= {_added([terms.of_state, terms.bias])} = {number(terms.total)}"])


def forecast(terms: ForecastTerms) -> str:
    """ŷ, the forecast in its unit, of y_t: the formula, then the level and what it is multiplied by, with a digit more."""
    lines = [terms.formula.replace("=", "&=", 1)]
    if terms.loss.link == "σ":
        lines.append(rf"&= \sigma({number(float(terms.y[0]))}) = {number(terms.total)} = {100 * terms.value:.1f}\,\%")
        return _aligned(lines)
    level = rf"{number(100 * terms.unit, DIGITS + 1)}\,\% \cdot"
    if terms.loss.link == "softplus" and len(terms.y) == 1:
        lines.append(rf"&= {level} \ln(1 + e^{{{number(float(terms.y[0]))}}})")
    lines.append(rf"&= {level} {_factor(terms.total, DIGITS + 1)} = {number(100 * terms.value)}\,\%")
    return _aligned(lines)


def states(part: Part, step: int, unit: int, backwards: bool = False) -> tuple[str, ...]:
    """What an LSTM and a GRU make of their gates: c_t and h_t; nothing of the other cells."""
    held = {name: float(values[step, unit]) for name, values in part.held.items()}
    before = {name: float(values[unit]) for name, values in part.before(step).items()}
    return _STATES[part.mode](held, before, "t+1" if backwards else "t-1") if part.mode in _STATES else ()


def _lstm(held: dict[str, float], before: dict[str, float], earlier: str) -> tuple[str, ...]:
    i, f, g = (held[name] for name in ("input", "forget", "candidate"))
    cell = [
        rf"c_t &= f_t\,c_{{{earlier}}} + i_t\,g_t",
        rf"&= {number(f)} \cdot {_factor(before['c'])} + {number(i)} \cdot {_factor(g)}",
        rf"&= {number(held['c'])}",
    ]
    state = [r"h_t &= o_t \tanh(c_t)", rf"&= {number(held['output'])} \cdot \tanh({number(held['c'])}) = {number(held['h'])}"]
    return _aligned(cell), _aligned(state)


def _gru(held: dict[str, float], before: dict[str, float], earlier: str) -> tuple[str, ...]:
    z, n, h = held["update"], held["candidate"], before["h"]
    lines = [
        rf"h_t &= (1 - z_t)\,n_t + z_t\,h_{{{earlier}}}",
        rf"&= {number(1 - z)} \cdot {_factor(n)} + {number(z)} \cdot {_factor(h)} = {number(held['h'])}",
    ]
    return (_aligned(lines),)


_STATES = {"LSTM": _lstm, "GRU": _gru}


def _aligned(lines: Sequence[str]) -> str:
    return r"\begin{aligned} " + r" \\ ".join(lines) + r" \end{aligned}"
