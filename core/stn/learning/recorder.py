"""The recorder of a training: what a network makes of the same few inputs, stage by stage.

Stages lie closely at first, when most is learned, then ever further apart. Between them a picture for the screen is drawn at
most twice a second. What a stage holds and what the picture shows is up to each experiment.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, get_args, get_origin

from torch import nn

from core.checkpoints.values import value_of
from core.training import History, Observation, Plan, untouched

STAGES = 24
PICTURE_SECONDS = 0.5  # least time between two pictures for the screen

Network = TypeVar("Network", bound=nn.Module)
View = TypeVar("View")


@dataclass(frozen=True)
class Stage(Generic[View]):
    """One moment of a training, and what the network made of the inputs then."""

    step: int
    seconds: float  # of training
    view: View


def closely_at_first(stage: int, stages: int) -> float:
    """The share of the training from which a stage is due."""
    return (stage / stages) ** 2


class Recorder(ABC, Generic[Network, View]):
    """Keeps up to `stages` stages of one training, the last of which is the caller's to keep: see `keep`."""

    def __init__(self, plan: Plan, stages: int = STAGES, due: Callable[[int, int], float] = closely_at_first) -> None:
        self.stages: list[Stage[View]] = []
        self._plan, self._most, self._due = plan, stages, due
        self._pictured = -PICTURE_SECONDS

    @abstractmethod
    def look(self, model: Network) -> View:
        """What a stage holds; the network is in evaluation mode."""

    @abstractmethod
    def show(self, model: Network) -> Observation:
        """A picture for the screen, and numbers that belong to it; the network is in evaluation mode."""

    def observe(self, model: Network, history: History) -> Observation:
        """Keep a stage when one is due; give a picture when one is due, else nothing."""
        share = self._plan.share(history.steps, history.seconds)
        if len(self.stages) < self._most - 1 and share >= self._due(len(self.stages), self._most):
            self.keep(model, history)
        if history.seconds - self._pictured < PICTURE_SECONDS:
            return Observation()
        self._pictured = history.seconds
        with untouched(model):
            return self.show(model)

    def keep(self, model: Network, history: History) -> None:
        """Keep a stage now."""
        with untouched(model):
            self.add(self.look(model), history)

    def add(self, view: View, history: History) -> None:
        """Keep a stage whose view is there already."""
        self.stages.append(Stage(history.steps, history.seconds, view))

    def state(self) -> Any:
        """Its stages, and when a picture was drawn last; see `training.Observer`."""
        return {"steps": self.steps, "seconds": self.seconds, "views": self.views, "pictured": self._pictured}

    def restore(self, state: Any) -> None:
        views = [value_of(self._kind_of_view(), view) for view in state["views"]]
        self.stages = [Stage(*parts) for parts in zip(state["steps"], state["seconds"], views, strict=True)]
        self._pictured = state["pictured"]

    @classmethod
    def _kind_of_view(cls) -> Any:
        """The View of `class Some(Recorder[Network, View])`."""
        bases = (base for kind in cls.__mro__ for base in getattr(kind, "__orig_bases__", ()))
        return next(get_args(base)[1] for base in bases if get_origin(base) is Recorder)

    @property
    def views(self) -> list[View]:
        return [stage.view for stage in self.stages]

    @property
    def steps(self) -> list[int]:
        return [stage.step for stage in self.stages]

    @property
    def seconds(self) -> list[float]:
        return [stage.seconds for stage in self.stages]
