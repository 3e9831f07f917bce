"""Observes one panel: what is measured of it every so many steps, and one bent photo with its grid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor

from core.checkpoints.values import value_of
from core.stn.collapse.gradient_flow import Flow, measured
from core.stn.collapse.network import Batch, Bender, difference
from core.stn.collapse.reasons import Course, diagnose
from core.stn.datasets.images import to_webp
from core.stn.datasets.splits import UNSEEN
from core.stn.drawing.pairs import grid_and_seen
from core.stn.learning.diagnosis import Diagnosis
from core.stn.learning.health import HealthMonitor
from core.stn.networks.spatial_transformer import SpatialTransformer
from core.training import History, Observation, untouched

MEASUREMENTS = 20
PROBED = 16  # bent images of the fixed batch
FAR = 50.0  # half sides: a grid that is farther is drawn there


@dataclass
class Seen:
    """What is kept of one panel."""

    flows: list[Flow] = field(default_factory=list)
    thetas: list[np.ndarray] = field(default_factory=list)  # of the first image of the batch
    frames: list[np.ndarray] = field(default_factory=list)  # uint8 (SIDE, SIDE): what the network sees of it


class PanelObserver:
    """Looks at one network. `picture` is what a screen shows of it now."""

    def __init__(self, letter: str, model: SpatialTransformer, bender: Bender, steps: int, seed: int) -> None:
        self.letter, self.every = letter, max(1, steps // MEASUREMENTS)
        self.batch: Batch = bender.bent(PROBED, Generator().manual_seed(seed + UNSEEN))
        self.empty = float(difference(torch.zeros_like(self.batch.upright), self.batch.upright))
        self._levels = float(bender.upright.min()), float(bender.upright.max())
        self.monitor = HealthMonitor(
            model.localization, lambda images, theta: model.sampler(images, model.grid(theta)), self.batch.bent
        )
        self.seen, self.diverged, self.picture = Seen(), "", b""
        self.measure(model, History())

    @property
    def given(self) -> np.ndarray:
        """The bent photo that is followed, uint8 (SIDE, SIDE)."""
        return self._grey(self.batch.bent[0, 0])

    @property
    def course(self) -> Course:
        return Course(self.seen.flows, self.monitor.vitals, self.empty, self.diverged)

    @property
    def diagnosis(self) -> Diagnosis:
        return diagnose(self.course)

    def measure(self, model: SpatialTransformer, history: History) -> None:
        """Measure now, and draw the picture."""
        self.seen.flows.append(measured(model, self.batch, history.steps))
        self.monitor.measure(history)
        with untouched(model):
            theta = model.localization(self.batch.bent)[:1]
            frame = model.sampler(self.batch.bent[:1], model.grid(theta))[0, 0]
        self.seen.thetas.append(theta[0].nan_to_num().clamp(-FAR, FAR).numpy())
        self.seen.frames.append(self._grey(frame))
        self.picture = to_webp(grid_and_seen(self.given, self.seen.thetas[-1], self.seen.frames[-1], "clear"))

    def observe(self, model: SpatialTransformer, history: History) -> Observation:
        """The latest measurement, taken now where one is due."""
        if history.steps - self.seen.flows[-1].step >= self.every:
            self.measure(model, history)
        now = self.seen.flows[-1]
        return Observation(numbers={"outside": now.outside, "dead": now.dead, "error": now.error})

    def state(self) -> Any:
        return {"seen": self.seen, "monitor": self.monitor.state()}

    def restore(self, state: Any) -> None:
        self.seen = value_of(Seen, state["seen"])
        self.monitor.restore(state["monitor"])

    def _grey(self, image: Tensor) -> np.ndarray:
        low, high = self._levels
        return ((image - low) / (high - low)).nan_to_num().clamp(0, 1).mul(255).round().to(torch.uint8).numpy()


def broken_in_words(observers: Sequence[PanelObserver]) -> str:
    """A sentence for each panel that is broken now."""
    return " ".join(f"{one.letter}: {diagnosis.symptom}" for one in observers if (diagnosis := one.diagnosis).level == "bad")
