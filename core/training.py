"""The one training loop, a generator: it yields Progress, returns its History, and ends when it is not iterated further.

It imports no data set and no experiment. The caller gives a model, an endless iterator of batches and a loss;
optionally a validation measure, whose best weights are kept, and an observer, whose pictures and numbers go into Progress.

A training is a part of its run's checkpoint (`core.checkpoints`): it can give its whole state between two Progress, and begun
again it goes on from there to the same weights, where the plan is in steps; where it is in seconds, those that were used count.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from itertools import islice
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from core.batch_norm import settle
from core.checkpoints.checkpoint import Unfit, clock, part
from core.checkpoints.networks import (
    Random,
    moments,
    random_state,
    set_moments,
    set_random_state,
    set_weights,
    tensors_of,
    weights_state,
)
from core.errors import InvalidRequest, TrainingDiverged
from core.runs.request import Progress, Wish
from core.system.device import PROCESSOR, Learner
from core.system.unreadable import readable

SETTLING_SHARE = 0.05  # of the time trained, in which batch normalisations take their statistics anew
STOPPING_SECONDS = 1.5  # at most, in which the learning rate falls to 0 after a stop is wished
STOPPING_SHARE = 0.25  # of the time trained until then, where that is less
UNFIT = "it is that of another training: {reason}"


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

    def shares(self, history: History) -> Iterator[float]:
        """The share of the training that is over at each of its steps, for batches that change meanwhile; without end."""
        while True:
            yield self.share(history.steps, clock() - history.began)


@dataclass
class History:
    """What a training did: its steps and seconds, losses and validations by step."""

    steps: int = 0
    seconds: float = 0.0
    began: float = field(default_factory=clock, compare=False)  # by the clock of its run
    best_step: int = 0
    loss_steps: list[int] = field(default_factory=list)
    loss: list[float] = field(default_factory=list)  # mean since the last entry
    check_steps: list[int] = field(default_factory=list)
    check: list[float] = field(default_factory=list)
    check_loss: list[float] = field(default_factory=list)  # mean loss of the steps since the validation before
    stopped: bool = False  # by a wish, before the plan's end


@dataclass(frozen=True)
class Observation:
    """What an observer adds to the next Progress."""

    pictures: Mapping[str, bytes] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


class Observer(Protocol):
    """Looks at the network that is trained, and remembers what it saw: that is part of the training's state."""

    def observe(self, model: Any, history: History) -> Observation:
        """What is due now, for the next Progress."""

    def state(self) -> Any:
        """What it remembers, as a value of `checkpoints.values`."""

    def restore(self, state: Any) -> None:
        """Remember this instead, as it was read back."""


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

    def __init__(self, plan: Plan, history: History) -> None:
        self.plan, self.history = plan, history
        self._stopping: tuple[float, float, float] | None = None  # since when, for how long, from which rate

    @property
    def elapsed(self) -> float:
        return clock() - self.history.began

    def rate(self) -> float | None:
        """The learning rate of the next step; None when there is none."""
        steps, elapsed = self.history.steps, self.elapsed
        share = self.plan.share(steps, elapsed)
        if share >= 1:
            return None
        if self._stopping is None:
            return rate_at(share, self.plan)
        since, seconds, rate = self._stopping
        left = 1 - (elapsed - since) / seconds
        return rate * left if left > 0 else None

    def stop(self) -> None:
        elapsed = self.elapsed
        if self._stopping is None:
            seconds = max(1e-3, min(STOPPING_SECONDS, STOPPING_SHARE * elapsed))
            self._stopping = elapsed, seconds, rate_at(self.plan.share(self.history.steps, elapsed), self.plan)


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
    )


