"""Congealing: find the pose of every image so that a stack of them lies on top of each other (Learned-Miller 2006).

No image is known to be upright: each is compared with the mean of the others. First every image at a ring of angles
(`angle_search`), then all poses together by gradient, from coarse to fine, under a robust difference (Charbonnier et al. 1994).
The mean pose is zero throughout, so that the stack can neither drift nor shrink (`poses`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from itertools import chain, takewhile

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.checkpoints.checkpoint import clock
from core.runs.request import Progress
from core.stn.align.angle_search import SIDE, Ring, angles_of, ring_of, search, turned
from core.stn.align.contrast import local_contrast
from core.stn.align.evidence import SIDE as JUDGED
from core.stn.align.evidence import Evidence, doubts, evidence_of, further
from core.stn.align.freedoms import FREEDOMS
from core.stn.align.poses import ANGLE, Poses, centred, of_family, theta_of_poses, too_far
from core.stn.datasets.canvas import canvases_of, disc
from core.stn.datasets.canvas_size import EXTENT, VIEW
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid
from core.training import History, Observer, Plan, train

SIDES = (16, 32, VIEW)  # pixels along a side of the views, coarse to fine
STEPS = (120, 120, 40)  # of descent on each; a similarity settles in as many on the finest
RATE = 0.03  # of Adam, in radians and half sides
SOFT = 0.3  # differences below this count squared, above it by their size; in standard deviations of an image
FEWEST_STEPS = 8
SEARCH, DESCENT = 0.35, 0.9  # shares of the time after which the coarse search and the descent must have ended
CAUTION = 0.7  # share of the remaining time that the descent is planned to take


@dataclass(frozen=True)
class Levels:
    """The local contrast of images on canvases (see `datasets.canvas`), each level averaged to its own resolution."""

    canvases: dict[int, Tensor]  # side of a view -> (N, 1, EXTENT * side, EXTENT * side)

    @classmethod
    def of(cls, photos: list[np.ndarray]) -> Levels:
        """From photos (H, W, 3), uint8, of any size."""
        pixels = local_contrast(canvases_of(photos).pixels)
        return cls({side: functional.avg_pool2d(pixels, VIEW // side) for side in SIDES})

    def __len__(self) -> int:
        return len(self.canvases[VIEW])

    def views(self, thetas: Tensor, side: int) -> Tensor:
        """What the common view sees of each image through theta (N, 2, 3): (N, side, side)."""
        return sample(self.canvases[side], frame_grid(thetas, side, side) / EXTENT)[:, 0]


@dataclass(frozen=True)
class Alignment:
    """For each image its pose, how much it differs from the others, the evidence for it, and why it is flagged, if it is."""

    poses: Tensor  # (N, 6)
    residuals: np.ndarray  # (N,), mean absolute difference to the mean of the others, in standard deviations of an image
    why: tuple[str, ...]  # (N,), the reason why the image is flagged; empty where it is aligned
    evidence: Evidence
    steps: int

    @property
    def thetas(self) -> Tensor:
        """(N, 2, 3), from the common view to each image, in square coordinates."""
        return theta_of_poses(self.poses)


def _weights(side: int) -> Tensor:
    mask = disc(side)
    return mask / mask.sum()


def differences(views: Tensor) -> Tensor:
    """Each of the views (N, H, W) less the mean of the others, through which no gradient comes back."""
    fixed = views.detach()
    return views - (fixed.sum(dim=0) - fixed) / (len(fixed) - 1)


def _loss(levels: Levels) -> Callable[[nn.Module, int], Tensor]:
    """How much the images differ from one another at one level, and what their poses cost."""

    def loss(model: nn.Module, side: int) -> Tensor:
        assert isinstance(model, Poses)
        poses = model()
        views = levels.views(theta_of_poses(poses), side)
        away = (differences(views).square() + SOFT**2).sqrt() - SOFT
        return ((away * _weights(side)).sum() + model.cost_of(poses)) / len(levels)

    return loss


def _ring(levels: Levels, max_angle: float) -> Ring:
    angles, count = angles_of(max_angle), len(levels)
    views = [levels.views(turned(angle, count), SIDE) * disc(SIDE) for angle in angles]
    return ring_of(torch.stack(views, dim=1), angles, whole=max_angle >= 180)


def _affordable(model: Poses, levels: Levels, seconds: float) -> list[int]:
    """STEPS, or as large a share of them as so many seconds allow, measured with one step of each kind."""
    measure, costs = _loss(levels), []
    for side in SIDES:
        began = clock()
        measure(model, side).backward()
        costs.append(clock() - began)
    model.zero_grad()
    whole = sum(cost * steps for cost, steps in zip(costs, STEPS, strict=True)) + costs[-1] * STEPS[-1]  # which settle
    share = min(1.0, CAUTION * max(0.0, seconds) / whole)
    return [max(FEWEST_STEPS, round(share * steps)) for steps in STEPS]


def _descend(
    model: Poses, levels: Levels, sides: list[int], until: float, phase: str, observer: Observer | None = None
) -> Generator[Progress, None, History]:
    """One step of Adam on views of each of the sides, in order; planned by steps, so that equal seeds find equal poses.

    On a machine that became slower than it was when the steps were planned, the monotonic clock ends it.
    """
    plan = Plan(len(sides), lr=RATE, clip=math.inf)
    in_time = takewhile(lambda _: clock() < until, sides[1:])
    return (yield from train(model, chain(sides[:1], in_time), _loss(levels), plan, phase=phase, observer=observer))


def evidence_at(poses: Tensor, levels: Levels, max_angle: float) -> Evidence:
    """What speaks for poses (N, 6) of images that are turned by up to ± max_angle degrees, or not at all."""
    turns, views = further(max_angle), []
    for turn in np.deg2rad(turns).tolist():
        turned_further = poses.clone()
        turned_further[:, ANGLE] += turn
        views.append(levels.views(theta_of_poses(turned_further), JUDGED))
    return evidence_of(torch.stack(views, dim=1), turns)


def _judged(levels: Levels, poses: Tensor, max_angle: float, evidence: Evidence, steps: int) -> Alignment:
    """Says which images are flagged, and makes the mean pose of the others zero."""
    views = levels.views(theta_of_poses(poses), JUDGED)
    residuals = (differences(views).abs() * _weights(JUDGED)).sum(dim=(-2, -1)).numpy()
    why = tuple(too_far(pose, max_angle) or doubt for pose, doubt in zip(poses, doubts(evidence), strict=True))
    good = torch.tensor([not reason for reason in why])
    poses = centred(poses, good if good.any() else None)
    poses[:, ANGLE] = torch.remainder(poses[:, ANGLE] + math.pi, 2 * math.pi) - math.pi
    return Alignment(poses, residuals, why, evidence, steps)


def congeal(
    levels: Levels, family: FamilyName, max_angle: float, seed: int, seconds: float, observer: Observer | None = None
) -> Generator[Progress, None, Alignment]:
    """Align the images within so many seconds; `observer` looks at the poses while they are learned."""
    began = clock()
    yield Progress(phase="trying a ring of angles")
    reach = max_angle if FAMILIES[family].turns else 0.0
    first = yield from search(_ring(levels, reach), seed, until=began + SEARCH * seconds)
    freedom = FREEDOMS[family]
    model = Poses(first, freedom, max_angle)
    steps = _affordable(model, levels, began + seconds - clock())
    sides = [side for side, count in zip(SIDES, steps, strict=True) for _ in range(count)]
    until = began + DESCENT * seconds
    history = yield from _descend(model, levels, sides, until, "aligning, coarse to fine", observer)
    poses = of_family(model().detach(), family)
    if freedom.helped:  # by numbers that are zero now
        settling = Poses(poses, freedom.settling, max_angle)
        yield from _descend(settling, levels, [VIEW] * steps[-1], began + seconds, "settling")
        poses = settling().detach()
    yield Progress(phase="comparing each with the others")
    evidence = evidence_at(poses, levels, reach)
    return _judged(levels, poses, max_angle, evidence, history.steps)
