"""The one training loop, a generator: it yields Progress, returns its History, and ends when it is not iterated further.

It imports no data set and no experiment. The caller gives a model, an endless iterator of batches and a loss;
optionally a validation measure, whose best weights are kept, and an observer, whose pictures and numbers go into Progress.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import torch
from torch import Tensor, nn

from core.batch_norm import settle
from core.errors import InvalidRequest, TrainingDiverged
from core.runs.request import Progress, Wish

SETTLING_SHARE = 0.05  # of the time trained, in which batch normalisations take their statistics anew
STOPPING_SECONDS = 1.5  # at most, in which the learning rate falls to 0 after a stop is wished
STOPPING_SHARE = 0.25  # of the time trained until then, where that is less


@dataclass(frozen=True)
class Plan:
    """How long and how fast to train. At least one of `steps` and `seconds` ends the training; the first one reached wins."""

    steps: int | None = None
    seconds: float | None = None
    lr: float = 2e-3
    warmup: float = 0.05  # share of the training in which the rate rises; then it falls as a cosine
    final_lr: float = 0.0  # what the rate falls to, as a share of `lr`
    weight_decay: float = 0.0
    clip: float = 1.0  # largest gradient norm
    average: float = 0.0  # decay of the running mean of the weights, used instead of the last ones; 0: off
    check_every: int = 0  # steps between two validations; 0: never validate
    patience: int = 0  # validations without a gain before stopping; 0: never stop early
    report_seconds: float = 0.1  # least time between two Progress

    def share(self, steps: int, seconds: float) -> float:
        """Which share of the training is over after so many steps and seconds; 1 or more at its end."""
        if self.seconds is not None and self.seconds <= 0:
            return 1.0
        by_steps = steps / self.steps if self.steps else 0.0
        by_time = seconds / self.seconds if self.seconds else 0.0
        return max(by_steps, by_time)

    def shares(self) -> Iterator[float]:
        """The share of the training that is over at each of its steps, for batches that change meanwhile; without end."""
        began = time.monotonic()
        for step in count():
            yield self.share(step, time.monotonic() - began)


@dataclass
class History:
    """What a training did: its steps and seconds, losses and validations by step."""

    steps: int = 0
    seconds: float = 0.0
    best_step: int = 0
    loss_steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)  # mean since the last entry
    check_steps: list[int] = field(default_factory=list)
    check: list[float] = field(default_factory=list)
    stopped: bool = False  # by a wish, before the plan's end


@dataclass(frozen=True)
class Observation:
    """What an observer adds to the next Progress."""

    pictures: Mapping[str, bytes] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    note: str = ""
    checkpoint: bytes | None = None


Observer = Callable[[Any, History], Observation]  # of the network that is trained


@contextmanager
def untouched(model: nn.Module) -> Iterator[None]:
    """Evaluation mode without gradients for a network that is being trained; afterwards its mode is what it was."""
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(training)


def rate_at(share: float, plan: Plan) -> float:
    """The learning rate after a share (0 to 1) of the training: linear warm-up, then half a cosine."""
    if share < plan.warmup:
        return plan.lr * (0.04 + 0.96 * share / plan.warmup)
    falling = (share - plan.warmup) / max(1e-9, 1 - plan.warmup)
    low = plan.final_lr
    return plan.lr * (low + (1 - low) * 0.5 * (1 + math.cos(math.pi * min(1.0, falling))))


def warm_up() -> None:
    """Create a first optimizer, which takes a second or more in a new process, before a run needs one."""
    torch.optim.AdamW([nn.Parameter(torch.zeros(1))])


class _Schedule:
    """The learning rate by step and time, and when training ends: by the plan, or sooner after a stop is wished."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.began = time.monotonic()
        self._stopping: tuple[float, float, float] | None = None  # since when, for how long, from which rate

    def rate(self, steps: int) -> float | None:
        """The learning rate of the next step; None when there is none."""
        elapsed = time.monotonic() - self.began
        share = self.plan.share(steps, elapsed)
        if share >= 1:
            return None
        if self._stopping is None:
            return rate_at(share, self.plan)
        since, seconds, rate = self._stopping
        left = 1 - (elapsed - since) / seconds
        return rate * left if left > 0 else None

    def stop(self, steps: int) -> None:
        elapsed = time.monotonic() - self.began
        if self._stopping is None:
            seconds = max(1e-3, min(STOPPING_SECONDS, STOPPING_SHARE * elapsed))
            self._stopping = elapsed, seconds, rate_at(self.plan.share(steps, elapsed), self.plan)


def _note_loss(history: History, loss_sum: Tensor, losses: int) -> None:
    mean = loss_sum.item() / losses
    if not math.isfinite(mean):
        raise TrainingDiverged(f"the loss is {mean} after {history.steps} steps")
    history.loss_steps.append(history.steps)
    history.loss.append(mean)


