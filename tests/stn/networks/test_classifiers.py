from dataclasses import replace

import pytest
import torch
from torch import nn

from core.errors import InvalidRequest
from core.stn.geometry.families import FAMILIES
from core.stn.networks.classifiers import SMALLEST, build, matched, parameters_of
from core.stn.networks.spec import Spec

MODELS = ["fcn", "cnn", "st-fcn", "st-cnn", "modern-cnn"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(("side", "channels", "pool"), [(28, 1, False), (42, 1, True), (60, 3, True), (37, 3, False)])
def test_every_network_gives_logits_for_every_canvas(model: str, side: int, channels: int, pool: bool) -> None:
    network = build(Spec(model, side=side, channels=channels, classes=7, width=12, pool=pool)).eval()
    assert network(torch.rand(3, channels, side, side)).shape == (3, 7)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("model", ["st-fcn", "st-cnn"])
def test_an_untrained_transformer_shows_the_image_as_it_is(model: str, family: str) -> None:
    network = build(Spec(model, family, width=8)).eval()
    image = torch.rand(4, 1, 28, 28)
    torch.testing.assert_close(network.view(image), image, atol=1e-5, rtol=0)


def test_the_networks_have_as_many_parameters_as_the_paper_and_others_counted() -> None:
    assert parameters_of(Spec("cnn")) == 208_586
    assert parameters_of(Spec("st-cnn")) == 219_672
    localiser = (25 + 1) * 20 + (20 * 25 + 1) * 20 + (20 * 5 * 5 + 1) * 20 + (20 + 1) * 6
    body = (81 + 1) * 64 + (64 * 49 + 1) * 64 + (64 + 1) * 10  # 42 pixels, pooled to 21: one pixel is left at the end
    assert parameters_of(Spec("st-cnn", side=42, pool=True)) == localiser + body
    assert parameters_of(Spec("fcn", width=256)) == 784 * 256 + 256 + 256 * 256 + 256 + 256 * 10 + 10


@pytest.mark.parametrize("model", ["fcn", "cnn", "st-fcn", "modern-cnn"])
def test_matched_networks_have_about_as_many_parameters(model: str) -> None:
    like = Spec("st-cnn")
    assert parameters_of(matched(replace(like, model=model), like)) == pytest.approx(parameters_of(like), rel=0.02)


def test_gradients_of_the_classes_reach_every_weight_of_the_localiser() -> None:
    network = build(Spec("st-cnn", "similarity", width=8, transformers=2))
    for step in range(2):  # in the first step the zero weights of the last layer hold back what lies before it
        loss = nn.functional.cross_entropy(network(torch.rand(8, 1, 28, 28)), torch.randint(10, (8,)))
        loss.backward()
        with torch.no_grad():
            for weight in network.parameters():
                weight -= 0.1 * weight.grad
                if step == 0:
                    weight.grad = None
    assert network.transformers is not None
    assert all(weight.grad.abs().max() > 0 for weight in network.transformers.parameters())


def test_transformers_in_parallel_stack_what_they_see_and_in_depth_compose() -> None:
    image = torch.rand(2, 1, 28, 28)
    side_by_side = build(Spec("st-cnn", transformers=3, width=8))
    in_depth = build(Spec("st-cnn", transformers=3, arrangement="deep", width=8))
    assert side_by_side.view(image).shape == (2, 3, 28, 28)
    assert in_depth.view(image).shape == (2, 1, 28, 28)
    assert len(side_by_side.transformers.thetas(image)) == 3
    assert len(in_depth.transformers.thetas(image)) == 1


def test_transformers_in_depth_sample_the_image_once() -> None:
    """Two shifts by half a pixel, composed, are a shift by one pixel: exact, where resampling twice would blur."""
    network = build(Spec("st-cnn", "translation", transformers=2, arrangement="deep", width=8))
    for localizer in network.transformers.localizers:
        nn.init.constant_(localizer[-1].bias, 0.0)
        with torch.no_grad():
            localizer[-1].bias[0] = 1 / 28  # half a pixel to the right
    image = torch.rand(1, 1, 28, 28)
    torch.testing.assert_close(network.view(image)[..., :-1], image[..., 1:], atol=1e-5, rtol=0)


def test_equal_seeds_give_equal_networks() -> None:
    first, second, third = (list(build(Spec("cnn", width=8), seed).parameters()) for seed in (1, 1, 2))
    assert torch.equal(first[0], second[0])
    assert not torch.equal(first[0], third[0])


def test_too_small_images_are_refused() -> None:
    with pytest.raises(InvalidRequest, match="27 pixels a side are too small"):
        build(Spec("cnn", side=SMALLEST - 1))


def test_a_grid_of_its_own_size_is_what_the_body_sees() -> None:
    model = build(Spec("st-cnn", side=42, points=28, transformers=2, arrangement="deep"))
    image = torch.rand(3, 1, 42, 42)
    assert model.view(image).shape == (3, 1, 28, 28)
    assert model(image).shape == (3, 10)
    assert parameters_of(model.spec) == sum(weight.numel() for weight in model.parameters())
