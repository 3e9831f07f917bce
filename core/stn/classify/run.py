"""Classify: read the images, let all models learn them side by side, test all."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from core.checkpoints.checkpoint import clock
from core.drive import relayed
from core.errors import InvalidRequest
from core.runs.request import Inputs, Progress
from core.stn.classify.comparison import Comparison, Measured, Protocol, ViewedImages, viewed_images
from core.stn.classify.inspection.class_views import examples_of, means_of
from core.stn.classify.inspection.robustness import Point
from core.stn.classify.pace import GRACE, paced, seconds_an_image
from core.stn.classify.recorder import SHOWN
from core.stn.classify.request import ClassifyRequest
from core.stn.classify.result import ClassifyResult
from core.stn.classify.task import Task, digits_task, pictures_task
from core.stn.datasets.digits import Digits, mnist, shipped
from core.stn.datasets.images import from_png
from core.stn.datasets.labels import check_pictures
from core.stn.datasets.perturbations import PERTURBATIONS
from core.stn.geometry.pixels import pixels_of
from core.stn.learning.digit_recipes import Recipe, recipe_for, reference_spec
from core.stn.networks.classifiers import matched
from core.stn.networks.spec import TITLES, ModelName, Spec
from core.stn.networks.stored import merged
from core.system.device import in_words, learning_device

FILTERS_OF_PICTURES = 32  # in place of the recipe's: an upload has to be learned in seconds
TESTING, LONGEST_TEST = 0.2, 60.0  # share of a model's time that is kept for testing it, and the most of it in seconds
ANSWERS = 4000  # distorted test images, about: as many draws of each as it takes


def _digits(request: ClassifyRequest, inputs: Inputs) -> Digits:
    return shipped() if request.digits == "shipped" else mnist([inputs[digest] for digest in request.mnist])


def check(request: ClassifyRequest, inputs: Inputs) -> None:
    """InvalidRequest or ImageError for images that could not be learned: flat ones, one picture in two classes, no MNIST."""
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


def task_of(request: ClassifyRequest, inputs: Inputs) -> Task:
    """The images that a request names."""
    if request.digits:
        return digits_task(_digits(request, inputs))
    pictures = [from_png(inputs[digest]) for digest in request.images]
    return pictures_task(pictures, request.labels, request.side, request.folds, request.seed, request.tested)


def recipe_of(request: ClassifyRequest) -> Recipe:
    """How the networks learn: digits as long as the budget allows, uploads always as in a short run, with fewer filters."""
    if request.digits:
        return recipe_for(request.distortion, request.budget)
    return replace(recipe_for(request.distortion, seconds=0), filters=FILTERS_OF_PICTURES)


def specs_of(request: ClassifyRequest, task: Task) -> Iterator[Spec]:
    """The models in their order, each as wide as gives it the parameters of the ST-CNN, if they are to be matched."""
    _, channels, _, side = task.data.images.shape
    reference = replace(
        reference_spec(recipe_of(request), request.distortion, side, channels, len(task.classes)),
        family=request.family,
        transformers=request.transformers,
        arrangement=request.arrangement,
        kernel=request.kernel,
    )
    for name in request.models:
        spec = replace(reference, model=name)
        yield matched(spec, reference) if request.match_parameters else spec


def _protocol(request: ClassifyRequest, tested: int) -> Protocol:
    testing = min(TESTING * request.budget, LONGEST_TEST)
    draws = 1 if request.distortion == "none" else int(np.clip(ANSWERS // tested, 3, 20))
    curve_images = int(np.clip(5 * request.budget, 150, 1000))
    learning, testing_at_most = request.budget - testing, GRACE * testing
    return Protocol(request.distortion, learning, draws, curve_images, request.seed, testing_at_most, steps=request.steps)


def _table(parts: Mapping[ModelName, pd.DataFrame]) -> pd.DataFrame:
    """One table of the models' tables, with the model in front."""
    tables = [part.assign(model=name)[["model", *part.columns]] for name, part in parts.items()]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _curve(points: list[Point]) -> pd.DataFrame:
    rows = [
        (point.kind, point.amount, point.accuracy.share, point.accuracy.low, point.accuracy.high, point.images)
        for point in points
    ]
    return pd.DataFrame(rows, columns=["kind", "amount", "accuracy", "low", "high", "images"])


