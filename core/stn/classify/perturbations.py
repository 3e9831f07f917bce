"""Which amounts a robustness curve is measured at, in which unit, and how far the training has gone. Knows no network."""

from __future__ import annotations

from dataclasses import dataclass

from core.stn.datasets.distortions import DistortionName, PerturbationName


@dataclass(frozen=True)
class Sweep:
    """One kind of distortion: its words, and the amounts of a curve; `perturb` says what they mean."""

    title: str
    axis: str  # what stands at the axis
    amounts: tuple[float, ...]


SWEEPS: dict[PerturbationName, Sweep] = {
    "angle": Sweep("Angle", "turned by (°)", (0, 15, 30, 45, 60, 90, 120, 150, 180)),
    "scale": Sweep("Scale", "larger or smaller by the factor 1 +", (0, 0.1, 0.2, 0.3, 0.5, 0.75, 1)),
    "shift": Sweep("Shift", "shifted by (share of half the side)", (0, 0.1, 0.2, 0.3, 0.4, 0.6)),
    "shear": Sweep("Shear", "sheared by", (0, 0.2, 0.4, 0.6, 0.8, 1)),
    "perspective": Sweep("Perspective", "length of the bottom row", (0, 0.1, 0.2, 0.3, 0.4, 0.5)),
    "elastic": Sweep("Elastic", "moves of 16 points (sd, share of half the side)", (0, 0.05, 0.1, 0.15, 0.2, 0.3)),
}
TRAINED: dict[
    DistortionName, dict[PerturbationName, float]
] = {  # the most that training does of each kind; what is not named it does not do
    "R": {"angle": 90},
    "RTS": {"angle": 45, "scale": 0.2, "shift": 0.3},  # so far even the largest scale leaves room on the canvas
    "P": {"perspective": 0.24},  # half of all draws stay below
    "E": {"elastic": 2 * 1.5 / 28},
    "TC": {"shift": 60 / 28 - 1},
    "photo": {"angle": 45, "scale": 0.2, "shift": 0.2},
    "none": {},
}
