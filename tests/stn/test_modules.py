from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from core.stn.modules import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer
from core.stn.thetas import identity


@pytest.mark.parametrize("family", ["similarity", "affine"])
def test_untrained_localization_predicts_the_identity(family: str) -> None:
    network = LocalizationNetwork(family, size=28)
    assert torch.allclose(network(torch.rand(5, 1, 28, 28)), identity(5))


@pytest.mark.parametrize("size", [28, 42, 64])
def test_localization_accepts_any_size_and_colour(size: int) -> None:
    assert LocalizationNetwork("affine", size, inputs=3)(torch.rand(2, 3, size, size)).shape == (2, 2, 3)


def test_grid_generator_equals_affine_grid() -> None:
    theta = torch.randn(4, 2, 3)
    expected = functional.affine_grid(theta, [4, 1, 6, 9], align_corners=False)
    assert torch.allclose(GridGenerator(6, 9)(theta), expected, atol=1e-6)


@pytest.mark.parametrize("padding", ["border", "zeros", "reflection"])
def test_sampler_equals_grid_sample(padding: str) -> None:
    image, grid = torch.rand(2, 3, 8, 9), 2.4 * torch.rand(2, 5, 6, 2) - 1.2
    expected = functional.grid_sample(image, grid, padding_mode=padding, align_corners=False)
    assert torch.equal(Sampler(padding)(image, grid), expected)


def test_untrained_transformer_returns_the_image() -> None:
    image = torch.rand(2, 1, 32, 32)
    transformer = SpatialTransformer(LocalizationNetwork("similarity", 32), GridGenerator(32, 32), Sampler())
    assert torch.allclose(transformer(image), image, atol=1e-5)


def test_gradient_of_a_picture_loss_reaches_the_localization() -> None:
    network = LocalizationNetwork("affine", 32)
    transformer = SpatialTransformer(network, GridGenerator(32, 32), Sampler())
    transformer(torch.rand(4, 1, 32, 32)).square().mean().backward()
    assert network.params.weight.grad.abs().max() > 0
