from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.stn.parts.looks import CROP, LOOKS, POINTS
from core.stn.parts.network import (
    TILES,
    WIDE,
    ZOOMING,
    PartsNetwork,
    boxes_of,
    build,
    crops_in,
    crops_of,
    matched_width,
    parameters_of,
    places,
)

PICTURES = torch.rand(2, 3, 56, 56, generator=torch.Generator().manual_seed(0))


def test_a_crop_is_what_grid_sample_gives_at_its_theta() -> None:
    boxes = torch.tensor([[[0.4, 0.1, -0.3], [0.25, -0.5, 0.6]], [[0.4, 0.6, 0.6], [1.0, 0.0, 0.0]]])
    crops = crops_of(PICTURES, boxes)
    for picture in range(2):
        for number in range(2):
            s, x, y = boxes[picture, number].tolist()
            theta = torch.tensor([[[s, 0.0, x], [0.0, s, y]]])
            grid = functional.affine_grid(theta, [1, 3, POINTS, POINTS], align_corners=False)
            expected = functional.grid_sample(PICTURES[picture : picture + 1], grid, padding_mode="border", align_corners=False)
            assert torch.allclose(crops[picture, number], expected[0], atol=1e-5)


def test_a_place_is_the_mean_of_its_heat_map() -> None:
    heat = torch.zeros(1, 2, 4, 4)
    heat[0, 0, 1, 3] = 1.0  # the row 1, the column 3: cells lie at ±0.25 and ±0.75
    heat[0, 1, 0, 0], heat[0, 1, 3, 0] = 0.75, 0.25
    assert places(heat, 1.0)[0].tolist() == [[0.75, -0.25], [-0.75, -0.375]]
    assert places(heat, 0.5)[0].tolist() == [[0.375, -0.125], [-0.375, -0.1875]]


@pytest.mark.parametrize("name", ["1xst", "2xst", "4xst"])
def test_untrained_transformers_look_at_the_same_place_of_every_picture_each_at_its_own(name: str) -> None:
    network = build(name, 3, 56, 4, seed=0).eval()
    network.zoom(1.0)
    boxes = boxes_of(network, (255 * PICTURES).to(torch.uint8))
    assert np.allclose(boxes[0], boxes[1], atol=1e-6)
    sides = np.sign(np.round(boxes[0, :, 1:], 4))
    assert sides.tolist() == np.sign(TILES[LOOKS[name].transformers]).tolist()
    assert (np.abs(boxes[..., 1:]) + boxes[..., :1] <= 1).all()


def test_crops_are_large_at_first_and_shrink_at_the_same_detail() -> None:
    network = build("2xst", 3, 112, 4, seed=0).eval()
    pictures = torch.rand(1, 3, 112, 112)
    sides, points = [], []
    for share in (0.0, 0.3, ZOOMING, 1.0):
        network.zoom(share)
        sides.append(network.crop)
        points.append(network.views(pictures).shape[-1])
    assert sides[0] == WIDE > sides[1] > sides[2] == sides[3] == CROP
    assert np.allclose(np.array(points) / sides, POINTS / CROP, atol=1)


def test_a_heat_map_moves_with_what_it_has_learned_to_see() -> None:
    torch.manual_seed(0)
    network = PartsNetwork(LOOKS["1xst"], 3, 56, 2).eval()
    torch.nn.init.normal_(network.localiser.maps.weight)
    torch.nn.init.zeros_(network.localiser.start)
    picture = torch.zeros(1, 3, 56, 56)
    picture[..., 24:30, 24:30] = 1.0
    first, second = network.localised(picture)[0], network.localised(picture.roll((4, 8), dims=(-2, -1)))[0]
    inside = slice(4, 10)  # of 14 cells, away from the edges
    ratio = (second.roll((-1, -2), dims=(-2, -1)) / first)[..., inside, inside]
    assert torch.allclose(ratio, ratio.mean().expand_as(ratio), rtol=1e-3)


def test_the_plain_network_has_as_many_weights() -> None:
    width = matched_width("cnn", "2xst", 3, 56, 4)
    ours, theirs = (parameters_of(build(name, 3, 56, 4, 0, wide)) for name, wide in (("cnn", width), ("2xst", 16)))
    assert abs(ours / theirs - 1) < 0.05


def test_what_is_stored_of_a_crop_is_the_picture_that_the_features_see() -> None:
    network = build("2xst", 3, 56, 4, seed=1).eval()
    network.zoom(1.0)
    images = (255 * PICTURES).to(torch.uint8)
    with torch.no_grad():
        seen = network.views(images.float() / 255)
    stored = crops_in(network, images, boxes_of(network, images))
    assert np.abs(stored - 255 * seen.numpy()).max() <= 0.51
