"""Degrees of freedom of an alignment by family: which of the six numbers of a pose (see `poses`) move, and their penalty.

They follow from the flags of a family's row: images can be aligned by every family whose theta is a matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.rows import Column
from core.stn.geometry.families import FAMILIES, Family, FamilyName
from core.stn.geometry.kinds import MATRIX


@dataclass(frozen=True)
class Freedom:
    """Which of angle, size, shift x, shift y, shear and aspect move, and what their squares cost, in units of the loss.

    Numbers that move but are not the family's `own` help the descent and are set to zero after it; then the others settle.
    """

    moving: tuple[int, ...]
    cost: tuple[float, ...]
    own: tuple[int, ...]

    @property
    def helped(self) -> bool:
        """Whether numbers move that the family does not have."""
        return self.moving != self.own

    @property
    def settling(self) -> Freedom:
        """After the helping numbers are set to zero: the family's own move again, except the angle."""
        moving = (0, *self.own[1:])
        return Freedom(moving, _of(moving, (0.0, 0.1, 0.0, 0.0, 0.1, 0.3)), moving)


def _of(moving: tuple[int, ...], cost: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(each if moves else 0.0 for moves, each in zip(moving, cost, strict=True))


def freedom_of(row: Family) -> Freedom | None:
    """None for a family whose theta is no matrix: an alignment has no pose for it.

    A family that turns but has no shear is aligned with a little shear and aspect beside it: hands write at different slants,
    and to turn a slanted digit until it covers an upright one would mistake the slant for a turn.
    """
    if row.kind is not MATRIX:
        return None
    stretches = row.stretches or row.shears  # a family that shears has two scales too
    own = (int(row.turns), int(row.zooms), 1, 1, int(row.shears), int(stretches))
    moving = (*own[:4], 1, 1) if row.turns else own
    cost = (0.03, 0.3 if row.shears else 1.0, 0.0, 0.0, 0.1 if row.shears else 0.3, 0.3 if stretches else 3.0)
    return Freedom(moving, _of(moving, cost), own)


FREEDOMS: Mapping[FamilyName, Freedom] = Column(FAMILIES, freedom_of)
