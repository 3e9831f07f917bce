from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.errors import InvalidRequest, TrainingDiverged
from core.runs.request import Wish
from core.training import History, Observation, Plan, rate_at, train
from tests.drive import played
from tests.watcher import Watcher


def line(noise: float = 0.0) -> Iterator[tuple[Tensor, Tensor]]:
    """y = 2x - 1, in endless batches."""
    generator = torch.Generator().manual_seed(0)
    while True:
        x = torch.randn(32, 1, generator=generator)
        yield x, 2 * x - 1 + noise * torch.randn(32, 1, generator=generator)


def error(model: nn.Module, batch: tuple[Tensor, Tensor]) -> Tensor:
    return (model(batch[0]) - batch[1]).square().mean()


def linear(seed: int = 0) -> nn.Linear:
    torch.manual_seed(seed)
    return nn.Linear(1, 1)


def test_it_learns_a_line() -> None:
    model = linear()
    _, history = played(train(model, line(), error, Plan(steps=400, lr=0.05)))
    assert model.weight.item() == pytest.approx(2, abs=1e-2)
    assert model.bias.item() == pytest.approx(-1, abs=1e-2)
    assert history.steps == 400
    assert not model.training


def test_equal_seeds_give_equal_weights() -> None:
    models = [linear(), linear()]
    for model in models:
        played(train(model, line(), error, Plan(steps=50)))
    assert torch.equal(models[0].weight, models[1].weight)


def test_the_rate_warms_up_then_falls_as_a_cosine() -> None:
    plan = Plan(steps=100, lr=1.0, warmup=0.1, final_lr=0.2)
    assert rate_at(0.1, plan) == pytest.approx(1.0)
    assert rate_at(0.55, plan) == pytest.approx(0.2 + 0.8 * 0.5)
    assert rate_at(1.0, plan) == pytest.approx(0.2)
    assert rate_at(0.0, plan) < rate_at(0.05, plan) < rate_at(0.1, plan)


def test_seconds_end_the_training() -> None:
    _, history = played(train(linear(), line(), error, Plan(seconds=0.3)))
    assert 0.3 <= history.seconds < 1.0


@pytest.mark.parametrize("seconds", [0.0, -0.5])
def test_no_time_left_is_no_training(seconds: float) -> None:
    assert played(train(linear(), line(), error, Plan(seconds=seconds)))[1].steps == 0


def test_progress_says_how_far_and_how_long_still() -> None:
    steps, _ = played(train(linear(), line(), error, Plan(steps=300, report_seconds=0.0), phase="fitting"))
    assert [progress.step for progress in steps] == list(range(1, 301))
    assert {progress.phase for progress in steps} == {"fitting"}
    assert steps[149].total == pytest.approx(300, abs=1)
    assert steps[-1].seconds_left == pytest.approx(0, abs=0.01)


def test_the_best_validated_weights_are_kept() -> None:
    model = linear()
    judged: list[float] = []

    def validate(candidate: nn.Module) -> float:
        judged.append(abs(len(judged) - 3.0))  # the fourth check is the best
        kept.append(candidate.weight.item())  # type: ignore[operator, union-attr]
        return judged[-1]

    kept: list[float] = []
    _, history = played(train(model, line(), error, Plan(steps=100, check_every=10), validate=validate))
    assert history.best_step == 40
    assert model.weight.item() == kept[3]


def test_patience_ends_a_training_that_no_longer_gains() -> None:
    plan = Plan(steps=1000, check_every=10, patience=3)
    _, history = played(train(linear(), line(), error, plan, validate=lambda _: 1.0))
    assert (history.best_step, history.steps) == (10, 40)


def test_averaged_weights_lie_closer_to_the_truth_than_the_last_ones() -> None:
    def off(average: float) -> float:
        model = linear()
        played(train(model, line(noise=2.0), error, Plan(steps=600, lr=0.05, final_lr=1.0, average=average)))
        return abs(model.weight.item() - 2) + abs(model.bias.item() + 1)

    assert off(0.99) < off(0.0)


def test_a_loss_that_is_not_finite_is_named() -> None:
    def broken(model: nn.Module, batch: Any) -> Tensor:
        return error(model, batch) * math.nan

    with pytest.raises(TrainingDiverged, match="nan after"):
        played(train(linear(), line(), broken, Plan(steps=5, report_seconds=0.0)))


def test_weights_stay_finite_where_a_gradient_is_not() -> None:
    """Though the loss is finite: nothing is learned from such a step."""
    model = linear()

    def steep(model: nn.Module, batch: Any) -> Tensor:
        return (error(model, batch) * 0).sqrt()  # 0, with a gradient of 0 · ∞

    with pytest.raises(TrainingDiverged, match="the gradient is nan after 1 steps"):
        played(train(model, line(), steep, Plan(steps=5)))
    assert all(torch.isfinite(weight).all() for weight in model.parameters())


def test_a_plan_without_an_end_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="steps or of seconds"):
        next(train(linear(), line(), error, Plan()))


def test_the_observer_gives_the_pictures() -> None:
    def observe(_: nn.Module, history: History) -> Observation:
        return Observation({"film": b"%d" % history.steps})

    steps, _ = played(train(linear(), line(), error, Plan(steps=3, report_seconds=0.0), observer=Watcher(observe)))
    assert [progress.pictures["film"] for progress in steps] == [b"1", b"2", b"3"]


def test_parameter_groups_have_their_share_of_the_rate() -> None:
    model = nn.Sequential(nn.Linear(1, 1), nn.Linear(1, 1))
    before = [layer.weight.item() for layer in model]  # type: ignore[operator, union-attr]
    groups = [{"params": list(model[0].parameters()), "lr": 0.0}, {"params": list(model[1].parameters())}]
    played(train(model, line(), error, Plan(steps=10), groups=groups))
    assert model[0].weight.item() == before[0]  # type: ignore[operator, union-attr]
    assert model[1].weight.item() != before[1]  # type: ignore[operator, union-attr]


def test_a_stop_ends_the_training_soon_and_the_weights_come_to_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = count()
    monkeypatch.setattr("core.training.clock", lambda: next(ticks) / 400)  # a clock that no load disturbs
    model = linear()
    training = train(model, line(noise=0.5), error, Plan(seconds=60, lr=0.05, report_seconds=0.01))
    for _ in range(400):
        next(training)
    weights = [model.weight.item()]
    with pytest.raises(StopIteration) as end:  # noqa: PT012
        while True:
            training.send(Wish.STOP)
            weights.append(model.weight.item())
    assert end.value.value.stopped
    moved = np.abs(np.diff(weights))
    assert 10 < len(moved) < 400
    assert moved[-10:].mean() < moved[:10].mean() / 2
    assert model.weight.item() == pytest.approx(2, abs=0.1)
    assert not model.training


def test_the_observer_may_bring_numbers_and_a_note() -> None:
    observation = Observation(numbers={"error": 0.5}, note="it learns")
    plan = Plan(steps=1, report_seconds=0.0)
    steps, _ = played(train(linear(), line(), error, plan, observer=Watcher(lambda *_: observation)))
    assert (steps[0].numbers["error"], steps[0].note) == (0.5, "it learns")
    assert "loss" in steps[0].numbers
