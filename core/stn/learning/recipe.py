"""How the classifiers learn, and how they are tested: distorted afresh for every batch, on tensors, in one process.

A recipe that needs a fraction of the paper's 640 epochs: AdamW in one cycle with a full rate for the localiser too, smoothed
labels, and half precision where the processor has it. What else was tried stands in docs/LOG.md.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from functools import cache

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.runs.request import Progress
from core.stn.datasets.distortions import DISTORTIONS, DistortionName
from core.stn.datasets.labelled import Labelled
from core.training import History, Observer, Plan, train

BATCH = 256
RATE = 4e-3
WEIGHT_DECAY = 0.1  # AdamW's, times the rate: 0 is as good for a few passes and worse for many (docs/LOG.md)
SMOOTHING = 0.1  # share of every label that is spread over all classes: worth as much as twice the epochs (docs/LOG.md)
AT_ONCE = 100  # images per forward pass of a test: what lies in the cache is twice as fast


class Passes:
    """Which images each batch takes: every pass takes each image once, in a new order. Its state includes the generator's."""

    def __init__(self, count: int, batch: int, generator: torch.Generator) -> None:
        self.generator, self._batch, self._count = generator, batch, count
        self._order, self._place = torch.empty(0, dtype=torch.long), 0

    def next(self) -> Tensor:
        """Indices (B,)."""
        if self._place + self._batch > len(self._order):
            self._order, self._place = torch.randperm(self._count, generator=self.generator), 0
        self._place += self._batch
        return self._order[self._place - self._batch : self._place]

    def get_state(self) -> Tensor:
        place = torch.cat([torch.tensor([self._place]), self._order]).view(torch.uint8)
        return torch.cat([self.generator.get_state(), place])

    def set_state(self, state: Tensor) -> None:
        own = len(self.generator.get_state())
        self.generator.set_state(state[:own])
        place = state[own:].clone().view(torch.long)
        self._place, self._order = int(place[0]), place[1:]


def distorted(data: Labelled, distortion: DistortionName, passes: Passes, bend: float = 0.0) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches (B, C, H, W) in 0 to 1 with their classes (B,), without end."""
    kind = DISTORTIONS[distortion]
    while True:
        chosen = passes.next().to(data.labels.device)
        yield kind.draw(data.images[chosen], passes.generator, data.images, bend).images, data.labels[chosen]


@cache
def half_is_fast(device: str) -> bool:
    """Whether this processor multiplies bfloat16 faster than float32; where it emulates them, it does not."""
    if device != "cpu":
        return True
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def cross_entropy(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    images, labels = batch
    with torch.autocast(images.device.type, torch.bfloat16, enabled=half_is_fast(images.device.type)):
        logits = model(images)
    return functional.cross_entropy(logits.float(), labels, label_smoothing=SMOOTHING)


def learn(
    model: nn.Module,
    data: Labelled,
    distortion: DistortionName,
    *,
    seconds: float | None = None,
    epochs: float | None = None,
    steps: int | None = None,
    batch: int = BATCH,
    bend: float = 0.0,
    seed: int = 0,
    phase: str = "training",
    observer: Observer | None = None,
) -> Generator[Progress, None, History]:
    """Train a classifier in place for so many seconds, passes over the data or steps; it ends in eval mode.

    A step learns from `batch` images, where there are so many. `bend`, in pixels, bends the distorted images a little more than
    they will be in a test, see `Distortion.draw`.
    """
    batch = min(batch, len(data))
    steps = steps if epochs is None else max(1, round(epochs * len(data) / batch))
    plan = Plan(steps=steps, seconds=seconds, lr=RATE, weight_decay=WEIGHT_DECAY)
    passes = Passes(len(data), batch, torch.Generator().manual_seed(seed))
    batches = distorted(data, distortion, passes, bend)
    return (yield from train(model, batches, cross_entropy, plan, phase=phase, observer=observer, random=passes))


@torch.inference_mode()
def answers(model: nn.Module, data: Labelled, distortion: DistortionName, draws: int, seed: int) -> np.ndarray:
    """The class (draws, N) that the model gives each image, distorted anew for every draw; equal seeds, equal distortions."""
    kind, rows = DISTORTIONS[distortion], []
    for draw in range(draws):
        generator = torch.Generator().manual_seed(seed + draw)
        parts = [kind.draw(part, generator, data.images).images for part in data.images.split(AT_ONCE)]
        rows.append(torch.cat([model(part).argmax(dim=1) for part in parts]))
    return torch.stack(rows).cpu().numpy()
