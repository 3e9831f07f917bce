"""Poses: one row of six numbers per image says where the common view finds its content in that image.

    θ(x) = R(angle) · e^size · [[1, shear], [0, 1]] · diag(e^aspect, e^-aspect) · (x + shift)

maps common view to image (output to input, square coordinates; see `families`). Angle and size are logarithms of the group of
turns and scales and the shift acts in the common view, so that to take the mean of all rows away is to choose another common
view and nothing else: no drift, no shrinking (Learned-Miller 2006, section 3.3).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from core.stn.align.freedoms import FREEDOMS, Freedom
from core.stn.geometry.families import FamilyName

ANGLE, SIZE, SHIFT_X, SHIFT_Y, SHEAR, ASPECT = range(6)
_MOST = (math.inf, math.log(2), 0.75, 0.75, 0.8, math.log(1.6))  # an image that needs more is not aligned
_SLACK = math.radians(20)  # beyond the largest angle of the request, because no image is known to be upright


def theta_of_poses(poses: Tensor) -> Tensor:
    """Poses (N, 6) as thetas (N, 2, 3), in square coordinates."""
    angle, size, x, y, shear, aspect = poses.unbind(-1)
    cos, sin, across, down = torch.cos(angle), torch.sin(angle), torch.exp(size + aspect), torch.exp(size - aspect)
    top = torch.stack([cos * across, (cos * shear - sin) * down], dim=-1)
    bottom = torch.stack([sin * across, (sin * shear + cos) * down], dim=-1)
    linear = torch.stack([top, bottom], dim=-2)  # (N, 2, 2)
    return torch.cat([linear, linear @ torch.stack([x, y], dim=-1)[..., None]], dim=-1)  # (N, 2, 3)


def of_family(poses: Tensor, family: FamilyName) -> Tensor:
    """Poses without what the family has no number for, which may have helped to find them (see `freedoms`)."""
    return poses * torch.tensor(FREEDOMS[family].own)


def centred(poses: Tensor, among: Tensor | None = None) -> Tensor:
    """The same alignment with a mean pose of zero, over all images or those of a mask (N,)."""
    return poses - (poses if among is None else poses[among]).mean(dim=0)


def most_of(max_angle: float) -> Tensor:
    """The largest amount (6,) of each number of a pose; whole turns have no bound."""
    angle = math.inf if max_angle >= 180 else math.radians(max_angle) + _SLACK
    return torch.tensor([angle, *_MOST[1:]])


class Poses(nn.Module):
    """Poses that can be learned: their mean is zero and none leaves its bounds, whatever the optimizer does."""

    first: Tensor

    def __init__(self, first: Tensor, freedom: Freedom, max_angle: float) -> None:
        super().__init__()
        self.register_buffer("first", first)  # which a training that goes on needs again
        self.most = most_of(max_angle)
        self.moving, self.cost = torch.tensor(freedom.moving), torch.tensor(freedom.cost)
        if max_angle >= 180:
            self.cost[ANGLE] = 0.0  # all around, no angle is less likely than another
        self.change = nn.Parameter(torch.zeros_like(first))

    def forward(self) -> Tensor:
        poses = centred(self.first + self.moving * self.change)
        return torch.minimum(torch.maximum(poses, -self.most), self.most)  # (N, 6)

    def cost_of(self, poses: Tensor) -> Tensor:
        """What leaving the mean pose costs, over all images."""
        return (poses.square() * self.cost).sum()


def too_far(pose: Tensor, max_angle: float) -> str:
    """What a pose (6,) has reached the bound of, in words; nothing when it is within all of them."""
    words = {
        ANGLE: f"it would have to be turned by more than {math.degrees(_SLACK) + max_angle:.0f}°",
        SIZE: "it would have to be made more than twice as large or small",
        SHIFT_X: "its content lies too far to the side",
        SHIFT_Y: "its content lies too far up or down",
    }
    reached = pose.abs() >= 0.98 * most_of(max_angle)
    return next((reason for number, reason in words.items() if reached[number]), "")
