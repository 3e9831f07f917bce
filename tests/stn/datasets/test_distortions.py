from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import kstest

from core.errors import InvalidRequest
from core.stn.datasets import random_thetas
from core.stn.datasets.distortions import (
    ASPECT,
    DISTORTIONS,
    ROOM,
    ROOMY,
    SHEAR,
    WOBBLE,
    Distorted,
    DistortionName,
    Distortions,
)
from core.stn.datasets.perturbations import PERTURBATIONS, PerturbationName
from core.stn.geometry.families import FAMILIES, Family, FamilyName
from core.stn.geometry.frames import points_of
from core.stn.geometry.theta import (
    compose,
    folds,
    identity,
    inverse,
    is_projective,
    is_spline,
    jacobian,
    move,
    parts,
    rotation_deg,
)
from core.stn.geometry.thin_plate_spline import control_points
from tests.stn.geometry.stretch import STRETCH

MANY = 2000
CORNERS = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
PAPER: list[DistortionName] = ["R", "RTS", "P", "E", "TC"]
every_distortion = pytest.mark.parametrize("name", list(DISTORTIONS))


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def drawn(bends: Distortions, seed: int = 0) -> torch.Tensor:
    return bends.draw(MANY, seeded(seed))


def digits(count: int = 16, side: int = 28, channels: int = 1) -> torch.Tensor:
    """Images (B, C, side, side), uint8, bright in the middle as digits are."""
    images = torch.zeros(count, channels, side, side, dtype=torch.uint8)
    middle = slice(side // 7, -(side // 7))
    images[..., middle, middle] = torch.randint(100, 256, images[..., middle, middle].shape, generator=seeded(7)).byte()
    return images


def thetas(name: DistortionName, count: int = MANY, side: int = 28) -> torch.Tensor:
    """The thetas of many draws, of the smallest possible images."""
    return DISTORTIONS[name].thetas(count, side, DISTORTIONS[name].canvas(side), seeded())


def uniform(values: torch.Tensor | list[float], low: float, high: float) -> bool:
    """Whether values look drawn from U(low, high): none outside, and Kolmogorov and Smirnov do not object."""
    sample = np.asarray(values, dtype=np.float64).ravel()
    inside = (sample > low - 1e-4).all() and (sample < high + 1e-4).all()
    return bool(inside and kstest(sample, "uniform", (low, high - low)).pvalue > 1e-3)


def normal(values: torch.Tensor, deviation: float) -> bool:
    return bool(kstest(np.asarray(values, dtype=np.float64).ravel(), "norm", (0, deviation)).pvalue > 1e-3)


def test_gentle_distortions_are_uniform_within_their_bounds() -> None:
    computed = [parts(theta) for theta in drawn(Distortions.of("similarity", 60))]
    assert uniform([p.rotation_deg for p in computed], -60, 60)
    assert uniform([p.scale_x for p in computed], 0.8, 1.2)
    assert uniform([p.shift_x for p in computed], -0.2, 0.2)
    assert uniform([p.shift_y for p in computed], -0.2, 0.2)
    assert max(abs(p.shear) for p in computed) < 1e-5


@pytest.mark.parametrize("name", ["affine", "projective"])
def test_families_with_shear_meet_shear(name: FamilyName) -> None:
    bends = Distortions.of(name, 45)
    assert uniform([parts(theta).shear for theta in bends.draw(300, seeded())], -SHEAR, SHEAR)


def test_projective_meets_perspective_that_leaves_the_turn_alone() -> None:
    theta = drawn(Distortions.of("projective", 45))
    assert is_projective(theta)
    assert uniform(rotation_deg(drawn(Distortions(45.0))), -45, 45)
    assert torch.allclose(rotation_deg(theta), rotation_deg(drawn(Distortions.of("affine", 45))), atol=1e-3)
    assert uniform(theta[:, 2, 0], -0.15, 0.15)
    assert uniform(theta[:, 2, 1], -0.15, 0.15)


def test_tps_meets_wobble_within_its_bounds() -> None:
    theta = Distortions(0.0, scale=0.0, shift=0.0, wobble=WOBBLE).draw(MANY, seeded())
    assert is_spline(theta)
    assert uniform((theta - control_points(theta))[:, 5], -WOBBLE, WOBBLE)


def test_translation_meets_only_shifts_and_attention_no_turn() -> None:
    shifted, zoomed = drawn(Distortions.of("translation", 45)), drawn(Distortions.of("attention", 45))
    assert torch.allclose(shifted[:, :, :2], identity(MANY)[:, :, :2])
    assert rotation_deg(zoomed).abs().max() < 1e-4
    assert uniform(zoomed[:, 0, 0], 0.8, 1.2)


@pytest.mark.parametrize("row", [*FAMILIES.values(), STRETCH], ids=lambda row: row.name)
def test_distortions_of_a_family_lie_in_it_and_use_every_number(row: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, row.name, row)
    for theta in (drawn(Distortions.of(row.name, 45)), drawn(Distortions.of(row.name, 45).for_training)):
        params = row.params(theta)
        assert torch.allclose(row.theta(params), theta, atol=1e-5)
        away = params - params.mean(dim=0)
        assert torch.linalg.matrix_rank(away / away.std(dim=0), rtol=1e-3) == len(row.parameters)


def test_a_family_that_stretches_meets_two_scales(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "stretch", STRETCH)
    across, down = STRETCH.params(drawn(Distortions.of("stretch", 45)))[:, :2].T
    assert uniform((across * down).sqrt(), 0.8, 1.2)
    assert uniform((across / down).log() / 2, -ASPECT, ASPECT)
    assert Distortions.of("stretch", 45).for_training.aspect == pytest.approx(1.25 * ASPECT)


@pytest.mark.parametrize("name", list(FAMILIES))
def test_what_a_family_practises_it_can_undo(name: FamilyName) -> None:
    theta = Distortions.of(name, 180).for_training.draw(200, seeded())
    assert theta.shape[1:] == identity(1, name).shape[1:]
    assert not folds(theta, 16, 16).any()
    assert torch.allclose(compose(theta, inverse(theta)), identity(200, name), atol=1e-4)


@pytest.mark.parametrize("name", list(FAMILIES))
def test_share_makes_every_amount_smaller(name: FamilyName) -> None:
    bends = Distortions.of(name, 90)
    assert torch.allclose(bends.draw(10, seeded(), torch.zeros(10)), identity(10, name), atol=1e-6)
    full, tenth = bends.draw(500, seeded()), bends.draw(500, seeded(), 0.1)
    away = [(move(theta, CORNERS[None]) - CORNERS).norm(dim=-1).mean() for theta in (full, tenth)]
    assert away[1] < 0.2 * away[0]


def test_same_seed_same_distortions() -> None:
    assert torch.equal(drawn(Distortions(), 3), drawn(Distortions(), 3))
    assert not torch.equal(drawn(Distortions(), 3), drawn(Distortions(), 4))


def test_practice_reaches_further_than_what_is_asked_for() -> None:
    training = Distortions.of("affine", 45).for_training
    assert training.max_angle == pytest.approx(49.5)
    assert training.scale == pytest.approx(0.3)
    assert training.shift == pytest.approx(0.25)
    assert training.shear == SHEAR
    assert Distortions(max_angle=180).for_training.max_angle == 180
    assert Distortions.of("tps", 45).for_training.wobble == pytest.approx(1.25 * WOBBLE)


def test_r_turns_by_up_to_90_degrees_and_does_nothing_else() -> None:
    theta = thetas("R")
    assert uniform(rotation_deg(theta), -90, 90)
    assert torch.allclose(theta[:, :, :2] @ theta[:, :, :2].mT, torch.eye(2).expand(MANY, 2, 2), atol=1e-5)
    assert (theta[:, :, 2] == 0).all()


def test_rts_turns_scales_and_places_the_digit_on_its_canvas() -> None:
    theta = thetas("RTS")
    digit_px, canvas_px = 28 / 2, 42 / 2
    scale = canvas_px / digit_px / torch.linalg.det(theta[:, :, :2]).sqrt()
    assert uniform(rotation_deg(theta), -45, 45)
    assert uniform(scale, 0.7, 1.2)
    centre = inverse(theta)[:, :, 2] * canvas_px  # where the middle of the digit lies, in px from that of the canvas
    room = (canvas_px - digit_px * scale)[:, None]
    assert uniform(centre / room, -1, 1)
    assert (centre.abs() + digit_px * scale[:, None] <= canvas_px + 1e-3).all()  # the digit's box stays inside


@pytest.fixture
def unscaled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(random_thetas, "_shrunk", lambda count, generator: torch.ones(count, 1, 1))


@pytest.mark.usefixtures("unscaled")
def test_p_stretches_the_corners_of_the_frame_by_five_pixels() -> None:
    moves = (move(inverse(thetas("P")), CORNERS.expand(MANY, 4, 2)) - CORNERS) * 14  # in px
    outwards = moves * CORNERS.sign()
    torch.testing.assert_close(outwards[..., 0], outwards[..., 1], atol=1e-3, rtol=0)  # along the diagonal
    stretched = outwards[..., 0]
    assert stretched.std().item() == pytest.approx(5, rel=0.03)  # the few that are drawn again make it a little smaller
    assert stretched.std(0).amin() > 4.5
    assert stretched.mean(0).abs().max() < 0.5
    assert (torch.corrcoef(stretched.T) - torch.eye(4)).abs().max() < 0.12


@pytest.mark.usefixtures("unscaled")
def test_p_always_shows_the_middle_of_the_frame_from_the_front() -> None:
    theta = thetas("P", 20_000)
    corners = move(inverse(theta), CORNERS.expand(20_000, 4, 2))
    assert (torch.linalg.det(jacobian(theta, torch.zeros(1, 2))) > 0).all()
    assert (torch.linalg.det(jacobian(theta, corners)) > 0).all()


@pytest.mark.usefixtures("unscaled")
def test_e_moves_sixteen_control_points_by_one_and_a_half_pixels() -> None:
    theta = thetas("E", 200)
    moves = (theta - control_points(theta)) * 14  # in px
    assert moves.shape == (200, 16, 2)
    assert normal(moves, 1.5)


@pytest.mark.parametrize("name", ["P", "E"])
def test_p_and_e_are_scaled_first(name: DistortionName, monkeypatch: pytest.MonkeyPatch) -> None:
    assert uniform(random_thetas._shrunk(MANY, seeded()), 0.75, 1)
    points = 0.1 * CORNERS.expand(50, 4, 2)  # far from every horizon
    computed = []
    for scale in (1.0, 0.8):
        monkeypatch.setattr(random_thetas, "_shrunk", lambda count, generator, scale=scale: torch.full((count, 1, 1), scale))
        computed.append(move(thetas(name, 50), points))
    assert torch.allclose(computed[1], computed[0] / 0.8, atol=1e-4)


def test_tc_places_the_digit_at_whole_pixels_inside_its_canvas() -> None:
    theta = thetas("TC")
    corner = (move(inverse(theta), -torch.ones(MANY, 1, 2))[:, 0] + 1) * 30  # top left of the digit, in px
    assert torch.allclose(corner, corner.round(), atol=1e-3)
    places = corner.round().long()
    assert places.min() == 0
    assert places.max() == 60 - 28
    counts = torch.bincount(places.flatten(), minlength=33).double()
    assert ((counts - 2 * MANY / 33).abs() < 5 * math.sqrt(2 * MANY / 33)).all()


def test_tc_shows_the_digit_unchanged_among_six_patches_of_other_digits() -> None:
    images = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    images[0, :, 5:23, 5:23] = 255
    pool = torch.full((3, 1, 28, 28), 100, dtype=torch.uint8)
    canvas, theta = _parts(DISTORTIONS["TC"].draw(images, seeded(), pool))
    left, top = ((move(inverse(theta), -torch.ones(2, 1, 2))[:, 0] + 1) * 30).round().long().T.tolist()
    shown = canvas[0, 0, top[0] + 5 : top[0] + 23, left[0] + 5 : left[0] + 23]
    assert torch.allclose(shown, torch.ones(18, 18), atol=1e-4)  # brighter than the clutter
    clutter = (canvas[1, 0] * 255).round()  # nothing but clutter
    assert set(clutter.unique().tolist()) == {0.0, 100.0}
    assert 3 * 36 <= (clutter == 100).sum() <= 6 * 36  # some lie upon each other


def _parts(distorted: Distorted) -> tuple[torch.Tensor, torch.Tensor]:
    return distorted.images, distorted.theta


def test_clutter_without_a_pool_comes_from_the_other_images() -> None:
    images = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    images[1] = 200
    canvas = DISTORTIONS["TC"].draw(images, seeded()).images
    assert canvas[0].amax().item() == pytest.approx(200 / 255)  # the black one is among patches of the bright one
    assert (canvas[1] > 0.5).sum() == pytest.approx(28 * 28, abs=2)  # and the bright one among black ones


def test_a_single_image_has_no_others_to_cut_clutter_from() -> None:
    with pytest.raises(InvalidRequest, match="give a pool"):
        DISTORTIONS["TC"].draw(digits(1), seeded())
    assert DISTORTIONS["TC"].draw(digits(1), seeded(), digits(4)).images.shape == (1, 1, 60, 60)


@pytest.mark.parametrize(("name", "side"), [("R", 28), ("RTS", 42), ("P", 28), ("E", 28), ("TC", 60), ("photo", 28)])
def test_canvases_are_those_of_the_paper(name: DistortionName, side: int) -> None:
    distorted = DISTORTIONS[name].draw(digits(), seeded())
    assert DISTORTIONS[name].canvas(28) == side
    assert distorted.images.shape == (16, 1, side, side)
    assert distorted.images.min() >= 0
    assert 0.5 < distorted.images.max() <= 1.0001


@every_distortion
@pytest.mark.parametrize(("side", "channels"), [(20, 3), (64, 1), (65, 3)])
def test_images_of_any_side_and_in_colour_are_distorted(name: DistortionName, side: int, channels: int) -> None:
    distorted = DISTORTIONS[name].draw(digits(4, side, channels), seeded())
    canvas = DISTORTIONS[name].canvas(side)
    assert distorted.images.shape == (4, channels, canvas, canvas)
    assert len(distorted.theta) == 4


@pytest.mark.parametrize("name", [name for name in DISTORTIONS if name != "TC"])  # which draws whole pixels
def test_amounts_grow_with_the_image(name: DistortionName) -> None:
    """The same draw on an image three times as large is the same picture, three times as large."""
    small, large = thetas(name, 50, 28), thetas(name, 50, 84)
    assert torch.allclose(small, large, atol=1e-4)


@every_distortion
def test_same_seed_same_batch(name: DistortionName) -> None:
    kind = DISTORTIONS[name]
    first, second, other = (kind.draw(digits(), seeded(seed)).images for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert torch.equal(first, other) == (name == "none")


@pytest.mark.parametrize("name", ["R", "RTS", "TC"])
def test_digit_keeps_its_light_on_the_canvas(name: DistortionName) -> None:
    """Nothing of a round digit is cut off: its light grows and shrinks with its area and nothing else."""
    y, x = np.mgrid[:28, :28] - 13.5
    disc = torch.from_numpy(np.uint8(255 * np.clip(12 - np.hypot(x, y), 0, 1)))[None, None].expand(64, 1, 28, 28)
    blank = torch.zeros(2, 1, 28, 28, dtype=torch.uint8)
    canvas, theta = _parts(DISTORTIONS[name].draw(disc, seeded(), blank))
    zoom = (canvas.shape[-1] / 28) ** 2 / torch.linalg.det(theta[:, :, :2])  # of areas, in px
    light = canvas.sum((1, 2, 3)) / (disc[0].sum() / 255)
    assert torch.allclose(light / zoom, torch.ones(64), atol=0.03)


@pytest.mark.parametrize("name", PAPER)
def test_theta_is_what_the_canvas_was_sampled_with(name: DistortionName) -> None:
    """A dot in the image is seen where theta looks at it."""
    images = torch.zeros(8, 1, 28, 28, dtype=torch.uint8)
    images[:, :, 13:15, 13:15] = 255  # round the centre of the image
    distorted = DISTORTIONS[name].draw(images, seeded(), torch.zeros(2, 1, 28, 28, dtype=torch.uint8))
    side = distorted.images.shape[-1]
    source = move(distorted.theta, points_of(side, side).expand(8, -1, -1, -1))
    lit = distorted.images[:, 0] > 0.01
    assert lit.flatten(1).any(1).all()
    assert (source[lit].abs() < 2.01 / 14).all()


def test_images_that_are_not_square_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="30x20"):
        DISTORTIONS["R"].draw(torch.zeros(1, 1, 20, 30, dtype=torch.uint8), seeded())


@pytest.mark.parametrize("kind", list(PERTURBATIONS))
def test_nothing_is_perturbed_by_nothing(kind: PerturbationName) -> None:
    points = CORNERS.expand(20, 4, 2)
    assert torch.allclose(move(PERTURBATIONS[kind].thetas(0.0, 20, seeded()), points), points, atol=1e-6)


def test_perturbations_are_as_large_as_asked_for_to_either_side() -> None:
    def some(kind: PerturbationName, amount: float) -> torch.Tensor:
        return PERTURBATIONS[kind].thetas(amount, 200, seeded())

    assert set(rotation_deg(some("angle", 30)).round().tolist()) == {-30.0, 30.0}
    assert sorted(set(some("scale", 0.25)[:, 0, 0].tolist())) == pytest.approx([0.8, 1.25])
    assert torch.allclose(some("shift", 0.3)[:, :, 2].norm(dim=1), torch.full((200,), 0.3))
    assert some("shift", 0.3)[:, :, 2].mean(0).abs().max() < 0.06
    assert set(some("shear", 0.5)[:, 0, 1].tolist()) == {-0.5, 0.5}
    assert torch.allclose(some("perspective", 0.2)[:, 2, :2].norm(dim=1), torch.full((200,), 0.2))
    assert normal(some("elastic", 0.1) - control_points(torch.zeros(1)), 0.1)


@pytest.mark.slow  # the meta device takes seconds to load
@every_distortion
def test_batch_stays_on_the_device_of_its_images(name: DistortionName) -> None:
    """The meta device computes nothing, but refuses to be mixed with the CPU, as a GPU does."""
    distorted = DISTORTIONS[name].draw(digits().to("meta"), seeded(), digits().to("meta"))
    assert distorted.images.device.type == distorted.theta.device.type == "meta"


def test_training_meets_pictures_that_are_much_smaller_as_on_an_enlarged_canvas() -> None:
    practised, tested = Distortions().for_training, Distortions()
    scales = [
        torch.linalg.det(drawn.draw(4000, torch.Generator().manual_seed(0))[:, :, :2]).sqrt() for drawn in (practised, tested)
    ]
    assert scales[1].max() <= 1.2 + 1e-5
    assert 1.7 < scales[0].max() <= 1.3 * (1 + ROOM) + 1e-5
    assert 0.05 < (scales[0] > 1.3).float().mean() < ROOMY
    assert Distortions.of("translation", 45).for_training.room == 0
