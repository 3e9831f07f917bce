"""The result of a classification: every model's answers, from which all figures follow, and what its transformers do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.runs.conclusion import Conclusion
from core.runs.result import Result
from core.runs.standing import Standing, of_scores
from core.stn.classify.verdict import contender_of, rate, reference_of, verdict
from core.stn.datasets.distortions import DISTORTIONS, DistortionName
from core.stn.geometry.families import FamilyName
from core.stn.geometry.kernels import KERNELS, KernelName
from core.stn.geometry.kinds import identity_like
from core.stn.learning.comparing import Answered, Outcome, learned_little, outcome
from core.stn.learning.diagnosis import SAME, Diagnosis, without_gradient
from core.stn.learning.scoring import (
    Accuracy,
    accuracy,
    balanced_error,
    better_than_always,
    confusion,
    difference,
    is_lopsided,
    largest_share,
)  # fmt: skip
from core.stn.learning.trials import TRAINED_ONCE, judged, learned_on, notes_of
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
    robustness: pd.DataFrame  # model, kind, amount, accuracy, low, high, images; earlier versions lack the last one
    thetas: pd.DataFrame  # model, class, transformer, rotation_deg, scale, shift_x, shift_y
    path: pd.DataFrame  # model, stage, step, transformer, parameter, mean, sd
    path_images: np.ndarray  # uint8 (SHOWN, C, side, side): fixed test images
    path_thetas: dict[str, np.ndarray]  # by model: (stages, transformers, SHOWN, *theta)
    path_steps: dict[str, list[int]]
    health: dict[ModelName, Diagnosis]  # of transformers, by the test; of earlier versions the last one of the training
    examples: np.ndarray  # uint8 (K, EXAMPLES, C, side, side)
    example_outputs: dict[str, np.ndarray]  # by model: uint8 (K, EXAMPLES, transformers · C, side, side)
    means: np.ndarray  # uint8 (K, C, side, side)
    mean_outputs: dict[str, np.ndarray]  # by model: uint8 (K, transformers · C, side, side)
    weights: dict[str, np.ndarray]  # "model/name of the weight"
    device: str = ""  # that the networks learned on, in words; of the processor none
    own_split: bool = False  # whether the pictures came with a part for the test
    left_out: tuple[str, ...] = ()  # what was not done, or less of it, to keep to the time

    @property
    def models(self) -> tuple[ModelName, ...]:
        return tuple(self.specs)

    @property
    def scores(self) -> list[dict[str, Any]]:
        """A row a model; errors, shares and their standard errors in %, accuracies with their 95 % interval from 0 to 1."""
        return [self._score(name) for name in self.models]

    def _score(self, name: ModelName) -> dict[str, Any]:
        measured = self.accuracy_of(name)
        reference = reference_of(self.models) or self.models[0]
        paired = difference(self.answers[name], self.answers[reference], self.truth)
        return {
            "model": name,
            "error": 100 * measured.error,
            "error_se": 100 * measured.se,
            "balanced_error": 100 * balanced_error(self.answers[name], self.truth),
            "largest_class": 100 * largest_share(self.truth),
            "baseline": 100 * self.guessing,
            "baseline_is": "always the largest class",
            "chance": 100 * (1 - 1 / len(self.classes)),
            "health": self.judgement[name].word,
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

    @property
    def course(self) -> Mapping[str, str]:
        return {"steps": ", ".join(f"{TITLES[name]} {steps:,}" for name, steps in self.model_steps.items())}

    @property
    def standing(self) -> Standing:
        reasons = {name: one.health[1] for name, one in self.judgement.items()}
        return of_scores(self.scores, "% of the images are wrong", reasons)

    @property
    def guessing(self) -> float:
        """The error, 0 to 1, of always naming the class that most of the tested images are of."""
        return 1 - largest_share(self.truth)

    @cached_property
    def judgement(self) -> dict[ModelName, Diagnosis]:
        """The health of every network by its test."""
        return {name: self._judged(name) for name in self.models}

    @cached_property
    def no_better(self) -> list[ModelName]:
        """The networks that are not surely better than always naming the largest class."""
        return [name for name in self.models if not better_than_always(self.answers[name], self.truth)]

    def _judged(self, name: ModelName) -> Diagnosis:
        training = self.health.get(name)
        if self.specs[name].spatial and not KERNELS[self.kernel].learns:
            training = without_gradient(self.kernel)
        error = f"the {TITLES[name]} errs on {rate(self.accuracy_of(name))}"
        than = f"{error} where always naming the largest class errs on {100 * self.guessing:.0f} %"
        return judged(training, name not in self.no_better, than, learned_little(self.answers[name], self.truth))

    def moved(self, name: ModelName) -> bool:
        """Whether the transformers of a network look elsewhere than where they began; True for one without transformers."""
        thetas = self.path_thetas.get(name)
        return thetas is None or bool(np.abs(thetas[-1] - identity_like(thetas[-1])).max() > SAME)

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
        return self.conclusion.headline

    @cached_property
    def _outcome(self) -> Outcome:
        contender, reference = contender_of(self.models)
        first = [name for name in (contender, reference) if name]
        return outcome([self._answered(name) for name in dict.fromkeys([*first, *self.models])], self.truth)

    def _answered(self, name: ModelName) -> Answered:
        steps = self.model_steps[name] // max(1, self.folds)
        return Answered(f"the {TITLES[name]}", self.answers[name], steps, not self.moved(name))

    @property
    def better_network(self) -> ModelName | Literal["neither"]:
        """Of the two networks that the headline compares the one that it says errs less; "neither" where it is not sure."""
        contender, reference = contender_of(self.models)
        by_finding = {"better": contender, "worse": reference} if reference else {}
        return by_finding.get(self._outcome.finding) or "neither"

    @cached_property
    def conclusion(self) -> Conclusion:
        said, guessing = self._outcome, "Guessing is always naming the largest class"
        headline, notes = said.headline, notes_of(self.judgement, self.no_better)
        if is_lopsided(self.truth):
            balanced = [f"{TITLES[name]} {100 * balanced_error(self.answers[name], self.truth):.0f} %" for name in self.models]
            headline = f"{headline}; balanced {', '.join(balanced)}"
        return Conclusion(
            said.finding,
            headline,
            (self.verdict.removesuffix("."), guessing, TRAINED_ONCE, *learned_on(self.device), *notes),
            said.next_step,
        )

    @property
    def verdict(self) -> str:
        """Who errs how often, and whether that is more than chance, in words."""
        parameters = {name: self.parameters_of(name) for name in self.models}
        still = [name for name in self.models if not self.moved(name)]
        early = self._outcome.finding == "too early"
        steps: dict[ModelName, int] = self.model_steps
        return verdict(self.answers, self.truth, parameters, self.tested_in_words, steps, still, early)  # type: ignore[arg-type]

    @property
    def tested_in_words(self) -> str:
        """ "1,000 test digits, turned (4 times each, at random)," """
        count, distorted = len(self.truth), DISTORTIONS[self.distortion].title
        what = f"{count:,} test digits" if self.digits else f"{count:,} pictures"
        how = [f", {distorted} ({self.draws} times each, at random)"] if self.draws > 1 else []
        folds = [f", each tested by a network that had not seen it ({self.folds} folds)"] if self.folds > 1 else []
        own = [", which came as the part for the test"] if self.own_split else []
        return "".join([what, *own, *how, *folds, "," if own or how or folds else ""])
