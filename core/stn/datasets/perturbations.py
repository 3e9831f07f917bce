"""Perturbations: one thing done to an image by exactly one amount, to measure how much a network withstands.

A perturbation is one row of the table; the functions that draw its thetas are in `random_thetas`. The file loads without torch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from core.rows import name_in

if TYPE_CHECKING:
    from torch import Generator, Tensor


def draws() -> Any:
    """The functions of `random_thetas`, loaded when the first theta is drawn."""
    from core.stn.datasets import random_thetas

    return random_thetas


@dataclass(frozen=True)
class Perturbation:
    """One row of the table: its words, the amounts at which a robustness curve is measured, and what is done."""

    name: str
    title: str
    amount: str  # what an amount is
    axis: str  # the same, at the axis of a curve
    amounts: tuple[float, ...]
    thetas: Callable[[float, int, Generator], Tensor]  # amount, count -> thetas to a random side; 0 changes nothing


_ROWS = (
    Perturbation(
        "angle", "Angle", "degrees, either way", "turned by (°)",
        (0, 15, 30, 45, 60, 90, 120, 150, 180), lambda *how: draws().only_angle(*how),
    ),
    Perturbation(
        "scale", "Scale", "larger or smaller by the factor 1 + amount", "larger or smaller by the factor 1 +",
        (0, 0.1, 0.2, 0.3, 0.5, 0.75, 1), lambda *how: draws().only_scale(*how),
    ),
    Perturbation(
        "shift", "Shift", "in any direction, half the short side being 1", "shifted by (share of half the side)",
        (0, 0.1, 0.2, 0.3, 0.4, 0.6), lambda *how: draws().only_shift(*how),
    ),
    Perturbation(
        "shear", "Shear", "either way", "sheared by",
        (0, 0.2, 0.4, 0.6, 0.8, 1), lambda *how: draws().only_shear(*how),
    ),
    Perturbation(
        "perspective", "Perspective", "length of the first two numbers of the bottom row, in any direction",
        "length of the bottom row",
        (0, 0.1, 0.2, 0.3, 0.4, 0.5), lambda *how: draws().only_perspective(*how),
    ),
    Perturbation(
        "elastic", "Elastic", "standard deviation of the moves of 16 control points, half the short side being 1",
        "moves of 16 points (sd, share of half the side)",
        (0, 0.05, 0.1, 0.15, 0.2, 0.3), lambda *how: draws().only_elastic(*how),
    ),
)  # fmt: skip
PERTURBATIONS: dict[PerturbationName, Perturbation] = {row.name: row for row in _ROWS}

PerturbationName = Annotated[str, name_in(lambda: PERTURBATIONS)]
