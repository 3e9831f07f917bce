"""Scenes of one object in clutter."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.stn.datasets.clutter import with_pieces
from core.stn.locate.run import moves_of
from core.stn.locate.scenes import OBJECT, SCENE, ZOOM, Material, scenes_of, scrambled, shifted


def objects(count: int = 3, channels: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(1, 200, (count, channels, OBJECT, OBJECT), dtype=torch.uint8, generator=generator)


def seeded(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pixels_of(box: Tensor) -> tuple[int, int, int]:
    """Left, top and side of a box in pixels, by hand."""
    s, x, y = box.double().tolist()
    return round((x - s + 1) * SCENE / 2), round((y - s + 1) * SCENE / 2), round(s * SCENE)


@pytest.mark.parametrize("channels", [1, 3])
def test_without_clutter_a_scene_is_black_but_for_its_object_at_its_box(channels: int) -> None:
    scenes = scenes_of(objects(channels=channels), 7, None, seeded())
    for image, box in zip(scenes.images, scenes.boxes, strict=True):
        left, top, side = pixels_of(box)
        assert side == OBJECT
        inside = image[:, top : top + side, left : left + side]
        assert any(torch.equal(inside, one) for one in objects(channels=channels))
        assert int(image.sum(dtype=torch.int64)) == int(inside.sum(dtype=torch.int64))


def test_every_object_is_used_before_one_comes_again() -> None:
    scenes = scenes_of(objects(3), 6, None, seeded())
    sums = scenes.images.sum(dim=(1, 2, 3), dtype=torch.int64)
    assert sorted(sums[:3].tolist()) == sorted(sums[3:].tolist()) == sorted(objects(3).sum(dim=(1, 2, 3)).tolist())


def test_objects_are_laid_anywhere_within_the_scene() -> None:
    boxes = scenes_of(objects(), 4000, None, seeded()).boxes
    corners = (boxes[:, 1:] - ZOOM + 1) * SCENE / 2
    assert corners.min() == pytest.approx(0, abs=1e-4)
    assert corners.max() == pytest.approx(SCENE - OBJECT, abs=1e-4)
    assert corners.mean(dim=0).tolist() == pytest.approx([28, 28], abs=1)


def test_clutter_only_makes_pixels_brighter_and_leaves_most_of_the_scene_black() -> None:
    donors = torch.full((2, 1, 28, 28), 90, dtype=torch.uint8)
    images = torch.zeros(50, 1, SCENE, SCENE, dtype=torch.uint8)
    cluttered = with_pieces(images, donors, 16, seeded())
    assert set(cluttered.unique().tolist()) == {0, 90}
    covered = (cluttered > 0).float().sum(dim=(1, 2, 3))
    assert covered.max() <= 16 * 36
    assert covered.mean() > 0.85 * 16 * 36


def test_pieces_are_cut_out_of_the_donors_as_they_are() -> None:
    ramp = torch.arange(1, 65, dtype=torch.uint8).view(1, 1, 8, 8)
    cluttered = with_pieces(torch.zeros(1, 1, 40, 40, dtype=torch.uint8), ramp, 1, seeded())
    rows, columns = cluttered[0, 0].nonzero(as_tuple=True)
    piece = cluttered[0, 0, rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert piece.shape == (6, 6)
    assert (piece[1:].int() - piece[:-1].int() == 8).all()
    assert (piece[:, 1:].int() - piece[:, :-1].int() == 1).all()


def test_equal_seeds_give_equal_scenes() -> None:
    one, other = (scenes_of(objects(), 5, objects(), seeded(4)) for _ in range(2))
    assert torch.equal(one.images, other.images)
    assert torch.equal(one.boxes, other.boxes)


def test_shifting_moves_right_and_down_and_what_leaves_comes_in_again() -> None:
    image = torch.arange(1.0, 13).view(1, 1, 3, 4)
    moved = shifted(image, torch.tensor([[1, 2]]))
    assert np.array_equal(moved[0, 0].numpy(), np.roll(image[0, 0].numpy(), (2, 1), axis=(0, 1)))
    assert torch.equal(shifted(image, torch.zeros(1, 2, dtype=torch.int64)), image)


def test_no_digit_that_is_tested_on_was_learned_from() -> None:
    material = Material.of_digit(4)
    learned = {image.tobytes() for image in material.objects.numpy()}
    assert not learned & {image.tobytes() for image in material.others.numpy()}
    assert not learned & {image.tobytes() for image in material.donors.numpy()}


@pytest.mark.parametrize("channels", [1, 3])
def test_a_jigsaw_has_the_pieces_of_its_object_in_another_order(channels: int) -> None:
    one = objects(1, channels)
    laid = scrambled(one, seeded())

    def pieces(image: Tensor) -> list[bytes]:
        corners = [(row, column) for row in range(0, OBJECT, 7) for column in range(0, OBJECT, 7)]
        return [image[0, :, row : row + 7, column : column + 7].numpy().tobytes() for row, column in corners]

    assert sorted(pieces(laid)) == sorted(pieces(one))
    assert pieces(laid) != pieces(one)


@pytest.mark.parametrize("donors", [None, objects()])
def test_a_decoy_lies_beside_the_object_and_is_as_bright(donors: Tensor | None) -> None:
    square = torch.full((1, 1, OBJECT, OBJECT), 200, dtype=torch.uint8)
    scenes = scenes_of(square, 40, donors, seeded(), decoys=True)
    for image, box in zip(scenes.images, scenes.boxes, strict=True):
        left, top, side = pixels_of(box)
        assert (image[:, top : top + side, left : left + side] == 200).all()
        assert (image == 200).sum() >= 2 * OBJECT**2


def test_scenes_of_pictures_move_so_that_the_voted_box_lies_anywhere() -> None:
    voted = torch.tensor([[ZOOM, 0.0, 0.0]]).expand(3000, 3)
    moves = moves_of(voted, seeded())
    middle = (SCENE - OBJECT) // 2
    assert (int(moves.min()), int(moves.max())) == (-middle, middle)
    assert moves.float().mean().abs() < 1
