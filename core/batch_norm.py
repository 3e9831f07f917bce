"""Batch normalisation after training: the statistics of the final weights, taken anew over training batches.

While weights change, running means lag behind them: after a short training a network is judged by the statistics of others than
its weights (Ioffe & Szegedy 2015, algorithm 2; Wu & Johnson 2021, section 3, "precise" statistics).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

FEWEST, MOST = 6, 32  # batches


def _normalisations(model: nn.Module) -> list[_BatchNorm]:
    return [layer for layer in model.modules() if isinstance(layer, _BatchNorm) and layer.track_running_stats]


def settle(model: nn.Module, batches: Iterable[Any], forward: Callable[[nn.Module, Any], Any], seconds: float) -> int:
    """Average the statistics of every batch normalisation over fresh batches; how many were read, 0 where there is none.

    At least FEWEST, then until `seconds` have passed, at most MOST; where `batches` end before the first, all stays as it was.
    `forward(model, batch)` runs the network. No weight changes; it is left in training mode.
    """
    layers = _normalisations(model)
    if not layers:
        return 0
    until, read, before = time.monotonic() + seconds, 0, [layer.momentum for layer in layers]
    model.train()
    with torch.no_grad():
        for batch in batches:
            if read == 0:
                for layer in layers:
                    layer.reset_running_stats()
                    layer.momentum = None  # the plain mean over all batches
            forward(model, batch)
            read += 1
            if read >= MOST or (read >= FEWEST and time.monotonic() >= until):
                break
    for layer, momentum in zip(layers, before, strict=True):
        layer.momentum = momentum
    return read
