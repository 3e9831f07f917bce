"""Classifiers from their first step to their last test: they learn side by side, answer, and are looked at."""

from __future__ import annotations

import time
from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.runs.request import Progress
from core.stn.classify.class_views import MOST_IMAGES, Sights, sights
from core.stn.classify.robustness import Point, curves
from core.stn.classify.theta_path import Path
from core.stn.datasets.distortions import DISTORTIONS, DistortionName
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.splits import Fold
from core.stn.learning.recipe import answers, learn
from core.stn.learning.side_by_side import race
from core.stn.networks.classifiers import Classifier, build
from core.stn.networks.spec import TITLES, ModelName, Spec
from core.training import History

MOST_LOSSES = 300
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
    seconds: float  # of learning, for each model, shared by the folds
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


@dataclass
class _Pupil:
    """One model on its way through the folds."""

    spec: Spec
    path: Path
    answers: np.ndarray  # (draws, tested images)
    models: list[Classifier] = field(default_factory=list)  # a fold each
    histories: list[History] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def title(self) -> str:
        return TITLES[self.spec.model]


def teach(specs: list[Spec], task: Task, course: Course, shown: Gallery) -> Generator[Progress, None, dict[ModelName, Taught]]:
    """Teach all models side by side, fold by fold, then ask each. How far the whole run is, only the caller knows."""
    seconds = len(specs) * course.seconds / len(task.folds)
    pupils = {spec.model: _pupil(spec, task, course, shown, seconds) for spec in specs}
    for number in range(len(task.folds)):
        yield from _learn(pupils, task, course, number, seconds)
        for pupil in pupils.values():
            yield Progress(phase=f"asking the {pupil.title}")
            _answer(pupil, task, course, number)
    taught = {}
    for name, pupil in pupils.items():
        taught[name] = yield from _examined(pupil, task, course, shown)
    return taught


def _pupil(spec: Spec, task: Task, course: Course, shown: Gallery, seconds: float) -> _Pupil:
    path = Path(shown.shown[:WATCHED], seconds, f"what the {TITLES[spec.model]} looks at")
    return _Pupil(spec, path, np.empty((course.draws, len(task.tested)), np.int16))


def _learn(
    pupils: dict[ModelName, _Pupil], task: Task, course: Course, number: int, seconds: float
) -> Generator[Progress, None, None]:
    """One fold: equal seeds give all models the same images in the same order under the same distortions."""
    train, seed = task.data[torch.from_numpy(task.folds[number].train)], course.seed + number
    runners = {}
    for name, pupil in pupils.items():
        pupil.models.append(build(pupil.spec, seed))
        observe = None if number else pupil.path.observe
        runners[name] = learn(pupil.models[-1], train, course.distortion, seconds=seconds, seed=seed, observe=observe)
    finish = yield from race(
        runners, "learning" if len(task.folds) == 1 else f"learning, fold {number + 1} of {len(task.folds)}"
    )
    for name, pupil in pupils.items():
        pupil.histories.append(finish.histories[name])
        pupil.seconds += finish.seconds[name]


def _answer(pupil: _Pupil, task: Task, course: Course, number: int) -> None:
    """What the model of this fold says of the images that it has not seen."""
    began, tested = time.monotonic(), task.folds[number].test
    test = task.data[torch.from_numpy(tested)]
    given = answers(pupil.models[-1], test, course.distortion, course.draws, _UNSEEN + course.seed)
    pupil.answers[:, np.searchsorted(task.tested, tested)] = given
    pupil.seconds += time.monotonic() - began


def _examined(pupil: _Pupil, task: Task, course: Course, shown: Gallery) -> Generator[Progress, None, Taught]:
    """The first fold's model on ever stronger distortions, what its transformers see, and all that is kept of it."""
    began, model = time.monotonic(), pupil.models[0]
    pupil.path.keep(model, pupil.histories[0])
    probed = shown.clean[_evenly(len(shown.clean), course.probed)]
    curve: list[Point] = []
    for point in curves(model, probed, course.distortion, _UNSEEN + course.seed):
        curve.append(point)
        yield Progress(phase=f"trying the {pupil.title} on ever stronger distortions")
    return Taught(
        spec=pupil.spec,
        answers=pupil.answers,
        losses=_losses(pupil.histories),
        path=pupil.path,
        sights=sights(model, shown.shown, shown.labels, task.classes),
        curve=curve,
        weights=weights_of(model),
        steps=sum(history.steps for history in pupil.histories),
        seconds=pupil.seconds + time.monotonic() - began,
    )


def _evenly(count: int, most: int) -> Tensor:
    """At most so many indices, evenly over all."""
    return torch.linspace(0, count - 1, min(count, most)).round().long()


def _losses(histories: list[History]) -> pd.DataFrame:
    """The loss of every fold by step, at most MOST_LOSSES points each, every one the mean of some neighbours."""
    tables = []
    for number, history in enumerate(histories):
        table = pd.DataFrame({"fold": number + 1, "step": history.loss_steps, "loss": history.loss})
        near = np.arange(len(table)) * min(MOST_LOSSES, len(table)) // max(1, len(table))
        tables.append(table.groupby(near).agg({"fold": "first", "step": "last", "loss": "mean"}))
    return pd.concat(tables, ignore_index=True)


def weights_of(model: Classifier) -> dict[str, np.ndarray]:
    """The weights to store; counters that only training needs are left out."""
    kept = {name: value.numpy() for name, value in model.state_dict().items() if not name.endswith("num_batches_tracked")}
    return {name: np.array(value, order="C") for name, value in kept.items()}
