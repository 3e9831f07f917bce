"""How the classifiers learn, and how they are tested: distorted afresh for every batch, on tensors, in one process.

A recipe that needs a fraction of the paper's 640 epochs: AdamW in one cycle with a full rate for the localiser too, smoothed
labels, images that are still wrong seen more often, and half precision where the processor has it. What else was tried stands
in docs/LOG.md.
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
from core.system.device import PROCESSOR
from core.training import History, Observer, Plan, train

BATCH = 256
RATE = 6e-3
WEIGHT_DECAY = 0.1  # AdamW's, times the rate: 0 is as good for a few passes and worse for many (docs/LOG.md)
SMOOTHING = 0.1  # share of every label that is spread over all classes: worth as much as twice the epochs (docs/LOG.md)
HARD = 0.5  # share of a batch that is drawn by how wrong the network was about an image; the rest are passes over all of them
EASIEST = 0.05  # the least weight of an image in that draw: how wrong the network is about it, from 0 to 1
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


class HardPasses:
    """Passes whose batches are, for a share of HARD, images that the network was lately wrong about (importance sampling).

    An image's weight is the mean of how wrong the network was about it, 1 - p(its class), the last look counting half: the same
    images are hard however they are distorted. Weights stay on the device of the images, and nothing waits for them. The first
    pass takes each image once.
    """

    def __init__(self, count: int, batch: int, generator: torch.Generator, device: torch.device) -> None:
        self.generator, self._batch, self._taken = generator, batch, 0
        self._hard = round(HARD * batch)
        self._first = Passes(count, batch, generator)
        self._passes = Passes(count, batch - self._hard, generator)
        self._weights = torch.ones(count, dtype=torch.float64, device=device)

    def next(self) -> Tensor:
        """Indices (B,) on the device of the images."""
        device, count = self._weights.device, len(self._weights)
        self._taken += self._batch
        if self._taken <= count:
            return self._first.next().to(device, non_blocking=True)
        order, drawn = self._passes.next(), torch.rand(self._hard, dtype=torch.float64, generator=self.generator)
        heights = self._weights.cumsum(0)
        hard = torch.searchsorted(heights, drawn.to(device, non_blocking=True) * heights[-1]).clamp(max=count - 1)
        return torch.cat([order.to(device, non_blocking=True), hard])

    def note(self, chosen: Tensor, labels: Tensor, logits: Tensor) -> None:
        """What the network answered (B, classes) about the images `chosen` (B,)."""
        wrong = 1 - logits.detach().softmax(dim=1).gather(1, labels[:, None])[:, 0]
        self._weights[chosen] = (self._weights[chosen] + wrong.clamp(min=EASIEST)) / 2

    def get_state(self) -> Tensor:
        own = torch.tensor([self._taken]), *(passes.get_state() for passes in (self._first, self._passes))
        lengths = torch.tensor([len(part.view(torch.uint8)) for part in own])
        parts = (lengths, *own, self._weights.cpu())
        return torch.cat([part.view(torch.uint8) for part in parts])

    def set_state(self, state: Tensor) -> None:
        lengths = state[:24].clone().view(torch.long).tolist()
        taken, first, passes, weights = state[24:].split([*lengths, len(state) - 24 - sum(lengths)])
        self._taken = int(taken.clone().view(torch.long))
        self._first.set_state(first.clone())
        self._passes.set_state(passes.clone())
        self._weights.copy_(weights.clone().view(torch.float64))


Batch = tuple[Tensor, Tensor, Tensor]  # images (B, C, H, W) in 0 to 1, their classes (B,), their places among all (B,)


def distorted(data: Labelled, distortion: DistortionName, passes: Passes | HardPasses) -> Iterator[Batch]:
    """Batches without end."""
    kind = DISTORTIONS[distortion]
    while True:
        chosen = passes.next().to(data.labels.device, non_blocking=True)
        yield kind.draw(data.images[chosen], passes.generator, data.images).images, data.labels[chosen], chosen


@cache
def half_is_fast(device: str) -> bool:
    """Whether this processor multiplies bfloat16 faster than float32; where it emulates them, it does not."""
    if device == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16"))


def in_half(device: torch.device) -> torch.autocast:
    """Computes in half precision where that is faster on a device."""
    return torch.autocast(device.type, torch.bfloat16, enabled=half_is_fast(device.type))


def logits_of(model: nn.Module, images: Tensor) -> Tensor:
    """The answers (B, classes) in full precision, computed in half of it where that is faster."""
    with in_half(images.device):
        return model(images).float()


def smoothed(logits: Tensor, labels: Tensor) -> Tensor:
    """The loss: the cross-entropy with smoothed labels."""
    return functional.cross_entropy(logits, labels, label_smoothing=SMOOTHING)


def cross_entropy(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """The loss of images with their labels."""
    images, labels = batch
    return smoothed(logits_of(model, images), labels)


def learn(
    model: nn.Module,
    data: Labelled,
    distortion: DistortionName,
    *,
    seconds: float | None = None,
    epochs: float | None = None,
    steps: int | None = None,
    batch: int = BATCH,
    seed: int = 0,
    phase: str = "training",
    observer: Observer | None = None,
    device: torch.device = PROCESSOR,
) -> Generator[Progress, None, History]:
    """Train a classifier in place for so many seconds, passes over the data or steps; it ends in eval mode.

    A step learns from `batch` images, where there are so many. On another `device` than that of the images, both go there.
    """
    batch, data = min(batch, len(data)), data if device == PROCESSOR else data.to(device)
    steps = steps if epochs is None else max(1, round(epochs * len(data) / batch))
    plan = Plan(steps=steps, seconds=seconds, lr=RATE, weight_decay=WEIGHT_DECAY)
    passes = HardPasses(len(data), batch, torch.Generator().manual_seed(seed), data.images.device)

    def loss_of(model: nn.Module, batch: Batch) -> Tensor:
        images, labels, chosen = batch
        logits = logits_of(model, images)
        passes.note(chosen, labels, logits)
        return smoothed(logits, labels)

    batches = distorted(data, distortion, passes)
    return (yield from train(model, batches, loss_of, plan, phase=phase, observer=observer, random=passes, device=device))


@torch.inference_mode()
def answers(model: nn.Module, data: Labelled, distortion: DistortionName, draws: int, seed: int) -> np.ndarray:
    """The class (draws, N) that the model gives each image, distorted anew for every draw; equal seeds, equal distortions."""
    kind, rows = DISTORTIONS[distortion], []
    for draw in range(draws):
        generator = torch.Generator().manual_seed(seed + draw)
        parts = [kind.draw(part, generator, data.images).images for part in data.images.split(AT_ONCE)]
        rows.append(torch.cat([model(part).argmax(dim=1) for part in parts]))
    return torch.stack(rows).cpu().numpy()
