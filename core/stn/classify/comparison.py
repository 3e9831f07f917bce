"""The comparison of classifiers: trained side by side, fold by fold, then tested and inspected on the same images."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.checkpoints.checkpoint import clock
from core.runs.request import Progress
from core.stn.classify.inspection.class_views import MOST_IMAGES, ClassViews, class_views
from core.stn.classify.inspection.robustness import Point, curves
from core.stn.classify.recorder import ClassifierObserver, ThetaRecorder
from core.stn.classify.task import Task
from core.stn.datasets.distortions import DISTORTIONS, DistortionName
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.splits import UNSEEN
from core.stn.learning.recipe import BATCH, answers, learn
from core.stn.learning.side_by_side import interleave
from core.stn.networks.classifiers import Classifier, build
from core.stn.networks.spec import TITLES, ModelName, Spec
from core.stn.networks.stored import Weights
from core.stn.networks.weights import weights_of
from core.system.device import PROCESSOR
from core.training import History, Plan

MOST_LOSSES = 300
WATCHED = 64  # images on which theta is recorded


@dataclass(frozen=True)
class Protocol:
    """How every model is trained and tested: under which distortion, for how long, and on how many images."""

    distortion: DistortionName
    seconds: float  # of learning, for each model, shared by the folds
    draws: int  # random distortions of every test image
    curve_images: int  # of a robustness curve; 0: there is none
    seed: int
    testing: float = math.inf  # seconds for the test of each model, after which its curve ends
    batch: int = BATCH  # images in a step
    viewed: int = MOST_IMAGES  # images whose thetas are looked at
    steps: int | None = None  # of learning, of each model and fold, in place of seconds


@dataclass(frozen=True)
class Measured:
    """Everything that was measured of one model; where there are folds, what is looked at is the first one's network."""

    spec: Spec
    answers: np.ndarray  # (draws, tested images)
    losses: pd.DataFrame  # fold, step, loss
    observer: ClassifierObserver | None  # of networks with transformers
    views: ClassViews | None  # likewise
    curve: list[Point]
    weights: Weights
    steps: int
    seconds: float


@dataclass(frozen=True)
class ViewedImages:
    """Test images of the first fold to look at, clean and distorted once as no training batch was; the same for every model."""

    clean: Labelled
    distorted: Tensor  # (N, C, canvas, canvas), 0 to 1

    @property
    def labels(self) -> np.ndarray:
        return self.clean.labels.numpy()


def _evenly(count: int, most: int) -> Tensor:
    """At most so many indices, evenly over all."""
    return torch.linspace(0, count - 1, min(count, most)).round().long()


def viewed_images(task: Task, protocol: Protocol) -> ViewedImages:
    """At most so many images as the protocol views, evenly from all that the first fold tests."""
    tested = torch.from_numpy(task.folds[0].test)
    clean = task.data[tested[_evenly(len(tested), protocol.viewed)]]
    generator = torch.Generator().manual_seed(UNSEEN + protocol.seed)
    return ViewedImages(clean, DISTORTIONS[protocol.distortion].draw(clean.images, generator, clean.images).images)


@dataclass
class _Candidate:
    """One model on its way through the folds."""

    spec: Spec
    answers: np.ndarray  # (draws, tested images)
    observer: ClassifierObserver | None = None
    models: list[Classifier] = field(default_factory=list)  # a fold each
    histories: list[History] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def title(self) -> str:
        return TITLES[self.spec.model]


def _losses(histories: list[History]) -> pd.DataFrame:
    """The loss of every fold by step, at most MOST_LOSSES points each, every one the mean of some neighbours."""
    tables = []
    for number, history in enumerate(histories):
        table = pd.DataFrame({"fold": number + 1, "step": history.loss_steps, "loss": history.loss})
        near = np.arange(len(table)) * min(MOST_LOSSES, len(table)) // max(1, len(table))
        tables.append(table.groupby(near).agg({"fold": "first", "step": "last", "loss": "mean"}))
    return pd.concat(tables, ignore_index=True)


