"""The triplet loss of co-localisation, and the vote among random crops."""

from __future__ import annotations

import pytest
import torch

from core.stn.datasets.digits import shipped
from core.stn.locate.boxes import overlap
from core.stn.locate.crop_encoder import pretrained
from core.stn.locate.scenes import OBJECT, SCENE, ZOOM, scenes_of
from core.stn.locate.triplets import ALPHA, ROWS, Crops, _mean_distance, _nearest, cut, random_crops, triplet_loss, vote


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def sevens(count: int, clutter: bool):
    test = shipped().test
    objects = torch.from_numpy(test.images[test.labels == 7])[:, None]
    donors = torch.from_numpy(test.images[test.labels != 7])[:, None]
    return scenes_of(objects, count, donors if clutter else None, seeded())


def test_cutting_at_the_true_box_gives_the_object_pixel_by_pixel() -> None:
    scenes = sevens(4, clutter=False)
    crops = cut(scenes.grey, scenes.boxes)
    for image, box, crop in zip(scenes.grey, scenes.boxes, crops, strict=True):
        left, top = ((box[1:] - ZOOM + 1) * SCENE / 2).round().int().tolist()
        assert torch.allclose(crop, image[:, top : top + OBJECT, left : left + OBJECT], atol=1e-4)


def test_the_loss_by_hand() -> None:
    codes = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    others = torch.tensor([[[0.0, 1.5]], [[1.0, 0.5]]])  # at squared distances 2.25 and 0.25
    hinges = [max(0, 1 - 2.25 + ALPHA), max(0, 1 - 0.25 + ALPHA)]
    assert triplet_loss(codes, others).item() == pytest.approx(sum(hinges) / 2)


def test_the_loss_is_zero_where_crops_agree_and_random_ones_are_far() -> None:
    assert triplet_loss(torch.zeros(3, 4), torch.full((3, 2, 4), 2.0)).item() == 0


def test_where_everything_is_equally_empty_the_loss_is_the_margin() -> None:
    assert triplet_loss(torch.zeros(3, 4), torch.zeros(3, 2, 4)).item() == pytest.approx(ALPHA)


def test_random_crops_lie_within_the_scene_and_miss_no_place() -> None:
    scenes = sevens(6, clutter=True)
    crops = random_crops(scenes.grey, pretrained(), seeded())
    assert crops.boxes.shape == (6, ROWS**2, 3)
    assert (crops.boxes[..., 1:].abs() <= 1 - ZOOM + 1e-6).all()
    best = overlap(crops.boxes.numpy(), scenes.boxes[:, None].numpy()).max(axis=1)
    assert best.min() > 0.5


def test_elsewhere_looks_only_at_other_parts_of_the_same_image() -> None:
    boxes = torch.tensor([[[ZOOM, -0.5, 0.0], [ZOOM, -0.4, 0.0], [ZOOM, 0.5, 0.0]]])
    codes = torch.tensor([[[0.0], [0.1], [3.0]]])
    assert Crops(boxes, codes).elsewhere()[0].tolist() == pytest.approx([9, 2.9**2, 2.9**2], rel=1e-4)


def test_the_vote_goes_to_what_every_image_has_and_has_only_once() -> None:
    """Crop 0 is empty as crop 3 is, in every image; 1 is a thing of its own; 2 is what all images share."""
    x = torch.tensor([-0.6, 0.0, 0.6, -0.6])
    y = torch.tensor([-0.6, -0.6, 0.6, 0.6])
    boxes = torch.stack([torch.full((4,), ZOOM), x, y], dim=-1).expand(5, 4, 3)
    codes = torch.zeros(5, 4, 8)
    codes[:, 1] = 4 * torch.eye(8)[:5]
    codes[:, 2, 7] = 3.0
    assert torch.equal(vote(Crops(boxes, codes), seeded()), boxes[:, 2])


@pytest.mark.slow
@pytest.mark.parametrize("clutter", [False, True])
def test_the_vote_finds_most_sevens_without_a_label(clutter: bool) -> None:
    scenes = sevens(40, clutter)
    voted = vote(random_crops(scenes.grey, pretrained(), seeded()), seeded())
    assert (overlap(voted.numpy(), scenes.boxes.numpy()) > 0.5).mean() >= (0.8 if clutter else 0.6)


def test_distances_of_many_codes_are_those_taken_one_by_one() -> None:
    codes, others = torch.randn(50, 64, generator=seeded()), torch.randn(7, 64, generator=seeded()) + 0.3
    each = (codes[:, None] - others).square().sum(-1)  # (50, 7)
    assert torch.allclose(_nearest(codes, codes.square().sum(-1), others), each.amin(-1), atol=1e-4)
    assert torch.allclose(_mean_distance(codes, codes.square().sum(-1), others), each.mean(-1), atol=1e-4)
