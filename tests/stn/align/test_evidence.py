"""What speaks for the poses of a stack, on views that are made by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.stn.align.evidence import ELSEWHERE, SIDE, doubts, evidence_of, further
from core.stn.align.poses import ANGLE, theta_of_poses
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid

REACH = 180.0


def picture(seed: int) -> Tensor:
    """A smooth random picture (1, 1, 4 SIDE, 4 SIDE)."""
    noise = torch.randn(1, 1, 9, 9, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.interpolate(noise, size=4 * SIDE, mode="bicubic", align_corners=False)


def views(pictures: list[Tensor], angles: list[float], reach: float = REACH) -> Tensor:
    """Pictures that lie turned by angles in degrees, each at all further turns: (N, K, SIDE, SIDE)."""
    rows = []
    for one, angle in zip(pictures, angles, strict=True):
        poses = torch.zeros(len(further(reach)), 6)
        poses[:, ANGLE] = torch.deg2rad(torch.from_numpy(further(reach) + angle)).float()
        grid = frame_grid(theta_of_poses(poses), SIDE, SIDE) / 2
        rows.append(sample(one.expand(len(poses), -1, -1, -1), grid)[:, 0])
    return torch.stack(rows)


def noisy(one: Tensor, count: int) -> list[Tensor]:
    noise = torch.Generator().manual_seed(9)
    return [one + 0.3 * torch.randn(one.shape, generator=noise) for _ in range(count)]


@pytest.mark.parametrize(("reach", "largest", "count"), [(0.0, 0.0, 1), (45.0, 90.0, 37), (180.0, 180.0, 72)])
def test_an_image_may_be_turned_further_by_twice_its_reach(reach: float, largest: float, count: int) -> None:
    turns = further(reach)
    assert (np.abs(turns).max(), len(turns)) == (largest, count)
    assert 0 in turns


def test_images_that_lie_alike_are_not_flagged() -> None:
    evidence = evidence_of(views(noisy(picture(0), 6), [0.0] * 6), further(REACH))
    assert doubts(evidence) == [""] * 6
    assert evidence.trusted.all()


@pytest.mark.parametrize(("turned", "back"), [(180.0, -180), (-60.0, 60)])
def test_one_that_lies_turned_is_flagged_and_the_angle_is_told(turned: float, back: int) -> None:
    evidence = evidence_of(views(noisy(picture(0), 6), [0.0] * 5 + [turned]), further(REACH))
    assert [bool(doubt) for doubt in doubts(evidence)] == [False] * 5 + [True]
    assert (evidence.rival_deg[5] - back) % 360 == pytest.approx(0)
    assert evidence.rival[5] > 0.8


@pytest.mark.parametrize("strangers", [1, 3])
def test_strangers_are_flagged_and_are_left_out_of_the_mean(strangers: int) -> None:
    pictures = noisy(picture(0), 6) + [picture(seed) for seed in range(1, 1 + strangers)]
    evidence = evidence_of(views(pictures, [0.0] * len(pictures)), further(REACH))
    assert [bool(doubt) for doubt in doubts(evidence)] == [False] * 6 + [True] * strangers
    alone = evidence_of(views(pictures[:6], [0.0] * 6), further(REACH))
    assert np.allclose(evidence.likeness[:6], alone.likeness, atol=1e-5)


def test_what_looks_the_same_upside_down_is_flagged_only_where_it_may_be_turned_so_far() -> None:
    whole = picture(0)
    twofold = whole + whole.rot90(2, (-2, -1))
    for reach, flagged in ((180.0, True), (45.0, False)):
        evidence = evidence_of(views(noisy(twofold, 6), [0.0] * 6, reach), further(reach))
        assert [bool(doubt) for doubt in doubts(evidence)] == [flagged] * 6
    assert abs(further(45.0)).max() > ELSEWHERE


def test_an_image_that_is_the_negative_of_the_others_is_flagged() -> None:
    evidence = evidence_of(views([*noisy(picture(0), 5), -picture(0)], [0.0] * 6, 0.0), further(0.0))
    assert [bool(doubt) for doubt in doubts(evidence)] == [False] * 5 + [True]
    assert np.isnan(evidence.rival_deg[5])
    assert evidence.rival[5] > 0.8


def test_the_reason_says_both_numbers() -> None:
    evidence = evidence_of(views(noisy(picture(0), 6), [0.0] * 5 + [180.0]), further(REACH))
    likeness, typical = evidence.likeness[5], np.median(evidence.likeness[:5])
    assert doubts(evidence)[5] == f"its likeness to the others is {likeness:.2f}, theirs to one another {typical:.2f}"
