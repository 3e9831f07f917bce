from __future__ import annotations

import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from core.runs.bundle import EXAMPLES
from core.stn.datasets.canvas import Canvases, canvases_of
from core.stn.datasets.canvas_size import CANVAS
from core.stn.datasets.distortions import Distortions
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import Parts, frame_grid, identity, rotation_deg, theta_of
from core.stn.geometry.warping import warp
from core.stn.straighten.predict import apply_theta, look, straighten
from core.stn.straighten.request import SIDES, sides_for
from core.stn.straighten.result import StraightenResult
from core.stn.straighten.view import views


class TurnsBack(nn.Module):
    """A localisation network that always turns by the same few degrees."""

    def __init__(self, degrees: float) -> None:
        super().__init__()
        self.theta = theta_of(Parts(rotation_deg=degrees)).float()

    def forward(self, view: Tensor) -> Tensor:
        return self.theta.expand(len(view), 2, 3)


@pytest.fixture
def canvases(photo: np.ndarray) -> Canvases:
    return canvases_of([photo, photo[:, :255]])


def test_looks_are_composed(canvases: Canvases) -> None:
    assert torch.allclose(rotation_deg(look(TurnsBack(-7), canvases, looks=3)), torch.tensor([-21.0, -21.0]), atol=1e-3)


def test_no_look_changes_nothing(canvases: Canvases) -> None:
    assert torch.equal(look(TurnsBack(-7), canvases, looks=0), identity(2))


class SometimesUpsideDown(nn.Module):
    """Answers exactly, but takes views turned by 100° to 170° for ones upside down, and leaves those as they are."""

    def __init__(self, canvases: Canvases) -> None:
        super().__init__()
        self.angles = torch.arange(-180.0, 180.0, 2)
        turns = torch.stack([theta_of(Parts(rotation_deg=angle)) for angle in self.angles.tolist()]).float()
        self.known = views(canvases[torch.zeros(len(turns), dtype=torch.long)], turns).flatten(1)

    def forward(self, view: Tensor) -> Tensor:
        nearest = self.angles[torch.cdist(view.flatten(1), self.known).argmin(dim=1)]
        answer = torch.where((nearest > 100) & (nearest < 170), nearest + 180, torch.where(nearest.abs() > 175, 0.0, nearest))
        return torch.stack([theta_of(Parts(rotation_deg=-angle)) for angle in answer.tolist()]).float()


def test_looking_from_all_sides_outvotes_a_network_that_is_upside_down_for_some_angles(photo: np.ndarray) -> None:
    canvases = canvases_of([photo])
    network = SometimesUpsideDown(canvases)
    turned = Canvases(
        views_of_turned := torch.cat(
            [sample(canvases.pixels, frame_grid(_turn(angle), CANVAS, CANVAS)) for angle in (120, 20)]
        ),
        canvases.frames.expand(len(views_of_turned), 2),
    )
    once, from_all_sides = (rotation_deg(look(network, turned, sides=sides)) for sides in (1, SIDES))
    assert once.tolist() == pytest.approx([60, -20], abs=3)
    assert from_all_sides.tolist() == pytest.approx([-120, -20], abs=3)


def _turn(angle: float) -> Tensor:
    return theta_of(Parts(rotation_deg=angle)).float()[None]


def test_only_photos_that_may_stand_on_their_head_are_looked_at_from_all_sides() -> None:
    assert [sides_for(angle) for angle in (45, 90, 91, 180)] == [1, 1, SIDES, SIDES]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_photo_is_sampled_through_a_theta_of_any_kind(photo: np.ndarray, family: FamilyName) -> None:
    theta = Distortions.of(family, 45).draw(1, torch.Generator().manual_seed(0))[0]
    straight = apply_theta(photo, theta)
    expected = sample(torch.from_numpy(photo.copy()).permute(2, 0, 1)[None].float(), frame_grid(theta[None], 255, 384))
    assert np.abs(straight.image - expected[0].permute(1, 2, 0).numpy()).max() < 0.51


def test_photo_turned_counter_clockwise_has_a_positive_angle_and_is_turned_back(photo: np.ndarray) -> None:
    turned = np.asarray(Image.fromarray(photo).rotate(20, Image.Resampling.BICUBIC))  # Pillow turns counter-clockwise
    straight = apply_theta(turned, theta_of(Parts(rotation_deg=-20)).float())
    assert straight.angle_deg == pytest.approx(20, abs=1e-3)
    middle = slice(80, 175), slice(130, 255)
    assert np.abs(straight.image[middle].astype(int) - photo[middle]).mean() < 6
    assert np.abs(turned[middle].astype(int) - photo[middle]).mean() > 20


def test_straightened_photo_has_its_own_size_and_theta(photo: np.ndarray) -> None:
    theta = theta_of(Parts(-20, 1.1, 1.1, 0, 0.1, 0.2)).float()
    straight = apply_theta(photo, theta)
    assert np.array_equal(straight.theta, theta)
    assert np.array_equal(straight.image, warp(photo, straight.theta))


def test_shipped_example_straightens_with_its_weights(photo: np.ndarray) -> None:
    with zipfile.ZipFile(EXAMPLES / "1-straighten.gridcast") as bundle:
        result = StraightenResult.from_bytes(bundle.read("result.safetensors"))
    turned = np.asarray(Image.fromarray(photo).rotate(20, Image.Resampling.BICUBIC))
    assert straighten(result, turned).angle_deg == pytest.approx(20, abs=3)
    assert result.scores["seen_trials"] == result.scores["trials"] == len(result.trials)
