"""Connectivity: how much a forecast depends on the move of each earlier day, in units of a linear model's weights.

∂ŷ_t/∂x_{t−k} (Madsen 2019) is the derivative of the forecast of day t, one step ahead, by the move k days before it: through
the network and the running level in whose units it reads and forecasts. So of an autoregression it would be φ_k, and for a
network that only undoes its level it is 0. The move is the return; where the size of a day is measured apart from its return
(Parkinson), return and size are moved each for itself, and the size of the derivative is the Euclidean norm of both. Further
inputs are held fixed. For a direction it is the change of the probability for a move of the training days' mean size.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from core.errors import SeriesTooShort
from core.rnn.dataset.features import CLIP, QUIET, Scaler
from core.rnn.dataset.level import DECAY, LOWEST
from core.rnn.dataset.series import Series
from core.rnn.networks.network import Network

LAGS = 60  # days: as many lags as are shown
RUN_IN = 40  # days that a network without windows reads before them
DAYS = 32  # forecasts over which a mean size is taken


def origins_of(series: Series, first: int, count: int = DAYS) -> np.ndarray:
    """Positions of evenly spread days t from `first` on, as many as there are or `count`; SeriesTooShort.

    Every one has enough days before it.
    """
    first = max(first, LAGS + RUN_IN)
    if first >= len(series):
        raise SeriesTooShort(f"the series has {len(series)} days, connectivity needs more than {first}")
    return np.unique(np.linspace(first, len(series) - 1, count).round().astype(np.int64))


def connectivity(network: Network, series: Series, days: np.ndarray, lags: int = LAGS) -> np.ndarray:
    """|∂ŷ_t/∂x_{t−k}| for days t (N,), positions in the series, and k = 1 … lags: (N, lags). One pass for all days."""
    moves, sizes, outputs = _forecasts(network, series, days, lags)
    apart = [moves] if sizes is None else [moves, sizes]
    slopes = torch.autograd.grad(outputs.sum(), apart)  # (N, W) each
    size = torch.stack(slopes).norm(dim=0).flip(1)[:, :lags]  # (N, lags)
    return size.double().numpy() * (1.0 if network.architecture.target.in_levels else _scaler(network).start)


def _forecasts(network: Network, series: Series, days: np.ndarray, lags: int) -> tuple[Tensor, Tensor | None, Tensor]:
    """The moves (N, W) before each of the days, their sizes where these are measured apart, and the forecasts (N,)."""
    length = max(lags, network.window or RUN_IN + lags)
    before = np.asarray(days)[:, None] + np.arange(-length, 0)  # (N, W)
    scaler = _scaler(network)
    moves = torch.tensor(series.returns[before], requires_grad=True)
    measured = not np.allclose(series.sizes, np.abs(series.returns))
    sizes = torch.tensor(series.sizes[before], requires_grad=True) if measured else None
    level = _levels(moves.abs() if sizes is None else sizes, _running(series.sizes, scaler)[before[:, 0]], scaler)  # (N, W)
    read = _features(moves, moves.abs() if sizes is None else sizes, level, scaler)
    extras = torch.from_numpy(series.extras[before])  # (N, W, E)
    windows = torch.cat([read, extras], dim=-1).float()[:, -(network.window or length) :]
    outputs = network.model(windows)
    last = outputs[:, -1] if network.window is None else outputs  # (N, H, K)
    forecast = network.loss.point(last)[:, 0]
    return moves, sizes, forecast * level[:, -1] if network.architecture.target.in_levels else forecast


def _scaler(network: Network) -> Scaler:
    if network.scaler is None:
        raise RuntimeError("connectivity is that of a fitted network; call fit or restore first")
    return network.scaler


def _running(sizes: np.ndarray, scaler: Scaler) -> np.ndarray:
    """The running mean size before each day, (T,), as `Scaler.levels` has it but without its lowest level."""
    running = np.empty(len(sizes))
    now = scaler.start
    for day, size in enumerate(sizes):
        running[day] = now
        now = DECAY * now + (1 - DECAY) * size
    return running


def _levels(sizes: Tensor, before: np.ndarray, scaler: Scaler) -> Tensor:
    """The level after each day of windows of sizes (N, W), whose running means before them are (N,): (N, W)."""
    steps = torch.arange(sizes.shape[1], dtype=sizes.dtype)
    apart = steps[None, :] - steps[:, None]  # (W, W): days from the row's to the column's
    weights = torch.where(apart >= 0, (1 - DECAY) * DECAY ** apart.clamp(min=0), 0.0)
    running = sizes @ weights + torch.from_numpy(before)[:, None] * DECAY ** (steps + 1)
    return running.clamp(min=LOWEST * scaler.start)


def _features(moves: Tensor, sizes: Tensor, level: Tensor, scaler: Scaler) -> Tensor:
    """What a network reads, (N, W, FEATURES): `Scaler.features`, through which gradients pass."""
    clipped = level.clamp(scaler.lowest, scaler.highest)
    columns = (torch.log(sizes / level + QUIET), (moves / level).clamp(-CLIP, CLIP), torch.log(clipped / scaler.start))
    return torch.stack(columns, dim=-1)
