"""The networks as torch modules: a cell (vanilla, LSTM, GRU, feed-forward) in one of the ways to forecast of `names.TYPES`.

Features (B, T, F) give readings of the next H days, K numbers each (`losses.Loss`). A network that reads on gives them after
every day, (B, T, H, K), and those of day t know days 0 … t only. The others give them once a window, (B, H, K): it ends at the
last day known, so a cell may also read it backwards (Schuster & Paliwal 1997). A window of one day is a network without memory.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from core.rnn.names import TypeName, bidirectional
from core.rnn.networks.architecture import ONE_DAY, Architecture
from core.rnn.networks.losses import loss_of

Cell = nn.RNN | nn.LSTM | nn.GRU
State = Tensor | tuple[Tensor, Tensor] | None  # h, of an LSTM (h, c): (layers · directions, B, hidden); None: zeros


def recurrent(made_of: Architecture, inputs: int, backwards: bool | None = None) -> Cell:
    """The recurrent layers of an architecture; `backwards` says whether they also read backwards, where its cell does not."""
    name = made_of.cell.removeprefix("bi")
    both = bidirectional(made_of.cell) if backwards is None else backwards
    dropout = made_of.dropout if made_of.layers > 1 else 0.0  # between layers, says torch, and warns where there is one
    if name in ("lstm", "gru"):
        kind = nn.LSTM if name == "lstm" else nn.GRU
        return kind(inputs, made_of.hidden, made_of.layers, batch_first=True, dropout=dropout, bidirectional=both)
    act = "relu" if name == "rnn-relu" else "tanh"
    return nn.RNN(inputs, made_of.hidden, made_of.layers, act, batch_first=True, dropout=dropout, bidirectional=both)


class Reading(nn.Module):
    """y = W_y·h + b_y: from states (…, states) to what they say of `steps` days, (…, steps, K).

    Its weights start small, near what the loss starts from: nothing is known yet.
    """

    def __init__(self, made_of: Architecture, states: int, steps: int) -> None:
        super().__init__()
        self.loss = loss_of(made_of.target.name, made_of.loss)
        self.steps = steps
        self.dropout = nn.Dropout(made_of.dropout)
        self.linear = nn.Linear(states, steps * len(self.loss.start))
        nn.init.normal_(self.linear.weight, std=0.1 * states**-0.5)
        with torch.no_grad():
            self.linear.bias.copy_(torch.tensor(self.loss.start * steps))

    def forward(self, states: Tensor) -> Tensor:
        raw = self.linear(self.dropout(states)).unflatten(-1, (self.steps, -1))  # (…, steps, K)
        return self.loss.reading(raw)


class ManyToMany(nn.Module):
    """Every day of the sequence forecasts its next days."""

    def __init__(self, made_of: Architecture) -> None:
        super().__init__()
        self.cell = recurrent(made_of, made_of.inputs)
        self.reading = Reading(made_of, made_of.hidden, made_of.horizon)

    def forward(self, features: Tensor) -> Tensor:
        states, _ = self.cell(features)  # (B, T, hidden)
        return self.reading(states)  # (B, T, H, K)


class ManyToOne(nn.Module):
    """A window is read to its end, and there, and at its beginning if read backwards, the days ahead; one-to-one: one day."""

    def __init__(self, made_of: Architecture) -> None:
        super().__init__()
        self.cell = recurrent(made_of, made_of.inputs)
        self.hidden = made_of.hidden
        self.reading = Reading(made_of, made_of.hidden * (2 if self.cell.bidirectional else 1), made_of.horizon)

    def forward(self, windows: Tensor) -> Tensor:
        states, _ = self.cell(windows)  # (B, W, hidden · directions)
        ends = [states[:, -1, : self.hidden], states[:, 0, self.hidden :]]  # of an empty width where nothing reads backwards
        return self.reading(torch.cat(ends, dim=-1))  # (B, H, K)


class OneToMany(nn.Module):
    """One day is read; then the same cell reads its own forecast of each day in place of what is not yet known."""

    def __init__(self, made_of: Architecture) -> None:
        super().__init__()
        self.cell = recurrent(made_of, made_of.inputs + 1)
        self.reading = Reading(made_of, made_of.hidden, steps=1)
        self.horizon = made_of.horizon

    def forward(self, day: Tensor) -> Tensor:
        first = torch.cat([day, torch.zeros_like(day[..., :1])], dim=-1)  # (B, 1, F + 1)
        return unrolled(self.cell, self.reading, first, None, self.horizon)  # (B, H, K)


class EncoderDecoder(nn.Module):
    """One cell reads the window; another goes on from its state and writes the path, day by day (Sutskever et al. 2014).

    Where the reader also reads backwards, the writer starts from the mean of the two directions.
    """

    def __init__(self, made_of: Architecture) -> None:
        super().__init__()
        self.cell = recurrent(made_of, made_of.inputs)
        self.decoder = recurrent(made_of, 1, backwards=False)
        self.reading = Reading(made_of, made_of.hidden, steps=1)
        self.horizon = made_of.horizon

    def forward(self, windows: Tensor) -> Tensor:
        _, state = self.cell(windows)
        if self.cell.bidirectional:
            state = tuple(map(_forwards, state)) if isinstance(state, tuple) else _forwards(state)
        return unrolled(self.decoder, self.reading, torch.zeros_like(windows[:, :1, :1]), state, self.horizon)  # (B, H, K)


def unrolled(cell: Cell, reading: Reading, fed: Tensor, state: State, steps: int) -> Tensor:
    """Readings (B, steps, K): after `fed` (B, 1, inputs) the cell is fed zeros and, last, its own forecast of the day."""
    path = []
    for _ in range(steps):
        states, state = cell(fed, state)  # (B, 1, hidden)
        path.append(reading(states[:, 0]))  # (B, 1, K)
        fed = nn.functional.pad(reading.loss.point(path[-1])[..., None], (fed.shape[-1] - 1, 0))
    return torch.cat(path, dim=1)


def _forwards(state: Tensor) -> Tensor:
    """The mean of both directions: (layers · 2, B, hidden) to (layers, B, hidden)."""
    return state.unflatten(0, (-1, 2)).mean(1)


class FeedForward(nn.Module):
    """The window all at once, through tanh layers: no memory, and as many weights as a vanilla cell of the asked width."""

    def __init__(self, made_of: Architecture, window: int) -> None:
        super().__init__()
        read, width = window * made_of.inputs, feed_forward_width(made_of, window)
        pairs = pairwise([read, *[width] * made_of.layers])
        self.layers = nn.Sequential(*[part for pair in pairs for part in (nn.Linear(*pair), nn.Tanh())])
        self.reading = Reading(made_of, width, made_of.horizon)

    def forward(self, windows: Tensor) -> Tensor:
        return self.reading(self.layers(windows.flatten(1)))  # (B, H, K)


def feed_forward_width(made_of: Architecture, window: int) -> int:
    """The width whose layers have the number of weights nearest to that of a vanilla cell of the asked width and layers."""
    hidden, inputs, layers = made_of.hidden, made_of.inputs, made_of.layers
    wanted = hidden * (inputs + hidden + 2) + (layers - 1) * hidden * (2 * hidden + 2)

    def weights(width: int) -> int:
        return width * (window * inputs + 1) + (layers - 1) * width * (width + 1)

    return min(range(1, wanted), key=lambda width: abs(weights(width) - wanted))


AnyNetwork = ManyToMany | ManyToOne | OneToMany | EncoderDecoder | FeedForward


def days_read(made_of: Architecture, window: int) -> int | None:
    """How long the windows are that a network reads; None: it reads on, however long."""
    if made_of.kind == "many-to-many":
        return None
    return 1 if made_of.kind in ONE_DAY else window


_KINDS: dict[TypeName, type[ManyToMany | ManyToOne | OneToMany | EncoderDecoder]] = {
    "one-to-one": ManyToOne,  # a window of one day
    "one-to-many": OneToMany,
    "many-to-one": ManyToOne,
    "many-to-many": ManyToMany,
    "encoder-decoder": EncoderDecoder,
}


def network(made_of: Architecture, window: int, seed: int) -> AnyNetwork:
    """An untrained network; equal seeds give equal weights, and the global random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if made_of.cell == "mlp":
            return FeedForward(made_of, days_read(made_of, window) or window)
        return _KINDS[made_of.kind](made_of)
