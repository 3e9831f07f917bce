"""The test of a straighten run: photos bent by distortions that training never drew, and how well the network undoes them."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import cycle

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from core.checkpoints.checkpoint import clock
from core.drive import returned
from core.runs.request import Progress
from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.splits import UNSEEN
from core.stn.geometry.frames import in_disc, points_of
from core.stn.geometry.pixels import shrunk
from core.stn.geometry.theta import inverse_parts, mean_scale, move, parts, rotation_deg, turn_between
from core.stn.geometry.warping import warp
from core.stn.learning.belief import RIGHT, Calibration, calibrated
from core.stn.straighten.baseline.deskew import is_page, skew_deg
from core.stn.straighten.checkpoint import localization_from
from core.stn.straighten.exam.size import LEAST_TRIALS, TRIALS
from core.stn.straighten.looking.doubt import FLOORS, Doubt, distances_of, gather
from core.stn.straighten.looking.familiar import familiar_of
from core.stn.straighten.looking.looks import Looking
from core.stn.straighten.looking.straightened import Straightened, apply_theta
from core.stn.straighten.looking.strangers import SIDE, strangers_to
from core.stn.straighten.result import StraightenResult

DESKEWED = 24  # trials in which a page is straightened by its lines too
AT_ONCE = 4  # trials between two Progress: about a tenth of a second
STRANGERS = 72  # trials of pictures of other kinds, at most
QUICK_AT_ONCE = 12  # trials for the calibration between two Progress; so many at least
LATTICE = 9  # points along a side of the square, of which those inside the circle are counted


@cache
@torch.inference_mode(False)
def _points_in_disc() -> Tensor:
    return points_of(LATTICE, LATTICE)[:, in_disc(LATTICE, LATTICE)]  # (1, N, 2)


def grid_error(bent: Tensor, theta: Tensor | None = None) -> float:
    """How far from where it should the straightened picture looks: the mean over a disc, in % of the photo's short side.

    The two maps are followed point by point, so this is exact for every kind of theta; without `theta`: before straightening.
    """
    points = _points_in_disc()
    looked = points if theta is None else move(theta[None], points)
    return float((move(bent[None], looked) - points).norm(dim=-1).mean()) * 50  # the short side is 2


def pixel_error(image: np.ndarray, original: np.ndarray) -> float:
    """Mean absolute difference in grey levels inside the largest centred circle, which every rotation keeps in the frame."""
    height, width = image.shape[:2]
    inside = in_disc(width, height).numpy()
    return float(np.abs(image[inside].astype(np.int16) - original[inside]).mean())


@dataclass(frozen=True)
class Trial:
    """One photo, bent and straightened. Thetas in square coordinates; angles in degrees, positive counter-clockwise."""

    name: str
    photo_in_training: bool  # the distortion never was
    upright: np.ndarray
    distorted: np.ndarray
    straight: Straightened
    bent: Tensor
    theta: Tensor
    scatter: float
    likeness: float
    deskew_deg: float = math.nan  # the turn that the lines of a page tell; nan where it was not asked, or there are none

    @property
    def applied_deg(self) -> float:
        return rotation_deg(self.bent).item()

    @property
    def row(self) -> dict[str, str | bool | float]:
        """The trial as a row of the table of results. Scale and shift: at the centre; grid errors: see `grid_error`."""
        applied, recovered = parts(self.bent), inverse_parts(self.theta)
        return {
            "name": self.name,
            "seen": self.photo_in_training,
            "applied_deg": self.applied_deg,
            "recovered_deg": self.straight.angle_deg,
            "angle_error": turn_between(self.applied_deg, self.straight.angle_deg),
            "deskew_error": turn_between(self.applied_deg, self.deskew_deg),
            "mirrored": recovered.mirrored,
            "applied_scale": mean_scale(applied),
            "recovered_scale": mean_scale(recovered),
            "applied_shift_x": applied.shift_x,
            "recovered_shift_x": recovered.shift_x,
            "applied_shift_y": applied.shift_y,
            "recovered_shift_y": recovered.shift_y,
            "grid_error_before": grid_error(self.bent),
            "grid_error_after": grid_error(self.bent, self.theta),
            "pixel_error_before": pixel_error(self.distorted, self.upright),
            "pixel_error_after": pixel_error(self.straight.image, self.upright),
            "scatter": self.scatter,
            "likeness": self.likeness,
        }


@dataclass(frozen=True)
class Evaluation:
    """All photos, which of them were held out of training (by index), and what they are bent by."""

    photos: Sequence[np.ndarray]
    names: Sequence[str]
    held_out: Sequence[int]
    distortions: Distortions
    seed: int

    @cached_property
    def looking(self) -> Looking:
        return Looking.of(self.distortions)

    @cached_property
    def familiar(self) -> np.ndarray:
        """What the photos of the training show, for `doubt`."""
        return familiar_of(canvases_of([photo for index, photo in enumerate(self.photos) if index not in self.held_out]))

    def run(self, localization: nn.Module, until: float) -> Generator[Progress, None, list[Trial]]:
        """Up to TRIALS trials; after the first LEAST_TRIALS it ends when the monotonic clock reaches `until`."""
        bends = self.distortions.draw(TRIALS, torch.Generator().manual_seed(self.seed + UNSEEN))
        order = self.photo_order()
        trials: list[Trial] = []
        while len(trials) < TRIALS and (len(trials) < LEAST_TRIALS or clock() < until):
            yield Progress(phase="testing on unseen distortions", step=len(trials), total=TRIALS)
            now = slice(len(trials), len(trials) + AT_ONCE)
            trials += self._straightened(localization, order[now], bends[now], deskewed=now.start < DESKEWED)
        return trials

    def strangers(self, localization: nn.Module, until: float) -> Generator[Progress, None, pd.DataFrame]:
        """Trials on pictures of other kinds than those of the run; see `quick`."""
        pictures = strangers_to(self.photos, STRANGERS, self.seed)
        return (
            yield from self.quick(localization, until, pictures, "testing on pictures of other kinds", self.seed + 3 * UNSEEN)
        )

    def again(self, localization: nn.Module, until: float) -> Generator[Progress, None, pd.DataFrame]:
        """More trials on the run's own photos, for the calibration alone; see `quick`."""
        return (
            yield from self.quick(localization, until, self.small(self.photo_order()), "testing belief", self.seed + 4 * UNSEEN)
        )

    def small(self, order: Sequence[int]) -> list[tuple[str, np.ndarray]]:
        """Small copies of photos, by their indices, with their names."""
        small = {index: (self.names[index], shrunk(self.photos[index], SIDE)) for index in set(order)}
        return [small[index] for index in order]

    def quick(
        self, localization: nn.Module, until: float, pictures: Sequence[tuple[str, np.ndarray]], phase: str, seed: int
    ) -> Generator[Progress, None, pd.DataFrame]:
        """Trials on small pictures with those columns of `Trial.row` that a belief is made of.

        After the first few it ends when the monotonic clock reaches `until`.
        """
        bends = self.distortions.draw(len(pictures), torch.Generator().manual_seed(seed))
        tables: list[pd.DataFrame] = []
        for begin in range(0, len(pictures), QUICK_AT_ONCE):
            if tables and clock() >= until:
                break
            yield Progress(phase=phase, step=begin, total=len(pictures))
            now = slice(begin, begin + QUICK_AT_ONCE)
            tables.append(self._answered(localization, pictures[now], bends[now]))
        return pd.concat(tables, ignore_index=True)

    def _answered(self, localization: nn.Module, pictures: Sequence[tuple[str, np.ndarray]], bends: Tensor) -> pd.DataFrame:
        bent = [warp(picture, theta) for (_, picture), theta in zip(pictures, bends, strict=True)]
        answers = gather(localization, canvases_of(bent), self.looking, self.familiar)
        applied, recovered = rotation_deg(bends).tolist(), (-rotation_deg(answers.theta)).tolist()
        return pd.DataFrame(
            {
                "name": [name for name, _ in pictures],
                "applied_deg": applied,
                "recovered_deg": recovered,
                "angle_error": [turn_between(*angles) for angles in zip(applied, recovered, strict=True)],
                "grid_error_before": [grid_error(theta) for theta in bends],
                "grid_error_after": [grid_error(*thetas) for thetas in zip(bends, answers.theta, strict=True)],
                "scatter": answers.scatter.tolist(),
                "likeness": answers.likeness.tolist(),
            }
        )

    def photo_order(self) -> list[int]:
        """Which photo each trial takes: of training and held out in turn, so that both are tested whenever time runs out."""
        trained = cycle(index for index in range(len(self.photos)) if index not in set(self.held_out))
        held_out = cycle(self.held_out)
        return [next(held_out if self.held_out and number % 2 else trained) for number in range(TRIALS)]

    @cached_property
    def _pages(self) -> dict[int, bool]:
        """Whether a photo, by its index, has lines as a page has; filled as they are tested."""
        return {}

    def _deskewed(self, index: int, distorted: np.ndarray) -> float:
        """The turn that the lines of a page tell, nan for other photos and where nothing turns them."""
        if not self.distortions.max_angle:
            return math.nan
        if index not in self._pages:
            self._pages[index] = is_page(self.photos[index])
        return skew_deg(distorted, self.distortions.max_angle) if self._pages[index] else math.nan

    def _straightened(self, localization: nn.Module, indices: list[int], bends: Tensor, deskewed: bool) -> list[Trial]:
        """Bend some photos by their thetas (N, …), in square coordinates, and straighten them."""
        photos = [self.photos[index] for index in indices]
        distorted = [warp(photo, theta) for photo, theta in zip(photos, bends, strict=True)]
        answers = gather(localization, canvases_of(distorted), self.looking, self.familiar)
        straight = [apply_theta(photo, theta) for photo, theta in zip(distorted, answers.theta, strict=True)]
        names = [self.names[index] for index in indices]
        in_training = [index not in self.held_out for index in indices]
        skews = [self._deskewed(*one) if deskewed else math.nan for one in zip(indices, distorted, strict=True)]
        doubts = answers.scatter.tolist(), answers.likeness.tolist()
        rows = zip(names, in_training, photos, distorted, straight, bends, answers.theta, *doubts, skews, strict=True)
        return [Trial(*row) for row in rows]


