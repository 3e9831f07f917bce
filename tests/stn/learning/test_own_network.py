from __future__ import annotations

import math
import re

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import InvalidRequest
from core.stn import HealthLine, doubt, equivariance_plot, thetas_of
from core.stn.geometry.theta import Parts, rotation_deg, theta_of
from core.stn.geometry.thin_plate_spline import control_points, frame_grid

RANDOM = torch.Generator().manual_seed(0)
IMAGES = functional.interpolate(torch.rand(12, 1, 6, 6, generator=RANDOM), 24, mode="bicubic")

AXIS = torch.linspace(-1, 1, 64)
RAMP = (AXIS * np.cos(np.pi / 6) + AXIS[:, None] * np.sin(np.pi / 6))[None, None].float()  # brighter at 30° below the right


class Tutorial(nn.Module):
    """The network of PyTorch's tutorial on spatial transformers, smaller."""

    def __init__(self, mode: str = "bilinear", align_corners: bool = False) -> None:
        super().__init__()
        torch.manual_seed(0)
        features = nn.Sequential(nn.Conv2d(1, 8, 7), nn.MaxPool2d(2), nn.ReLU(True))
        self.localization = nn.Sequential(features, nn.Flatten(), nn.Linear(8 * 81, 16))
        self.fc_loc = nn.Sequential(nn.ReLU(True), nn.Linear(16, 6))
        self.fc_loc[1].weight.data.zero_()
        self.fc_loc[1].bias.data = torch.tensor([1.0, 0, 0, 0, 1, 0])
        self.classify = nn.Sequential(nn.Flatten(), nn.Linear(24 * 24, 2))
        self.mode, self.align_corners = mode, align_corners

    def forward(self, images: Tensor) -> Tensor:
        theta = self.fc_loc(self.localization(images)).view(-1, 2, 3)
        grid = functional.affine_grid(theta, images.shape, align_corners=self.align_corners)
        return self.classify(functional.grid_sample(images, grid, mode=self.mode, align_corners=self.align_corners))


class Turning(nn.Module):
    """Finds the direction in which an image is brighter, and turns it to the right; of any size."""

    def __init__(self, blind_above: float = math.inf) -> None:
        """Of images whose mean is higher it has the angle of one pixel."""
        super().__init__()
        self.blind_above = blind_above

    def forward(self, images: Tensor) -> Tensor:
        height, width = images.shape[-2:]
        y, x = torch.meshgrid(torch.linspace(-1, 1, height), torch.linspace(-1, 1, width), indexing="ij")
        inside = (x.square() + y.square() < 0.8).float()
        angle = torch.atan2((images[:, 0] * y * inside).sum((1, 2)), (images[:, 0] * x * inside).sum((1, 2)))
        angle = torch.where(images.mean((1, 2, 3)) > self.blind_above, images[:, 0, 3, 7] * 50, angle)
        cos, sin, nought = angle.cos(), angle.sin(), torch.zeros_like(angle)
        theta = torch.stack([cos, -sin, nought, sin, cos, nought], dim=1).view(-1, 2, 3)
        return functional.grid_sample(images, functional.affine_grid(theta, images.shape, False), align_corners=False)


def trained(network: nn.Module, steps: int, rate: float) -> HealthLine:
    health, labels = HealthLine(network, IMAGES), torch.arange(12) % 2
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    for _ in range(steps):
        optimizer.zero_grad()
        loss = functional.cross_entropy(network(IMAGES), labels)
        loss.backward()
        optimizer.step()
        health._began -= 1  # a second passes
        health(loss.item())
    return health


def test_the_network_of_the_tutorial_has_a_health_line_by_one_import() -> None:
    network = Tutorial().train()
    health = trained(network, 3, 0.01)
    assert network.training
    assert "θ is still the same for every image" in health.diagnosis.symptom
    assert len(health.history) == 1
    assert [vitals.step for vitals in health.history[0]] == [1, 2, 3]
    assert {name for name, weight in network.named_parameters() if any(weight is one for one in health._localizers)} == {
        name for name, _ in network.named_parameters() if not name.startswith("classify")
    }


