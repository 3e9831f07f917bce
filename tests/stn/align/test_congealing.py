from __future__ import annotations

import numpy as np
import pytest
import torch

from core.drive import returned
from core.stn.align import congealing
from core.stn.align.congealing import Alignment, Levels, congeal, differences, evidence_at
from core.stn.align.evidence import doubts
from core.stn.align.poses import ANGLE, SHEAR, SIZE
from core.stn.align.turned_digits import turned_digits
from core.stn.datasets.samples import sample
from core.stn.geometry.families import FAMILIES
from core.stn.geometry.theta import Parts, theta_of
from core.stn.geometry.warping import warp
from tests.stn.geometry.stretch import STRETCH


def bent(
    photo: np.ndarray, count: int, reach: float, scale: float = 0.0, shift: float = 0.0
) -> tuple[list[np.ndarray], np.ndarray]:
    """Copies of a photo bent at random, and by how many degrees each was turned."""
    draw = np.random.default_rng(1).uniform(-1, 1, (count, 4)) * [reach, scale, shift, shift]
    parts = [Parts(angle, 1 + size, 1 + size, 0.0, x, y) for angle, size, x, y in draw.tolist()]
    return [warp(photo, theta_of(part).float()) for part in parts], draw[:, 0]


def aligned(photos: list[np.ndarray], family: str = "similarity", max_angle: float = 45.0) -> Alignment:
    return returned(congeal(Levels.of(photos), family, max_angle, seed=0, seconds=60.0))


def left_over(alignment: Alignment, applied: np.ndarray) -> np.ndarray:
    """Degrees between applied and recovered angle, the common pose taken away."""
    left = np.exp(1j * (np.deg2rad(applied) + alignment.poses[:, 0].numpy()))
    return np.angle(left / left.mean(), deg=True)


def test_differences_leave_each_image_out_of_the_mean_it_is_compared_with() -> None:
    views = torch.tensor([3.0, 6.0, 12.0]).view(3, 1, 1)
    assert differences(views).flatten().tolist() == [3 - 9, 6 - 7.5, 12 - 4.5]


def test_equal_images_stay_where_they_are() -> None:
    alignment = aligned([sample("coffee").pixels[::4, ::4]] * 5)
    assert torch.allclose(alignment.thetas, torch.eye(2, 3).expand(5, 2, 3), atol=1e-5)
    assert alignment.why == ("",) * 5


@pytest.mark.slow
def test_copies_of_one_photo_align_to_a_degree() -> None:
    photos, applied = bent(sample("astronaut").pixels[::3, ::3], 20, 40.0)
    alignment = aligned(photos)
    assert np.abs(left_over(alignment, applied)).max() < 1
    assert not any(alignment.why)


@pytest.mark.slow
def test_whole_turns_scales_and_shifts_are_found_together() -> None:
    photos, applied = bent(sample("chelsea").pixels[::3, ::3], 12, 180.0, scale=0.12, shift=0.1)
    assert np.abs(left_over(aligned(photos, max_angle=180.0), applied)).max() < 2


@pytest.mark.slow
def test_the_stack_neither_shrinks_nor_turns_on_the_whole() -> None:
    photos, _ = bent(sample("coffee").pixels[::4, ::4], 8, 30.0, scale=0.1)
    poses = aligned(photos).poses
    assert poses.mean(dim=0).abs().max() < 1e-5
    assert poses[:, SIZE].abs().max() > 0.02  # they did move
    assert poses[:, SHEAR:].abs().max() == 0


@pytest.mark.slow
def test_a_stranger_among_copies_is_flagged_and_they_are_not() -> None:
    photos, _ = bent(sample("astronaut").pixels[::3, ::3], 9, 20.0)
    alignment = aligned([*photos, sample("text").pixels[::3, ::3]])
    assert [bool(reason) for reason in alignment.why] == [False] * 9 + [True]
    assert alignment.poses[:9].mean(dim=0).abs().max() < 1e-5  # the common pose is that of the nine


@pytest.mark.slow
def test_translation_only_shifts() -> None:
    photos, _ = bent(sample("astronaut").pixels[::4, ::4], 6, 0.0, shift=0.15)
    thetas = aligned(photos, "translation").thetas
    assert torch.allclose(thetas[:, :, :2], torch.eye(2).expand(6, 2, 2), atol=1e-6)
    assert thetas[:, :, 2].abs().max() > 0.05


@pytest.mark.slow
def test_a_new_row_aligns_by_its_own_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "stretch", STRETCH)
    scales = 0.15 * np.random.default_rng(2).uniform(-1, 1, (8, 2))
    scales -= scales.mean(axis=0)
    small = sample("astronaut").pixels[::4, ::4]
    thetas = aligned([warp(small, theta_of(Parts(0, *both)).float()) for both in np.exp(scales).tolist()], "stretch").thetas
    assert torch.allclose(STRETCH.theta(STRETCH.params(thetas)), thetas, atol=1e-6)
    assert np.abs(STRETCH.params(thetas)[:, :2].log().numpy() + scales).max() < 0.03


@pytest.mark.slow
def test_equal_seeds_find_equal_poses() -> None:
    photos, _ = bent(sample("coffee").pixels[::4, ::4], 6, 30.0)
    assert torch.equal(aligned(photos).poses, aligned(photos).poses)


def test_a_view_at_identity_is_the_canvas_at_its_own_size() -> None:
    levels = Levels.of([sample("astronaut").pixels] * 2)
    for side in congealing.SIDES:
        quarter = side // 2  # the canvas reaches twice as far as the view
        middle = levels.canvases[side][:, 0, quarter : quarter + side, quarter : quarter + side]
        assert torch.allclose(levels.views(torch.eye(2, 3).expand(2, 2, 3), side), middle, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("label", [4, 7])
def test_digits_that_lie_upside_down_are_flagged_and_the_others_are_not(label: int) -> None:
    digits = [one.pixels for one in turned_digits(label, count=20, reach=0.0).pictures]
    poses = aligned(digits).poses
    poses[:4, ANGLE] += torch.pi
    flagged = [bool(doubt) for doubt in doubts(evidence_at(poses, Levels.of(digits), 180.0))]
    assert flagged[:4] == [True] * 4
    assert sum(flagged[4:]) <= 3


@pytest.mark.slow
@pytest.mark.parametrize("family", ["similarity", "translation"])
def test_photos_among_digits_are_flagged_and_few_digits_are(family: str) -> None:
    digits = [one.pixels for one in turned_digits(4, count=12, reach=0.0).pictures]
    photos = [sample(name).pixels[::4, ::4] for name in ("chelsea", "coffee", "rocket", "camera", "clock", "coins")]
    flagged = [bool(reason) for reason in aligned(digits + photos, family).why]
    assert sum(flagged[12:]) >= 5
    assert sum(flagged[:12]) <= 3


@pytest.mark.slow
@pytest.mark.parametrize("name", ["astronaut", "chelsea"])
def test_light_from_changing_sides_turns_no_photo_wrongly(name: str) -> None:
    photos, applied = bent(sample(name).pixels[::4, ::4], 10, 180.0)
    sides = np.random.default_rng(5).uniform(-1, 1, (10, 2))
    y, x = (axis[..., None] for axis in np.mgrid[-1 : 1 : photos[0].shape[0] * 1j, -1 : 1 : photos[0].shape[1] * 1j])
    lit = [
        (90 + 0.3 * photo + 60 * (across * x + down * y)).clip(0, 255).astype(np.uint8)
        for photo, (across, down) in zip(photos, sides, strict=True)
    ]
    assert np.abs(left_over(aligned(lit, max_angle=180.0), applied)).max() < 5
