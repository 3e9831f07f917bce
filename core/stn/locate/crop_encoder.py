"""e(): the activations of a small digit classifier, layer by layer; crops are compared by them.

Jaderberg et al. 2015, appendix A.2: the distance of two crops is that of the concatenated activations of all three layers of a
digit classifier trained beforehand. Here every layer counts alike: it is measured in units of the mean squared distance
between two digits, and convolutions are averaged over 2 × 2 places, so that one pixel to the side is a small difference.

The weights come with the lab (data/encoder.safetensors); `python -m core.stn.locate.crop_encoder` learns them again from the
shipped training digits, bent a little and every second one with pieces of others laid on it, and writes them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import torch
from safetensors.numpy import load, save
from torch import Generator, Tensor, nn
from torch.nn import functional

from core.runs.store import write_atomically
from core.stn.datasets.clutter import with_pieces
from core.stn.datasets.digits import shipped
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.labelled import Labelled
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid
from core.stn.networks.weights import put_into, weights_of
from core.training import Plan, train

SIDE = 28  # pixels
STEPS, BATCH = 4_000, 128
BENDS = Distortions(max_angle=10.0, scale=0.15, shift=0.15)
PIECES = 2  # of other digits, on every second digit
_WEIGHTS = Path(__file__).parents[1] / "data" / "encoder.safetensors"


class Encoder(nn.Module):
    """Reads digits (B, 1, 28, 28) in 0 to 1: logits (B, 10) to be trained with, a code (B, 1360) to be compared by."""

    units: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 16, 5, stride=2, padding=2)
        self.second = nn.Conv2d(16, 32, 3, stride=2, padding=1)
        self.third = nn.Linear(32 * 7 * 7, 64)
        self.classes = nn.Linear(64, 10)
        self.register_buffer("units", torch.ones(3))  # root of the mean squared distance between two digits, per layer

    def activations(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        first = self.first(image).relu()  # (B, 16, 14, 14)
        second = self.second(first).relu()  # (B, 32, 7, 7)
        return first, second, self.third(second.flatten(1)).relu()

    def forward(self, image: Tensor) -> Tensor:
        return self.classes(self.activations(image)[-1])

    def layers(self, image: Tensor) -> list[Tensor]:
        """What is compared, layer by layer: (B, 784), (B, 512) and (B, 64)."""
        first, second, third = self.activations(image)
        return [functional.avg_pool2d(part, 2, ceil_mode=True).flatten(1) for part in (first, second)] + [third]

    def code(self, image: Tensor) -> Tensor:
        """e(image): the squared distance of two digits of different classes is about 3, one of every layer."""
        return torch.cat([part / unit for part, unit in zip(self.layers(image), self.units, strict=True)], dim=1)


def squared_distances(one: Tensor, other: Tensor) -> Tensor:
    """|e - e'|² between all codes (…, N, D) and (…, M, D): (…, N, M)."""
    lengths = one.square().sum(-1)[..., :, None] + other.square().sum(-1)[..., None, :]
    return (lengths - 2 * one @ other.mT).clamp(min=0)


@cache
def pretrained() -> Encoder:
    """The encoder that comes with the lab, frozen."""
    encoder = Encoder()
    put_into(encoder, load(_WEIGHTS.read_bytes()))
    return encoder.requires_grad_(False).eval()


def _batches(data: Labelled, generator: Generator) -> Iterator[tuple[Tensor, Tensor]]:
    while True:
        chosen = data[torch.randint(len(data), (BATCH,), generator=generator)]
        grid = frame_grid(BENDS.draw(BATCH, generator), SIDE, SIDE)
        bent = sample(chosen.images.float(), grid, "zeros").round().to(torch.uint8)
        cluttered = with_pieces(bent, data.images, PIECES, generator)
        every_second = torch.arange(BATCH) % 2 == 0
        yield torch.where(every_second[:, None, None, None], cluttered, bent).float() / 255, chosen.labels


def _cross_entropy(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    images, labels = batch
    return functional.cross_entropy(model(images), labels)


@torch.no_grad()
def _measure_units(encoder: Encoder, data: Labelled, count: int = 1_000) -> None:
    layers = encoder.layers(data.images[:count].float() / 255)
    means = [squared_distances(part, part).sum() / (count * (count - 1)) for part in layers]
    encoder.units.copy_(torch.stack(means).sqrt())


def trained(steps: int = STEPS, seed: int = 0) -> Encoder:
    """An encoder trained on the shipped training digits; equal seeds give equal weights."""
    data, generator = Labelled.of(shipped().train), torch.Generator().manual_seed(seed)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        encoder = Encoder()
    for progress in train(encoder, _batches(data, generator), _cross_entropy, Plan(steps=steps, lr=2e-3, report_seconds=5.0)):
        print(f"step {progress.step} of {steps}, loss {progress.numbers['loss']:.3f}")
    _measure_units(encoder, data)
    return encoder


if __name__ == "__main__":
    write_atomically(_WEIGHTS, save(weights_of(trained())))
