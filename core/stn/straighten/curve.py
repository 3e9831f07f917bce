"""The curve of a network that learns on: what was measured in the runs before the one that goes on, and where each went on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from safetensors.numpy import load

if TYPE_CHECKING:
    from core.stn.straighten.result import StraightenResult

CURVE = "curve/"  # before the names of these arrays in a file of weights
ERRORS = ("step", "seconds", "error")


@dataclass(frozen=True)
class Curve:
    """Steps count from the first run of a network on."""

    steps: int = 0
    seconds: float = 0.0  # of learning
    loss_steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)
    errors: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=list(ERRORS)))
    went_on: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, result: StraightenResult) -> Curve:
        """That of a finished run, with those before it."""
        return cls(
            result.steps,
            result.learned_seconds + result.film_seconds[-1],
            result.loss_steps,
            result.loss,
            result.errors,
            result.went_on,
        )

    @classmethod
    def in_file(cls, content: bytes) -> Curve:
        """That in a file of weights; empty where an earlier version wrote it."""
        arrays = {name.removeprefix(CURVE): array for name, array in load(content).items() if name.startswith(CURVE)}
        if not arrays:
            return cls()
        steps, seconds = arrays["so_far"].tolist()
        table = pd.DataFrame(arrays["errors"].reshape(-1, len(ERRORS)), columns=list(ERRORS))
        plain = {name: arrays[name].tolist() for name in ("loss_steps", "loss", "went_on")}
        return cls(int(steps), seconds, errors=table.astype({"step": int}), **plain)

    @property
    def arrays(self) -> Mapping[str, np.ndarray]:
        """For a file of weights, by their names there."""
        arrays = {
            "so_far": np.array([self.steps, self.seconds]),
            "loss_steps": np.array(self.loss_steps, np.int64),
            "loss": np.array(self.loss),
            "went_on": np.array(self.went_on, np.int64),
            "errors": self.errors[list(ERRORS)].to_numpy(float),
        }
        return {f"{CURVE}{name}": array for name, array in arrays.items()}

    def then(self, steps: int, loss_steps: list[int], loss: list[float], errors: pd.DataFrame) -> Curve:
        """Gone on with what was measured in a run, whose steps and seconds count from its own beginning."""
        if not self.steps:
            return Curve(steps, self.seconds, loss_steps, loss, errors)
        moved = errors.assign(step=errors["step"] + self.steps, seconds=errors["seconds"] + self.seconds)
        return Curve(
            self.steps + steps,
            self.seconds,
            self.loss_steps + [step + self.steps for step in loss_steps],
            self.loss + loss,
            pd.concat([part for part in (self.errors, moved) if len(part)] or [moved], ignore_index=True),
            [*self.went_on, self.steps],
        )
