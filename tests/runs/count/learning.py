"""Learns a line instead of counting, so slowly that it can be interrupted."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator

import numpy as np
import torch
from torch import Tensor, nn

from core.runs.request import Progress, Wish
from core.training import Plan, train
from tests.runs.count.request import CountRequest
from tests.runs.count.result import CountResult


def learned(request: CountRequest) -> Generator[Progress, Wish | None, CountResult]:
    """A step a number."""
    random, model = torch.Generator().manual_seed(0), nn.Linear(2, 1)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)

    def batches() -> Iterator[Tensor]:
        while True:
            time.sleep(request.pause)
            yield torch.randn(8, 2, generator=random)

    def loss_of(model: nn.Module, batch: Tensor) -> Tensor:
        return (model(batch) - batch.sum(dim=1, keepdim=True)).square().mean()

    plan = Plan(steps=request.to, lr=0.05, average=0.9, report_seconds=0.0)
    history = yield from train(model, batches(), loss_of, plan, random=random)
    weights = torch.cat([model.weight.detach().flatten(), model.bias.detach()]).numpy()
    return CountResult(total=history.steps, squares=np.append(weights, history.loss))