def _progress(history: History, plan: Plan, phase: str, observation: Observation) -> Progress:
    share = plan.share(history.steps, history.seconds)
    numbers = {"loss": history.loss[-1], "steps_per_second": history.steps / history.seconds}
    if history.check:
        numbers["validation"] = history.check[-1]
    return Progress(
        phase=phase,
        step=history.steps,
        total=max(history.steps, round(history.steps / max(share, 1e-6))),
        numbers=numbers | dict(observation.numbers),
        pictures=dict(observation.pictures),
        seconds_left=history.seconds * (1 - share) / max(share, 1e-6),
        note=observation.note,
        checkpoint=observation.checkpoint,
    )


class _Keeper:
    """The weights worth keeping: the best validated ones, their running mean, or simply the last."""

    def __init__(self, model: nn.Module, plan: Plan) -> None:
        self.model, self.plan = model, plan
        self.best: dict[str, Tensor] | None = None
        self.best_check = math.inf
        self.mean = copy.deepcopy(model) if plan.average else None

    def step(self, steps: int) -> None:
        if self.mean is None:
            return
        decay = min(self.plan.average, (1 + steps) / (10 + steps))
        with torch.no_grad():
            for mean, now in zip(self.mean.state_dict().values(), self.model.state_dict().values(), strict=True):
                if mean.is_floating_point():
                    mean.lerp_(now, 1 - decay)
                else:
                    mean.copy_(now)

    @property
    def candidate(self) -> nn.Module:
        return self.mean if self.mean is not None else self.model

    def check(self, history: History, validate: Callable[[nn.Module], float]) -> None:
        candidate = self.candidate
        candidate.eval()
        with torch.no_grad():
            value = float(validate(candidate))
        self.model.train()
        history.check_steps.append(history.steps)
        history.check.append(value)
        if value < self.best_check:
            self.best_check, history.best_step = value, history.steps
            self.best = {name: tensor.clone() for name, tensor in candidate.state_dict().items()}

    def finish(self, history: History, validate: Callable[[nn.Module], float] | None) -> None:
        if validate and self.plan.check_every and (not history.check_steps or history.check_steps[-1] != history.steps):
            self.check(history, validate)
        if self.best is not None:
            self.model.load_state_dict(self.best)
        elif self.mean is not None:
            self.model.load_state_dict(self.mean.state_dict())
            history.best_step = history.steps
        else:
            history.best_step = history.steps


def train(
    model: nn.Module,
    batches: Iterable[Any],
    loss_of: Callable[[nn.Module, Any], Tensor],
    plan: Plan,
    *,
    phase: str = "training",
    validate: Callable[[nn.Module], float] | None = None,
    observe: Observer | None = None,
    groups: list[dict[str, Any]] | None = None,
) -> Generator[Progress, Wish | None, History]:
    """Train `model` in place with AdamW; leave it with its best (validated), averaged or last weights, in eval mode.

    Batch normalisations then have the statistics of these weights (`batch_norm.settle`), over further batches.
    After Wish.STOP is sent, the rate falls to 0 within STOPPING_SECONDS, so that the weights settle, and training ends.
    `loss_of(model, batch)` gives a scalar tensor. `groups` are optimizer parameter groups whose "lr" is a share of `plan.lr`.
    `observe` adds to the next Progress. Raises TrainingDiverged when the loss is not finite.
    """
    if plan.steps is None and plan.seconds is None:
        raise InvalidRequest("a training plan needs a number of steps or of seconds")
    groups = groups or [{"params": list(model.parameters())}]
    shares = [group.get("lr", 1.0) for group in groups]
    optimizer = torch.optim.AdamW(groups, lr=plan.lr, weight_decay=plan.weight_decay)
    weights = [p for group in optimizer.param_groups for p in group["params"]]
    keeper = _Keeper(model, plan)
    history = History()
    schedule = _Schedule(plan)
    reported = schedule.began
    loss_sum, losses = torch.zeros(()), 0  # since the last Progress
    model.train()
    stream = iter(batches)
    for batch in stream:
        rate = schedule.rate(history.steps)
        if rate is None:
            break
        for group, part in zip(optimizer.param_groups, shares, strict=True):
            group["lr"] = part * rate
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(model, batch)
        loss.backward()
        nn.utils.clip_grad_norm_(weights, plan.clip, error_if_nonfinite=False)
        optimizer.step()
        history.steps += 1
        keeper.step(history.steps)
        loss_sum, losses = loss_sum + loss.detach(), losses + 1
        if plan.check_every and validate and history.steps % plan.check_every == 0:
            keeper.check(history, validate)
            if plan.patience and history.steps - history.best_step >= plan.patience * plan.check_every:
                break
        now = time.monotonic()
        if now - reported >= plan.report_seconds:
            history.seconds = now - schedule.began
            _note_loss(history, loss_sum, losses)
            loss_sum, losses, reported = torch.zeros(()), 0, now
            wish = yield _progress(history, plan, phase, observe(model, history) if observe else Observation())
            if wish is Wish.STOP:
                history.stopped = True
                schedule.stop(history.steps)
    history.seconds = time.monotonic() - schedule.began
    if losses:
        _note_loss(history, loss_sum, losses)
    keeper.finish(history, validate)
    settle(model, stream, loss_of, math.inf if plan.seconds is None else SETTLING_SHARE * history.seconds)
    model.eval()
    return history
