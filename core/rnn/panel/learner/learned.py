"""What a learner's models give: for each model and seed two functions that forecast a panel."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.rnn.dataset.panel import Panel
from core.rnn.panel.learner.request import LearnerRequest
from core.rnn.panel.models import PanelModel
from core.runs.request import Progress

Points = Callable[[Panel, int], np.ndarray]  # a panel and a row `first` -> forecasts (T - first + 1, N), see `Panel.on_axis`


@dataclass(frozen=True)
class Learned:
    """One model of one seed, fitted."""

    model: str
    seed: int
    before: Points  # fitted on the training days alone: for the choice on the validation days
    test: Points  # what forecasts the test days
    curve: pd.DataFrame | None = None  # how it learned, `forecaster.CURVE`
    not_converged: tuple[str, ...] = ()  # tickers on which a search for its parameters did not end at an optimum


@dataclass(frozen=True)
class Task:
    """What a learner's function is given."""

    request: LearnerRequest
    panel: Panel  # all its days; a function learns from `learnable(test_start)` alone
    model: PanelModel

    @property
    def symbols(self) -> tuple[str, ...]:
        """The tickers that are forecast."""
        return self.request.symbols or self.panel.symbols


Learner = Callable[[Task], Generator[Progress, None, list[Learned]]]
