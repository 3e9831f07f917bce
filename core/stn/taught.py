"""One classifier from its first step to its last test: it learns (once a fold), answers, is looked at, and is pushed."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.runs.request import Progress
from core.stn.classifiers import TITLES, Classifier, Spec, build
from core.stn.distortions import DISTORTIONS, DistortionName
from core.stn.folds import Fold
from core.stn.learning import Labelled, answers, learn
from core.stn.path import Path
from core.stn.robustness import Point, curves
from core.stn.sights import MOST_IMAGES, Sights, sights
from core.training import History

WATCHED = 64  # images on which the path of theta is measured
_UNSEEN = 1_000_003  # far from the seeds that training uses


@dataclass(frozen=True)
class Task:
    """What is to be told apart: all images with their classes, which are learned from and which are tested."""

    data: Labelled
    classes: tuple[str, ...]
    folds: list[Fold]

    @property
    def tested(self) -> np.ndarray:
        """Indices of all images that some fold tests, in order."""
        return np.sort(np.concatenate([fold.test for fold in self.folds]))

    @property
    def truth(self) -> np.ndarray:
        return self.data.labels.numpy()[self.tested]


@dataclass(frozen=True)
class Course:
    """How every model is taught: under which distortion, for how long, and how much it is asked at the end."""

    distortion: DistortionName
    seconds: float  # of learning, shared by the folds
    draws: int  # random distortions of every test image
    probed: int  # images of a robustness curve
    seed: int


@dataclass(frozen=True)
class Taught:
    """Everything that was found out about one model; where there are folds, what is looked at is the first one's network."""

    spec: Spec
    answers: np.ndarray  # (draws, tested images)
    losses: pd.DataFrame  # fold, step, loss
    path: Path
    sights: Sights | None
    curve: list[Point]
    weights: dict[str, np.ndarray]
    steps: int
    seconds: float


@dataclass(frozen=True)
class Gallery:
    """Test images of the first fold to look at, clean and distorted once as no training batch was; the same for every model."""

    clean: Labelled
    shown: Tensor  # (N, C, canvas, canvas), 0 to 1

    @property
    def labels(self) -> np.ndarray:
        return self.clean.labels.numpy()


def gallery(task: Task, course: Course) -> Gallery:
    """At most MOST_IMAGES images, evenly from all that the first fold tests."""
    tested = torch.from_numpy(task.folds[0].test)
    clean = task.data[tested[_evenly(len(tested), MOST_IMAGES)]]
    generator = torch.Generator().manual_seed(_UNSEEN + course.seed)
    return Gallery(clean, DISTORTIONS[course.distortion].draw(clean.images, generator, clean.images).images)


def teach(spec: Spec, task: Task, course: Course, shown: Gallery) -> Generator[Progress, None, Taught]:
    """Teach one model. Its Progress tells the phase, the loss and pictures; how far the whole run is, only the caller knows."""
    began = time.monotonic()
    title, seconds = TITLES[spec.model], course.seconds / len(task.folds)
    path = Path(shown.shown[:WATCHED], seconds, f"what the {title} looks at")
    given = np.empty((course.draws, len(task.tested)), np.int16)
    models: list[Classifier] = []
    histories: list[History] = []
    for number, fold in enumerate(task.folds):
        phase = title if len(task.folds) == 1 else f"{title}, fold {number + 1} of {len(task.folds)}"
        model = build(spec, course.seed + number)
        train, test = (task.data[torch.from_numpy(part)] for part in (fold.train, fold.test))
        observe = None if number else path.observe
        seed = course.seed + number
        history = yield from learn(
            model, train, course.distortion, seconds=seconds, seed=seed, phase=f"{phase} learns", observe=observe
        )
        yield Progress(phase=f"{phase} is tested")
        place = np.searchsorted(task.tested, fold.test)
        given[:, place] = answers(model, test, course.distortion, course.draws, _UNSEEN + course.seed)
        models.append(model)
        histories.append(history)
    path.keep(models[0], histories[0])
    curve: list[Point] = []
    probed = shown.clean[_evenly(len(shown.clean), course.probed)]
    for point in curves(models[0], probed, course.distortion, _UNSEEN + course.seed):
        curve.append(point)
        yield Progress(phase=f"{title} is tried on ever stronger distortions")
    return Taught(
        spec=spec,
        answers=given,
        losses=_losses(histories),
        path=path,
        sights=sights(models[0], shown.shown, shown.labels, task.classes),
        curve=curve,
        weights=weights_of(models[0]),
        steps=sum(history.steps for history in histories),
        seconds=time.monotonic() - began,
    )


def _evenly(count: int, most: int) -> Tensor:
    """At most so many indices, evenly over all."""
    return torch.linspace(0, count - 1, min(count, most)).round().long()


def _losses(histories: list[History]) -> pd.DataFrame:
    tables = [
        pd.DataFrame({"fold": number + 1, "step": history.loss_steps, "loss": history.loss})
        for number, history in enumerate(histories)
    ]
    return pd.concat(tables, ignore_index=True)


def weights_of(model: Classifier) -> dict[str, np.ndarray]:
    """The weights to store; counters that only training needs are left out."""
    kept = {name: value.numpy() for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")}
    return {name: np.array(value, order="C") for name, value in kept.items()}
