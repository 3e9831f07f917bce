"""The result of an add run: every model's answers, and what its transformers make of some pairs."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.runs.conclusion import Conclusion
from core.runs.result import Result
from core.runs.standing import Standing, of_scores
from core.stn.add.adders import TITLES, AdderName
from core.stn.geometry.families import FamilyName
from core.stn.learning.comparing import Answered, learned_little, outcome
from core.stn.learning.diagnosis import Diagnosis
from core.stn.learning.scoring import accuracy, better_than_always
from core.stn.learning.trials import TRAINED_ONCE, judged, learned_on, notes_of
from core.stn.networks.stored import of_model, parameters_in

HARDER = (
    "The digits begin upright and are moved further as the training goes on, so the loss on them can rise while fewer sums of "
    "the test, whose digits are moved as far as they ever are, come out wrong."
)


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
    device: str = ""  # that the networks learned on, in words; of the processor none
    stopped: bool = False  # on request, before the end of the budget

    @property
    def unfinished(self) -> str:
        if not self.stopped:
            return ""
        taken = ", ".join(f"{TITLES[name]} {self.model_steps[name]:,}" for name in self.models)
        return f"It was stopped before its time was over: the networks took turns, for as long each ({taken} steps)."

    @property
    def about_loss(self) -> str:
        """What its course means; "" where a run was stopped, perhaps before the digits were moved further."""
        return "" if self.stopped else HARDER

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
        reasons = {name: one.health[1] for name, one in self.judgement.items()}
        return of_scores(self.scores, "% of the sums are wrong", reasons)

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
        return judged(None, name not in self.no_better, than, learned_little(answers, self.truth))

    @cached_property
    def conclusion(self) -> Conclusion:
        """Whether the network that errs least surely errs less than the next, and whether any has learned to add."""
        best = sorted(self.models, key=lambda name: accuracy(self.answers[name][None], self.truth).error)
        networks = [Answered(f"the {TITLES[name]}", self.answers[name][None], self.model_steps[name]) for name in best]
        said = outcome(networks, self.truth)
        tested = f"Tested on the same {len(self.truth):,} pairs of digits that none had seen; guessing is the commonest sum"
        learned = ", ".join(
            f"{TITLES[name]} {self.model_steps[name]:,} steps in {self.model_seconds[name]:.0f} s" for name in self.models
        )
        support = (
            tested,
            f"Learning and test: {learned}",
            TRAINED_ONCE,
            *learned_on(self.device),
            *notes_of(self.judgement, self.no_better),
        )
        return Conclusion(said.finding, said.headline, support, said.next_step)

    @property
    def headline(self) -> str:
        return self.conclusion.headline

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {"scores": pd.DataFrame(self.scores)} | super().tables
