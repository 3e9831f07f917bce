"""The result of an add run: every model's answers, and what its transformers make of some pairs."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.runs.result import Result
from core.runs.standing import Standing, of_scores
from core.stn.add.adders import TITLES, AdderName
from core.stn.geometry.families import FamilyName
from core.stn.learning.diagnosis import Diagnosis
from core.stn.learning.scoring import accuracy, better_than_always, difference
from core.stn.learning.trials import errors_in_words, judged
from core.stn.networks.stored import of_model, parameters_in


class AddResult(Result):
    """Every model's answers, and what its transformers make of some pairs. T transformers, S stages."""

    family: FamilyName
    source: str  # "5,000 digits" or "MNIST"
    models: tuple[AdderName, ...]
    model_seconds: dict[AdderName, float]
    model_steps: dict[AdderName, int]
    seconds: float
    truth: np.ndarray  # int64 (TESTED,): sums
    answers: dict[str, np.ndarray]  # by model: int64 (TESTED,)
    losses: pd.DataFrame  # model, step, seconds, value
    errors: pd.DataFrame  # model, step, seconds, value (% of PROBED pairs)
    steadiness: pd.DataFrame  # model, transformer, digit, steadied
    example_digits: np.ndarray  # int64 (SHOWN, 2)
    examples: np.ndarray  # uint8 (SHOWN, 2, 42, 42)
    films: dict[str, np.ndarray]  # by model with transformers: uint8 (S, SHOWN, T, 2, 42, 42)
    film_thetas: dict[str, np.ndarray]  # by model: (S, SHOWN, T, *theta)
    film_seconds: dict[AdderName, list[float]]
    weights: dict[str, np.ndarray]  # "model/name of the weight"

    @property
    def scores(self) -> list[dict[str, Any]]:
        """A row a model: errors and their standard errors in %."""
        return [self._score(name) for name in self.models]

    def _score(self, name: AdderName) -> dict[str, Any]:
        measured = accuracy(self.answers[name][None], self.truth)
        return {
            "model": name,
            "error": 100 * measured.error,
            "error_se": 100 * measured.se,
            "baseline": 100 * self.guessing,
            "baseline_is": "always the commonest sum",
            "health": self.judgement[name].word,
            "parameters": parameters_in(of_model(self.weights, name)),
            "seconds": self.model_seconds[name],
            "steps": self.model_steps[name],
            "family": self.family if "st" in name else None,
        }

    @property
    def standing(self) -> Standing:
        return of_scores(self.scores, "% of the sums are wrong")

    @property
    def guessing(self) -> float:
        """The error, 0 to 1, of always giving the commonest sum."""
        return 1 - float(np.bincount(self.truth).max() / len(self.truth))

    @cached_property
    def judgement(self) -> dict[AdderName, Diagnosis]:
        """The health of every network by its test."""
        return {name: self._judged(name) for name in self.models}

    @cached_property
    def no_better(self) -> list[AdderName]:
        """The networks that are not surely better than always giving the commonest sum."""
        return [name for name in self.models if not better_than_always(self.answers[name][None], self.truth)]

    def _judged(self, name: AdderName) -> Diagnosis:
        answers = self.answers[name][None]
        error = f"the {TITLES[name]} errs on {100 * accuracy(answers, self.truth).error:.1f} % of the sums"
        than = f"{error} where always giving the commonest errs on {100 * self.guessing:.0f} %"
        return judged(None, name not in self.no_better, than)

    @property
    def verdict(self) -> str:
        """Who errs least, and whether that is more than chance and more than always giving the commonest sum, in words."""
        best, *others = sorted(self.scores, key=lambda row: row["error"])
        least = f"{best['error']:.1f} ± {best['error_se']:.1f} % of the sums are wrong"
        if best["model"] in self.no_better:
            return f"No network has learned to add yet: at best {least}, as when the commonest sum is always given"
        if not others:
            return f"With the {TITLES[best['model']]} {least}"
        nearest = others[0]
        paired = difference(self.answers[best["model"]][None], self.answers[nearest["model"]][None], self.truth)
        if not paired.sure:
            names = f"{TITLES[best['model']]} and {TITLES[nearest['model']]}"
            return f"{names} cannot be told apart: {best['error']:.1f} and {nearest['error']:.1f} % of the sums are wrong"
        against = f"{nearest['error']:.1f} ± {nearest['error_se']:.1f} % with the {TITLES[nearest['model']]}"
        return f"The {TITLES[best['model']]} errs least: {least}, against {against}"

    @property
    def headline(self) -> str:
        errors = {row["model"]: f"{TITLES[row['model']]} {row['error']:.1f} %" for row in self.scores}
        return f"{errors_in_words(errors, self.no_better)} wrong, guessing {100 * self.guessing:.0f} %"

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {"scores": pd.DataFrame(self.scores)} | super().tables
