"""Random distortions, drawn fresh for every batch as thetas: gentle ones for photos, and the paper's for digits.

The paper's R, RTS, P, E and TC (Jaderberg et al. 2015, section 4.1 and appendix A.4) are stated for digits of 28 pixels; their
amounts in pixels grow with the image. Each canvas is sampled ONCE from the clean image, so nothing is blurred twice. All random
numbers come from the given CPU generator, whatever device the images are on, so that a seed means the same everywhere.

A distortion is one row of the table; the functions that draw its thetas are in `random_thetas`. The file loads without torch,
so that names and titles cost nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated

from core.errors import InvalidRequest
from core.rows import name_in
from core.stn.datasets.digits import SIDE
from core.stn.datasets.perturbations import PerturbationName, draws
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kernels import Padding

if TYPE_CHECKING:
    from torch import Generator, Tensor

SCALE, SHIFT, SHEAR = 0.2, 0.2, 0.15  # scale ±20 %, shift ±20 % of half the short side, shear from the affine family on
ASPECT = 0.2  # a natural logarithm: of two scales the one is up to e^0.4 = 1.5 times the other
PERSPECTIVE = 0.15  # each number of a homography's bottom row: one edge looks up to 1.4 times as long as the one opposite
ROOM, ROOMY = 0.5, 0.25  # a photo of 3:2 that is turned by 30° has a canvas with a short side 1.6 times as long
WOBBLE = 0.08  # each coordinate of a control point, half the short side being 1: far from folding


@dataclass(frozen=True)
class Distortions:
    """How far photos may be bent: angle in ± degrees; scale, shift, shear, perspective and wobble as ± shares.

    `aspect` is a logarithm: the x axis is scaled by e^a and the y axis by e^-a, with a in ± `aspect`.
    """

    max_angle: float = 45.0
    scale: float = SCALE
    shift: float = SHIFT
    shear: float = 0.0
    perspective: float = 0.0
    wobble: float = 0.0
    aspect: float = 0.0
    room: float = 0.0  # a share of pictures, ROOMY, is up to this much smaller besides, as on a canvas enlarged to hold a turn

    @classmethod
    def of(cls, family: FamilyName, max_angle: float) -> Distortions:
        """What a family can undo."""
        row = FAMILIES[family]
        return cls(
            max_angle if row.turns else 0.0,
            scale=SCALE if row.zooms else 0.0,
            shear=SHEAR if row.shears else 0.0,
            perspective=PERSPECTIVE if row.tilts else 0.0,
            wobble=WOBBLE if row.bends else 0.0,
            aspect=ASPECT if row.stretches else 0.0,
        )

    @property
    def for_training(self) -> Distortions:
        """What training draws: a little more of everything but shear, so that test distortions lie inside its range."""
        angle = min(180.0, 1.1 * self.max_angle)
        tilt, wobble, aspect = 1.25 * self.perspective, 1.25 * self.wobble, 1.25 * self.aspect
        scale, shift = 1.5 * self.scale, 1.25 * self.shift
        room = ROOM if self.scale and self.max_angle else 0.0
        more = replace(self, max_angle=angle, scale=scale, shift=shift, room=room)
        return replace(more, perspective=tilt, wobble=wobble, aspect=aspect)

    def draw(self, count: int, generator: Generator, share: Tensor | float = 1.0) -> Tensor:
        """`count` thetas from output to input, of the kind that the amounts need, in square coordinates.

        `share` (B,) or a number makes all amounts smaller. Perspective leaves the turn at the centre as it was drawn.
        """
        import torch

        from core.stn.datasets.random_thetas import tilted, turned, uniform
        from core.stn.geometry.kinds import CONTROLS
        from core.stn.geometry.theta import compose, move
        from core.stn.geometry.thin_plate_spline import control_points

        amount = uniform(5, count, generator) * share  # (5, B), in ±share
        scale, shear = 1 + self.scale * amount[1], self.shear * amount[2]
        turn = turned(torch.deg2rad(self.max_angle * amount[0]))
        bend = torch.stack([torch.ones_like(shear), shear, torch.zeros_like(shear), torch.ones_like(shear)], dim=-1)
        if self.room:
            smaller, roomy = torch.rand(2, count, generator=generator)
            scale = scale * (1 + self.room * share * smaller * (roomy < ROOMY))
        if self.aspect:
            stretch = torch.exp(self.aspect * uniform(1, count, generator)[0] * share)  # (B,)
            bend = bend * torch.stack([stretch, 1 / stretch] * 2, dim=-1)  # columns: R · [[1, shear], [0, 1]] · diag(e^a, e^-a)
        shift = self.shift * amount[3:5].T
        theta = torch.cat([scale[:, None, None] * turn @ bend.view(-1, 2, 2), shift[..., None]], dim=-1)  # (B, 2, 3)
        if self.wobble:
            offsets = (uniform(2 * CONTROLS, count, generator) * share).T.reshape(-1, CONTROLS, 2)
            return move(theta, control_points(offsets) + self.wobble * offsets)  # (B, 16, 2)
        if self.perspective:
            return compose(theta, tilted(self.perspective * (uniform(2, count, generator) * share).T))  # (B, 3, 3)
        return theta


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

    name: str
    title: str
    enlarged: float  # side of the canvas by side of the image
    thetas: Callable[[int, int, int, Generator], Tensor]  # count, side of the image, side of the canvas -> theta
    padding: Padding = "zeros"
    clutter: bool = False
    most: Mapping[PerturbationName, float] = field(default_factory=dict)  # that training meets of each kind of perturbation

    def canvas(self, side: int) -> int:
        """The side of the canvas, in pixels, of images of this side."""
        return round(self.enlarged * side)

    def draw(self, images: Tensor, generator: Generator, pool: Tensor | None = None) -> Distorted:
        """Distort square images (B, C, side, side), uint8; clutter is cut from `pool`, of the same kind, or from the batch."""
        from core.stn.datasets.clutter import cluttered
        from core.stn.geometry.sampling import sample
        from core.stn.geometry.theta import frame_grid

        count, _, height, width = images.shape
        if height != width:
            raise InvalidRequest(f"images to distort are {width}x{height} pixels; bring them to a square first")
        side = self.canvas(width)
        theta = self.thetas(count, width, side, generator).to(images.device, non_blocking=True)
        canvases = sample(images.float() / 255, frame_grid(theta, side, side), self.padding)
        if self.clutter:
            canvases = cluttered(canvases, images, pool, generator)
        return Distorted(canvases, theta)


def _rotated(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    """R: turned by U(-90°, 90°)."""
    return Distortions(90.0, scale=0.0, shift=0.0).draw(count, generator)


def _gentle(count: int, side: int, canvas: int, generator: Generator) -> Tensor:
    return Distortions().draw(count, generator)


_ROWS = (
    Distortion("R", "turned", 1.0, _rotated, most={"angle": 90}),
    Distortion(
        "RTS", "turned, scaled and shifted", 42 / SIDE, lambda *how: draws().rotated_scaled_translated(*how),
        most={"angle": 45, "scale": 0.2, "shift": 0.3},  # so far even the largest scale leaves room on the canvas
    ),
    Distortion(
        "P", "in perspective", 1.0, lambda *how: draws().projected(*how),
        most={"perspective": 0.24},  # half of all draws stay below
    ),
    Distortion("E", "elastic", 1.0, lambda *how: draws().elastic(*how), most={"elastic": 2 * 1.5 / SIDE}),
    Distortion(
        "TC", "shifted, in clutter", 60 / SIDE, lambda *how: draws().placed(*how), clutter=True,
        most={"shift": 60 / SIDE - 1},
    ),
    Distortion(
        "photo", "gently turned, scaled and shifted", 1.0, _gentle, padding="border",
        most={"angle": 45, "scale": 0.2, "shift": 0.2},
    ),
    Distortion("none", "as they are", 1.0, lambda *how: draws().unchanged(*how)),
)  # fmt: skip
DISTORTIONS: dict[DistortionName, Distortion] = {row.name: row for row in _ROWS}

DistortionName = Annotated[str, name_in(lambda: DISTORTIONS)]
