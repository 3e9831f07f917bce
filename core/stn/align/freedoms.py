"""Degrees of freedom of an alignment by family: which of the six numbers of a pose (see `poses`) move, and their penalty."""

from __future__ import annotations

from dataclasses import dataclass

from core.stn.geometry.families import FamilyName


@dataclass(frozen=True)
class Freedom:
    """Which of angle, size, shift x, shift y, shear and aspect move, and what their squares cost, in units of the loss."""

    moving: tuple[int, ...]
    cost: tuple[float, ...]


FREEDOMS: dict[FamilyName, Freedom] = {
    "translation": Freedom((0, 0, 1, 1, 0, 0), (0.0,) * 6),
    "attention": Freedom((0, 1, 1, 1, 0, 0), (0.0, 1.0, 0.0, 0.0, 0.0, 0.0)),
    "similarity": Freedom((1, 1, 1, 1, 1, 1), (0.03, 1.0, 0.0, 0.0, 0.3, 3.0)),  # shear, aspect: see `poses.of_family`
    "affine": Freedom((1, 1, 1, 1, 1, 1), (0.03, 0.3, 0.0, 0.0, 0.1, 0.3)),
}
SETTLING = Freedom((0, 1, 1, 1, 0, 0), (0.0, 0.1, 0.0, 0.0, 0.0, 0.0))  # of a similarity that has lost shear and aspect
