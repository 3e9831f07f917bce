"""Classification: the classifiers learn the same images side by side, then all are tested."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd
import torch

from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress
from core.stn.classify.class_views import examples_of, means_of
from core.stn.classify.comparison import Course, Gallery, Task, Taught, gallery, teach
from core.stn.classify.request import ClassifyRequest
from core.stn.classify.result import ClassifyResult
from core.stn.classify.robustness import Point
from core.stn.classify.theta_path import SHOWN
from core.stn.datasets.digits import Digits, mnist, shipped
from core.stn.datasets.distortions import DISTORTIONS, DistortionName
from core.stn.datasets.images import from_png
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.labels import check_pictures, classes_of, squares
from core.stn.datasets.splits import Fold, folds_of, split_of
from core.stn.geometry.pixels import pixels_of
from core.stn.networks.classifiers import matched
from core.stn.networks.spec import ModelName, Spec

FILTERS, FILTERS_OF_UPLOADS = 64, 32  # of the ST-CNN whose parameters are matched; an upload has to be learned in seconds
FEW = 200  # pictures: fewer are tested in folds, more in one split
FOLDS = 5
HELD_OUT = 0.2  # share of the pictures that one split tests
TESTING, LONGEST_TEST = 0.2, 60.0  # share of a model's time that is kept for testing it, and the most of it in seconds
ANSWERS = 4000  # distorted test images, about: as many draws of each as it takes
Found = TypeVar("Found")
POOLED: tuple[DistortionName, ...] = ("RTS", "TC")  # the paper halves what the transformer saw (appendix A.4)


def collected(
    request: ClassifyRequest, task: Task, gallery: Gallery, by_model: dict[ModelName, Taught], seconds: float
) -> ClassifyResult:
    """The result of a run from what was found out about each model."""
    seeing = {name: (one.path, one.sights) for name, one in by_model.items() if one.sights}
    shown, count = pixels_of(gallery.shown), len(task.classes)
    return ClassifyResult(
        digits=request.digits,
        distortion=request.distortion,
        family=request.family,
        kernel=request.kernel,
        transformers=request.transformers,
        arrangement=request.arrangement,
        classes=task.classes,
        specs={name: one.spec for name, one in by_model.items()},
        folds=len(task.folds),
        draws=len(next(iter(by_model.values())).answers),
        learned_from=len(task.folds[0].train),
        clean_side=task.data.images.shape[-1],
        seconds=seconds,
        model_seconds={name: one.seconds for name, one in by_model.items()},
        model_steps={name: one.steps for name, one in by_model.items()},
        truth=task.truth.astype(np.int16),
        names=[request.names[index] for index in task.tested] if request.names else [],
        answers={name: one.answers for name, one in by_model.items()},
        losses=_table({name: one.losses for name, one in by_model.items()}),
        robustness=_table({name: _curve(one.curve) for name, one in by_model.items()}),
        thetas=_table({name: sights.thetas for name, (_, sights) in seeing.items()}),
        path=_table({name: pd.DataFrame(path.rows) for name, (path, _) in seeing.items()}),
        path_images=shown[:SHOWN],
        path_thetas={name: np.stack(path.thetas) for name, (path, _) in seeing.items()},
        path_steps={name: path.steps for name, (path, _) in seeing.items()},
        health={name: path.health for name, (path, _) in seeing.items() if path.health},
        examples=examples_of(shown, gallery.labels, count),
        example_outputs={name: sights.examples for name, (_, sights) in seeing.items()},
        means=means_of(shown, gallery.labels, count),
        mean_outputs={name: sights.means for name, (_, sights) in seeing.items()},
        weights={f"{name}/{key}": value for name, one in by_model.items() for key, value in one.weights.items()},
    )


def _table(parts: Mapping[ModelName, pd.DataFrame]) -> pd.DataFrame:
    """One table of the models' tables, with the model in front."""
    tables = [part.assign(model=name)[["model", *part.columns]] for name, part in parts.items()]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _curve(points: list[Point]) -> pd.DataFrame:
    rows = [(point.kind, point.amount, point.accuracy.share, point.accuracy.low, point.accuracy.high) for point in points]
    return pd.DataFrame(rows, columns=["kind", "amount", "accuracy", "low", "high"])


def _labelled(images: np.ndarray, labels: np.ndarray) -> Labelled:
    return Labelled(torch.from_numpy(images), torch.from_numpy(labels.astype(np.int64)))


