"""The recurrent cells as the lecture writes them, step by step, so that every gate can be inspected; equal to torch's own.

    vanilla  h = act(W·[x, h'] + b), act tanh or ReLU                                     (Elman 1990)
    LSTM     i, f, o = σ(W·[x, h'] + b)   g = tanh(W·[x, h'] + b)
             c = f ∘ c' + i ∘ g           h = o ∘ tanh(c)                                 (Hochreiter & Schmidhuber 1997)
    GRU      r, z = σ(W·[x, h'] + b)      n = tanh(W·x + b + r ∘ (V·h' + d))
             h = (1 − z) ∘ n + z ∘ h'                                                     (Cho et al. 2014)

A prime marks the value after the day before; each gate has its own W and b. Slow: for inspection and tests, not training.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.errors import InvalidRequest
from core.rnn.networks.cells import Cell


@dataclass(frozen=True)
class Weights:
    """One layer in one direction, G gates one below the other: W·[x, h'] + b is `of_input`(x) + `of_state`(h')."""

    from_input: Tensor  # (G · hidden, inputs)
    from_state: Tensor  # (G · hidden, hidden)
    input_bias: Tensor  # (G · hidden)
    state_bias: Tensor  # (G · hidden)

    def of_input(self, x: Tensor) -> Tensor:
        return x @ self.from_input.T + self.input_bias

    def of_state(self, h: Tensor) -> Tensor:
        return h @ self.from_state.T + self.state_bias


@dataclass(frozen=True)
class Step:
    """What a cell holds after one day."""

    state: Tensor  # h, (B, hidden)
    memory: Tensor  # c of an LSTM, (B, hidden); of the others h again
    gates: tuple[Tensor, ...] = ()  # each (B, hidden)


def tanh(x: Tensor, before: Step, weights: Weights) -> Step:
    h = torch.tanh(weights.of_input(x) + weights.of_state(before.state))
    return Step(h, h)


def relu(x: Tensor, before: Step, weights: Weights) -> Step:
    h = torch.relu(weights.of_input(x) + weights.of_state(before.state))
    return Step(h, h)


def lstm(x: Tensor, before: Step, weights: Weights) -> Step:
    i, f, g, o = (weights.of_input(x) + weights.of_state(before.state)).chunk(4, dim=-1)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    c = f * before.memory + i * g
    return Step(o * torch.tanh(c), c, (i, f, g, o))


def gru(x: Tensor, before: Step, weights: Weights) -> Step:
    r_x, z_x, n_x = weights.of_input(x).chunk(3, dim=-1)
    r_h, z_h, n_h = weights.of_state(before.state).chunk(3, dim=-1)
    r, z = torch.sigmoid(r_x + r_h), torch.sigmoid(z_x + z_h)
    n = torch.tanh(n_x + r * n_h)
    h = (1 - z) * n + z * before.state
    return Step(h, h, (r, z, n))


_STEPS: dict[str, Callable[[Tensor, Step, Weights], Step]] = {"RNN_TANH": tanh, "RNN_RELU": relu, "LSTM": lstm, "GRU": gru}
GATES: dict[str, tuple[str, ...]] = {  # by torch's name of the cell, in the order of its weights
    "RNN_TANH": (),
    "RNN_RELU": (),
    "LSTM": ("input", "forget", "candidate", "output"),
    "GRU": ("reset", "update", "candidate"),
}


@dataclass(frozen=True)
class Pass:
    """What one layer computes over a sequence in one direction, in the order of time even where it reads backwards."""

    states: Tensor  # h, (B, T, hidden)
    memory: Tensor  # c of an LSTM, (B, T, hidden); of the others h again
    gates: Tensor  # (B, T, G, hidden)
    names: tuple[str, ...]  # of the G gates
    backwards: bool
    steps: tuple[Step, ...]  # the same day by day, the tensors that gradients flow through

    def gate(self, name: str) -> Tensor:
        """One gate, (B, T, hidden)."""
        return self.gates[:, :, self.names.index(name)]


@dataclass(frozen=True)
class Trace:
    """All passes through a sequence, layer by layer, forwards before backwards."""

    passes: tuple[Pass, ...]
    directions: int

    @property
    def output(self) -> Tensor:
        """What the top layer gives, (B, T, hidden · directions)."""
        return _side_by_side(self.passes[-self.directions :])


def trace(cell: Cell, inputs: Tensor) -> Trace:
    """What torch's recurrent layers do with inputs (B, T, F), from a state of zeros; InvalidRequest for other cells."""
    if not isinstance(cell, nn.RNN | nn.LSTM | nn.GRU):
        raise InvalidRequest(f"the gates of {type(cell).__name__} cannot be traced; choose a vanilla, LSTM or GRU network")
    directions, read = (2 if cell.bidirectional else 1), inputs
    passes: list[Pass] = []
    for layer in range(cell.num_layers):
        both = [_passed(cell.mode, weights_of(cell, layer, back), read, back) for back in (False, True)[:directions]]
        passes, read = passes + both, _side_by_side(tuple(both))
    return Trace(tuple(passes), directions)


def weights_of(cell: nn.RNN | nn.LSTM | nn.GRU, layer: int = 0, backwards: bool = False) -> Weights:
    """One layer's weights in one direction, not copied: gradients reach the cell."""
    end = f"l{layer}_reverse" if backwards else f"l{layer}"
    return Weights(*(getattr(cell, f"{part}_{end}") for part in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")))


def _passed(mode: str, weights: Weights, inputs: Tensor, backwards: bool) -> Pass:
    zeros = inputs.new_zeros(len(inputs), weights.from_state.shape[1])
    step, steps = Step(zeros, zeros), []
    for x in (inputs.flip(1) if backwards else inputs).unbind(1):
        step = _STEPS[mode](x, step, weights)
        steps.append(step)
    in_time = steps[::-1] if backwards else steps
    gates = [torch.stack(one.gates, dim=1) if one.gates else zeros[:, None][:, :0] for one in in_time]  # (B, G, hidden) each
    states, memory = (torch.stack([getattr(one, name) for one in in_time], dim=1) for name in ("state", "memory"))
    return Pass(states, memory, torch.stack(gates, dim=1), GATES[mode], backwards, tuple(in_time))


def _side_by_side(passes: tuple[Pass, ...]) -> Tensor:
    return torch.cat([one.states for one in passes], dim=-1)
