"""The first convolution of a classifier, forwards and backwards to its image, against the same convolution of the library."""

from __future__ import annotations

import statistics
import time
from typing import Any

import torch
from torch import nn

from core.stn.learning.recipe import half_is_fast
from core.stn.networks.first_convolution import FirstConvolution

BATCH, SIDE, FILTERS, SIZE = 256, 28, 64, 9  # the paper's
ROUNDS, STEPS = 7, 4


def measure() -> dict[str, Any]:
    image = torch.rand(BATCH, 1, SIDE, SIDE, requires_grad=True)
    library = nn.Conv2d(1, FILTERS, SIZE).to(memory_format=torch.channels_last)
    ours = FirstConvolution(1, FILTERS, SIZE).to(memory_format=torch.channels_last)
    rounds = [(seconds(library, image), seconds(ours, image)) for _ in range(1 + ROUNDS)][1:]  # the first one warms up
    library_median, ours_median = (statistics.median(column) / STEPS * 1e3 for column in zip(*rounds, strict=True))
    ratio = statistics.median(a / b for a, b in rounds)
    return {"library_ms_per_step": library_median, "ours_ms_per_step": ours_median, "library_to_ours": ratio}


def seconds(layer: nn.Module, image: torch.Tensor) -> float:
    """So many steps, in the precision in which this lab trains."""
    began = time.perf_counter()
    for _ in range(STEPS):
        with torch.autocast("cpu", torch.bfloat16, enabled=half_is_fast("cpu")):
            output = layer(image)
        output.backward(torch.ones_like(output))
    return time.perf_counter() - began