class _Keeper:
    """The weights worth keeping: the best validated ones, their running mean, or simply the last."""

    def __init__(self, model: nn.Module, plan: Plan, validate: Callable[[nn.Module], float] | None) -> None:
        self.model, self.plan = model, plan
        self.validate = validate if plan.check_every else None
        self.best: dict[str, Tensor] | None = None
        self.best_check = math.inf
        self.mean = copy.deepcopy(model) if plan.average else None
        self.losses: list[Tensor] = []  # since the last validation

    def state(self) -> dict[str, Any]:
        mean = None if self.mean is None else self.mean.state_dict()
        return {"best": self.best, "best_check": self.best_check, "mean": mean, "losses": self.losses}

    def restore(self, saved: dict[str, Any]) -> None:
        self.best = None if saved["best"] is None else tensors_of(saved["best"])
        self.best_check = saved["best_check"]
        device = next(self.model.parameters()).device
        self.losses = [torch.from_numpy(loss).to(device) for loss in saved["losses"]]
        if self.mean is not None:
            set_weights(self.mean, saved["mean"])

    def step(self, steps: int, loss: Tensor) -> None:
        if self.validate:
            self.losses.append(loss)
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

    def check(self, history: History) -> None:
        assert self.validate is not None
        candidate = self.candidate
        candidate.eval()
        with torch.no_grad():
            value = float(self.validate(candidate))
        self.model.train()
        history.check_steps.append(history.steps)
        history.check.append(value)
        history.check_loss.append(float(torch.stack(self.losses).mean()) if self.losses else math.nan)
        self.losses = []
        if value < self.best_check:
            self.best_check, history.best_step = value, history.steps
            self.best = {name: tensor.clone() for name, tensor in candidate.state_dict().items()}

    def finish(self, history: History) -> None:
        if self.validate and (not history.check_steps or history.check_steps[-1] != history.steps):
            self.check(history)
        if self.best is not None:
            self.model.load_state_dict(self.best)
        elif self.mean is not None:
            self.model.load_state_dict(self.mean.state_dict())
            history.best_step = history.steps
        else:
            history.best_step = history.steps


