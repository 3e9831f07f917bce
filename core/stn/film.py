"""The film of a training: one bent photo, straightened by the network at up to 24 stages of its learning."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from PIL import Image
from torch import Generator, Tensor, nn

from core.stn.distortions import Distortions
from core.stn.images import to_jpeg
from core.stn.modules import SpatialTransformer
from core.stn.overlay import margined, net_on
from core.stn.straighten import Straightened, apply_theta, look, sides_for
from core.stn.thetas import Parts, parts
from core.stn.trials import bend, grid_error, size_of, undone
from core.stn.views import canvases_of
from core.training import History

STAGES = 24
SIDE = 256  # pixels: longest side of a frame
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


def small(photo: np.ndarray) -> np.ndarray:
    """A photo, uint8 (H, W, 3), with no side longer than SIDE."""
    shrunk = Image.fromarray(photo)
    shrunk.thumbnail((SIDE, SIDE))
    return np.array(shrunk)


def _telling(distortions: Distortions) -> Tensor:
    """A theta that bends a photo further than most, but not most of all; the same every time."""
    thetas = distortions.draw(_CANDIDATES, Generator().manual_seed(0))
    return thetas[sorted(range(_CANDIDATES), key=lambda number: grid_error(thetas[number]))[_CHOSEN]]
