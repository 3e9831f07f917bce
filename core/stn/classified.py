"""What a classification found out: every model's answers, from which all figures follow, and what its transformers do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.runs.request import Result
from core.stn.classifiers import TITLES, Arrangement, ModelName, Spec, parameters_of
from core.stn.distortions import DISTORTIONS, DistortionName
from core.stn.families import FamilyName
from core.stn.health import Diagnosis
from core.stn.kernels import KernelName
from core.stn.path import SHOWN, pixels_of
from core.stn.robustness import Point
from core.stn.scoring import Accuracy, accuracy, confusion, difference
from core.stn.sights import examples_of, means_of
from core.stn.taught import Gallery, Task, Taught
from core.stn.verdict import rate, reference_of, verdict

if TYPE_CHECKING:
    from core.runs.export import Format
    from core.stn.classify import ClassifyRequest


class ClassifyResult(Result):
    """The models of one classification. C is 1 for grey images and 3 for colour; K classes of at most 20 are shown."""

    digits: str | None
    distortion: DistortionName
    family: FamilyName
    kernel: KernelName
    transformers: int
    arrangement: Arrangement
    classes: tuple[str, ...]
    specs: dict[ModelName, Spec]
    folds: int
    draws: int
    learned_from: int  # images, of the first fold
    clean_side: int  # pixels of an image before it was distorted
    seconds: float
    model_seconds: dict[ModelName, float]  # of learning and test
    model_steps: dict[ModelName, int]
    truth: np.ndarray  # int16 (tested,)
    names: list[str]  # of the tested pictures; empty for digits
    answers: dict[str, np.ndarray]  # by model: int16 (draws, tested)
    losses: pd.DataFrame  # model, fold, step, loss
    robustness: pd.DataFrame  # model, kind, amount, accuracy, low, high
    thetas: pd.DataFrame  # model, class, transformer, rotation_deg, scale, shift_x, shift_y
    path: pd.DataFrame  # model, stage, step, transformer, parameter, mean, sd
    path_images: np.ndarray  # uint8 (SHOWN, C, side, side): fixed test images
    path_thetas: dict[str, np.ndarray]  # by model: (stages, transformers, SHOWN, *theta)
    path_steps: dict[str, list[int]]
    health: dict[ModelName, Diagnosis]  # how the transformers came through the training
    examples: np.ndarray  # uint8 (K, EXAMPLES, C, side, side)
    example_outputs: dict[str, np.ndarray]  # by model: uint8 (K, EXAMPLES, transformers · C, side, side)
    means: np.ndarray  # uint8 (K, C, side, side)
    mean_outputs: dict[str, np.ndarray]  # by model: uint8 (K, transformers · C, side, side)
    weights: dict[str, np.ndarray]  # "model/name of the weight"

    @property
    def exports(self) -> dict[str, Format]:
        from core.stn.classified_export import FORMATS

        return FORMATS if self.path_thetas else {name: form for name, form in FORMATS.items() if name != "gif"}

    @property
    def models(self) -> tuple[ModelName, ...]:
        return tuple(self.specs)

    @property
    def scores(self) -> list[dict[str, Any]]:
        """A row a model; errors and their standard errors in %, accuracies with their 95 % interval from 0 to 1."""
        return [self._score(name) for name in self.models]

    def _score(self, name: ModelName) -> dict[str, Any]:
        measured = self.accuracy_of(name)
        reference = reference_of(self.models) or self.models[0]
        paired = difference(self.answers[name], self.answers[reference], self.truth)
        return {
            "model": name,
            "error": 100 * measured.error,
            "error_se": 100 * measured.se,
            "accuracy": measured.share,
            "accuracy_low": measured.low,
            "accuracy_high": measured.high,
            "against": reference,
            "difference": 100 * paired.mean,
            "difference_se": 100 * paired.se,
            "parameters": parameters_of(self.specs[name]),
            "seconds": self.model_seconds[name],
            "steps": self.model_steps[name],
            "family": self.family if self.specs[name].spatial else None,
            "distortion": self.distortion,
            "images": len(self.truth),
            "draws": self.draws,
            "folds": self.folds,
        }

    def accuracy_of(self, name: ModelName) -> Accuracy:
        return accuracy(self.answers[name], self.truth)

    def confusion_of(self, name: ModelName) -> np.ndarray:
        """How often an image of class (row) was taken for class (column): counts (classes, classes) over all draws."""
        return confusion(self.answers[name], self.truth, len(self.classes))

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        confusions = [self._confusions(name) for name in self.models]
        return {"scores": pd.DataFrame(self.scores)} | super().tables | {"confusion": pd.concat(confusions, ignore_index=True)}

    def _confusions(self, name: ModelName) -> pd.DataFrame:
        counts = self.confusion_of(name)
        truth, taken = np.nonzero(counts)
        named = np.array(self.classes, object)
        return pd.DataFrame({"model": name, "class": named[truth], "taken_for": named[taken], "count": counts[truth, taken]})

    @property
    def headline(self) -> str:
        return ", ".join(f"{TITLES[name]} {rate(self.accuracy_of(name))}" for name in self.models)

    @property
    def verdict(self) -> str:
        """Who errs how often, and whether that is more than chance, in words."""
        parameters = {name: parameters_of(spec) for name, spec in self.specs.items()}
        return verdict(self.answers, self.truth, parameters, self.tested_in_words)  # type: ignore[arg-type]

    @property
    def tested_in_words(self) -> str:
        """ "1,000 test digits, turned (4 times each, at random)," """
        count, distorted = len(self.truth), DISTORTIONS[self.distortion].title
        what = f"{count:,} test digits" if self.digits else f"{count:,} pictures"
        how = [f", {distorted} ({self.draws} times each, at random)"] if self.draws > 1 else []
        seen = [f", each tested by a network that had not seen it ({self.folds} folds)"] if self.folds > 1 else []
        return "".join([what, *how, *seen, "," if how or seen else ""])


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