class _Clock:
    """How far a run of so many seconds is."""

    def __init__(self, budget: float) -> None:
        self.budget, self.began = budget, time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def timed(self, work: Generator[Progress, None, Found]) -> Generator[Progress, None, Found]:
        """The same work, but its Progress says how far the whole run is."""
        try:
            while True:
                yield next(work).model_copy(update=self._so_far())
        except StopIteration as end:
            return end.value

    def _so_far(self) -> dict[str, float | int]:
        left = max(0.0, self.budget - self.seconds)
        return {"step": round(10 * min(self.seconds, self.budget)), "total": round(10 * self.budget), "seconds_left": left}


def check(request: ClassifyRequest, inputs: Inputs) -> None:
    """A GridcastError for images that could not be learned: flat ones, one picture in two classes, no MNIST."""
    if request.digits == "mnist":
        _digits(request, inputs)
        return
    first: dict[str, int] = {}
    for number, digest in enumerate(request.images):
        other = first.setdefault(digest, number)
        if request.labels[other] != request.labels[number]:
            here, there = request.names[number], request.names[other]
            classes = f"of {request.labels[number]!r} and of {request.labels[other]!r}"
            raise InvalidRequest(f"{here} and {there} are the same picture, {classes}; keep the one that is right")
        if other != number:
            raise InvalidRequest(f"{request.names[number]} is a copy of {request.names[other]}; leave one of them out")
    if request.digits is None:
        check_pictures([from_png(inputs[digest]) for digest in request.images])


def _digits(request: ClassifyRequest, inputs: Inputs) -> Digits:
    return shipped() if request.digits == "shipped" else mnist([inputs[digest] for digest in request.mnist])


def _task(request: ClassifyRequest, digits: Digits) -> Task:
    images = np.concatenate([digits.train.images, digits.test.images])[:, None]
    labels = np.concatenate([digits.train.labels, digits.test.labels])
    known = len(digits.train)
    fold = Fold(np.arange(known), np.arange(known, len(labels)))
    return Task(_labelled(images, labels), tuple(map(str, range(10))), [fold])


def _uploads(request: ClassifyRequest, inputs: Inputs) -> Task:
    classes = classes_of(request.labels)
    number = {name: index for index, name in enumerate(classes)}
    labels = np.array([number[label] for label in request.labels])
    images = squares([from_png(inputs[digest]) for digest in request.images], request.side)
    smallest = int(np.bincount(labels).min())
    count = request.folds or (min(FOLDS, smallest) if len(labels) < FEW else 1)
    folds = folds_of(labels.tolist(), count, request.seed) if count > 1 else [split_of(labels.tolist(), HELD_OUT, request.seed)]
    return Task(_labelled(images, labels), classes, folds)


def _course(request: ClassifyRequest, tested: int) -> Course:
    testing = min(TESTING * request.budget, LONGEST_TEST)
    draws = 1 if request.distortion == "none" else int(np.clip(ANSWERS // tested, 3, 20))
    return Course(
        request.distortion, request.budget - testing, draws, int(np.clip(5 * request.budget, 150, 1000)), request.seed
    )


def _specs(request: ClassifyRequest, task: Task) -> Iterator[Spec]:
    """The models in their order, each as wide as gives it the parameters of the ST-CNN, if they are to be matched."""
    row = DISTORTIONS[request.distortion]
    like = Spec(
        "st-cnn",
        family=request.family,
        side=row.canvas(task.data.images.shape[-1]),
        channels=task.data.images.shape[1],
        classes=len(task.classes),
        width=FILTERS if request.digits else FILTERS_OF_UPLOADS,
        transformers=request.transformers,
        arrangement=request.arrangement,
        kernel=request.kernel,
        padding=row.padding,
        pool=request.distortion in POOLED,
    )
    for name in request.models:
        spec = replace(like, model=name)
        yield matched(spec, like) if request.match_parameters else spec


def run(request: ClassifyRequest, inputs: Inputs) -> Generator[Progress, None, ClassifyResult]:
    """All models side by side: learn, answer, be looked at; each within `budget` seconds."""
    clock = _Clock(request.budget * len(request.models))
    yield Progress(phase="reading the images")
    task = _uploads(request, inputs) if request.digits is None else _task(request, _digits(request, inputs))
    course = _course(request, len(task.tested))
    shown = gallery(task, course)
    taught = yield from clock.timed(teach(list(_specs(request, task)), task, course, shown))
    return collected(request, task, shown, taught, clock.seconds)
