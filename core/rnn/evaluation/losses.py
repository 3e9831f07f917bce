"""The squared errors of a comparison by model and origin, and the tests on them, each computed once.

Ranking, verdict and figures use the same `Losses`, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from core.rnn.evaluation.columns import FORECASTS
from core.rnn.evaluation.power import days_needed, minimum_detectable_skill
from core.rnn.evaluation.significance import (
    ConfidenceSet,
    DieboldMariano,
    best_of,
    confidence_set,
    diebold_mariano,
    superior_ability,
)
from core.rnn.models import NETWORKS, REFERENCE


def skill(losses: np.ndarray, reference: np.ndarray) -> float:
    """1 − MSE / MSE of the reference, from squared losses (origins,) of both; NaN when the reference made no error."""
    worst = float(reference.mean())
    return 1 - float(losses.mean()) / worst if worst != 0 else float("nan")


def horizon_of(forecasts: pd.DataFrame) -> int:
    """The largest step of a table of `FORECASTS`."""
    return int(forecasts["step"].max())


@dataclass(frozen=True, eq=False)
class Losses:
    """Squared errors of models over the same N origins, oldest first, each averaged over the steps of its origin."""

    models: tuple[str, ...]  # in the order of the forecasts
    by_seed: pd.DataFrame  # (N, (model, seed))
    horizon: int
    reference: str = REFERENCE
    _tests: dict[tuple[str, str], DieboldMariano] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, forecasts: pd.DataFrame, reference: str = REFERENCE) -> Losses:
        """The losses of a table of `FORECASTS`.

        ValueError when a forecast is not finite, when a seed left out a day or has it twice, or without the reference.
        """
        squared = FORECASTS.check(forecasts).assign(loss=(forecasts["forecast"] - forecasts["actual"]) ** 2)
        wide = squared.pivot(index=["cutoff", "step"], columns=["model", "seed"], values="loss")  # noqa: PD010
        if not np.isfinite(wide.to_numpy()).all():
            raise ValueError("forecasts must be finite, with every day for every model and seed")
        if reference not in wide:
            raise ValueError(f"forecasts have no {reference.replace('-', ' ')} to compare with")
        models = tuple(str(model) for model in forecasts["model"].unique())
        return cls(models, wide.groupby(level="cutoff").mean(), horizon_of(forecasts), reference)

    @cached_property
    def by_model(self) -> dict[str, np.ndarray]:
        """The mean over a model's seeds, (N,) each."""
        return {model: pd.DataFrame(self.by_seed[model]).mean(axis=1).to_numpy() for model in self.models}

    def __getitem__(self, model: str) -> np.ndarray:
        return self.by_model[model]

    @property
    def days(self) -> int:
        """How many origins there are."""
        return len(self.by_seed)

    @cached_property
    def best_classical(self) -> str:
        """The model with the lowest loss that is no network."""
        return best_of((model for model in self.models if model not in NETWORKS), self.by_model)

    def test(self, model: str, rival: str | None = None) -> DieboldMariano:
        """Diebold and Mariano's test of a model against a rival, by default the reference. Made once a pair."""
        pair = (model, rival or self.reference)
        if pair not in self._tests:
            self._tests[pair] = diebold_mariano(self[pair[0]], self[pair[1]], self.horizon)
        return self._tests[pair]

    def skill(self, model: str, rival: str | None = None) -> float:
        """1 − MSE / MSE of the rival, by default the reference; NaN when that made no error."""
        return skill(self[model], self[rival or self.reference])

    @cached_property
    def confidence_set(self) -> ConfidenceSet:
        """The model confidence set: the models that may be the best."""
        return confidence_set(self.by_model, self.horizon)

    @cached_property
    def superior_ability(self) -> float:
        """P value of the test that no model is better than the reference (Hansen 2005); NaN without another model."""
        return superior_ability(self.by_model, self.reference, self.horizon) if len(self.models) > 1 else float("nan")

    def detectable_skill(self, model: str) -> float:
        """The smallest skill that shows in 4 of 5 cases, by a model's loss differences; NaN against a perfect reference."""
        worst = float(self[self.reference].mean())
        return self.test(model).detectable() / worst if worst != 0 else float("nan")

    def minimum_detectable_skill(self, model: str) -> float:
        """The smallest true skill of a model that these days would show, see `power`; NaN when the reference made no error."""
        return minimum_detectable_skill(self.detectable_skill(model), self.days)

    def days_needed(self, model: str) -> int | None:
        """How many days like these would show the skill that a model has here; None unless that lies between 0 and 1."""
        gain = self.skill(model)
        return days_needed(gain, self.detectable_skill(model), self.days) if 0 < gain < 1 else None
