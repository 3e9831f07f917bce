"""How a photo is looked at: again and again through theta, from several sides, and from turned starts to see what agrees.

Each look undoes what the ones before left over (inverse composition, Lin & Lucey 2017). A look is kept while looks grow smaller
and theta stays within what was practised: looks end where they converge, and looks that would diverge are not taken. Where the
network knows what it sees, looks from turned starts end at the same theta; how far they end apart is the scatter. Where they do
not, the answer is one after which the photo looks clearly more like one that the network learned from. A photo that may stand
on its head is looked at from all sides first: the side that shows something familiar counts, else that which most agree with.

Thetas are in square coordinates; distances between two of them are means over the four corners of the square [-1, 1]². The ONNX
export traces these functions, and the stand-alone program says the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from core.stn.datasets.canvas import Canvases
from core.stn.datasets.distortions import Distortions
from core.stn.geometry.theta import Parts, compose, compose_where_possible, like, move, theta_of
from core.stn.straighten.looking.familiar import likeness
from core.stn.straighten.looking.view import views
from core.stn.straighten.request import sides_for

LOOKS = 12  # at most, per photo
LOOKS_AGAIN = 3  # at most, from each turned start
SETTLING = 2  # looks from each side before the sides are compared
SHRINKING = 0.95  # a look is kept if it moves the corners by less than this share of what the one before did
CONVERGED = 1e-4  # square coordinates: after a look that moves less, none follows
FRESH = 1e3  # how far "the look before" moved, before the first one
ASTRAY = 0.5  # square coordinates: sides whose answers differ by more differ altogether
TIE = 1e-3  # square coordinates, or a likeness: by so much a later side must be better to be preferred to an earlier one
TURNED = (-20.0, -10.0, 10.0, 20.0)  # degrees: starts to look again from; of networks that practised less, less
FAMILIAR, CLEARLY = (
    0.7,
    0.01,
)  # so like a familiar photo, and so much more than the first answer, must be what is preferred to it
MET = 0.1  # square coordinates: and another start must lead so near to it
MARGIN = 1.25  # scale and shift may go so far beyond what was practised
_CORNERS = ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0))


@dataclass(frozen=True)
class Looking:
    """How to look, and what theta may be: its scale and how far its centre lies from that of the photo."""

    sides: int  # from how many the photo is looked at first
    starts: tuple[Parts, ...]  # what theta is moved by before looking again; the first one moves nothing
    smallest: float
    largest: float
    farthest: float  # square coordinates

    @classmethod
    def of(cls, distortions: Distortions) -> Looking:
        """For a network that practised these distortions."""
        practised = distortions.for_training
        bend = 1 + practised.perspective + practised.wobble + practised.aspect
        largest = MARGIN * bend / (1 - practised.scale)
        return cls(
            sides=sides_for(distortions.max_angle),
            starts=_starts(distortions),
            smallest=1 / (MARGIN * bend * (1 + practised.scale) * (1 + practised.room)),
            largest=largest,
            farthest=math.sqrt(2) * practised.shift * largest,
        )


def _starts(distortions: Distortions) -> tuple[Parts, ...]:
    """As it is, and turned; for a network that does not turn, shifted."""
    if distortions.max_angle:
        most = min(1.0, distortions.max_angle / TURNED[-1])
        return tuple(Parts(rotation_deg=most * turn) for turn in (0.0, *TURNED))
    near = distortions.shift / 2
    places = ((0.0, 0.0), (near, near), (-near, near), (near, -near), (-near, -near))
    return tuple(Parts(shift_x=x, shift_y=y) for x, y in places)


def thetas_of(parts: tuple[Parts, ...]) -> Tensor:
    """As affine thetas (N, 2, 3), float32."""
    return torch.stack([theta_of(part) for part in parts]).float()


def around(sides: int) -> Tensor:
    """The turns (sides, 2, 3) to look at a photo from all sides."""
    return thetas_of(tuple(Parts(rotation_deg=360 * side / sides) for side in range(sides)))


def corners(theta: Tensor) -> Tensor:
    """Where the corners of the picture look: (B, 4, 2)."""
    return move(theta, theta.new_tensor(_CORNERS)[None])


def length(vectors: Tensor) -> Tensor:
    return vectors.square().sum(-1).sqrt()


def apart(first: Tensor, second: Tensor) -> Tensor:
    """How far two thetas are apart: (B,)."""
    return length(corners(first) - corners(second)).mean(-1)


def practised(theta: Tensor, looking: Looking) -> Tensor:
    """Whether the thetas are of a scale and a shift that the network practised: (B,) bool."""
    places = corners(theta)
    centre = places.mean(1, keepdim=True)
    size = length(places - centre).mean(-1) / math.sqrt(2)
    return (size > looking.smallest) & (size < looking.largest) & (length(centre[:, 0]) < looking.farthest)


def look_once(
    localization: nn.Module, canvases: Canvases, theta: Tensor, moved: Tensor, looking: Looking
) -> tuple[Tensor, Tensor]:
    """Theta (B, …) after another look, and how far that look moved the corners (B,); 0 where it was the last one.

    `moved` is that of the look before.
    """
    answer = localization(views(canvases, theta))
    theta = like(theta, answer)
    answer, possible = compose_where_possible(theta, answer)
    step = apart(answer, theta)
    kept = (step < SHRINKING * moved) & possible & practised(answer, looking)
    moved = torch.where(kept & (step > CONVERGED), step, torch.zeros_like(step))
    return torch.where(kept.view(-1, 1, 1), answer, theta), moved


def best_side(theta: Tensor, sides: int, alike: Tensor) -> Tensor:
    """Of the thetas (B·sides, …) from all sides that which shows what looks most familiar; where none does, that which the
    others come nearest to: (B, …). `alike` (B·sides,) says how familiar.

    A network that mistakes some turned photos for upside-down ones does so at some angles only; these differ from side to side.
    """
    places, alike = corners(theta).unflatten(0, (-1, sides)), alike.unflatten(0, (-1, sides))  # (B, sides, 4, 2), (B, sides)
    between = length(places[:, :, None] - places[:, None]).mean(-1).clamp(max=ASTRAY)  # (B, sides, sides)
    good = torch.where(alike >= FAMILIAR, alike, -between.sum(-1)) - TIE * torch.arange(sides)
    return _the(theta.unflatten(0, (-1, sides)), good.argmax(-1))


def _the(values: Tensor, chosen: Tensor) -> Tensor:
    """Of values (B, N, …) the chosen (B,) ones: (B, …)."""
    share = nn.functional.one_hot(chosen, values.shape[1]).to(values.dtype)  # (B, N)
    return (values * share.view(*share.shape, *[1] * (values.dim() - 2))).sum(1)


def preferred(answers: Tensor, alike: Tensor, starts: int) -> tuple[Tensor, Tensor, Tensor]:
    """Of the answers (B·starts, …) the first, unless another shows what looks clearly more like a familiar photo.

    `alike` (B·starts,) says how much. Returns theta (B, …), how far the others are from it in the mean (B,), and how familiar
    it looks (B,). Only an answer that another start leads to as well is preferred: else the gain were that of the search, not
    that of the network.
    """
    places = corners(answers).unflatten(0, (-1, starts))  # (B, starts, 4, 2)
    answers, alike = answers.unflatten(0, (-1, starts)), alike.unflatten(0, (-1, starts))
    between = length(places[:, :, None] - places[:, None]).mean(-1)  # (B, starts, starts)
    met = (between < MET).sum(-1) > 1
    first = torch.arange(starts) == 0
    allowed = first | (met & (alike >= FAMILIAR))
    chosen = torch.where(allowed, alike + CLEARLY * first, torch.full_like(alike, -2.0)).argmax(-1)
    return _the(answers, chosen), _the(between.sum(-1), chosen) / (starts - 1), _the(alike, chosen)


def looked(localization: nn.Module, canvases: Canvases, theta: Tensor, looks: int, looking: Looking) -> Tensor:
    """Theta (B, …) after up to so many looks."""
    moved = torch.full((len(theta),), FRESH)
    for _ in range(looks):
        theta, moved = look_once(localization, canvases, theta, moved, looking)
        if not moved.any():
            break
    return theta


def times(canvases: Canvases, times: int) -> Canvases:
    """Each canvas so many times in a row."""
    return canvases[torch.arange(len(canvases)).repeat_interleave(times)]


@torch.inference_mode()
def look(
    localization: nn.Module, canvases: Canvases, looking: Looking, familiar: np.ndarray, looks: int = LOOKS
) -> Tensor:  # fmt: skip
    """The thetas (B, …) that straighten the photos. `familiar`: what the photos of the training show."""
    sides, photos = looking.sides, len(canvases)
    theta = around(sides).repeat(photos, 1, 1)  # (B·sides, 2, 3)
    if sides > 1:
        many = times(canvases, sides)
        theta = looked(localization, many, theta, SETTLING, looking)
        theta = best_side(theta, sides, likeness(views(many, theta), torch.from_numpy(familiar)))
    return looked(localization, canvases, theta, looks, looking)


@torch.inference_mode()
def look_again(localization: nn.Module, canvases: Canvases, theta: Tensor, looking: Looking) -> Tensor:
    """The answers (B·starts, …) when the network looks again from its answers theta (B, …), and from starts turned away."""
    starts = thetas_of(looking.starts)
    turned = compose(theta.repeat_interleave(len(starts), 0), starts.repeat(len(theta), 1, 1))
    return looked(localization, times(canvases, len(starts)), turned, LOOKS_AGAIN, looking)
