"""The film of a training: one bent photo, straightened by the network at up to 24 stages of its learning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from torch import Generator, Tensor, nn

from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.images import to_jpeg
from core.stn.drawing.grid_overlay import margined, net_on
from core.stn.geometry.families import FamilyName
from core.stn.geometry.pixels import small
from core.stn.geometry.theta import Parts, identity, parts, rotation_deg, size_of, turn_between, undone
from core.stn.geometry.warping import bend
from core.stn.learning.health import Watch
from core.stn.networks.spatial_transformer import SpatialTransformer
from core.stn.networks.weights import weights_of
from core.stn.straighten.checkpoint import to_file
from core.stn.straighten.evaluation import UNSEEN, grid_error
from core.stn.straighten.predict import Straightened, apply_theta, look, sides_for
from core.stn.straighten.view import views
from core.training import History, Seen

QUESTIONS = 8  # fixed distortions that the error so far is measured on
ASK_SECONDS = 1.0  # least time between two measurements
CHECKPOINT_SECONDS = 5.0  # least time between two files of weights


class Observer:
    """Sees one network learn; everything it measures is on distortions that training does not draw."""

    def __init__(self, model: SpatialTransformer, film: Film, questions: Questions) -> None:
        self.film, self.questions = film, questions
        self.watch = Watch(model.localization, lambda images, theta: model.sampler(images, model.grid(theta)), questions.views)
        self._checkpoint_at = CHECKPOINT_SECONDS

    def __call__(self, model: nn.Module, history: History) -> Seen:
        """Everything that is due now, for the next Progress."""
        assert isinstance(model, SpatialTransformer)
        numbers: dict[str, float] = {}
        pictures: dict[str, bytes] = {}
        if (error := self.questions.ask(model, history)) is not None:
            numbers["error"] = error
        if shot := self.film.observe(model, history):
            numbers |= shot.told | {f"applied_{name}": value for name, value in self.film.applied.items()}
            pictures["straightening"] = self.film.picture(shot)
        return Seen(pictures, numbers, self.watch.see(history).words, self._checkpoint(model, history))

    def _checkpoint(self, model: SpatialTransformer, history: History) -> bytes | None:
        if history.seconds < self._checkpoint_at:
            return None
        self._checkpoint_at = history.seconds + CHECKPOINT_SECONDS
        return to_file(self.questions.family, weights_of(model.localization))


class Questions:
    """A few photos bent by fixed distortions: how far off is the network by now?"""

    def __init__(self, photos: Sequence[np.ndarray], distortions: Distortions, family: FamilyName, seed: int) -> None:
        self.family = family
        self._distortions = distortions
        self._bends = distortions.draw(QUESTIONS, Generator().manual_seed(seed + 2 * UNSEEN))
        bent = [bend(photos[number % len(photos)], theta) for number, theta in enumerate(self._bends)]
        self._canvases = canvases_of(bent)
        self._asked: list[dict[str, float]] = []

    @property
    def views(self) -> Tensor:
        """The bent photos as the network sees them first: (QUESTIONS, 1, VIEW, VIEW)."""
        return views(self._canvases, identity(QUESTIONS))

    @property
    def answers(self) -> pd.DataFrame:
        """The median error by step and second: degrees for families that turn, else % of the short side."""
        return pd.DataFrame(self._asked, columns=["step", "seconds", "error"])

    def ask(self, model: SpatialTransformer, history: History) -> float | None:
        """The median error now, at most once a second."""
        if self._asked and history.seconds - self._asked[-1]["seconds"] < ASK_SECONDS:
            return None
        training = model.training
        model.eval()
        thetas = look(model.localization, self._canvases, sides=sides_for(self._distortions.max_angle))
        model.train(training)
        error = float(np.median(self._errors(thetas)))
        self._asked.append({"step": history.steps, "seconds": history.seconds, "error": error})
        return error

    def _errors(self, thetas: Tensor) -> list[float]:
        if not self._distortions.max_angle:
            return [grid_error(bent, theta) for bent, theta in zip(self._bends, thetas, strict=True)]
        applied, recovered = rotation_deg(self._bends), -rotation_deg(thetas)
        return [turn_between(*angles) for angles in torch.stack([applied, recovered], dim=1).tolist()]


STAGES = 24
PICTURE_SECONDS = 0.5  # least time between two pictures for the screen
_CANDIDATES, _CHOSEN = 64, 48  # of so many distortions, ordered by how far they bend, this one is filmed


def _told(found: Parts) -> dict[str, float]:
    """Degrees; a factor; half short sides."""
    return {"turn_deg": found.rotation_deg, "scale": size_of(found), "shift_x": found.shift_x, "shift_y": found.shift_y}


@dataclass(frozen=True)
class Shot:
    """The filmed photo at one moment."""

    seconds: float
    straight: Straightened
    found: Parts  # what the network says had been done to the photo

    @property
    def told(self) -> dict[str, float]:
        return _told(self.found)


class Film:
    """Watches a training of so many seconds; keeps frames closely at first, when most is learned, then ever less often."""

    def __init__(self, photo: np.ndarray, distortions: Distortions, seconds: float) -> None:
        self.upright = small(photo)
        self.bent = _telling(distortions)
        self.distorted = bend(self.upright, self.bent)
        self.canvas = canvases_of([self.distorted])
        self.seconds = seconds
        self.shots: list[Shot] = []
        self._sides = sides_for(distortions.max_angle)
        self._shown = -PICTURE_SECONDS

    @property
    def applied(self) -> dict[str, float]:
        """What was done to the filmed photo, in the words of `path`."""
        return _told(parts(self.bent))

    @property
    def path(self) -> pd.DataFrame:
        """What the network said had been done to it, stage by stage."""
        return pd.DataFrame([{"seconds": shot.seconds} | shot.told for shot in self.shots])

    def observe(self, model: nn.Module, history: History) -> Shot | None:
        """Keep a frame when one is due; the present one for the screen at most twice a second, else nothing."""
        stage_due = len(self.shots) < STAGES - 1 and history.seconds >= self._due(len(self.shots))
        picture_due = history.seconds - self._shown >= PICTURE_SECONDS
        if not stage_due and not picture_due:
            return None
        shot = self._shoot(model, history)
        if stage_due:
            self.shots.append(shot)
        if not picture_due:
            return None
        self._shown = history.seconds
        return shot

    def finish(self, model: nn.Module, history: History) -> None:
        """Keep the last frame, of the finished network."""
        self.shots.append(self._shoot(model, history))

    def picture(self, shot: Shot) -> bytes:
        """The bent photo with the grid where the network looks, beside what it sees there, as a JPEG."""
        given, now = net_on(self.distorted, shot.straight.theta), margined(shot.straight.image)
        return to_jpeg(np.concatenate([given, now], axis=1))

    def _due(self, stage: int) -> float:
        return self.seconds * (stage / STAGES) ** 2

    def _shoot(self, model: nn.Module, history: History) -> Shot:
        assert isinstance(model, SpatialTransformer)
        training = model.training
        model.eval()
        theta = look(model.localization, self.canvas, sides=self._sides)[0]
        model.train(training)
        return Shot(history.seconds, apply_theta(self.distorted, theta), undone(theta))


def _telling(distortions: Distortions) -> Tensor:
    """A theta that bends a photo further than most, but not most of all; the same every time."""
    thetas = distortions.draw(_CANDIDATES, Generator().manual_seed(0))
    return thetas[sorted(range(_CANDIDATES), key=lambda number: grid_error(thetas[number]))[_CHOSEN]]