def _result(
    request: ClassifyRequest, task: Task, images: ViewedImages, by_model: dict[ModelName, Measured], seconds: float
) -> ClassifyResult:
    """The result of a run from what was measured of each model."""
    views = {name: one.views for name, one in by_model.items() if one.views}
    observers = {name: one.observer for name, one in by_model.items() if one.observer}
    recorders = {name: observer.recorder for name, observer in observers.items()}
    shown, count = pixels_of(images.distorted), len(task.classes)
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
        own_split=bool(request.tested),
        names=[request.names[index] for index in task.tested] if request.names else [],
        answers={name: one.answers for name, one in by_model.items()},
        losses=_table({name: one.losses for name, one in by_model.items()}),
        robustness=_table({name: _curve(one.curve) for name, one in by_model.items()}),
        thetas=_table({name: one.thetas for name, one in views.items()}),
        path=_table({name: pd.DataFrame(recorder.rows) for name, recorder in recorders.items()}),
        path_images=shown[:SHOWN],
        path_thetas={name: recorder.thetas for name, recorder in recorders.items()},
        path_steps={name: recorder.steps for name, recorder in recorders.items()},
        health={name: observer.health for name, observer in observers.items()},
        examples=examples_of(shown, images.labels, count),
        example_outputs={name: one.examples for name, one in views.items()},
        means=means_of(shown, images.labels, count),
        mean_outputs={name: one.means for name, one in views.items()},
        weights=merged({name: one.weights for name, one in by_model.items()}),
    )


def _unfinished(result: ClassifyResult) -> tuple[str, ...]:
    """The networks whose robustness curves ended before all points were measured."""
    counts = result.robustness.groupby("model").size() if len(result.robustness) else pd.Series(dtype=int)
    whole = sum(len(row.amounts) for row in PERTURBATIONS.values())
    short = [TITLES[name] for name in result.models if 0 < counts.get(name, 0) < whole]
    return tuple(f"the robustness curves of the {title} end early" for title in short)


def run(request: ClassifyRequest, inputs: Inputs) -> Generator[Progress, None, ClassifyResult]:
    """Train, test and inspect all models side by side, each within `budget` seconds or for so many steps."""
    began, budget = clock(), request.budget * len(request.models)

    def overall(progress: Progress) -> Progress:
        if request.steps:
            taken = sum(int(progress.numbers.get(f"step {name}", request.steps)) for name in request.models)
            return progress.model_copy(update={"step": taken, "total": request.steps * len(request.models)})
        passed = clock() - began
        done = {"step": round(10 * min(passed, budget)), "total": round(10 * budget)}
        return progress.model_copy(update=done | {"seconds_left": max(0.0, budget - passed)})

    yield Progress(phase="reading the images")
    task = task_of(request, inputs)
    specs, protocol = list(specs_of(request, task)), _protocol(request, len(task.tested))
    yield Progress(phase="timing the networks")
    pace = paced(task, protocol, seconds_an_image(specs), protocol.testing / GRACE)
    if pace.left_out:
        yield Progress(phase="timing the networks", note=pace.warning)
    images = viewed_images(pace.task, pace.protocol)
    device = learning_device()
    comparison = Comparison(specs, pace.task, pace.protocol, images, device)
    measured = yield from relayed(comparison.run(), overall)
    result = _result(request, pace.task, images, measured, clock() - began)
    health = {name: result.judgement[name] for name in result.health}
    return result.model_copy(
        update={"left_out": pace.left_out + _unfinished(result), "health": health, "device": in_words(device)}
    )