@dataclass(frozen=True)
class Comparison:
    """Models that are compared on one task under one protocol."""

    specs: list[Spec]
    task: Task
    protocol: Protocol
    images: ViewedImages
    device: torch.device = PROCESSOR  # that the networks learn on

    def run(self) -> Generator[Progress, None, dict[ModelName, Measured]]:
        """All models learn side by side, fold by fold, then each is tested. `run` adds to Progress how far the whole is."""
        shape = self.protocol.draws, len(self.task.tested)
        candidates = {spec.model: _Candidate(spec, np.empty(shape, np.int16)) for spec in self.specs}
        for number in range(len(self.task.folds)):
            yield from self._learn(candidates, number)
            for candidate in candidates.values():
                yield Progress(phase=f"testing the {candidate.title}")
                self._answer(candidate, number)
        measured = {}
        for name, candidate in candidates.items():
            measured[name] = yield from self._measure(candidate)
        return measured

    def _learn(self, candidates: dict[ModelName, _Candidate], number: int) -> Generator[Progress, None, None]:
        """One fold: equal seeds give all models the same images in the same order under the same distortions."""
        train, seed = self.task.data[torch.from_numpy(self.task.folds[number].train)], self.protocol.seed + number
        steps, shared = self.protocol.steps, len(self.specs) * self.protocol.seconds / len(self.task.folds)  # they take turns
        seconds = None if steps else shared
        distortion, trainings = self.protocol.distortion, {}
        for name, candidate in candidates.items():
            model = build(candidate.spec, seed)
            candidate.models.append(model)
            if number == 0 and model.transformers is not None:
                candidate.observer = self._observer(candidate, model, Plan(steps=steps, seconds=seconds))
            trainings[name] = learn(
                model,
                train,
                distortion,
                seconds=seconds,
                steps=steps,
                batch=self.protocol.batch,
                seed=seed,
                observer=candidate.observer if number == 0 else None,
                device=self.device,
            )
        fold = f", fold {number + 1} of {len(self.task.folds)}" if len(self.task.folds) > 1 else ""
        interleaved = yield from interleave(trainings, f"learning{fold}")
        for name, candidate in candidates.items():
            candidate.histories.append(interleaved.histories[name])
            candidate.seconds += interleaved.seconds[name]

    def _observer(self, candidate: _Candidate, model: Classifier, plan: Plan) -> ClassifierObserver:
        title = f"what the {candidate.title} looks at"
        return ClassifierObserver(model, ThetaRecorder(self.images.distorted[:WATCHED], candidate.spec.family, plan, title))

    def _answer(self, candidate: _Candidate, number: int) -> None:
        """The classes that the model of this fold gives the images that it has not learned from."""
        began, tested = clock(), self.task.folds[number].test
        test, protocol = self.task.data[torch.from_numpy(tested)], self.protocol
        classes = answers(candidate.models[-1], test, protocol.distortion, protocol.draws, UNSEEN + protocol.seed)
        candidate.answers[:, np.searchsorted(self.task.tested, tested)] = classes
        candidate.seconds += clock() - began

    def _curve(self, candidate: _Candidate, until: float) -> Generator[Progress, None, list[Point]]:
        """The robustness curves of the first fold's model, kind after kind, until the monotonic clock reaches `until`."""
        clean, curve = self.images.clean, list[Point]()
        if not self.protocol.curve_images:
            return curve
        images = clean[_evenly(len(clean), self.protocol.curve_images)]
        for point in curves(candidate.models[0], images, self.protocol.distortion, UNSEEN + self.protocol.seed):
            curve.append(point)
            yield Progress(phase=f"trying the {candidate.title} on ever stronger distortions")
            if clock() > until:
                break
        return curve

    def _measure(self, candidate: _Candidate) -> Generator[Progress, None, Measured]:
        """The first fold's model on ever stronger distortions, what its transformers see, and all that is kept of it."""
        began, model = clock(), candidate.models[0]
        if candidate.observer:
            candidate.observer.keep(model, candidate.histories[0])
        curve = yield from self._curve(candidate, began + self.protocol.testing)
        return Measured(
            spec=candidate.spec,
            answers=candidate.answers,
            losses=_losses(candidate.histories),
            observer=candidate.observer,
            views=class_views(model, self.images.distorted, self.images.labels, self.task.classes),
            curve=curve,
            weights=weights_of(model),
            steps=sum(history.steps for history in candidate.histories),
            seconds=candidate.seconds + clock() - began,
        )
