"""Descent from coarse to fine: many starts on the smallest pictures, ever fewer on larger ones, one on the largest.

A gradient through a sampler is local: it knows two pixels on each side, which on a picture of 24 pixels are a sixth of it. So
all starts, a fan of angles, scales and shifts as far as the family has them, go down together on the coarsest level, and the
best few go on. Every step is one of the training loop (`core.training`), whose weights here are the numbers of theta.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from functools import partial
from itertools import product, repeat

import numpy as np
import torch
from torch import Tensor, nn

from core.drive import relayed
from core.runs.request import Progress, Wish
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kinds import CONTROLS
from core.stn.geometry.theta import Parts, like, move, of_kind, theta_of
from core.stn.geometry.thin_plate_spline import control_points
from core.stn.register.measures import Measure
from core.stn.register.pictures import Level
from core.stn.register.recorder import LevelRecorder
from core.training import Plan, train

STEPS = (60, 60, 60, 50, 40)  # on each level, coarse to fine
KEPT = (12, 4, 2, 1, 1)  # how many go on from each
LED = 2  # levels on which only turn, scale and shift descend
BY_HAND = 1  # the level on which a start that is given begins
PIXELS_A_STEP = 0.5  # at first; the rate falls to almost 0 on each level
SLOWEST = 0.02  # share of the rate at the end
SCALES, SHIFTS = (0.85, 1.0, 1.18), (-0.25, 0.25)
ANGLES_APART = 15.0  # degrees
STIFFNESS = 0.3  # cost of a bend, by the mean square of what no affine theta explains; half the short side being 1

Recorders = Callable[[int, Level], LevelRecorder]  # of how many steps are to come on a level, and the level


def pixels_of(family: FamilyName) -> Tensor:
    """How far each number of a family moves the point that it moves farthest, half the short side being 1: (n,)."""
    row = FAMILIES[family]
    numbers = torch.tensor([row.identity]).repeat(len(row.identity), 1)
    points = torch.cartesian_prod(*[torch.linspace(-1, 1, 4)] * 2)[None]
    small = 1e-3
    moved = move(row.theta(numbers + small * torch.eye(len(numbers))), points) - move(row.theta(numbers), points)
    return moved.norm(dim=-1).amax(1) / small


class Thetas(nn.Module):
    """Several thetas of one family that descend side by side. A weight is a number times how far it moves the picture.

    So a step of Adam, which is about as long in every weight, moves the picture as far by each number.
    """

    def __init__(self, family: FamilyName, numbers: Tensor) -> None:
        super().__init__()
        self.family, self._reach = FAMILIES[family], pixels_of(family)
        self.weights = nn.Parameter(numbers * self._reach)  # (B, n)

    @property
    def numbers(self) -> Tensor:
        return self.weights / self._reach

    def forward(self) -> Tensor:
        return self.family.theta(self.numbers)  # (B, *kind.shape)


def leading(family: FamilyName) -> FamilyName:
    """The narrowest family that turns and zooms as this one does: it leads on the coarsest levels."""
    row = FAMILIES[family]
    return next(name for name, one in FAMILIES.items() if (one.turns, one.zooms) == (row.turns, row.zooms))


def numbers_of(theta: Tensor, family: FamilyName) -> Tensor:
    """The numbers (B, n) of the theta of a family that is nearest to an affine one, or to one of its own kind."""
    row = FAMILIES[family]
    own = theta if theta.shape[-2:] == row.kind.shape else of_kind(theta, row.kind)
    return row.params(own)


def fan(family: FamilyName, max_angle: float) -> Tensor:
    """The numbers (B, n) of all starts of a family, those that change least first."""
    row = FAMILIES[family]
    count = math.floor(min(max_angle, 180 - ANGLES_APART / 2) / ANGLES_APART) if row.turns else 0
    angles = [ANGLES_APART * number for number in range(-count, count + 1)] + [180.0] * (row.turns and max_angle == 180)
    shifts = [(0.0, 0.0), *product(SHIFTS, repeat=2)]
    poses = product(angles, SCALES if row.zooms else (1.0,), shifts)
    near = sorted(poses, key=lambda pose: (abs(pose[0]), abs(math.log(pose[1])), math.hypot(*pose[2])))
    thetas = torch.stack([theta_of(Parts(angle, scale, scale, 0.0, *shift)) for angle, scale, shift in near])
    return numbers_of(thetas.float(), family)


def _bend(theta: Tensor) -> Tensor:
    """Mean square (B,) of what of a spline's moves no affine theta explains."""
    points = control_points(theta)
    affine = torch.cat([points, torch.ones(CONTROLS, 1).to(points)], dim=1)
    moves = theta - points
    return (moves - affine @ (torch.linalg.pinv(affine) @ moves)).square().mean((1, 2))


