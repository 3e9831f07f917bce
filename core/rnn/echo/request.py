"""The request of the echo: days that repeat those of k days ago in noise, and the networks that are to find that out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import field_validator, model_validator

from core.errors import InvalidRequest
from core.rnn.models import MODELS, TITLES, CellName
from core.runs.request import Request

MOST_LAG, MOST_SEEDS, MOST_STEPS = 60, 10, 2000
DAYS = (800, 20_000)


class EchoRequest(Request):
    """r_t = a r_{t−k} + √(1 − a²) ε_t: nobody can forecast more than the share a² of its variance, and who knows k can."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "recurrent"
    called: ClassVar[Mapping[Any, str]] = TITLES
    stoppable: ClassVar[bool] = True

    kind: Literal["echo"] = "echo"
    lags: tuple[int, ...] = (7,)  # k, in days; a task of its own each
    strength: float = 0.9  # a
    days: int = 4000  # of which the last quarter is for the test
    cells: tuple[CellName, ...] = ("rnn", "lstm", "gru", "mlp")
    seeds: int = 1
    seed: int = 0  # of the first network, and of the days
    hidden: int = 32
    steps: int = 500  # of training, at most
    lr: float = 1e-2

    @field_validator("lags")
    @classmethod
    def _sorted(cls, lags: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(lags)))

    @field_validator("cells")
    @classmethod
    def _in_one_order(cls, cells: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in MODELS if name in cells)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.lags or not self.cells:
            raise InvalidRequest("an echo needs at least one lag and one network")
        for value, (low, high), what in (
            (self.lags[0], (1, MOST_LAG), "lag"),
            (self.lags[-1], (1, MOST_LAG), "lag"),
            (self.strength, (0, 0.99), "strength of the echo"),
            (self.days, DAYS, "number of days"),
            (self.seeds, (1, MOST_SEEDS), "number of seeds"),
            (self.hidden, (1, 128), "number of hidden units"),
            (self.steps, (10, MOST_STEPS), "number of steps"),
            (self.lr, (1e-5, 1), "learning rate"),
        ):
            if not low <= value <= high:
                raise InvalidRequest(f"the {what} is {value:g}; choose between {low:g} and {high:,g}")
        return self

    @property
    def size(self) -> float:
        """Networks to train for 500 steps."""
        return len(self.lags) * len(self.cells) * self.seeds * self.steps / 500

    @property
    def title(self) -> str:
        return f"Echo of {', '.join(map(str, self.lags))} day{'' if self.lags == (1,) else 's'}"

    @property
    def possible(self) -> float:
        """a²: the share of the variance that can be forecast."""
        return self.strength**2
