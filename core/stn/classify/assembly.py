"""From what was measured of each model to the result of a classification."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from core.stn.classify.class_views import examples_of, means_of
from core.stn.classify.comparison import Measured, ViewedImages
from core.stn.classify.recorder import SHOWN
from core.stn.classify.request import ClassifyRequest
from core.stn.classify.result import ClassifyResult
from core.stn.classify.robustness import Point
from core.stn.classify.task import Task
from core.stn.geometry.pixels import pixels_of
from core.stn.networks.spec import ModelName
from core.stn.networks.stored import merged


def _table(parts: Mapping[ModelName, pd.DataFrame]) -> pd.DataFrame:
    """One table of the models' tables, with the model in front."""
    tables = [part.assign(model=name)[["model", *part.columns]] for name, part in parts.items()]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _curve(points: list[Point]) -> pd.DataFrame:
    rows = [(point.kind, point.amount, point.accuracy.share, point.accuracy.low, point.accuracy.high) for point in points]
    return pd.DataFrame(rows, columns=["kind", "amount", "accuracy", "low", "high"])


def assembled(
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
