from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import Parts, frame_grid, identity, theta_of
from core.stn.learning.vital_signs import Gauge, Vitals
from core.stn.networks.spatial_transformer import ThetaLayer
from core.training import History

IMAGES = torch.rand(4, 1, 12, 12, generator=torch.Generator().manual_seed(0))


class Says(nn.Module):
    """A localiser that gives the thetas it is told to give."""

    def __init__(self, *thetas: Tensor) -> None:
        super().__init__()
        self.thetas = torch.stack(thetas).float()

    def forward(self, images: Tensor) -> Tensor:
        return self.thetas.expand(len(images), *self.thetas.shape[1:])


def look(images: Tensor, theta: Tensor) -> Tensor:
    return sample(images, frame_grid(theta, 12, 12), "zeros")


def measured(*thetas: Tensor) -> Vitals:
    return Gauge(Says(*thetas), look, IMAGES).take(History(steps=3, seconds=1.0, loss=[0.5, 0.25]))


@pytest.mark.parametrize("family", FAMILIES)
def test_the_identity_of_every_family_is_at_rest(family: FamilyName) -> None:
    vitals = measured(identity(1, family)[0])
    assert (vitals.step, vitals.loss) == (3, 0.25)
    assert vitals.outside == vitals.jump == vitals.blank == 0
    assert vitals.distance == pytest.approx(0, abs=1e-6)
    assert vitals.spread == pytest.approx(0, abs=1e-6)
    assert vitals.area == pytest.approx(1, abs=1e-5)
    assert vitals.condition == pytest.approx(1, abs=1e-5)


def test_signs_of_a_known_theta_by_hand() -> None:
    vitals = measured(theta_of(Parts(rotation_deg=30, scale_x=2, scale_y=0.5, shift_x=4)))
    assert vitals.area == pytest.approx(1, abs=1e-5)
    assert vitals.condition == pytest.approx(4, abs=1e-4)
    assert vitals.outside == 1
    assert vitals.blank == 1
    assert vitals.distance == pytest.approx(4, abs=0.3)


def test_spread_is_the_deviation_over_the_images() -> None:
    left, right = theta_of(Parts(shift_x=-0.3)), theta_of(Parts(shift_x=0.3))
    assert measured(left, right, left, right).spread == pytest.approx(0.3, abs=1e-6)


def test_jump_is_the_way_since_the_measurement_before() -> None:
    says = Says(theta_of(Parts(shift_x=0.1)))
    gauge = Gauge(says, look, IMAGES)
    assert gauge.take(History()).jump == 0
    says.thetas = theta_of(Parts(shift_x=0.4))[None].float()
    assert gauge.take(History()).jump == pytest.approx(0.3, abs=1e-6)


def test_a_theta_that_is_no_number_is_told_and_not_raised() -> None:
    assert not measured(torch.full((2, 3), math.nan)).finite


def test_gradients_and_dead_units_are_those_of_the_localiser() -> None:
    localizer = nn.Sequential(nn.Flatten(), nn.Linear(144, 4), nn.ReLU(), ThetaLayer(4, "affine"))
    with torch.no_grad():
        localizer[1].bias[:3] = -100.0  # three of four units never fire
        localizer[1].bias[3] = 100.0
    body = nn.Linear(144, 1)
    nn.init.zeros_(localizer[3].weight)
    body(look(IMAGES, localizer(IMAGES)).flatten(1)).sum().backward()
    vitals = Gauge(localizer, look, IMAGES, body.parameters()).take(History())
    assert vitals.saturated == 0.75
    norms = [
        torch.cat([w.grad.flatten() for w in part.parameters() if w.grad is not None]).norm() for part in (localizer, body)
    ]
    assert vitals.gradient_ratio == pytest.approx(float(norms[0] / norms[1]), rel=1e-5)
    assert math.isnan(measured(torch.eye(2, 3)).gradient_ratio)
