"""Fixtures for short runs of straighten in this process: steps in place of seconds, and a test of few trials."""

from __future__ import annotations

from typing import Any

import pytest

from core import batch_norm
from core.stn.straighten import evaluation
from core.stn.straighten import run as straightening
from core.stn.straighten.exam import real_tilts
from core.training import Plan


@pytest.fixture
def steps_for_seconds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The training ends after 70 steps, or the number given, however fast the machine is and however busy."""

    def plan(**settings: Any) -> Plan:
        return Plan(**settings | {"seconds": None, "steps": getattr(request, "param", 70)})

    monkeypatch.setattr(straightening, "Plan", plan)


@pytest.fixture
def few_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    with_few_trials(monkeypatch)


def with_few_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was learned is tested on as little as there can be of everything."""
    monkeypatch.setattr(evaluation, "TRIALS", evaluation.LEAST_TRIALS)
    monkeypatch.setattr(evaluation, "STRANGERS", 8)
    monkeypatch.setattr(evaluation, "QUICK_AT_ONCE", 4)
    monkeypatch.setattr(real_tilts, "EACH", 2)
    monkeypatch.setattr(batch_norm, "MOST", batch_norm.FEWEST)
    monkeypatch.setattr(straightening, "TESTING_LEAST", 0.2)
