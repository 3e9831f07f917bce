from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from core.stn.parts.looks import LOOKS, POINTS
from core.stn.parts.network import (
    ALONE,
    TILES,
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


def test_a_place_is_the_mean_of_its_heat_map_within_the_crop_that_holds_most_of_it() -> None:
    heat = torch.zeros(1, 2, 10, 10)
    heat[0, 0, 2, 6], heat[0, 0, 4, 7] = 0.4, 0.2  # cells of 0.2: rows at -0.5 and -0.1, columns at 0.3 and 0.5
    heat[0, 0, 8, 0] = 0.4  # elsewhere, and less than both together
    heat[0, 1, 0, 0], heat[0, 1, 9, 9] = 0.45, 0.55
    by_hand = torch.tensor([[(0.4 * 0.3 + 0.2 * 0.5) / 0.6, (0.4 * -0.5 + 0.2 * -0.1) / 0.6], [0.9, 0.9]])
    assert torch.allclose(places(heat)[0], by_hand)


def test_a_place_is_where_a_peak_lies_in_the_picture_and_has_its_gradient() -> None:
    torch.manual_seed(0)
    scores = torch.randn(2, 2, 28, 28, dtype=torch.double)
    scores[..., 10, 20] += 9
    assert torch.autograd.gradcheck(lambda given: places(given.flatten(2).softmax(-1).view_as(given)), scores.requires_grad_())
    heat = (5 * scores).flatten(2).softmax(-1).view_as(scores)
    assert torch.allclose(places(heat), torch.tensor([20.5 / 14 - 1, 10.5 / 14 - 1], dtype=torch.double), atol=1e-3)


@pytest.mark.parametrize("name", ["1xst", "2xst", "4xst"])
def test_untrained_transformers_look_at_the_same_place_of_every_picture_each_at_its_own(name: str) -> None:
    network = build(name, 3, 56, 4, seed=0).eval()
    boxes = boxes_of(network, (255 * PICTURES).to(torch.uint8))
    assert np.allclose(boxes[0], boxes[1], atol=1e-6)
    assert np.abs(boxes[0, :, 1:] - TILES[LOOKS[name].transformers]).max() < 2 / 14  # a cell of the map
    assert (np.abs(boxes[..., 1:]) + boxes[..., :1] <= 1).all()


def test_crops_move_the_boxes_only_after_the_auxiliary_classifier_did() -> None:
    torch.manual_seed(0)
    network = build("2xst", 3, 56, 4, seed=0)

    def moved(share: float, answer: int) -> bool:
        network.zero_grad(set_to_none=True)
        network.in_learning(PICTURES, share)[answer].square().sum().backward()
        return network.localiser.start.grad is not None and bool(network.localiser.start.grad.any())

    own, strongest, attended = range(3)
    assert [moved(0.0, answer) for answer in (own, strongest, attended)] == [False, False, True]
    assert [moved(ALONE, answer) for answer in (own, strongest, attended)] == [True, False, True]


def test_a_map_that_lies_everywhere_feels_a_small_cue() -> None:
    """Of what a cue adds to a feature, the generalised mean lets through several times what the mean would."""
    network = build("1xst", 3, 56, 2, seed=0).auxiliary.eval()
    even, features = torch.full((1, 1, 14, 14), 1 / 196), torch.full((1, 16, 14, 14), 0.1)
    features[..., 5:8, 5:8] = 1.0  # 5 % of the picture
    network.features = torch.nn.Identity()
    seen = []
    network.attended.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    for shown in (features, torch.full_like(features, 0.1)):
        network(shown, even)
    with_cue, without = (one.mean().item() for one in seen)
    mean = features.mean().item()
    assert with_cue == pytest.approx((features**3).mean().item() ** (1 / 3), rel=1e-3)
    assert with_cue - without > 5 * (mean - 0.1)
    network(torch.zeros_like(features).requires_grad_(), even)[1].sum().backward()
    assert all(bool(weight.grad.isfinite().all()) for weight in network.attended.parameters())


def test_a_heat_map_moves_with_what_it_has_learned_to_see() -> None:
    torch.manual_seed(0)
    network = PartsNetwork(LOOKS["1xst"], 3, 56, 2).eval()
    torch.nn.init.normal_(network.localiser.maps[-1].weight)
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
    images = (255 * PICTURES).to(torch.uint8)
    with torch.no_grad():
        seen = network.views(images.float() / 255)
    stored = crops_in(network, images, boxes_of(network, images))
    assert np.abs(stored - 255 * seen.numpy()).max() <= 0.51
