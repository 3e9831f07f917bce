from __future__ import annotations

import numpy as np
from torch import nn

from core.stn.learning.recorder import STAGES, Recorder
from core.training import History, Observation, Plan


class Noting(Recorder[nn.Module, bool]):
    """Notes whether the network was in training mode when it was looked at."""

    def look(self, model: nn.Module) -> bool:
        return model.training

    def show(self, model: nn.Module) -> Observation:
        return Observation({"now": str(model.training).encode()})


def recorded(plan: Plan, seconds: float, steps: int = 200) -> tuple[Noting, list[Observation]]:
    """A training of so many steps and seconds."""
    recorder, model = Noting(plan), nn.Linear(1, 1).train()
    moments = [History(steps=step, seconds=seconds * step / steps) for step in range(1, steps + 1)]
    observations = [recorder.observe(model, moment) for moment in moments]
    recorder.keep(model, moments[-1])
    assert model.training
    return recorder, observations


def test_stages_come_closely_at_first_and_end_with_the_training() -> None:
    recorder, _ = recorded(Plan(seconds=10), 10)
    assert len(recorder.stages) == STAGES
    assert (np.diff(recorder.seconds)[:5].mean(), recorder.steps[-1]) < (np.diff(recorder.seconds)[-5:].mean(), 201)


def test_stages_are_due_by_steps_where_the_plan_counts_steps() -> None:
    assert recorded(Plan(steps=200), 3)[0].steps == recorded(Plan(steps=200), 30)[0].steps


def test_the_screen_gets_a_picture_twice_a_second() -> None:
    _, observations = recorded(Plan(seconds=10), 10)
    assert sum(bool(observation.pictures) for observation in observations) == 20


def test_the_network_is_in_evaluation_mode_while_it_is_looked_at() -> None:
    recorder, observations = recorded(Plan(seconds=2), 2)
    assert not any(recorder.views)
    assert observations[0].pictures == {"now": b"False"}


def test_stages_can_be_due_evenly() -> None:
    recorder, model = Noting(Plan(steps=100), 11, lambda stage, stages: stage / (stages - 1)), nn.Linear(1, 1)
    for step in range(101):
        recorder.observe(model, History(steps=step))
    assert recorder.steps == list(range(0, 100, 10))
