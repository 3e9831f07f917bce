"""The four recurrent variants as torch modules: vanilla (tanh), bidirectional, LSTM and GRU, each with one linear reading.

Three of them read on after every day: features (B, T, F) give readings (B, T), and the reading of day t knows days 0 … t only.
The bidirectional one also reads backwards (Schuster and Paliwal 1997), so at every step but the last it knows later days. It is
therefore read only once, at the end of a window that ends at the forecast origin: windows (B, W, F) give readings (B,).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.rnn.names import CellName
from core.rnn.targets import FEATURES, TargetName

_LAYERS: dict[CellName, type[nn.RNN] | type[nn.LSTM] | type[nn.GRU]] = {
    "rnn": nn.RNN,
    "birnn": nn.RNN,
    "lstm": nn.LSTM,
    "gru": nn.GRU,
}
_ONE = 0.5413  # softplus of this is 1: an untrained network forecasts the mean size of the training days


class Reading(nn.Module):
    """From hidden states (…, H) to one number (…): any sign for a return, positive for a size.

    Its weights start small, near the mean of the training days: nothing is known yet.
    """

    def __init__(self, hidden: int, target: TargetName) -> None:
        super().__init__()
        self.linear = nn.Linear(hidden, 1)
        self.positive = target == "volatility"
        nn.init.normal_(self.linear.weight, std=0.1 * hidden**-0.5)
        nn.init.constant_(self.linear.bias, _ONE if self.positive else 0.0)

    def forward(self, states: Tensor) -> Tensor:
        value = self.linear(states).squeeze(-1)
        return functional.softplus(value) if self.positive else value


class Recurrent(nn.Module):
    """Vanilla, LSTM or GRU: one reading after every day, from that day and the days before it."""

    def __init__(self, cell: CellName, hidden: int, target: TargetName) -> None:
        super().__init__()
        self.cell = _LAYERS[cell](FEATURES, hidden, batch_first=True)
        self.reading = Reading(hidden, target)

    def forward(self, features: Tensor) -> Tensor:
        states, _ = self.cell(features)  # (B, T, H)
        return self.reading(states)  # (B, T)


class Bidirectional(nn.Module):
    """Two vanilla networks over one window, one forwards and one backwards; one reading from where both have finished."""

    def __init__(self, cell: CellName, hidden: int, target: TargetName) -> None:
        super().__init__()
        self.cell = _LAYERS[cell](FEATURES, hidden, batch_first=True, bidirectional=True)
        self.reading = Reading(2 * hidden, target)

    def forward(self, windows: Tensor) -> Tensor:
        _, last = self.cell(windows)  # (2, B, H): forwards at the window's end, backwards at its beginning
        return self.reading(torch.cat([last[0], last[1]], dim=-1))  # (B,)


def network(cell: CellName, hidden: int, target: TargetName, seed: int) -> Recurrent | Bidirectional:
    """An untrained network; equal seeds give equal weights, and the global random state stays as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Bidirectional(cell, hidden, target) if cell == "birnn" else Recurrent(cell, hidden, target)
