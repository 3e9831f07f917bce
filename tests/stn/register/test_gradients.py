"""The derivatives of each measure, and of the loss by each number of theta, against differences."""

from __future__ import annotations

import pytest
import torch

from core.stn.geometry.families import FAMILIES
from core.stn.register.descent import numbers_of
from core.stn.register.landscape import AXES, basin, losses_along
from core.stn.register.measures import MEASURES, _shares
from core.stn.register.pictures import Level
from tests.stn.register.requests import registered

GENERATOR = torch.Generator().manual_seed(0)


def smooth(height: int, width: int) -> Level:
    """A level of smooth pictures in float64."""
    y, x = torch.meshgrid(torch.linspace(0, 3, height), torch.linspace(0, 4, width), indexing="ij")
    moving, fixed = 0.5 + 0.3 * torch.sin(x + y), 0.5 + 0.3 * torch.sin(x + 0.9 * y + 0.3) * torch.cos(y)
    level = Level.of(moving.double()[None, None], fixed.double()[None, None])
    return Level(level.moving, level.fixed, level.moving_mask.double(), level.fixed_mask.double())


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("family", ["similarity", "projective", "tps"])
def test_every_derivative_is_that_of_differences(measure: str, family: str) -> None:
    level, row = smooth(20, 26), FAMILIES[family]
    near = torch.tensor([[0.98, 0.05, 0.03, -0.04, 1.02, 0.05]], dtype=torch.float64).view(1, 2, 3)
    numbers = numbers_of(near, family).requires_grad_()
    loss = lambda at: level.loss(MEASURES[measure], row.theta(at), "bicubic").sum()  # noqa: E731
    [slopes] = torch.autograd.grad(loss(numbers), numbers)
    step = 1e-5
    for number in range(min(8, numbers.shape[1])):
        away = torch.zeros_like(numbers)
        away[0, number] = step
        difference = (loss(numbers.detach() + away) - loss(numbers.detach() - away)) / (2 * step)
        assert slopes[0, number].item() == pytest.approx(difference.item(), rel=2e-3, abs=2e-5)


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_is_least_for_the_picture_itself(name: str) -> None:
    picture, other = torch.rand(2, 1, 16, 16, generator=GENERATOR)[:, None].unbind(0)
    mask = torch.full_like(picture, 1 / 256)
    same, apart = (MEASURES[name].loss(view, picture, mask).item() for view in (picture, other))
    assert same < apart


def test_bins_share_each_pixel_whole() -> None:
    shares = _shares(torch.rand(1, 1, 5, 5, generator=GENERATOR, dtype=torch.float64))
    torch.testing.assert_close(shares.sum(1), torch.ones(1, 25, dtype=torch.float64))
    assert shares.min() >= 0


def test_light_of_another_factor_and_offset_leaves_the_correlation_and_a_negative_the_mutual_information() -> None:
    picture = torch.rand(1, 1, 24, 24, generator=GENERATOR)
    mask = torch.full_like(picture, 1 / 576)
    assert MEASURES["ncc"].loss(0.4 * picture + 0.2, picture, mask).item() == pytest.approx(0, abs=1e-5)
    itself = MEASURES["mi"].loss(picture, picture, mask).item()
    assert MEASURES["mi"].loss(1 - picture, picture, mask).item() == pytest.approx(itself, abs=1e-4)


def test_the_derivative_along_an_axis_is_that_of_differences() -> None:
    level = smooth(20, 26)
    theta = torch.tensor([[[1.0, 0, 0.1], [0, 1, 0]]], dtype=torch.float64)
    for axis in AXES.values():
        at = axis.most * torch.tensor([-0.1001, -0.1, -0.0999], dtype=torch.float64)
        losses, slopes = losses_along(axis, level, MEASURES["ncc"], theta, "bicubic", 1.0, at)
        assert slopes[1].item() == pytest.approx((losses[2] - losses[0]).item() / (at[2] - at[0]).item(), rel=0.02)


def test_a_basin_reaches_as_far_as_the_derivative_leads_back() -> None:
    offsets = torch.arange(-10, 11).numpy() / 10
    losses, slopes = 1 - torch.cos(4 * torch.tensor(offsets)).numpy(), torch.sin(4 * torch.tensor(offsets)).numpy()
    assert basin(offsets, losses, slopes) == (-0.7, 0.7)  # π / 4 is 0.785
    assert basin(offsets, losses, 0 * slopes) == (0, 0)


def test_details_lead_back_from_less_far_than_what_a_coarse_level_shows_and_a_flat_kernel_from_nowhere() -> None:
    basins = registered().basins
    shift = basins[basins.axis == "shift"].set_index(["by", "what"]).width
    details = [shift["details", what] for what in basins[basins.by == "details"].what.unique()]
    assert details == sorted(details, reverse=True)
    assert 0 < details[-1] < details[0] / 1.5
    assert shift["kernel", "integer"] == 0 < shift["kernel", "bilinear"]
