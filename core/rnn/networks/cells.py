"""The recurrent cells, each a function that makes layers of a given size. Layers are called like those of torch:

    (B, T, inputs), state  ->  states (B, T, hidden · directions), state

A state of None is a state of zeros. `input_size` and `bidirectional` are attributes of the layers, as in torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from torch import Tensor, nn

State = Tensor | tuple[Tensor, Tensor] | None  # h, of an LSTM (h, c): (layers · directions, B, hidden); None: zeros


@dataclass(frozen=True)
class Shape:
    """How large the layers are."""

    inputs: int  # numbers a day
    hidden: int  # of each direction
    layers: int = 1
    dropout: float = 0.0  # between layers; torch warns where there is only one
    bidirectional: bool = False


class Cell(Protocol):
    """Recurrent layers, a torch module."""

    input_size: int
    bidirectional: bool

    def __call__(self, inputs: Tensor, state: State = None, /) -> tuple[Tensor, Any]:
        """States after every day, and the last state."""


def vanilla(shape: Shape) -> nn.RNN:
    return _vanilla(shape, "tanh")


def vanilla_relu(shape: Shape) -> nn.RNN:
    return _vanilla(shape, "relu")


def lstm(shape: Shape) -> nn.LSTM:
    return nn.LSTM(
        shape.inputs,
        shape.hidden,
        shape.layers,
        batch_first=True,
        dropout=shape.dropout,
        bidirectional=shape.bidirectional,
    )


def gru(shape: Shape) -> nn.GRU:
    return nn.GRU(
        shape.inputs,
        shape.hidden,
        shape.layers,
        batch_first=True,
        dropout=shape.dropout,
        bidirectional=shape.bidirectional,
    )


def _vanilla(shape: Shape, activation: str) -> nn.RNN:
    return nn.RNN(
        shape.inputs,
        shape.hidden,
        shape.layers,
        activation,
        batch_first=True,
        dropout=shape.dropout,
        bidirectional=shape.bidirectional,
    )
