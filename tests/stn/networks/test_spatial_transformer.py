from __future__ import annotations

import pytest
import torch
from scipy.ndimage import gaussian_filter
from torch.nn import functional

from core.stn.geometry.kernels import BROADEST, KERNELS, KernelName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import Parts, compose, for_frame, frame_grid, identity, theta_of
from core.stn.networks.spatial_transformer import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer


@pytest.mark.parametrize("family", ["similarity", "affine"])
def test_untrained_localization_predicts_the_identity(family: str) -> None:
    network = LocalizationNetwork(family, size=28)
    assert torch.allclose(network(torch.rand(5, 1, 28, 28)), identity(5))


@pytest.mark.parametrize("size", [28, 42, 64])
def test_localization_accepts_any_size_and_colour(size: int) -> None:
    assert LocalizationNetwork("affine", size, inputs=3)(torch.rand(2, 3, size, size)).shape == (2, 2, 3)


def test_grid_generator_equals_affine_grid() -> None:
    theta = torch.randn(4, 2, 3)
    for height, width in ((8, 8), (6, 9)):
        expected = functional.affine_grid(for_frame(theta, width, height), [4, 1, height, width], align_corners=False)
        assert torch.allclose(GridGenerator(height, width)(theta), expected, atol=1e-5)
        assert torch.allclose(GridGenerator(height, width, 2.0)(theta), expected / 2, atol=1e-5)


@pytest.mark.parametrize("padding", ["border", "zeros", "reflection"])
def test_sampler_equals_grid_sample(padding: str) -> None:
    image, grid = torch.rand(2, 3, 8, 9), 2.4 * torch.rand(2, 5, 6, 2) - 1.2
    expected = functional.grid_sample(image, grid, padding_mode=padding, align_corners=False)
    assert torch.equal(Sampler(padding)(image, grid), expected)


@pytest.mark.parametrize("kernel", KERNELS)
def test_sampler_with_any_kernel_returns_the_image_at_the_identity(kernel: KernelName) -> None:
    image = torch.rand(2, 3, 8, 9, dtype=torch.float64)
    sampler = Sampler("zeros", kernel).double()
    assert torch.allclose(sampler(image, frame_grid(identity(2).double(), 8, 9)), image, atol=1e-6)


def test_only_a_gaussian_sampler_has_something_to_learn() -> None:
    learned = {kernel: [name for name, _ in Sampler(kernel=kernel).named_parameters()] for kernel in KERNELS}
    assert learned == {kernel: ["log_phi"] if kernel == "gaussian" else [] for kernel in KERNELS}


def test_sampler_learns_the_widths_of_a_blur() -> None:
    image = torch.rand(16, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    blurred = torch.from_numpy(gaussian_filter(image.numpy(), sigma=(0.6, 0.9), mode="reflect"))  # down, across
    sampler, grid = Sampler("reflection", "gaussian", 0.5).double(), frame_grid(identity().double(), 16, 16)
    for _ in range(25):  # gradient descent
        loss = (sampler(image[None, None], grid) - blurred).square().mean()
        (slope,) = torch.autograd.grad(loss, sampler.log_phi)
        with torch.no_grad():
            sampler.log_phi -= 16 * slope
    assert sampler.phi.tolist() == pytest.approx([0.9, 0.6], abs=0.01)  # Φ_x, Φ_y


def test_a_width_that_grows_without_end_still_samples() -> None:
    sampler = Sampler(kernel="gaussian")
    with torch.no_grad():
        sampler.log_phi.copy_(torch.tensor([20.0, -1.0]))
    assert sampler.phi[0] == BROADEST
    assert sampler(torch.rand(1, 1, 3, 3), frame_grid(identity(), 2, 2)).isfinite().all()


def test_untrained_transformer_returns_the_image() -> None:
    image = torch.rand(2, 1, 32, 32)
    transformer = SpatialTransformer(LocalizationNetwork("similarity", 32), GridGenerator(32, 32), Sampler())
    view, theta = transformer(image)
    assert torch.allclose(view, image, atol=1e-5)
    assert torch.allclose(theta, identity(2, "similarity"))


def test_a_transformer_that_goes_on_from_a_theta_samples_the_source_once() -> None:
    image, source = torch.rand(2, 1, 32, 32), torch.rand(2, 3, 40, 40)
    start = theta_of(Parts(20, 0.9, 0.9)).float().expand(2, -1, -1)
    transformer = SpatialTransformer(LocalizationNetwork("affine", 32), GridGenerator(16, 16), Sampler())
    with torch.no_grad():
        transformer.localization.params.bias.add_(0.1)
    view, theta = transformer(image, source, start)
    assert torch.equal(theta, transformer.localization(image))
    assert torch.equal(view, sample(source, frame_grid(compose(start, theta), 16, 16)))


def test_gradient_of_a_picture_loss_reaches_the_localization() -> None:
    network = LocalizationNetwork("affine", 32)
    transformer = SpatialTransformer(network, GridGenerator(32, 32), Sampler())
    transformer(torch.rand(4, 1, 32, 32))[0].square().mean().backward()
    assert network.params.weight.grad.abs().max() > 0
