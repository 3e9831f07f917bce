"""The result of a classification: every model's answers, from which all figures follow, and what its transformers do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.runs.result import Result
from core.stn.classify.verdict import rate, reference_of, verdict
from core.stn.datasets.distortions import DISTORTIONS, DistortionName
from core.stn.geometry.families import FamilyName
from core.stn.geometry.kernels import KernelName
from core.stn.learning.diagnosis import Diagnosis
from core.stn.learning.scoring import Accuracy, accuracy, confusion, difference
from core.stn.networks.spec import TITLES, Arrangement, ModelName, Spec
from core.stn.networks.stored import of_model, parameters_in


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
    health: dict[ModelName, Diagnosis]  # the last diagnosis of the training
    examples: np.ndarray  # uint8 (K, EXAMPLES, C, side, side)
    example_outputs: dict[str, np.ndarray]  # by model: uint8 (K, EXAMPLES, transformers · C, side, side)
    means: np.ndarray  # uint8 (K, C, side, side)
    mean_outputs: dict[str, np.ndarray]  # by model: uint8 (K, transformers · C, side, side)
    weights: dict[str, np.ndarray]  # "model/name of the weight"

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
            "parameters": self.parameters_of(name),
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

    def parameters_of(self, name: ModelName) -> int:
        """How many numbers a model has learned."""
        return parameters_in(of_model(self.weights, name))

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
        parameters = {name: self.parameters_of(name) for name in self.models}
        return verdict(self.answers, self.truth, parameters, self.tested_in_words)  # type: ignore[arg-type]

    @property
    def tested_in_words(self) -> str:
        """ "1,000 test digits, turned (4 times each, at random)," """
        count, distorted = len(self.truth), DISTORTIONS[self.distortion].title
        what = f"{count:,} test digits" if self.digits else f"{count:,} pictures"
        how = [f", {distorted} ({self.draws} times each, at random)"] if self.draws > 1 else []
        folds = [f", each tested by a network that had not seen it ({self.folds} folds)"] if self.folds > 1 else []
        return "".join([what, *how, *folds, "," if how or folds else ""])
