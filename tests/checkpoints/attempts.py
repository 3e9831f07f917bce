"""Runs that are interrupted in the middle and begun again, as a lab begins them, and what they come to."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

from core import training
from core.checkpoints.checkpoint import Checkpoint, Start
from core.drive import returned
from core.runs.request import Progress
from core.runs.work import going_on
from core.training import Plan

Begin = Callable[[], Generator[Progress, Any, Any]]


@dataclass
class Learning:
    """Counts the steps of learning. Every training yields a Progress after every step, so that what is noted then does not
    depend on the machine's speed."""

    steps: int = 0

    def interrupted(self, begin: Begin, after: int, start: bytes | None = None) -> bytes:
        """The checkpoint of an attempt that ends after so many steps."""
        checkpoint, until = Checkpoint(Start(start), seconds=math.inf), self.steps + after
        running = going_on(begin, checkpoint)
        while self.steps < until:
            next(running)
        content = checkpoint.to_bytes()
        running.close()
        return content

    def finished(self, begin: Begin, start: bytes | None = None) -> tuple[int, Any]:
        """The steps of an attempt that comes to its end, and the result."""
        before = self.steps
        result = returned(going_on(begin, Checkpoint(Start(start), seconds=math.inf)))
        return self.steps - before, result


@pytest.fixture
def learning(monkeypatch: pytest.MonkeyPatch) -> Learning:
    counted, progress = Learning(), training._progress

    def counting(*args: Any) -> Progress:
        counted.steps += 1
        return progress(*args)

    monkeypatch.setattr(training, "_progress", counting)
    monkeypatch.setattr(Plan, "report_seconds", property(lambda _: 0.0, lambda *_: None))
    return counted


def differences(one: Any, other: Any, name: str = "") -> list[str]:
    """Where two results differ by more than 1e-6; how long something took is left out."""
    if "seconds" in name:
        return []
    if isinstance(one, BaseModel):
        fields = type(one).model_fields
        return [line for field in fields for line in differences(getattr(one, field), getattr(other, field), f"{name}.{field}")]
    if isinstance(one, pd.DataFrame):
        one, other = ({str(key): column.to_numpy() for key, column in table.items()} for table in (one, other))
    if isinstance(one, dict) and set(one) == set(other):
        return [line for key in one for line in differences(one[key], other[key], f"{name}.{key}")]
    same = np.array_equal(one, other)
    if isinstance(one, float) or (isinstance(one, np.ndarray) and one.dtype.kind == "f"):
        same = np.shape(one) == np.shape(other) and np.allclose(one, other, rtol=1e-6, atol=1e-6, equal_nan=True)
    return [] if same else [name]