def test_a_localiser_that_runs_away_is_said_so() -> None:
    assert trained(Tutorial(), 12, 300.0).diagnosis.level == "bad"


def test_nearest_sampling_has_no_gradient() -> None:
    assert "nearest kernel has no gradient" in trained(Tutorial("nearest"), 2, 0.1).diagnosis.symptom


def test_what_is_measured_of_the_identity_is_nothing() -> None:
    for align_corners in (False, True):
        [vitals] = trained(Tutorial(align_corners=align_corners), 1, 0.0).history[0]
        assert vitals.distance < 1e-6
        assert vitals.area == pytest.approx(1, abs=1e-5)
        assert vitals.condition == pytest.approx(1, abs=1e-4)
        assert vitals.outside == vitals.mirrored == 0


def test_a_network_that_begins_mirrored_is_not_healthy() -> None:
    mirroring = Tutorial()
    with torch.no_grad():
        mirroring.fc_loc[-1].bias[0] = -1.0
    assert trained(mirroring, 3, 1e-3).diagnosis.symptom.startswith("It mirrors the images: 100 %")


@pytest.mark.parametrize("size", [(24, 24), (24, 40)])
def test_theta_is_read_from_the_grid_in_square_coordinates(size: tuple[int, int]) -> None:
    theta = theta_of(Parts(20, 0.8, 0.9, 0.1, 0.2, -0.1)).float()

    class Fixed(nn.Module):
        def forward(self, images: Tensor) -> Tensor:
            from core.stn.geometry.theta import frame_grid as framed

            grid = framed(theta[None].expand(len(images), -1, -1), *images.shape[-2:])
            return functional.grid_sample(images, grid, align_corners=False)

    torch.testing.assert_close(thetas_of(Fixed())(torch.rand(2, 1, *size)), theta.expand(2, 2, 3), atol=1e-5, rtol=0)


def test_a_spline_is_watched_as_well() -> None:
    class Spline(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.offsets = nn.Linear(24 * 24, 32)

        def forward(self, images: Tensor) -> Tensor:
            source = control_points(images) + self.offsets(images.flatten(1)).view(-1, 16, 2)
            return functional.grid_sample(images, frame_grid(source, 24, 24), align_corners=False).mean((1, 2, 3))[:, None]

    health = HealthLine(Spline(), IMAGES)
    assert health(1.0)
    assert health.history[0][0].spread > 0


def test_doubt_is_small_for_a_network_that_turns_with_its_image_and_large_for_a_blind_one() -> None:
    knows, blind = doubt(Turning(), IMAGES), doubt(Turning(-math.inf), IMAGES)
    assert knows.shape == (12,)
    assert knows.median() < 0.1 < blind.median()


def test_the_equivariance_plot_of_a_network_that_turns_with_its_image_has_slope_one() -> None:
    line, answers = equivariance_plot(Turning(), RAMP, 40).data
    np.testing.assert_allclose(answers.y, line.y, atol=1.5)
    assert (min(answers.x), max(answers.x), len(answers.x)) == (-40, 40, 19)
    assert rotation_deg(thetas_of(Turning())(RAMP)).item() == pytest.approx(30, abs=1.5)


def test_a_network_without_a_transformer_is_told_so() -> None:
    with pytest.raises(InvalidRequest, match="never calls grid_sample"):
        HealthLine(nn.Conv2d(1, 1, 3), IMAGES)


def test_the_test_decides_in_the_end() -> None:
    health = trained(Tutorial(), 2, 0.01)
    errors = np.linspace(1, 20, 40)
    assert health.tested(errors, errors).word == "unhealthy"
    health.diagnosis = type(health.diagnosis)("good", "Healthy.")
    assert health.tested(0.1 * errors, errors).word == "healthy"
    assert re.search(r"10.5", health.tested(errors, errors).symptom)
