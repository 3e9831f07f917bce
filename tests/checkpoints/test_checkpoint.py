"""Checkpoints by themselves: what is written is read back, when one is made, and the clock of a run that goes on."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass
from itertools import count

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.checkpoints import checkpoint as module
from core.checkpoints.checkpoint import Checkpoint, Start, Unfit, clock, part, parts_in, used
from core.checkpoints.values import from_bytes, to_bytes, value_of
from core.drive import returned
from core.errors import StoreError
from core.runs.request import Progress
from core.runs.work import Running, going_on
from core.training import History, Plan, train


@dataclass(frozen=True)
class Seen:
    """A value of every type that is saved."""

    name: str
    share: float
    theta: Tensor
    pixels: np.ndarray | None
    picture: bytes
    steps: list[int]
    sizes: tuple[float, int]
    others: dict[str, Tensor]


def test_every_value_is_read_back_as_its_type_says() -> None:
    theta = torch.arange(6.0).view(3, 2).T  # in another order of memory
    pixels = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
    seen = Seen("ä", math.nan, theta, pixels, b"\x00png", [1, 2], (0.1, 2), {"a": torch.tensor(3, dtype=torch.long)})
    [again] = value_of(list[Seen], from_bytes(to_bytes([seen])))
    assert (again.name, again.picture, again.steps, again.sizes) == (seen.name, seen.picture, seen.steps, seen.sizes)
    assert math.isnan(again.share)
    assert torch.equal(again.theta, theta)
    assert again.others["a"].shape == ()
    assert again.others["a"].dtype == torch.long
    np.testing.assert_array_equal(again.pixels, pixels)
    assert value_of(np.ndarray | None, from_bytes(to_bytes(None))) is None


def test_numbers_of_a_random_generator_survive_whole() -> None:
    random = np.random.default_rng(5)
    random.integers(7, size=3)
    other = np.random.default_rng(0)
    other.bit_generator.state = from_bytes(to_bytes(random.bit_generator.state))
    assert other.integers(1 << 40, size=4).tolist() == random.integers(1 << 40, size=4).tolist()


OTHERS = ([1], {"format": 1}, {"format": 1, "parts": 3}, {"format": 0, "parts": []})


@pytest.mark.parametrize("content", [b"", b"nonsense", *map(to_bytes, OTHERS)])
def test_what_is_no_checkpoint_is_refused(content: bytes) -> None:
    with pytest.raises(StoreError):
        parts_in(content)


def test_the_time_between_two_attempts_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[-1])
    first = Checkpoint()
    with used(first):
        part().end("first")
        now.append(130.0)
        part().keep(lambda: "second")
        content = first.to_bytes()
    now.append(9000.0)
    again = Checkpoint(Start(content))
    with used(again):
        assert (part().saved, again.elapsed) == ("first", 0.0)
        now.append(9002.0)  # what comes between the parts is done again
        began = clock() - again.elapsed
        assert (part().saved, again.elapsed) == ("second", 30.0)
        assert clock() - began == 30.0
        assert part().saved is None
    assert clock() == 9002.0


def test_none_is_made_before_it_is_due_or_while_there_is_no_part_and_a_dear_one_is_made_rarely(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments = count(0.0, 1.0)  # a second goes by at every look: to make one costs one
    monkeypatch.setattr(module.time, "monotonic", lambda: next(moments))
    checkpoint = Checkpoint(seconds=3.0)
    made = [checkpoint.made() is not None for _ in range(9)]
    assert not any(made)
    checkpoint.part().keep(lambda: 1)
    made = [checkpoint.made() is not None for _ in range(2000)]
    assert made[0]
    assert made[1:].index(True) >= 1 / module.DEAREST - 1  # 0.5 % of the time at most


def test_one_that_is_too_large_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 1000)
    checkpoint = Checkpoint(seconds=-1.0)
    checkpoint.part().keep(lambda: np.zeros(2000))
    assert checkpoint.made() is None


def learned(model: nn.Module, plan: Plan) -> Generator[Progress, None, History]:
    random = torch.Generator().manual_seed(0)
    batches = (torch.randn(4, 3, generator=random) for _ in count())
    return train(model, batches, lambda model, batch: model(batch).square().mean(), plan, random=random)  # type: ignore[return-value]


def test_seconds_that_a_training_has_used_count_when_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = count(0.0, 0.01)
    monkeypatch.setattr(module.time, "monotonic", lambda: next(moments))  # so that no load disturbs it
    plan, checkpoint = Plan(seconds=10.0, report_seconds=0.0), Checkpoint()
    begin = lambda: learned(nn.Linear(3, 1), plan)  # noqa: E731
    whole = returned(going_on(begin, Checkpoint()))  # type: ignore[arg-type, type-var]
    running = going_on(begin, checkpoint)
    while checkpoint.elapsed < 7:
        next(running)
    again = Checkpoint(Start(checkpoint.to_bytes()))
    history = returned(going_on(begin, again))  # type: ignore[arg-type, type-var]
    assert history.seconds == pytest.approx(whole.seconds, abs=0.2)  # type: ignore[attr-defined]
    assert history.steps == pytest.approx(whole.steps, rel=0.05)  # type: ignore[attr-defined]
    assert history.loss_steps[:2] == [1, 2]  # type: ignore[attr-defined]
    assert again.elapsed == pytest.approx(10, abs=0.5)


def test_the_weights_of_another_network_are_told_and_the_run_begins_from_its_start() -> None:
    plan, checkpoint = Plan(steps=4, report_seconds=0.0), Checkpoint()
    next(going_on(lambda: learned(nn.Linear(3, 2), plan), checkpoint))
    begin = lambda: learned(nn.Linear(3, 1), plan)  # noqa: E731
    with used(Checkpoint(Start(checkpoint.to_bytes()))), pytest.raises(Unfit, match="it is that of another training"):
        next(begin())
    progress = list(going_on(begin, Checkpoint(Start(checkpoint.to_bytes()))))
    assert [one.step for one in progress] == [1, 2, 3, 4]
    assert all(one.note.endswith("so it began from the start.") for one in progress)


@pytest.mark.parametrize("saved", [{"latest": {}}, 3, None], ids=["lacks a name", "another type", "as if new"])
def test_a_state_of_another_shape_is_told_once_and_the_run_begins_from_its_start(saved: object) -> None:
    """Another version of the lab may have saved it."""

    def begin() -> Running:
        own = part()
        reached = 0 if own.saved is None else own.saved["reached"]
        own.keep(lambda: {"reached": reached})
        yield Progress(phase="", step=reached)
        return reached  # type: ignore[return-value]

    checkpoint = Checkpoint()
    next(going_on(begin, checkpoint))
    content = checkpoint.to_bytes()
    at_one = Checkpoint(Start(content))
    at_one._saved[0]["state"] = saved
    progress = list(going_on(begin, at_one))
    assert [one.step for one in progress] == [0]
    assert ("cannot be used" in progress[0].note) == (saved is not None)


def test_a_defect_of_a_run_that_begins_is_one() -> None:
    def begin() -> Running:
        yield Progress(phase="")
        raise KeyError("seconds")

    with pytest.raises(KeyError):
        list(going_on(begin, Checkpoint()))
    begun = 0

    def counted() -> Running:
        nonlocal begun
        begun += 1
        part()
        return (yield from begin())

    first = Checkpoint()
    next(going_on(counted, first))
    with pytest.raises(KeyError):
        list(going_on(counted, Checkpoint(Start(first.to_bytes()))))
    assert begun == 3  # the attempt before, from what was saved, and once from the start
