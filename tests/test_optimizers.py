import pytest
import torch
from torch import nn

from core.optimizers import ConvolutionMuon
from core.training import Plan, train


def test_a_step_moves_a_convolution_as_muon_moves_its_matrix() -> None:
    weight = nn.Parameter(torch.randn(6, 2, 3, 3))
    twin = nn.Parameter(weight.detach().reshape(6, 18).clone())
    weight.grad = torch.randn(6, 2, 3, 3)
    twin.grad = weight.grad.reshape(6, 18).clone()
    ConvolutionMuon([weight], lr=0.1).step()
    torch.optim.Muon([twin], lr=0.1, weight_decay=0.0, momentum=0.9).step()
    torch.testing.assert_close(weight.detach().reshape(6, 18), twin.detach())


def test_a_weight_without_a_gradient_stays() -> None:
    weight = nn.Parameter(torch.randn(4, 1, 3, 3))
    before = weight.detach().clone()
    ConvolutionMuon([weight], lr=0.1).step()
    assert torch.equal(weight, before)


@pytest.mark.parametrize("muon_lr", [0.0, 0.02])
def test_the_training_loop_learns_a_filter_with_and_without_it(muon_lr: float) -> None:
    torch.manual_seed(0)
    true, model = nn.Conv2d(1, 4, 3), nn.Conv2d(1, 4, 3)

    def loss_of(module: nn.Module, image: torch.Tensor) -> torch.Tensor:
        return (module(image) - true(image).detach()).square().mean()

    batches = (torch.randn(16, 1, 8, 8) for _ in range(1000))
    *_, last = train(model, batches, loss_of, Plan(steps=400, lr=0.02, muon_lr=muon_lr, report_seconds=0.0))
    assert last.numbers["loss"] < 1e-3
