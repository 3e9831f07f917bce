"""Classify: networks with and without spatial transformers learn to tell distorted images apart, and are compared.

Jaderberg et al. 2015, section 4.1. All models see the same images in the same order under the same distortions, as many
as they can take in the same time, and are tested on equal distortions of images that none has seen.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from typing import ClassVar, Literal, Self, TypeVar

import numpy as np
import pandas as pd
import torch
from pydantic import model_validator

from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress, Request
from core.runs.result import Result
from core.stn.classify.class_views import examples_of, means_of
from core.stn.classify.comparison import Course, Gallery, Task, Taught, gallery, teach
from core.stn.classify.result import ClassifyResult
from core.stn.classify.robustness import Point
from core.stn.classify.theta_path import SHOWN
from core.stn.datasets.digits import PARTS, Digits, mnist, shipped
from core.stn.datasets.distortions import DISTORTIONS, DistortionName
from core.stn.datasets.images import from_png
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.labels import check_labels, check_pictures, classes_of, squares
from core.stn.datasets.splits import Fold, folds_of, split_of
from core.stn.geometry.families import FamilyName
from core.stn.geometry.kernels import KernelName
from core.stn.geometry.pixels import pixels_of
from core.stn.networks.classifiers import TITLES, Arrangement, ModelName, Spec, matched


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


FILTERS, FILTERS_OF_UPLOADS = 64, 32  # of the ST-CNN whose parameters are matched; an upload has to be learned in seconds
FEW = 200  # pictures: fewer are tested in folds, more in one split
FOLDS = 5
HELD_OUT = 0.2  # share of the pictures that one split tests
TESTING, LONGEST_TEST = 0.2, 60.0  # share of a model's time that is kept for testing it, and the most of it in seconds
ANSWERS = 4000  # distorted test images, about: as many draws of each as it takes
Found = TypeVar("Found")
POOLED: tuple[DistortionName, ...] = ("RTS", "TC")  # the paper halves what the transformer saw (appendix A.4)


class ClassifyRequest(Request):
    """Which images, how they are distorted, which models learn them, and for how long."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"
    result: ClassVar[type[Result]] = ClassifyResult

    kind: Literal["classify"] = "classify"
    digits: Literal["shipped", "mnist"] | None = None  # or, in their place, images with labels
    mnist: tuple[str, ...] = ()  # digests of MNIST's four files, in the order of digits.PARTS
    images: tuple[str, ...] = ()  # digests of pictures, as PNG
    names: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()  # the class of each picture
    distortion: DistortionName = "R"
    models: tuple[ModelName, ...] = ("cnn", "st-cnn")
    family: FamilyName = "affine"
    kernel: KernelName = "bilinear"
    transformers: int = 1
    arrangement: Arrangement = "parallel"
    match_parameters: bool = True  # or the same width for all
    budget: float = 20.0  # seconds a model, learning and test
    seed: int = 0
    folds: int = 0  # 1: one split; 0: as many as suit the number of pictures. Digits come with a test set of their own
    side: int = 32  # pixels: uploads become squares of this size

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.digits is None:
            self._check_uploads()
        elif self.images or self.labels:
            raise InvalidRequest(f"there are both digits and {len(self.images)} pictures; choose one of them")
        if self.digits == "mnist" and len(self.mnist) != len(PARTS):
            raise InvalidRequest(f"MNIST is {len(PARTS)} files, not {len(self.mnist)}; fetch it or give its folder")
        if not self.models or len(set(self.models)) != len(self.models):
            raise InvalidRequest(f"the models are {', '.join(self.models) or 'none'}; name at least one, each once")
        if self.transformers not in (1, 2, 3):
            raise InvalidRequest(f"{self.transformers} transformers are too many or too few; choose 1, 2 or 3")
        if not 2 <= self.budget <= 7200:
            raise InvalidRequest(f"the time for a model is {self.budget:g} s; choose between 2 and 7,200 seconds")
        if not 28 <= self.side <= 64:
            raise InvalidRequest(f"pictures of {self.side} pixels a side do not suit these networks; choose 28 to 64")
        if not 0 <= self.seed < 2**31:
            raise InvalidRequest(f"the seed is {self.seed}; choose a whole number from 0 to 2,147,483,647")
        return self

    def _check_uploads(self) -> None:
        if not len(self.images) == len(self.names) == len(self.labels):
            counts = f"{len(self.images)} pictures came with {len(self.names)} names and {len(self.labels)} labels"
            raise InvalidRequest(f"{counts}; give one of each for every picture")
        check_labels(self.labels)
        smallest = min(Counter(self.labels).values())
        if not 0 <= self.folds <= smallest:
            raise InvalidRequest(f"{self.folds} folds need as many pictures of every class, the smallest has {smallest}")

    @property
    def title(self) -> str:
        what = {"shipped": "5,000 digits", "mnist": "MNIST"}.get(self.digits or "", f"{len(self.images)} pictures")
        names = [TITLES[name] for name in self.models]
        against = f"{', '.join(names[:-1])} against {names[-1]}" if len(names) > 1 else names[0]
        return f"Classify {what}, {DISTORTIONS[self.distortion].title}: {against}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.mnist, *self.images)))

    def check(self, inputs: Inputs) -> None:
        """A GridcastError for images that could not be learned: flat ones, one picture in two classes, no MNIST."""
        if self.digits == "mnist":
            self._digits(inputs)
            return
        first: dict[str, int] = {}
        for number, digest in enumerate(self.images):
            other = first.setdefault(digest, number)
            if self.labels[other] != self.labels[number]:
                here, there = self.names[number], self.names[other]
                classes = f"of {self.labels[number]!r} and of {self.labels[other]!r}"
                raise InvalidRequest(f"{here} and {there} are the same picture, {classes}; keep the one that is right")
            if other != number:
                raise InvalidRequest(f"{self.names[number]} is a copy of {self.names[other]}; leave one of them out")
        if self.digits is None:
            check_pictures([from_png(inputs[digest]) for digest in self.images])

    def run(self, inputs: Inputs) -> Generator[Progress, None, ClassifyResult]:
        """All models side by side: learn, answer, be looked at; each within `budget` seconds."""
        clock = _Clock(self.budget * len(self.models))
        yield Progress(phase="reading the images")
        task = self._uploads(inputs) if self.digits is None else self._task(self._digits(inputs))
        course = self._course(len(task.tested))
        shown = gallery(task, course)
        taught = yield from clock.timed(teach(list(self._specs(task)), task, course, shown))
        return collected(self, task, shown, taught, clock.seconds)

    def _digits(self, inputs: Inputs) -> Digits:
        return shipped() if self.digits == "shipped" else mnist([inputs[digest] for digest in self.mnist])

    def _task(self, digits: Digits) -> Task:
        images = np.concatenate([digits.train.images, digits.test.images])[:, None]
        labels = np.concatenate([digits.train.labels, digits.test.labels])
        known = len(digits.train)
        fold = Fold(np.arange(known), np.arange(known, len(labels)))
        return Task(_labelled(images, labels), tuple(map(str, range(10))), [fold])

    def _uploads(self, inputs: Inputs) -> Task:
        classes = classes_of(self.labels)
        number = {name: index for index, name in enumerate(classes)}
        labels = np.array([number[label] for label in self.labels])
        images = squares([from_png(inputs[digest]) for digest in self.images], self.side)
        smallest = int(np.bincount(labels).min())
        count = self.folds or (min(FOLDS, smallest) if len(labels) < FEW else 1)
        folds = folds_of(labels.tolist(), count, self.seed) if count > 1 else [split_of(labels.tolist(), HELD_OUT, self.seed)]
        return Task(_labelled(images, labels), classes, folds)

    def _course(self, tested: int) -> Course:
        testing = min(TESTING * self.budget, LONGEST_TEST)
        draws = 1 if self.distortion == "none" else int(np.clip(ANSWERS // tested, 3, 20))
        return Course(self.distortion, self.budget - testing, draws, int(np.clip(5 * self.budget, 150, 1000)), self.seed)

    def _specs(self, task: Task) -> Iterator[Spec]:
        """The models in their order, each as wide as gives it the parameters of the ST-CNN, if they are to be matched."""
        row = DISTORTIONS[self.distortion]
        like = Spec(
            "st-cnn",
            family=self.family,
            side=row.canvas(task.data.images.shape[-1]),
            channels=task.data.images.shape[1],
            classes=len(task.classes),
            width=FILTERS if self.digits else FILTERS_OF_UPLOADS,
            transformers=self.transformers,
            arrangement=self.arrangement,
            kernel=self.kernel,
            padding=row.padding,
            pool=self.distortion in POOLED,
        )
        for name in self.models:
            spec = replace(like, model=name)
            yield matched(spec, like) if self.match_parameters else spec


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
