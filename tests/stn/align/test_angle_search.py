from __future__ import annotations

import math
import time

import numpy as np
import pytest
import torch

from core.drive import returned
from core.stn.align.angle_search import SIDE, STEP, Ring, angles_of, ring_of, search, turned
from core.stn.align.congealing import Levels
from core.stn.align.poses import ANGLE, SHIFT_X, SHIFT_Y, theta_of_poses
from core.stn.datasets.canvas import disc
from core.stn.datasets.samples import sample
from core.stn.geometry.warping import warp


def ring(levels: Levels, max_angle: float) -> Ring:
    angles = angles_of(max_angle)
    views = [levels.views(turned(angle, len(levels)), SIDE) * disc(SIDE) for angle in angles]
    return ring_of(torch.stack(views, dim=1), angles, whole=max_angle >= 180)


@pytest.mark.parametrize(("max_angle", "count"), [(0.0, 1), (45.0, 19), (180.0, 72)])
def test_the_ring_has_each_angle_once_and_holds_zero(max_angle: float, count: int) -> None:
    angles = angles_of(max_angle)
    directions = {(round(math.cos(angle), 6), round(math.sin(angle), 6)) for angle in angles.tolist()}
    assert len(angles) == len(directions) == count
    assert (angles == 0).any()


@pytest.mark.parametrize(("reach", "max_angle"), [(40, 45.0), (180, 180.0)])
def test_copies_of_a_photo_are_found_to_the_step_of_the_ring(reach: int, max_angle: float) -> None:
    photo = sample("astronaut").pixels[::4, ::4]
    applied = np.random.default_rng(3).uniform(-reach, reach, 8)
    levels = Levels.of([warp(photo, turned(torch.tensor(math.radians(angle)), 1)[0]) for angle in applied])
    poses = returned(search(ring(levels, max_angle), 0, until=time.monotonic() + 60))
    left = torch.deg2rad(torch.from_numpy(applied)) + poses[:, ANGLE]
    assert (torch.cos(left[:, None] - left[None]) > math.cos(math.radians(2 * STEP))).all()
    assert torch.atan2(torch.sin(poses[:, ANGLE]).mean(), torch.cos(poses[:, ANGLE]).mean()).abs() < 0.1


def test_a_shift_is_found_in_the_same_sweep() -> None:
    photo = sample("astronaut").pixels[::4, ::4]
    applied = torch.zeros(6, 6)
    applied[:, SHIFT_X] = torch.tensor([0.2, -0.2, 0.2, -0.2, 0.2, -0.2])
    applied[:, SHIFT_Y] = torch.tensor([0.1, 0.1, -0.1, -0.1, 0.0, 0.0])
    levels = Levels.of([warp(photo, theta) for theta in theta_of_poses(applied)])
    poses = returned(search(ring(levels, 0.0), 0, until=time.monotonic() + 60))
    left = (poses + applied)[:, [SHIFT_X, SHIFT_Y]]
    assert (left - left.mean(dim=0)).abs().max() < 2 / SIDE  # one pixel of the coarse view


def test_the_search_ends_after_one_template_when_the_time_is_over() -> None:
    levels = Levels.of([sample("astronaut").pixels[::8, ::8]] * 5)
    assert len(list(search(ring(levels, 10.0), 0, until=time.monotonic() - 1))) == 1
