"""The pace of a classification: what its networks can do in the time that they are given, estimated before they begin.

A broad kernel or several transformers can make one step longer than the whole budget. Then steps take fewer images, the test
fewer draws, at last fewer images, and robustness curves are left out: all of which is said.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from core.stn.classify.comparison import Protocol
from core.stn.classify.inspection.class_views import MOST_IMAGES
from core.stn.classify.task import Task
from core.stn.datasets.perturbations import PERTURBATIONS
from core.stn.datasets.splits import Fold
from core.stn.networks.classifiers import build
from core.stn.networks.spec import Spec

PROBED, REPEATS = 8, 3  # images that a network is timed on, and how often
SLOW = 0.2  # seconds for one image, from which no more are timed
LEARNING = 3.0  # times a forward pass: forward, backward and the optimiser's step
GRACE = 2.0  # times the time kept for the test: an estimate below this changes nothing, since machines vary
FEWEST_STEPS, FEWEST_IN_A_STEP = 6, 8
FEWEST_TESTED, FEWEST_IN_A_CURVE, FEWEST_VIEWED = 40, 20, 40
POINTS = 1 + sum(len(row.amounts) - 1 for row in PERTURBATIONS.values())  # of all curves


def _processor_seconds(network: nn.Module, images: Tensor) -> float:
    """For one image: of the processor, so that a busy minute of the machine does not make a run smaller."""
    began = time.process_time()
    network(images)
    return (time.process_time() - began) / len(images)


@torch.inference_mode()
def seconds_an_image(specs: Iterable[Spec]) -> float:
    """How long the slowest network needs for one image, forwards."""
    slowest = 0.0
    for spec in specs:
        network = build(spec, seed=0).eval()
        images = torch.rand(PROBED, spec.channels, spec.side, spec.side, generator=torch.Generator().manual_seed(0))
        network(images[:1])  # makes ready what is made once
        single = _processor_seconds(network, images[:1])
        slowest = max(slowest, single if single > SLOW else min(_processor_seconds(network, images) for _ in range(REPEATS)))
    return slowest


@dataclass(frozen=True)
class Pace:
    """A task and a protocol that fit their time, and in words what was left out for that."""

    task: Task
    protocol: Protocol
    left_out: tuple[str, ...] = ()

    @property
    def warning(self) -> str:
        return f"Slow networks: to keep to the time, {'; '.join(self.left_out)}." if self.left_out else ""


def _fewer(task: Task, most: int) -> Task:
    """The same task with at most so many tested images, evenly from every fold."""
    kept = max(1, most // len(task.folds))
    folds = [Fold(one.train, one.test[_evenly(len(one.test), kept)]) for one in task.folds]
    return replace(task, folds=folds)


def _evenly(count: int, most: int) -> np.ndarray:
    return np.linspace(0, count - 1, min(count, most)).round().astype(int)


def paced(task: Task, protocol: Protocol, seconds: float, testing: float) -> Pace:
    """Cut to networks of which the slowest needs `seconds` an image, where `testing` seconds are kept for its test."""
    left_out, step = [], LEARNING * seconds
    learning, images = protocol.seconds / len(task.folds), min(protocol.batch, len(task.folds[0].train))
    affordable = int(learning / (FEWEST_STEPS * step)) if step else images
    if (
        protocol.steps is None and FEWEST_STEPS * step * images > learning
    ):  # a large step may take longer than its estimate, which is of a few images
        batch = max(FEWEST_IN_A_STEP, affordable)
        left_out.append(f"a step learns from {batch} images in place of {images}")
        protocol = replace(protocol, batch=batch)
    usual = protocol.draws * len(task.tested) + POINTS * protocol.curve_images + MOST_IMAGES
    if usual * seconds <= GRACE * testing:
        return Pace(task, protocol, tuple(left_out))
    answers, curve = (int(share * testing / seconds) for share in (0.5, 0.35))
    if answers < protocol.draws * len(task.tested):
        tested = len(task.tested)
        draws = max(1, answers // tested)
        task = _fewer(task, max(FEWEST_TESTED, answers)) if answers < tested else task
        some = f"{len(task.tested):,} of {tested:,} images are tested" if len(task.tested) < tested else "images are tested"
        left_out.append(f"{some} under {draws} of {protocol.draws} distortions")
        protocol = replace(protocol, draws=draws)
    of_a_curve = curve // POINTS
    if of_a_curve < protocol.curve_images:
        number = of_a_curve if of_a_curve >= FEWEST_IN_A_CURVE else 0
        fewer = f"robustness curves are of {number} images in place of {protocol.curve_images}"
        left_out.append(fewer if number else "robustness curves are left out")
        protocol = replace(protocol, curve_images=number)
    viewed = max(FEWEST_VIEWED, int(0.15 * testing / seconds))
    if viewed < MOST_IMAGES:
        protocol = replace(protocol, viewed=viewed)
    return Pace(task, protocol, tuple(left_out))
