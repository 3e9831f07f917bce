import pytest
import torch
from torch import nn

from core.stn.networks.first_convolution import FirstConvolution


@pytest.mark.parametrize(("channels", "size", "height", "width"), [(1, 9, 28, 28), (3, 5, 17, 23)])
def test_it_is_a_convolution_in_values_and_in_all_gradients(channels: int, size: int, height: int, width: int) -> None:
    ours = FirstConvolution(channels, 6, size).double()
    image = torch.randn(4, channels, height, width, dtype=torch.float64, requires_grad=True)
    twin = image.detach().clone().requires_grad_()
    theirs = nn.functional.conv2d(twin, weight := ours.weight.detach().clone().requires_grad_(), ours.bias.detach())
    output = ours(image)
    slope = torch.randn_like(output)
    output.backward(slope)
    theirs.backward(slope)
    torch.testing.assert_close(output, theirs)
    torch.testing.assert_close(image.grad, twin.grad)
    torch.testing.assert_close(ours.weight.grad, weight.grad)
    torch.testing.assert_close(ours.bias.grad, slope.sum(dim=(0, 2, 3)))


def test_its_gradients_are_those_of_finite_differences() -> None:
    layer = FirstConvolution(1, 2, 3).double()
    assert torch.autograd.gradcheck(layer, torch.randn(2, 1, 6, 5, dtype=torch.float64, requires_grad=True))


def test_in_half_precision_it_stays_close() -> None:
    layer = FirstConvolution(1, 8, 9)
    image = torch.rand(16, 1, 28, 28, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        output = layer(image)
    assert output.dtype == torch.bfloat16
    output.float().square().sum().backward()
    twin = image.detach().clone().requires_grad_()
    layer(twin).square().sum().backward()
    assert (image.grad - twin.grad).norm() < 0.02 * twin.grad.norm()
