from __future__ import annotations

import numpy as np
import pytest
import torch

from core.stn.datasets.images import Picture, read_image, to_png
from core.stn.datasets.samples import sample
from core.stn.locate.baselines import brightest, middle
from core.stn.locate.boxes import overlap
from core.stn.locate.cut_out import cut_out, objects_of, png_of
from core.stn.locate.scenes import OBJECT, SCENE, ZOOM, Material, held_back, scenes_of

Y, X = np.mgrid[:60, :80]
DISC = np.hypot(X - 50, Y - 25) <= 15  # off the middle
RING = DISC & (np.hypot(X - 50, Y - 25) > 6)


def drawn(mask: np.ndarray, colour: tuple[int, int, int], ground: tuple[int, int, int]) -> Picture:
    return Picture("drawn", np.where(mask[..., None], colour, ground).astype(np.uint8))


@pytest.mark.parametrize(("colour", "ground"), [((200, 120, 90), (255, 255, 255)), ((90, 200, 240), (30, 90, 20))])
def test_an_object_on_a_ground_of_one_colour_is_cut_out_and_fills_its_square(
    colour: tuple[int, int, int], ground: tuple[int, int, int]
) -> None:
    cut = cut_out(drawn(DISC, colour, ground))
    assert cut.shape == (31, 31, 3)
    y, x = np.mgrid[-15:16, -15:16]
    assert np.array_equal(cut, np.where((np.hypot(x, y) <= 15)[..., None], colour, 0))


def test_what_is_transparent_is_no_object_whatever_its_colour() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    pixels = np.dstack([noise, 255 * RING.astype(np.uint8)])
    picture = read_image("ring.png", to_png(pixels))
    cut = cut_out(read_image("stored", png_of(picture)))  # the store keeps what is transparent
    assert np.array_equal(cut > 0, (noise * RING[..., None])[10:41, 35:66] > 0)


@pytest.mark.parametrize("mask", [DISC, RING])
def test_a_dark_drawing_is_shown_bright(mask: np.ndarray) -> None:
    cut = cut_out(drawn(mask, (10, 10, 10), (250, 250, 250)))
    assert cut[0, 15].tolist() == [245, 245, 245]  # the top of the disc
    assert cut[0, 0].tolist() == [0, 0, 0]


def test_a_hole_that_the_object_surrounds_is_part_of_it() -> None:
    cut = cut_out(drawn(RING, (200, 120, 90), (255, 255, 255)))
    assert cut[15, 15].tolist() == [255, 255, 255]


@pytest.mark.parametrize("name", ["chelsea", "coffee", "astronaut"])
def test_the_edges_of_a_photo_fade_to_black(name: str) -> None:
    picture = Picture(name, sample(name).pixels)
    [small] = objects_of([picture], OBJECT).astype(float)
    rim = np.concatenate([small[:, 0], small[:, -1], small[:, :, 0], small[:, :, -1]], axis=1)
    assert rim.max() <= 12  # of 255; the filter that makes them small reaches inwards
    assert small[:, 10:18, 10:18].mean() > 40


def test_every_fourth_picture_is_held_back_and_one_at_least() -> None:
    assert [int(held_back(count).sum()) for count in (1, 2, 4, 5, 8, 100)] == [0, 1, 1, 1, 2, 25]
    assert not held_back(1).any()


@pytest.mark.parametrize("count", [2, 9])
def test_no_picture_that_is_tested_on_was_learned_from_or_gives_clutter(count: int) -> None:
    colours = [(60 + 20 * number, 255 - 20 * number, 90) for number in range(count)]
    material = Material.of_pictures([drawn(DISC, colour, (0, 0, 0)) for colour in colours])
    parts = (material.objects, material.others, material.donors)
    learned, tested, donors = ({image.tobytes() for image in part.numpy()} for part in parts)
    assert not tested & (learned | donors)
    assert len(learned) + len(tested) == count


def test_the_brightest_square_is_that_of_brute_force() -> None:
    scenes = torch.rand(3, 1, SCENE, SCENE, generator=torch.Generator().manual_seed(0))
    for scene, box in zip(scenes[:, 0].double(), brightest(scenes), strict=True):
        sums = {
            (left, top): scene[top : top + OBJECT, left : left + OBJECT].sum().item()
            for left in range(SCENE - OBJECT + 1)
            for top in range(SCENE - OBJECT + 1)
        }
        left, top = max(sums, key=lambda corner: sums[corner])
        assert ((box[1:] - ZOOM + 1) * SCENE / 2).tolist() == pytest.approx([left, top], abs=1e-3)


def test_the_brightest_square_finds_what_lies_alone_on_black_and_the_middle_does_not() -> None:
    square = torch.full((1, 1, OBJECT, OBJECT), 200, dtype=torch.uint8)
    scenes = scenes_of(square, 50, None, torch.Generator().manual_seed(0))
    assert overlap(brightest(scenes.grey).numpy(), scenes.boxes.numpy()).min() > 0.99
    assert np.median(overlap(middle(scenes.grey).numpy(), scenes.boxes.numpy())) < 0.4
