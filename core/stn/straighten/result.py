"""The result of a straighten run: a network that straightens, how it learned, and how well it does on unseen distortions."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd
from pydantic import Field, field_validator

from core.runs.conclusion import Conclusion
from core.runs.result import Origin, Result
from core.runs.standing import Standing
from core.stn.datasets.distortions import Distortions
from core.stn.datasets.images import from_png, to_jpeg
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.learning.belief import BELIEVED, Calibration
from core.stn.learning.diagnosis import Diagnosis
from core.stn.learning.trials import Gain
from core.stn.straighten.baseline import concluding
from core.stn.straighten.baseline.judgement import gain_of, judgement

QUALITY = 90  # of the JPEG files inside a result


def packed(pictures: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Pictures (H, W, 3) as JPEG files, each the bytes of one as uint8: a twentieth of their size, without visible loss."""
    return {name: np.frombuffer(to_jpeg(pixels, QUALITY), np.uint8) for name, pixels in pictures.items()}


def _median(values: pd.Series) -> float:
    return float(values.median())


class StraightenResult(Result):
    """Thetas map output to input, in square coordinates, as `warping.warp` takes them."""

    family: FamilyName
    max_angle: float
    names: tuple[str, ...]
    seconds: float
    steps: int  # those before it went on included
    stopped: bool  # on request, before the end of the budget
    begun_with: dict[str, Origin] = Field(default_factory=dict)  # the run that it goes on from, by the digest of its weights
    weights: dict[str, np.ndarray]
    state: dict[str, np.ndarray] = Field(default_factory=dict)  # what another training goes on with: see `checkpoint.state_of`
    loss_steps: list[int]
    loss: list[float]
    trials: pd.DataFrame  # a row a trial: see `evaluation.Trial.row`
    errors: pd.DataFrame  # step, seconds, error while it learned: ° for families that turn, else % of the short side
    path: pd.DataFrame  # seconds, turn_deg, scale, shift_x, shift_y: what it predicted for the recorded photo, stage by stage
    applied: dict[str, float]  # the distortion of that photo, with the keys of `path`
    health: Diagnosis  # by its trials; in results of earlier versions the last one of the training
    example_names: list[str]
    example_thetas: np.ndarray  # (N, …): straightening, in square coordinates
    thetas: pd.DataFrame  # the same as a table, a row an example: see `theta_table.theta_table`
    pictures: dict[str, np.ndarray]  # "upright/0", "distorted/0", "straightened/0", …, "film/given", "film/00", …: JPEG files
    film_thetas: np.ndarray  # (stages, …): those of the recorded photo
    film_seconds: list[float]
    not_upright: tuple[str, ...] = ()  # a sentence for each photo to learn from that seems not to stand upright
    strangers: pd.DataFrame = Field(default_factory=pd.DataFrame)  # trials on pictures of other kinds, with columns of `trials`
    tilts: pd.DataFrame = Field(default_factory=pd.DataFrame)  # trials of tilts as people make them: see `exam.real_tilts`
    new_photos: pd.DataFrame = Field(default_factory=pd.DataFrame)  # trials on photos of the kind: see `exam.cross_fit`
    calibration: Calibration | None = None  # of the belief; None in results that are older than it
    went_on: list[int] = Field(default_factory=list)  # the steps at which it began with the weights of another run
    learned_seconds: float = 0.0  # of the runs before it
    familiar: np.ndarray | None = None  # what upright photos show, see `looking.familiar.familiar_of`

    @field_validator("thetas", mode="after")
    @classmethod
    def _without_rounding(cls, thetas: pd.DataFrame) -> pd.DataFrame:
        """A shear of 6e-17 is 0."""
        return thetas.round(12)

    @property
    def turns(self) -> bool:
        """Whether the family can turn a picture at all."""
        return FAMILIES[self.family].turns

    @property
    def origins(self) -> Mapping[str, Origin]:
        return self.begun_with

    @property
    def course(self) -> Mapping[str, str]:
        before = self.went_on[-1] if self.went_on else 0
        steps = f"{self.steps - before:,} after {before:,}, {self.steps:,} in all" if before else f"{self.steps:,}"
        return {"steps": steps, "ended": f"{'stopped ' if self.stopped else ''}after {self.seconds:.0f} s"}

    @property
    def distortions(self) -> Distortions:
        """What the photos were bent by."""
        return Distortions.of(self.family, self.max_angle)

    @cached_property
    def upright(self) -> dict[str, np.ndarray]:
        """The examples by number ("0", "1", …) as they were: uint8 (H, W, 3)."""
        return self._shown("upright")

    @cached_property
    def distorted(self) -> dict[str, np.ndarray]:
        return self._shown("distorted")

    @cached_property
    def straightened(self) -> dict[str, np.ndarray]:
        return self._shown("straightened")

    @cached_property
    def film_distorted(self) -> np.ndarray:
        """The recorded photo as it was given: uint8 (H, W, 3)."""
        return from_png(self.pictures["film/given"].tobytes())

    @cached_property
    def film(self) -> np.ndarray:
        """The same photo, straightened ever better: uint8 (stages, H, W, 3)."""
        frames = self._shown("film")
        return np.stack([frames[name] for name in sorted(frames) if name != "given"])

    @property
    def stage_errors(self) -> np.ndarray:
        """How far off the recorded photo's angle was predicted at every stage, degrees, (stages,)."""
        apart = self.path["turn_deg"].to_numpy() - self.applied["turn_deg"]
        return np.abs((apart + 180) % 360 - 180)

    def _shown(self, kind: str) -> dict[str, np.ndarray]:
        named = {
            name.removeprefix(f"{kind}/"): content for name, content in self.pictures.items() if name.startswith(f"{kind}/")
        }
        return {name: from_png(content.tobytes()) for name, content in named.items()}

    @cached_property
    def gain(self) -> Gain:
        """What it gains over doing nothing on photos of its training: degrees for families that turn, else %."""
        return gain_of(self.trials[self.trials.seen], self.turns)

    @cached_property
    def judgement(self) -> Diagnosis:
        """Its health by its trials, also of results that kept what the training said of itself."""
        return judgement(self.health, self.trials, self.turns)

    @property
    def standing(self) -> Standing:
        unit = "degrees" if self.turns else "% of the short side"
        error_is = f"median {'angle' if self.turns else 'grid'} error, {unit}"
        return Standing(self.gain.after, error_is, self.gain.before, "doing nothing", *self.judgement.health)

    @cached_property
    def deskew_error_deg(self) -> float | None:
        """The median angle error of the classical way, which reads lines of text; None where no photo has any."""
        errors = self.trials.get("deskew_error", pd.Series(dtype=float)).dropna()
        return _median(errors) if len(errors) else None

    @cached_property
    def scores(self) -> dict[str, float | int | bool | str | None]:
        """Medians over the trials, apart for photos that training saw and photos that were held out.

        Grid errors are in % of a photo's short side (see `evaluation.grid_error`).
        """
        learned, held_out = self.trials[self.trials.seen], self.trials[~self.trials.seen]
        return {
            "baseline": self.gain.before,
            "baseline_is": "doing nothing",
            "health": self.judgement.word,
            "angle_error_deg": _median(learned.angle_error),
            "angle_error_p90_deg": float(learned.angle_error.quantile(0.9)),
            "angle_error_before_deg": _median(learned.applied_deg.abs()),
            "upside_down": float((learned.angle_error > 90).mean()),
            "grid_error_before": _median(learned.grid_error_before),
            "grid_error_after": _median(learned.grid_error_after),
            "pixel_error_before": _median(learned.pixel_error_before),
            "pixel_error_after": _median(learned.pixel_error_after),
            "unseen_images_angle_error_deg": _median(held_out.angle_error) if len(held_out) else None,
            "unseen_images_grid_error": _median(held_out.grid_error_after) if len(held_out) else None,
            "deskew_angle_error_deg": self.deskew_error_deg,
            **self._belief_scores,
            **self._new_photo_scores,
            **self._tilt_scores,
            "not_upright": "; ".join(self.not_upright) or None,
            "trials": len(self.trials),
            "seen_trials": len(learned),
            "unseen_trials": len(held_out),
            "steps": self.steps,
            "seconds": self.seconds,
            "stopped": self.stopped,
            **({"goes_on_from": next(iter(self.begun_with.values())).run} if self.begun_with else {}),
        }

    @property
    def _new_photo_scores(self) -> dict[str, float]:
        """Of photos that a network has not learned from: medians, in the unit of `baseline`, and the share believed.

        `new_photos_left`: where only what is believed is straightened.
        """
        if not len(self.new_photos):
            return {}
        rows, turns = self.new_photos, self.turns
        before, after = (rows.applied_deg.abs(), rows.angle_error) if turns else (rows.grid_error_before, rows.grid_error_after)
        believed = rows.belief >= BELIEVED
        return {
            "new_photos_before": _median(before),
            "new_photos_error": _median(after),
            "new_photos_left": _median(after.where(believed, before)),
            "new_photos_believed": float(believed.mean()),
        }

    @property
    def _tilt_scores(self) -> dict[str, float | None]:
        """Of each kind of real tilt the median error, the worst, that of doing nothing, and what is left where only what is
        believed is straightened: degrees."""
        scores: dict[str, float | None] = {}
        for tilt, rows in self.tilts.groupby("tilt") if len(self.tilts) else ():
            untouched = rows.applied_deg.abs()
            scores |= {
                f"{tilt}_before_deg": _median(untouched),
                f"{tilt}_deg": _median(rows.angle_error),
                f"{tilt}_worst_deg": float(rows.angle_error.max()),
                f"{tilt}_left_deg": _median(rows.angle_error.where(rows.belief >= BELIEVED, untouched)),
            }
        return scores

    @property
    def _belief_scores(self) -> dict[str, float | None]:
        """Shares of the trials: believed of photos it learned from and of strangers, and wrong among all that are believed."""
        if "belief" not in self.trials:
            return {}
        both = pd.concat([self.trials, self.strangers])
        believed = both[both.belief >= BELIEVED]
        return {
            "believed": float((self.trials[self.trials.seen].belief >= BELIEVED).mean()),
            "strangers_believed": float((self.strangers.belief >= BELIEVED).mean()) if len(self.strangers) else None,
            "believed_wrong": float((~believed.right).mean()) if len(believed) else None,
        }

    @cached_property
    def conclusion(self) -> Conclusion:
        return concluding.conclusion(self)

    @property
    def headline(self) -> str:
        return self.conclusion.headline
