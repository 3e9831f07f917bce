"""Our training loop against PyTorch's spatial transformer tutorial as published: same model, same digits, rounds in turn.

As published: a DataLoader of 64 with four worker processes, two transforms on every single image (to a tensor, then
normalised; written out here as torchvision does them), SGD, torch's own number of threads. Ours: `core.training` over tensors
on one thread, the same model in batches of the same size, and once more as this lab trains: the same layers out of its own
parts, channels last, in batches of 256, in half precision where that is fast, on one thread and on as many as the tutorial has.
A bare loop over the same tensors shows what the loop itself costs.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, Dataset

from core.stn.datasets.digits import Part, shipped
from core.stn.learning.recipe import half_is_fast
from core.stn.networks.first_convolution import FirstConvolution
from core.stn.networks.spatial_transformer import GridGenerator
from core.training import Plan, train

MEAN, DEVIATION = 0.1307, 0.3081
BATCH, ROUNDS = 64, 7
DIGITS = 5_000


class Net(nn.Module):
    """The tutorial's network, layer by layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2, self.drop = nn.Conv2d(1, 10, 5), nn.Conv2d(10, 20, 5), nn.Dropout2d()
        self.fc1, self.fc2 = nn.Linear(320, 50), nn.Linear(50, 10)
        self.localization = nn.Sequential(
            nn.Conv2d(1, 8, 7), nn.MaxPool2d(2, 2), nn.ReLU(True), nn.Conv2d(8, 10, 5), nn.MaxPool2d(2, 2), nn.ReLU(True)
        )
        self.fc_loc = nn.Sequential(nn.Linear(90, 32), nn.ReLU(True), nn.Linear(32, 6))
        nn.init.zeros_(self.fc_loc[2].weight)
        with torch.no_grad():
            self.fc_loc[2].bias.copy_(torch.tensor([1.0, 0, 0, 0, 1, 0]))

    def forward(self, x: Tensor) -> Tensor:
        theta = self.fc_loc(self.localization(x).flatten(1)).view(-1, 2, 3)
        x = functional.relu(functional.max_pool2d(self.conv1(self.grids_on(x, theta)), 2))
        x = functional.relu(functional.max_pool2d(self.drop(self.conv2(x)), 2)).flatten(1)
        x = functional.dropout(functional.relu(self.fc1(x)), training=self.training)
        return functional.log_softmax(self.fc2(x).float(), dim=1)

    def grids_on(self, x: Tensor, theta: Tensor) -> Tensor:
        """The image (B, 1, 28, 28) through theta (B, 2, 3)."""
        grid = functional.affine_grid(theta, list(x.shape), align_corners=False)
        return functional.grid_sample(x, grid, align_corners=False)


class OneByOne(Dataset[tuple[Tensor, int]]):
    """Digits as torchvision gives them: each a picture, then a tensor, then normalised."""

    def __init__(self, part: Part) -> None:
        self.images, self.labels = torch.from_numpy(part.images.copy()), part.labels.tolist()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        picture = Image.fromarray(self.images[index].numpy())
        pixels = torch.from_numpy(np.array(picture, np.uint8, copy=True)).view(28, 28, 1).permute(2, 0, 1).contiguous()
        image = pixels.to(torch.get_default_dtype()).div(255).clone()
        mean, deviation = (torch.as_tensor([value]).view(-1, 1, 1) for value in (MEAN, DEVIATION))
        return image.sub_(mean).div_(deviation), self.labels[index]


class Ours(Net):
    """The same network, its first convolution and its grid being this lab's."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.grid = FirstConvolution(1, 10, 5), GridGenerator(28, 28)
        self.to(memory_format=torch.channels_last)

    def grids_on(self, x: Tensor, theta: Tensor) -> Tensor:
        with torch.autocast("cpu", enabled=False):
            return functional.grid_sample(x, self.grid(theta.float()), align_corners=False)


def tutorial(part: Part, threads: int) -> float:
    """One epoch as published, in seconds; the start of the worker processes is not counted."""
    torch.set_num_threads(threads)
    model = Net().train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    loader = DataLoader(OneByOne(part), batch_size=BATCH, shuffle=True, num_workers=4, persistent_workers=True)
    for _ in loader:  # starts the workers
        pass
    began = time.perf_counter()
    for images, labels in loader:
        optimizer.zero_grad()
        functional.nll_loss(model(images), labels).backward()
        optimizer.step()
    seconds = time.perf_counter() - began
    torch.set_num_threads(1)
    return seconds


def batches(part: Part, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """One pass over the digits as tensors, in a random order."""
    images, labels = torch.from_numpy(part.images.copy())[:, None], torch.from_numpy(part.labels.astype(np.int64))
    for chosen in torch.randperm(len(labels)).split(size):
        yield (images[chosen].float() / 255 - MEAN) / DEVIATION, labels[chosen]


def bare(part: Part) -> float:
    """One epoch in a bare loop over the same tensors."""
    model = Net().train()
    steps = -(-len(part) // BATCH)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps + 1, pct_start=0.05)
    began = time.perf_counter()
    for images, labels in batches(part, BATCH):
        optimizer.zero_grad()
        functional.nll_loss(model(images), labels).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return time.perf_counter() - began


def ours(part: Part, model: nn.Module, size: int = BATCH, half: bool = False) -> float:
    """One epoch by this lab's loop."""

    def loss_of(network: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            return functional.nll_loss(network(batch[0]), batch[1])

    began = time.perf_counter()
    for _ in train(model, batches(part, size), loss_of, Plan(steps=-(-len(part) // size) + 1)):
        pass
    return time.perf_counter() - began


def as_we_train(part: Part, threads: int) -> float:
    """One epoch by this lab's loop, layers, batches and precision."""
    torch.set_num_threads(threads)
    seconds = ours(part, Ours(), 256, half_is_fast("cpu"))
    torch.set_num_threads(1)
    return seconds


def measure() -> dict[str, Any]:
    part = Part(*(array[:DIGITS] for array in vars(shipped().train).values()))
    published = os.cpu_count() or 1
    rounds = [
        (tutorial(part, published), bare(part), ours(part, Net()), as_we_train(part, published), as_we_train(part, 1))
        for _ in range(1 + ROUNDS)
    ][1:]  # the first one warms up
    median = [statistics.median(column) / len(part) * 1e6 for column in zip(*rounds, strict=True)]
    return {
        "digits": len(part),
        "threads": published,
        "tutorial_us_per_image": median[0],
        "bare_us_per_image": median[1],
        "ours_us_per_image": median[2],
        "as_we_train_us_per_image": median[3],
        "as_we_train_one_thread_us_per_image": median[4],
        "ours_to_bare": statistics.median(row[2] / row[1] for row in rounds),
        "tutorial_to_ours": statistics.median(row[0] / row[2] for row in rounds),
        "tutorial_to_as_we_train": statistics.median(row[0] / row[3] for row in rounds),
        "tutorial_to_as_we_train_one_thread": statistics.median(row[0] / row[4] for row in rounds),
    }