def with_belief(trials: pd.DataFrame, turns: bool, calibration: Calibration) -> pd.DataFrame:
    """Trials with two columns more: whether the error is below RIGHT, and how far the answer was believed to be so."""
    return trials.assign(right=right_in(trials, turns), belief=calibration.belief(_distances(trials)))


def calibration_by(trials: Sequence[pd.DataFrame], turns: bool, floors: tuple[float, ...] = FLOORS) -> Calibration:
    """The calibration by tables of trials, of as many distances as there are floors."""
    both = pd.concat(trials)
    return calibrated(_distances(both), right_in(both, turns).to_numpy(), floors)


def right_in(trials: pd.DataFrame, turns: bool) -> pd.Series:
    """Which of the trials are off by less than RIGHT."""
    return (trials.angle_error if turns else trials.grid_error_after) < RIGHT


def _distances(trials: pd.DataFrame) -> np.ndarray:
    return distances_of(trials.scatter.to_numpy(), trials.likeness.to_numpy())


def doubt_by_examples(result: StraightenResult) -> Doubt:
    """The doubt of a result that was stored without one: by new trials of its examples and of strangers."""
    photos = list(result.upright.values())
    names = [str(number) for number in range(len(photos))]
    evaluation = Evaluation(photos, names, [], result.distortions, seed=0)
    localization = localization_from(result.family, result.weights)
    trials = pd.DataFrame([trial.row for trial in returned(evaluation.run(localization, until=math.inf))])
    strangers, again = (returned(more(localization, until=math.inf)) for more in (evaluation.strangers, evaluation.again))
    return Doubt(calibration_by([trials, strangers, again], result.turns), evaluation.familiar)
