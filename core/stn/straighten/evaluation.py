"""Trials: photos bent by distortions that training never drew, and how well the network undoes them."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import cycle

import numpy as np
import torch
from torch import Tensor, nn

from core.runs.request import Progress
from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.distortions import Distortions
from core.stn.geometry.frames import centres
from core.stn.geometry.theta import move, parts, rotation_deg, size_of, turn_between, undone
from core.stn.geometry.warping import bend
from core.stn.straighten.predict import Straightened, apply_theta, look, sides_for

TRIALS = 120  # at most
LEAST_TRIALS = 16
AT_ONCE = 4  # trials between two Progress: about a tenth of a second
UNSEEN = 1_000_003  # added to the seed, so that trials draw what training does not
LATTICE = 9  # points along a side of the square, of which those inside the circle are counted


@dataclass(frozen=True)
class Trial:
    """One photo, bent and straightened. Thetas in square coordinates; angles in degrees, positive counter-clockwise."""

    name: str
    seen: bool  # whether the photo was among the training photos; the distortion never was
    upright: np.ndarray
    distorted: np.ndarray
    straight: Straightened
    bent: Tensor
    theta: Tensor

    @property
    def applied_deg(self) -> float:
        return rotation_deg(self.bent).item()

    @property
    def row(self) -> dict[str, str | bool | float]:
        """The trial as a row of the table of results. Scale and shift: at the centre; grid errors: see `grid_error`."""
        applied, recovered = parts(self.bent), undone(self.theta)
        return {
            "name": self.name,
            "seen": self.seen,
            "applied_deg": self.applied_deg,
            "recovered_deg": self.straight.angle_deg,
            "angle_error": turn_between(self.applied_deg, self.straight.angle_deg),
            "applied_scale": size_of(applied),
            "recovered_scale": size_of(recovered),
            "applied_shift_x": applied.shift_x,
            "recovered_shift_x": recovered.shift_x,
            "applied_shift_y": applied.shift_y,
            "recovered_shift_y": recovered.shift_y,
            "grid_error_before": grid_error(self.bent),
            "grid_error_after": grid_error(self.bent, self.theta),
            "pixel_error_before": pixel_error(self.distorted, self.upright),
            "pixel_error_after": pixel_error(self.straight.image, self.upright),
        }


@dataclass(frozen=True)
class Exam:
    """Photos, those that training did not see (by index), and what they are bent by."""

    photos: Sequence[np.ndarray]
    names: Sequence[str]
    unknown: Sequence[int]
    distortions: Distortions
    seed: int

    def sit(self, localization: nn.Module, until: float) -> Generator[Progress, None, list[Trial]]:
        """Up to TRIALS trials; after the first LEAST_TRIALS it ends when the monotonic clock reaches `until`."""
        bends = self.distortions.draw(TRIALS, torch.Generator().manual_seed(self.seed + UNSEEN))
        turns = self._turns()
        trials: list[Trial] = []
        while len(trials) < TRIALS and (len(trials) < LEAST_TRIALS or time.monotonic() < until):
            yield Progress(phase="testing on unseen distortions", step=len(trials), total=TRIALS)
            now = slice(len(trials), len(trials) + AT_ONCE)
            trials += self._round(localization, turns[now], bends[now])
        return trials

    def _turns(self) -> list[int]:
        """Which photo each trial takes: known and unknown ones in turn, so that both have been met whenever time runs out."""
        known = cycle(index for index in range(len(self.photos)) if index not in set(self.unknown))
        unknown = cycle(self.unknown)
        return [next(unknown if self.unknown and number % 2 else known) for number in range(TRIALS)]

    def _round(self, localization: nn.Module, indices: list[int], bends: Tensor) -> list[Trial]:
        """Bend some photos by their thetas (N, …), in square coordinates, and straighten them."""
        photos = [self.photos[index] for index in indices]
        distorted = [bend(photo, theta) for photo, theta in zip(photos, bends, strict=True)]
        thetas = look(localization, canvases_of(distorted), sides=sides_for(self.distortions.max_angle))
        straight = [apply_theta(photo, theta) for photo, theta in zip(distorted, thetas, strict=True)]
        names = [self.names[index] for index in indices]
        seen = [index not in self.unknown for index in indices]
        return [Trial(*row) for row in zip(names, seen, photos, distorted, straight, bends, thetas, strict=True)]


def grid_error(bent: Tensor, theta: Tensor | None = None) -> float:
    """How far from where it should the straightened picture looks: the mean over a disc, in % of the photo's short side.

    The two maps are followed point by point, so this is exact for every kind of theta; without `theta`: before straightening.
    """
    points = _disc()
    looked = points if theta is None else move(theta[None], points)
    return float((move(bent[None], looked) - points).norm(dim=-1).mean()) * 50  # the short side is 2


@cache
@torch.inference_mode(False)
def _disc() -> Tensor:
    line = centres(LATTICE)
    points = torch.cartesian_prod(line, line)
    return points[points.norm(dim=-1) <= 1][None]  # (1, N, 2)


def pixel_error(image: np.ndarray, original: np.ndarray) -> float:
    """Mean absolute difference in grey levels inside the largest centred circle, which every rotation keeps in the frame."""
    height, width = image.shape[:2]
    y, x = np.ogrid[:height, :width]
    inside = np.hypot(x - (width - 1) / 2, y - (height - 1) / 2) <= min(height, width) / 2
    return float(np.abs(image[inside].astype(np.int16) - original[inside]).mean())
