"""The training of the network for pages: scans that never repeat, seen at any turn and several enlargements.

Unlike photos, whose own pixels are the target (`straighten.self_supervision`), these sheets are level by their making, so the
turn of each scan is known and the loss is how far theta lays the corners of the view from where they belong.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from core.stn.networks.spatial_transformer import LocalizationNetwork
from core.stn.straighten.looking.looks import apart
from core.stn.straighten.pages.making.layouts import sheet
from core.stn.straighten.pages.making.scans import scan
from core.stn.straighten.pages.network import CANVAS, canvas_of, through, untrained, views
from core.training import History, Plan, train

SECONDS = 2_400.0
STEPS, BATCH, DECAY, AVERAGE = 6_000, 32, 0.05, 0.998
RATE, RATE_CONTINUED = 2e-3, 1.5e-3
FIRST_SCANS, MOST_SCANS = 400, 2_500  # a new one every second step; the oldest go
LARGEST_TURN = 58.0  # degrees that are left to undo: pages by ± 45, seen from a little beyond
NEARLY_LEVEL = (0.05, 12.0)  # degrees: what is left for half of the views, log-uniform
CLOSE = (0.45, 1.05)  # share of the canvas that a view shows


class Stream:
    """Batches of views (B, 1, VIEW, VIEW) with the thetas (B, 2, 3) that make them level, without end."""

    def __init__(self, seed: int) -> None:
        self.random, self.generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        self.canvases = torch.zeros(MOST_SCANS, 1, CANVAS, CANVAS, dtype=torch.float16)
        self.angles = torch.zeros(MOST_SCANS)
        self.count = 0

    def add(self) -> None:
        """Draw a sheet and scan it."""
        page, place = scan(sheet(self.random), self.random, CANVAS), self.count % MOST_SCANS
        self.canvases[place, 0], self.angles[place] = canvas_of(page.pixels).half(), page.angle_deg
        self.count += 1

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        while self.count < FIRST_SCANS:
            self.add()
        while True:
            self.add()
            yield self._batch()
            yield self._batch()

    def _rand(self, low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(BATCH, generator=self.generator)

    def _batch(self) -> tuple[Tensor, Tensor]:
        chosen = torch.randint(min(self.count, MOST_SCANS), (BATCH,), generator=self.generator)
        canvases, angles = self.canvases[chosen].float(), self.angles[chosen]
        mirrored = torch.arange(BATCH) % 2 == 1
        canvases[mirrored] = canvases[mirrored].flip(-1)
        angles = torch.where(mirrored, -angles, angles)
        low, high = np.log(NEARLY_LEVEL)
        slightly = self._rand(low, high).exp() * self._rand(-1, 1).sign()
        kind = self._rand(0, 1)  # a quarter as they are, a quarter at any turn, half nearly level
        left = torch.where(kind < 0.25, angles, torch.where(kind < 0.5, self._rand(-LARGEST_TURN, LARGEST_TURN), slightly))
        zooms = torch.where(self._rand(0, 1) < 0.5, self._rand(0.9, CLOSE[1]), self._rand(*CLOSE))
        starts = through(left - angles, zooms)
        starts[:, :, 2] += 0.4 * (1.05 - zooms)[:, None] * torch.stack([self._rand(-1, 1), self._rand(-1, 1)], dim=1)
        return views(canvases, starts), through(-left, torch.ones(BATCH))


def corner_loss(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    """The mean distance of the corners of the view from where they belong, half a side being 1."""
    seen, level = batch
    return apart(model(seen), level).mean()


def fresh(seed: int = 0) -> LocalizationNetwork:
    """A network that has learned nothing; equal seeds give equal weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return untrained()


def train_on(network: LocalizationNetwork, seconds: float, steps: int, seed: int, rate: float = RATE) -> History:
    """Let a network learn for so many steps or seconds, whichever end first; seeds give different sheets."""
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    history = History()
    plan = Plan(steps=steps, seconds=seconds, lr=rate, weight_decay=DECAY, average=AVERAGE, report_seconds=20.0)
    for progress in train(network, iter(Stream(seed)), corner_loss, plan, history=history):
        print(f"step {progress.step} of {progress.total}, loss {progress.numbers['loss']:.4f}", flush=True)
    return history
