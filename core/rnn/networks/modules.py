"""The networks as torch modules: a cell of `cells` in one of the ways to forecast of `types`, or a network without a cell.

Features (B, T, F) give outputs for the next H days, K numbers each (`losses.Loss`). A many-to-many network gives them after
every day, (B, T, H, K), and those of day t depend on days 0 … t only. The others give them once a window, (B, H, K); it
ends at the last known day, so a cell may also read it backwards (Schuster & Paliwal 1997). A window of one day means a network
without memory.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from core.rnn.models import MODELS
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.cells import Cell, Shape, State
from core.rnn.networks.losses import loss_of


def recurrent(architecture: Architecture, inputs: int, backwards: bool | None = None) -> Cell:
    """The recurrent layers of an architecture; `backwards` overrides whether its cell also reads backwards."""
    row = MODELS[architecture.cell]
    both = row.reads_backwards if backwards is None else backwards
    dropout = architecture.dropout if architecture.layers > 1 else 0.0
    return row.make(Shape(inputs, architecture.hidden, architecture.layers, dropout, both))


class Head(nn.Module):
    """y = W_y·h + b_y: from states (…, states) to the outputs of `steps` days, (…, steps, K).

    Its weights start small, so that the first outputs are near those that the loss starts from.
    """

    def __init__(self, architecture: Architecture, states: int, steps: int) -> None:
        super().__init__()
        self.loss = loss_of(architecture.target, architecture.loss)
        self.steps = steps
        self.dropout = nn.Dropout(architecture.dropout)
        self.linear = nn.Linear(states, steps * len(self.loss.start))
        nn.init.normal_(self.linear.weight, std=0.1 * states**-0.5)
        with torch.no_grad():
            self.linear.bias.copy_(torch.tensor(self.loss.start * steps))

    def forward(self, states: Tensor) -> Tensor:
        raw = self.linear(self.dropout(states)).unflatten(-1, (self.steps, -1))  # (…, steps, K)
        return self.loss.activation(raw)


class ManyToMany(nn.Module):
    """Every day of the sequence forecasts its next days."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.cell = recurrent(architecture, architecture.inputs)
        self.head = Head(architecture, architecture.hidden, architecture.horizon)

    def forward(self, features: Tensor) -> Tensor:
        states, _ = self.cell(features)  # (B, T, hidden)
        return self.head(states)  # (B, T, H, K)


class ManyToOne(nn.Module):
    """The last state of a window forecasts the days ahead; one-to-one has windows of one day.

    Of a bidirectional cell it is the last state in each direction: forwards at the last day, backwards at the first.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.cell = recurrent(architecture, architecture.inputs)
        self.hidden = architecture.hidden
        self.head = Head(architecture, architecture.hidden * (2 if self.cell.bidirectional else 1), architecture.horizon)

    def forward(self, windows: Tensor) -> Tensor:
        states, _ = self.cell(windows)  # (B, W, hidden · directions)
        ends = [
            states[:, -1, : self.hidden],
            states[:, 0, self.hidden :],
        ]  # the second of width 0 where nothing reads backwards
        return self.head(torch.cat(ends, dim=-1))  # (B, H, K)


class OneToMany(nn.Module):
    """One day is read; for each day ahead the same cell then reads its own forecast of the day before."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.cell = recurrent(architecture, architecture.inputs + 1)
        self.head = Head(architecture, architecture.hidden, steps=1)
        self.horizon = architecture.horizon

    def forward(self, day: Tensor) -> Tensor:
        first = torch.cat([day, torch.zeros_like(day[..., :1])], dim=-1)  # (B, 1, F + 1)
        return unrolled(self.cell, self.head, first, None, self.horizon)  # (B, H, K)


class EncoderDecoder(nn.Module):
    """An encoder reads the window; a decoder starts from its state and forecasts day by day (Sutskever et al. 2014).

    Of a bidirectional encoder the decoder takes the mean of the two directions.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.cell = recurrent(architecture, architecture.inputs)
        self.decoder = recurrent(architecture, 1, backwards=False)
        self.head = Head(architecture, architecture.hidden, steps=1)
        self.horizon = architecture.horizon

    def forward(self, windows: Tensor) -> Tensor:
        _, state = self.cell(windows)
        if self.cell.bidirectional:
            state = tuple(map(_mean_of_directions, state)) if isinstance(state, tuple) else _mean_of_directions(state)
        return unrolled(self.decoder, self.head, torch.zeros_like(windows[:, :1, :1]), state, self.horizon)  # (B, H, K)


def unrolled(cell: Cell, head: Head, fed: Tensor, state: State, steps: int) -> Tensor:
    """Outputs (B, steps, K): after `fed` (B, 1, inputs) the cell is fed zeros and, last, its own forecast of the day."""
    path = []
    for _ in range(steps):
        states, state = cell(fed, state)  # (B, 1, hidden)
        path.append(head(states[:, 0]))  # (B, 1, K)
        fed = nn.functional.pad(head.loss.point(path[-1])[..., None], (fed.shape[-1] - 1, 0))
    return torch.cat(path, dim=1)


def _mean_of_directions(state: Tensor) -> Tensor:
    """The mean of both directions: (layers · 2, B, hidden) to (layers, B, hidden)."""
    return state.unflatten(0, (-1, 2)).mean(1)


class FeedForward(nn.Module):
    """The window all at once, through tanh layers: no memory, and about as many weights as a vanilla cell of width `hidden`."""

    def __init__(self, architecture: Architecture, window: int) -> None:
        super().__init__()
        read, width = window * architecture.inputs, feed_forward_width(architecture, window)
        pairs = pairwise([read, *[width] * architecture.layers])
        self.layers = nn.Sequential(*[part for pair in pairs for part in (nn.Linear(*pair), nn.Tanh())])
        self.head = Head(architecture, width, architecture.horizon)

    def forward(self, windows: Tensor) -> Tensor:
        return self.head(self.layers(windows.flatten(1)))  # (B, H, K)


def feed_forward_width(architecture: Architecture, window: int) -> int:
    """The width at which its layers have about as many weights as those of a vanilla cell with `hidden` units."""
    hidden, inputs, layers = architecture.hidden, architecture.inputs, architecture.layers
    wanted = hidden * (inputs + hidden + 2) + (layers - 1) * hidden * (2 * hidden + 2)

    def weights(width: int) -> int:
        return width * (window * inputs + 1) + (layers - 1) * width * (width + 1)

    return min(range(1, wanted), key=lambda width: abs(weights(width) - wanted))


AnyNetwork = ManyToMany | ManyToOne | OneToMany | EncoderDecoder | FeedForward
_MODULES = {module.__name__: module for module in (ManyToMany, ManyToOne, OneToMany, EncoderDecoder)}


def network(architecture: Architecture, window: int, seed: int) -> AnyNetwork:
    """An untrained network; equal seeds give equal weights, and the global random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        row = MODELS[architecture.cell]
        if not row.has_state:
            return row.make(architecture, architecture.days_read(window))
        return _MODULES[architecture.type_row.module](architecture)