def cost_of(level: Level, measure: Measure, model: Thetas) -> Tensor:
    """What goes down: how unlike the pictures are (B,), and what bends cost."""
    theta = model()
    unlike = level.loss(measure, theta)
    return unlike + STIFFNESS * _bend(theta) if model.family.bends else unlike


def steps_on(levels: int) -> int:
    """How many steps so many levels take from the coarsest on."""
    return sum(STEPS[:levels])


def in_all(before: int, whole: int, progress: Progress) -> Progress:
    """The Progress of a part as that of all of so many steps."""
    update = {"step": before + progress.step, "total": whole, "seconds_left": None}
    return progress.model_copy(update=update)


def _begin(family: FamilyName, start: np.ndarray | None, max_angle: float, levels: int) -> tuple[int, FamilyName, Tensor]:
    """The number of the first level, the family that descends there, and its starts."""
    first = leading(family) if levels > LED else family
    if start is None:
        return 0, first, fan(first, max_angle)
    theta = torch.as_tensor(start, dtype=torch.float32)[None]
    return (
        min(BY_HAND, levels - 1),
        family,
        numbers_of(like(theta, FAMILIES[family].theta(torch.tensor([FAMILIES[family].identity]))), family),
    )


def descend(
    levels: list[Level], family: FamilyName, measure: Measure, max_angle: float,
    start: np.ndarray | None = None, recorders: Recorders | None = None, way: str = "",
) -> Generator[Progress, Wish | None, Tensor]:  # fmt: skip
    """The theta (1, *kind.shape) by which the moving picture lies best over the fixed one; from `start` if there is one."""
    begin, now, numbers = _begin(family, start, max_angle, len(levels))
    for number in range(begin, len(levels)):
        level = levels[number]
        if number >= LED and now != family:
            numbers = numbers_of(FAMILIES[now].theta(numbers), family)
            now = family
        model = Thetas(now, numbers)
        plan = Plan(
            steps=STEPS[number], lr=PIXELS_A_STEP * level.pixel, clip=math.inf, warmup=0.0, final_lr=SLOWEST, report_seconds=0.0
        )
        recorder = recorders(STEPS[number], level) if recorders else None
        phase = f"{way}{level.side} pixels, {len(numbers)} starts" if len(numbers) > 1 else f"{way}{level.side} pixels"
        loss = partial(_mean_cost, level, measure)
        learning = train(model, repeat(None), loss, plan, phase=phase, observer=recorder)
        before, whole = sum(STEPS[begin:number]), sum(STEPS[begin : len(levels)])
        history = yield from relayed(learning, partial(in_all, before, whole))
        if recorder:
            recorder.keep(model, history)
        with torch.no_grad():
            order = cost_of(level, measure, model).argsort()
        numbers = model.numbers.detach()[order[: KEPT[number]]].clone()
    return FAMILIES[now].theta(numbers[:1])


def _mean_cost(level: Level, measure: Measure, model: nn.Module, _: None) -> Tensor:
    """The mean of all starts, none of which sees another."""
    assert isinstance(model, Thetas)
    return cost_of(level, measure, model).mean()
