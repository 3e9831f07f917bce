"""How a recurrent network learns, from one series or from many at once.

Many-to-many networks learn from non-overlapping chunks of the training days, cut at another random offset in every step; the
first days of a chunk warm the state up and are left out of the loss. That costs a small part of what overlapping windows cost.
Every other type learns from windows, of one day or many, that end at the last known day. The validation loss chooses among
running means of the weights taken during training. No weight is fitted on validation days.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby, pairwise

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from core.errors import SeriesTooShort
from core.rnn.networks.architecture import Architecture
from core.rnn.networks.losses import Loss, loss_of
from core.rnn.networks.windows import windows
from core.runs.request import Progress
from core.training import History, Plan, train


@dataclass(frozen=True)
class Recipe:
    """How a network learns. Days, steps and rates; the same for every cell."""

    steps: int = 150
    lr: float = 5e-3
    average: float = 0.95  # decay of the running mean of the weights
    check_every: int = 5  # steps between two validations
    patience: int = 8  # validations without a gain before stopping
    chunk: int = 40  # days
    warm_up: int = 12  # first days of a chunk, left out of the loss
    chunks: int = 0  # drawn in a step from those of all series; 0: all of them
    run_in: int = 100  # days read before the first validation day
    piece: int = 0  # validation days that are read in one go, each piece after a run-in of its own; 0: all
    window: int = 32  # days
    batch: int = 256  # windows
    report_seconds: float = 0.1  # least time between two Progress; 0: one after every step

    @property
    def plan(self) -> Plan:
        return Plan(
            self.steps,
            lr=self.lr,
            average=self.average,
            check_every=self.check_every,
            patience=self.patience,
            report_seconds=self.report_seconds,
        )


RECIPE = Recipe()
Batch = tuple[Tensor, Tensor]  # features, and the labels (…, H) of their last days


@dataclass(frozen=True)
class Example:
    """One series to learn from: T days, of which the first `train_end` are for training and the others for validation."""

    features: Tensor  # (T, F) float32
    labels: Tensor  # (T - H, H) of the days after each, in the units of the outputs
    train_end: int

    @property
    def horizon(self) -> int:
        return self.labels.shape[1]

    @property
    def training(self) -> Batch:
        """The training days whose labels are training days too."""
        end = self.train_end - self.horizon
        return self.features[:end], self.labels[:end]

    def validation(self, run_in: int, piece: int = 0) -> Iterator[Batch]:
        """The labels after the last training day and all later ones, in pieces, with the days before each from a run-in on."""
        first, end = self.train_end - 1, len(self.labels)
        for start in range(first, end, piece or end):
            stop = min(end, start + (piece or end))
            yield self.features[max(0, start - run_in) : stop], self.labels[start:stop]


def learn(
    model: nn.Module, architecture: Architecture, recipe: Recipe, seed: int, examples: Sequence[Example]
) -> Generator[Progress, None, pd.DataFrame]:
    """Train a network in place; returns its learning curve, one row a validation. Raises SeriesTooShort, TrainingDiverged."""
    loss, window = loss_of(architecture.target, architecture.loss), architecture.days_read(recipe.window)
    history, random = History(), np.random.default_rng(seed)

    def loss_of_batch(model: nn.Module, batch: Batch) -> Tensor:
        with _seeded_dropout(architecture.dropout, seed + history.steps):
            return mean_loss(loss, model(batch[0]), batch[1])

    pieces = [one for example in examples for one in example.validation(recipe.run_in, recipe.piece)]
    held_out = sorted(pieces, key=lambda one: len(one[0]))  # those of one length are read side by side
    labels = torch.cat([labels for _, labels in held_out])  # (N, H)

    def validate(model: nn.Module) -> float:
        outputs = last_outputs(model, window, [(days, len(labels)) for days, labels in held_out])
        return mean_loss(loss, torch.cat(outputs), labels).item()

    batches = _batches([example.training for example in examples], window, recipe, random)
    yield from train(model, batches, loss_of_batch, recipe.plan, validate=validate, random=random, history=history)
    return pd.DataFrame({"step": history.check_steps, "loss": history.check_loss, "validation": history.check})


def mean_loss(loss: Loss, outputs: Tensor, labels: Tensor) -> Tensor:
    """Mean loss of the last outputs (…, N, H, K) against labels (…, N, H); warm-up days before them do not count."""
    return loss.of(outputs[..., -labels.shape[-2] :, :, :], labels).mean()


def last_outputs(model: nn.Module, window: int | None, series: Sequence[tuple[Tensor, int]]) -> list[Tensor]:
    """For each of some features (T, F) and counts the outputs (count, H, K) after its last `count` days.

    Series of one length are read side by side.
    """
    if window is not None:
        read = torch.cat([_windows(features, window)[-count:] for features, count in series])
        return list(model(read).split([count for _, count in series]))
    outputs: list[Tensor] = []
    for _, group in groupby(series, key=lambda one: len(one[0])):
        together = list(group)
        states = model(torch.stack([features for features, _ in together]))  # (B, T, H, K)
        outputs += [states[place, -count:] for place, (_, count) in enumerate(together)]
    return outputs


def _batches(training: Sequence[Batch], window: int | None, recipe: Recipe, random: np.random.Generator) -> Iterator[Batch]:
    """Endless batches from the training days of several series."""
    features, labels = (torch.cat(parts) for parts in zip(*training, strict=True))
    lengths = [len(part) for part, _ in training]
    if window is None:
        return _chunks(features, labels, lengths, recipe, random)
    return _some_windows(features, labels, lengths, window, recipe.batch, random)


def _chunks(
    features: Tensor, labels: Tensor, lengths: list[int], recipe: Recipe, random: np.random.Generator
) -> Iterator[Batch]:
    inside = np.arange(recipe.chunk)
    while True:
        offset = int(random.integers(recipe.chunk))
        starts = np.concatenate(list(_starts(lengths, recipe.chunk, offset)))
        if not len(starts):
            raise SeriesTooShort(f"series has {max(lengths) - offset} days, one chunk needs {recipe.chunk}")
        if recipe.chunks and len(starts) > recipe.chunks:
            starts = random.choice(starts, recipe.chunks, replace=False)
        days = torch.from_numpy(starts[:, None] + inside)  # (N, chunk)
        yield features[days], labels[days[:, recipe.warm_up :]]  # (N, chunk, F), (N, chunk - warm_up, H)


def _starts(lengths: Iterable[int], chunk: int, offset: int) -> Iterator[np.ndarray]:
    """Where the chunks of each series begin, counted over all series in a row."""
    before = 0
    for length in lengths:
        yield before + offset + chunk * np.arange(max(0, (length - offset) // chunk))
        before += length


def _some_windows(
    features: Tensor, labels: Tensor, lengths: list[int], length: int, count: int, random: np.random.Generator
) -> Iterator[Batch]:
    if max(lengths) < length:
        raise SeriesTooShort(f"series has {max(lengths)} days, one window needs {length}")
    pairs = pairwise(np.cumsum([0, *lengths]))
    ends = np.concatenate([np.arange(start + length - 1, end) for start, end in pairs])  # the last day of every window
    inside = np.arange(1 - length, 1)
    while True:
        drawn = ends[random.integers(len(ends), size=count)]
        yield features[torch.from_numpy(drawn[:, None] + inside)], labels[torch.from_numpy(drawn)]  # (N, length, F), (N, H)


def _windows(features: Tensor, length: int) -> Tensor:
    return torch.from_numpy(windows(features.numpy(), length).copy())  # (T - length + 1, length, F)


@contextmanager
def _seeded_dropout(share: float, seed: int) -> Iterator[None]:
    """Draw dropout masks from `seed`; the global random state of torch stays as it was."""
    with torch.random.fork_rng(devices=[], enabled=share > 0):
        if share > 0:
            torch.manual_seed(seed)
        yield
