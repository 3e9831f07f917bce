"""Random distortions, drawn fresh for every batch as thetas: gentle ones for photos, the paper's for digits, and one at a time.

The paper's R, RTS, P, E and TC (Jaderberg et al. 2015, section 4.1 and appendix A.4) are stated for digits of 28 pixels; their
amounts in pixels grow with the image. Each canvas is sampled ONCE from the clean image, so nothing is blurred twice. Where the
paper leaves a choice, the function that makes it says so. All random numbers come from the given CPU generator, whatever
device the images are on, so that a seed means the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Generator, Tensor

from core.errors import InvalidRequest
from core.stn.geometry.families import FamilyName
from core.stn.geometry.homography import through_corners
from core.stn.geometry.kernels import Padding
from core.stn.geometry.sampling import grid_of, sample
from core.stn.geometry.theta import compose, identity, move
from core.stn.geometry.thin_plate_spline import CONTROLS, control_points

SCALE, SHIFT, SHEAR = 0.2, 0.2, 0.15  # scale ±20 %, shift ±20 % of half the short side, shear from the affine family on
PERSPECTIVE = 0.15  # each number of a homography's bottom row: one edge looks up to 1.4 times as long as the one opposite
WOBBLE = 0.08  # each coordinate of a control point, half the short side being 1: far from folding


@dataclass(frozen=True)
class Distortions:
    """How far photos may be bent: angle in ± degrees; scale, shift, shear, perspective and wobble as ± shares."""

    max_angle: float = 45.0
    scale: float = SCALE
    shift: float = SHIFT
    shear: float = 0.0
    perspective: float = 0.0
    wobble: float = 0.0

    @classmethod
    def of(cls, family: FamilyName, max_angle: float) -> Distortions:
        """What a family can undo: translation meets neither turn nor scale, attention no turn, similarity no shear."""
        return cls(
            max_angle if family not in ("translation", "attention") else 0.0,
            scale=SCALE if family != "translation" else 0.0,
            shear=SHEAR if family in ("affine", "projective") else 0.0,
            perspective=PERSPECTIVE if family == "projective" else 0.0,
            wobble=WOBBLE if family == "tps" else 0.0,
        )

    @property
    def practice(self) -> Distortions:
        """A little more of everything but shear, so that what is asked for does not lie at the edge of what was practised."""
        angle = min(180.0, 1.1 * self.max_angle)
        tilt, wobble = 1.25 * self.perspective, 1.25 * self.wobble
        return replace(self, max_angle=angle, scale=1.5 * self.scale, shift=1.25 * self.shift, perspective=tilt, wobble=wobble)

    def draw(self, count: int, generator: Generator, share: Tensor | float = 1.0) -> Tensor:
        """`count` thetas from output to input, of the kind that the amounts need, in square coordinates.

        `share` (B,) or a number makes all amounts smaller. Perspective leaves the turn at the centre as it was drawn.
        """
        amount = _either_way(5, count, generator) * share  # (5, B), in ±share
        scale, shear = 1 + self.scale * amount[1], self.shear * amount[2]
        turn = _turned(torch.deg2rad(self.max_angle * amount[0]))
        bend = torch.stack([torch.ones_like(shear), shear, torch.zeros_like(shear), torch.ones_like(shear)], dim=-1)
        shift = self.shift * amount[3:5].T
        theta = torch.cat([scale[:, None, None] * turn @ bend.view(-1, 2, 2), shift[..., None]], dim=-1)  # (B, 2, 3)
        if self.wobble:
            offsets = (_either_way(2 * CONTROLS, count, generator) * share).T.reshape(-1, CONTROLS, 2)
            return move(theta, control_points(offsets) + self.wobble * offsets)  # (B, 16, 2)
        if self.perspective:
            return compose(theta, _tilted(self.perspective * (_either_way(2, count, generator) * share).T))  # (B, 3, 3)
        return theta


def _either_way(rows: int, count: int, generator: Generator) -> Tensor:
    return 2 * torch.rand(rows, count, generator=generator) - 1


def _turned(angle: Tensor) -> Tensor:
    """Rotations (B, 2, 2) by angles (B,) in radians, counter-clockwise as seen."""
    cos, sin = torch.cos(angle), torch.sin(angle)
    return torch.stack([cos, -sin, sin, cos], dim=-1).view(-1, 2, 2)


def _tilted(bottom: Tensor) -> Tensor:
    """Homographies (B, 3, 3) that only have perspective, the first two numbers (B, 2) of their bottom rows."""
    rows = torch.cat([bottom, torch.ones_like(bottom[:, :1])], dim=-1)[:, None]
    return torch.cat([identity(len(bottom)), rows], dim=1)


DistortionName = Literal["R", "RTS", "P", "E", "TC", "photo", "none"]
_SIDE = 28  # of the paper's digits
_PATCHES, _PATCH = 6, 6  # TC: so many pieces of other digits, of so many pixels a side
_CLEAREST = 0.1  # P: corners are drawn again where a triangle of the quadrilateral comes below this; a square has 4


@dataclass(frozen=True)
class Distorted:
    """A batch on its canvas, and the thetas from the canvas to the clean images, each side in its own normalised coordinates.

    The image's box on the canvas is where theta's source lies within [-1, 1]².
    """

    images: Tensor  # (B, C, canvas, canvas), 0 to 1
    theta: Tensor  # (B, 2, 3), (B, 3, 3) or (B, 16, 2)


@dataclass(frozen=True)
class Distortion:
    """One row of the table: how large the canvas is, which thetas are drawn, and what surrounds the image."""

    name: DistortionName
    title: str
    enlarged: float  # side of the canvas by side of the image
    thetas: Callable[[int, int, int, Generator], Tensor]  # count, side of the image, side of the canvas -> theta
    padding: Padding = "zeros"
    clutter: bool = False

    def canvas(self, side: int) -> int:
        """The side of the canvas, in pixels, of images of this side."""
        return round(self.enlarged * side)

    def draw(self, images: Tensor, generator: Generator, pool: Tensor | None = None, bend: float = 0.0) -> Distorted:
        """Distort square images (B, C, side, side), uint8; clutter is cut from `pool`, of the same kind, or from the batch.

        `bend`: the canvas of a turned, scaled or shifted image is bent as well, each of 16 control points by N(0, `bend` px).
        """
        count, _, height, width = images.shape
        if height != width:
            raise InvalidRequest(f"images to distort are {width}x{height} pixels; bring them to a square first")
        side = self.canvas(width)
        theta = self.thetas(count, width, side, generator)
        if bend:
            moves = torch.randn(count, CONTROLS, 2, generator=generator)
            theta = move(theta, control_points(moves) + 2 * bend / side * moves)  # (B, 16, 2)
        theta = theta.to(images.device)
        canvases = sample(images.float() / 255, grid_of(theta, side, side), self.padding)
        if self.clutter:
            canvases = _cluttered(canvases, images, pool, generator)
        return Distorted(canvases, theta)


def _rotated(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    """R: turned by U(-90°, 90°)."""
    return Distortions(90.0, scale=0.0, shift=0.0).draw(count, generator)


def _rotated_scaled_translated(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    """RTS: turned by U(-45°, 45°), scaled by U(0.7, 1.2), then anywhere: the scaled frame, upright, stays on the canvas."""
    turn = _turned(torch.deg2rad(45 * _either_way(1, count, generator)[0]))
    scale = 0.7 + 0.5 * torch.rand(count, 1, 1, generator=generator)
    enlarged = canvas / side
    room = (enlarged - scale).clamp(min=0)  # (B, 1, 1), half sides of the image
    centre = room * _either_way(2, count, generator).T[..., None]  # (B, 2, 1)
    return torch.cat([enlarged * turn, -turn @ centre], dim=-1) / scale


def _projected(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    """P: scaled by U(0.75, 1), then each corner of the frame moved by N(0, 5 px) in x and by as much in y, in or out.

    The paper stretches "each corner by an amount": one number a corner, taken along its diagonal. With x and y drawn apart the
    paper's CNN would have three times its error, with 5 px along the diagonal half of it (docs/LOG.md). Corners whose
    quadrilateral is nearly flat or misses the centre of the canvas are drawn again (2 %).
    """
    square = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    scale = _shrunk(count, generator)
    corners = torch.empty(count, 4, 2)
    again = torch.ones(count, dtype=torch.bool)
    while again.any():
        stretched = 1 + 2 * 5 / _SIDE * torch.randn(int(again.sum()), 4, 1, generator=generator)
        corners[again] = square * stretched
        again = _unclear(corners)
    return through_corners(corners, square / scale)


def _unclear(corners: Tensor) -> Tensor:
    edges = corners.roll(-1, dims=1) - corners  # (B, 4, 2)
    following, inwards = edges.roll(-1, dims=1), -corners
    doubled = torch.stack([edges[..., 0] * to[..., 1] - edges[..., 1] * to[..., 0] for to in (following, inwards)])
    return (doubled < _CLEAREST).any(dim=0).any(dim=-1)


def _elastic(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    """E: scaled by U(0.75, 1), then the 16 control points of a thin plate spline over the frame moved by N(0, 1.5 px).

    The points that are moved are those looked at, so the spline from output to input is exact; it is not kept from folding.
    """
    scale = _shrunk(count, generator)
    moves = torch.randn(count, CONTROLS, 2, generator=generator)
    return (control_points(moves) + 2 * 1.5 / _SIDE * moves) / scale


def _shrunk(count: int, generator: Generator) -> Tensor:
    return 0.75 + 0.25 * torch.rand(count, 1, 1, generator=generator)


def _placed(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    """TC: at whole pixels anywhere on the canvas, so that the digit stays as sharp as it is."""
    corner = torch.randint(canvas - side + 1, (count, 2, 1), generator=generator)
    zoom = canvas / side * torch.eye(2).expand(count, 2, 2)
    return torch.cat([zoom, (canvas - 2 * corner) / side - 1], dim=-1)


def _gentle(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    return Distortions().draw(count, generator)


def _unchanged(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    return identity(count)


def _cluttered(canvases: Tensor, images: Tensor, pool: Tensor | None, generator: Generator) -> Tensor:
    """TC: six patches of 6x6 px, cut anywhere from other images, laid anywhere; where things meet, the brighter one is seen."""
    count, channels, side, _ = canvases.shape
    size = max(1, round(_PATCH * images.shape[-1] / _SIDE))
    donors = _donors(count, pool, generator).to(images.device)
    source = images if pool is None else pool
    cut = _within(images.shape[-1] - size, count, generator, size).to(images.device)  # (2, B, 6, size)
    laid = _within(side - size, count, generator, size).to(images.device)
    patches = source[donors[..., None, None], :, cut[0, ..., None], cut[1, ..., None, :]]  # (B, 6, size, size, C)
    pixels = patches.flatten(1, 3).mT.float() / 255  # (B, C, 6·size²)
    places = (laid[0, ..., None] * side + laid[1, ..., None, :]).flatten(1)  # (B, 6·size²)
    places = places[:, None].expand(-1, channels, -1)
    return canvases.flatten(2).scatter_reduce(2, places, pixels, "amax").view_as(canvases)


def _donors(count: int, pool: Tensor | None, generator: Generator) -> Tensor:
    """Which images (B, 6) the patches come from; within a batch never from the image itself."""
    if pool is not None:
        return torch.randint(len(pool), (count, _PATCHES), generator=generator)
    if count == 1:
        raise InvalidRequest("clutter is cut from other images, and there is only one; give a pool of images")
    return (torch.arange(count)[:, None] + torch.randint(1, count, (count, _PATCHES), generator=generator)) % count


def _within(last: int, count: int, generator: Generator, size: int) -> Tensor:
    """Rows and columns (2, B, 6, size) of patches that begin at 0 to `last`."""
    return torch.randint(last + 1, (2, count, _PATCHES, 1), generator=generator) + torch.arange(size)


DISTORTIONS: dict[DistortionName, Distortion] = {
    row.name: row
    for row in (
        Distortion("R", "turned", 1.0, _rotated),
        Distortion("RTS", "turned, scaled and shifted", 42 / _SIDE, _rotated_scaled_translated),
        Distortion("P", "in perspective", 1.0, _projected),
        Distortion("E", "elastic", 1.0, _elastic),
        Distortion("TC", "shifted, in clutter", 60 / _SIDE, _placed, clutter=True),
        Distortion("photo", "gently turned, scaled and shifted", 1.0, _gentle, padding="border"),
        Distortion("none", "as they are", 1.0, _unchanged),
    )
}

PerturbationName = Literal["angle", "scale", "shift", "shear", "perspective", "elastic"]
PERTURBATIONS: dict[PerturbationName, str] = {
    "angle": "degrees, either way",
    "scale": "larger or smaller by the factor 1 + amount",
    "shift": "in any direction, half the short side being 1",
    "shear": "either way",
    "perspective": "length of the first two numbers of the bottom row, in any direction",
    "elastic": "standard deviation of the moves of 16 control points, half the short side being 1",
}


def perturb(kind: PerturbationName, amount: float, count: int, generator: Generator) -> Tensor:
    """`count` thetas that do one thing by exactly this amount, to a random side; 0 changes nothing. Square coordinates."""
    if kind == "elastic":
        moves = torch.randn(count, CONTROLS, 2, generator=generator)
        return control_points(moves) + amount * moves  # (B, 16, 2)
    side = torch.randint(2, (count,), generator=generator) * 2.0 - 1  # (B,), -1 or 1
    direction = _turned(torch.pi * _either_way(1, count, generator)[0])[:, :, 0]  # (B, 2), of length 1
    if kind == "perspective":
        return _tilted(amount * direction)  # (B, 3, 3)
    theta = identity(count)
    if kind == "angle":
        theta[:, :, :2] = _turned(torch.deg2rad(amount * side))
    elif kind == "scale":
        theta[:, :, :2] *= ((1 + amount) ** side)[:, None, None]
    elif kind == "shift":
        theta[:, :, 2] = amount * direction
    else:
        theta[:, 0, 1] = amount * side
    return theta  # (B, 2, 3)