@dataclass(frozen=True)
class _State:
    """Everything that changes in a training."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    keeper: _Keeper
    history: History
    random: Random | None
    observer: Observer | None
    lasting: bool  # whether what the optimiser remembers is needed when it has ended

    def running(self) -> dict[str, Any]:
        """Between two Progress."""
        rest = {"keeper": self.keeper.state(), "global": torch.get_rng_state()}
        return self._of_both(self.model.state_dict()) | self._to_learn_on() | rest

    def ended(self) -> dict[str, Any]:
        """As it is at the end: what an observer is shown later is not part of it, and is shown to it again."""
        return copy.deepcopy(self._of_both(weights_state(self.model)) | (self._to_learn_on() if self.lasting else {}))

    def _to_learn_on(self) -> dict[str, Any]:
        return {"optimizer": moments(self.optimizer)} | ({} if self.random is None else {"random": random_state(self.random)})

    def _of_both(self, weights: Mapping[str, Any]) -> dict[str, Any]:
        observed = self.observer.state() if self.observer else None
        elapsed = clock() - self.history.began
        return {"weights": weights, "history": asdict(self.history), "elapsed": elapsed, "observer": observed}

    def restore(self, saved: dict[str, Any]) -> bool:
        """Be at what was saved; whether that was the end. Unfit where it is that of another training."""
        with readable(UNFIT, Unfit):
            set_weights(self.model, saved["weights"])
            for one in fields(History):
                setattr(self.history, one.name, saved["history"][one.name])
            self.history.began = clock() - saved["elapsed"]
            if self.observer:
                self.observer.restore(saved["observer"])
            if "optimizer" in saved:
                set_moments(self.optimizer, saved["optimizer"])
            if self.random is not None and "random" in saved:
                set_random_state(self.random, saved["random"])
            if "keeper" not in saved:
                return True
            self.history.stopped = False  # that was wished of the attempt before
            self.keeper.restore(saved["keeper"])
            torch.set_rng_state(torch.from_numpy(saved["global"]))
            return False


def train(
    model: nn.Module,
    batches: Iterable[Any],
    loss_of: Callable[[nn.Module, Any], Tensor],
    plan: Plan,
    *,
    phase: str = "training",
    validate: Callable[[nn.Module], float] | None = None,
    observer: Observer | None = None,
    groups: list[dict[str, Any]] | None = None,
    random: Random | None = None,
    history: History | None = None,
    optimizer: torch.optim.Optimizer | None = None,
    device: torch.device = PROCESSOR,
) -> Generator[Progress, Wish | None, History]:
    """Train `model` in place with AdamW; leave it with its best (validated), averaged or last weights, in eval mode.

    Batch normalisations then have the statistics of these weights (`batch_norm.settle`), over further batches.
    After Wish.STOP is sent, the rate falls to 0 within STOPPING_SECONDS, so that the weights settle, and training ends.
    `loss_of(model, batch)` gives a scalar tensor. `groups` are optimizer parameter groups whose "lr" is a share of `plan.lr`.
    `observer` adds to the next Progress. `random` is all that the batches draw from: a training that goes on continues with its
    numbers; without it the batches that were learned from are drawn once more and left out. `history` is filled in place,
    for batches and losses that ask how far the training is. `optimizer` is one of the caller's, in place of a new one. On a
    `device` other than the processor a copy learns (see `Learner`), which `loss_of` and `validate` are given; batches are moved
    there, and the observer looks at `model`, which stays. Raises TrainingDiverged when loss or gradient is not finite.
    """
    if plan.steps is None and plan.seconds is None:
        raise InvalidRequest("a training plan needs a number of steps or of seconds")
    lasting, learner = optimizer is not None, Learner(model, device)
    groups, learning = learner.its(groups or [{"params": list(model.parameters())}]), learner.learning
    shares = [group.get("lr", 1.0) for group in groups]
    optimizer = optimizer or torch.optim.AdamW(groups, lr=plan.lr, weight_decay=plan.weight_decay)
    weights = [p for group in optimizer.param_groups for p in group["params"]]
    history = History() if history is None else history
    history.began = clock()
    keeper, schedule, own = _Keeper(learning, plan, validate), _Schedule(plan, history), part()
    state = _State(learning, optimizer, keeper, history, random, observer, lasting)
    if own.saved is not None and state.restore(own.saved):
        own.end(own.saved)
        learning.eval()
        learner.bring_back()
        if "diverged" in own.saved:
            raise TrainingDiverged(own.saved["diverged"])
        return history
    own.keep(state.running)
    reported = clock()
    loss_sum, losses = torch.zeros(()), 0  # since the last Progress

    def diverged(why: str) -> TrainingDiverged:
        error = f"{why} after {history.steps} steps"
        own.end(state.ended() | {"diverged": error})
        return TrainingDiverged(error)

    def note_loss() -> None:
        mean = loss_sum.item() / losses
        if not math.isfinite(mean):
            raise diverged(f"the loss is {mean}")
        history.loss_steps.append(history.steps)
        history.loss.append(mean)

    learning.train()
    stream = learner.batches(islice(batches, history.steps if random is None else 0, None))
    for batch in stream:
        rate = schedule.rate()
        if rate is None:
            break
        for group, share in zip(optimizer.param_groups, shares, strict=True):
            group["lr"] = share * rate
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(learning, batch)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(weights, plan.clip, error_if_nonfinite=False).item()
        history.steps += 1
        if not math.isfinite(norm):  # NaN weights make NaN grids, on which torch's sampler may end the process
            value = loss.item()
            raise diverged(f"the gradient is {norm}" if math.isfinite(value) else f"the loss is {value}")
        optimizer.step()
        keeper.step(history.steps, loss.detach())
        loss_sum, losses = loss_sum + loss.detach(), losses + 1
        if keeper.validate and history.steps % plan.check_every == 0:
            keeper.check(history)
            if plan.patience and history.steps - history.best_step >= plan.patience * plan.check_every:
                break
        now = clock()
        if now - reported >= plan.report_seconds:
            history.seconds = now - history.began
            learner.bring_back()
            note_loss()
            loss_sum, losses, reported = torch.zeros(()), 0, now
            wish = yield _progress(history, plan, phase, observer.observe(model, history) if observer else Observation())
            if wish is Wish.STOP:
                history.stopped = True
                schedule.stop()
    history.seconds = clock() - history.began
    learner.bring_back()
    if losses:
        note_loss()
    keeper.finish(history)
    settle(learning, stream, loss_of, math.inf if plan.seconds is None else SETTLING_SHARE * history.seconds)
    learning.eval()
    learner.bring_back()
    own.end(state.ended())
    return history
