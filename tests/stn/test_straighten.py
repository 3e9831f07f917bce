from __future__ import annotations

import zipfile

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from core.errors import StoreError
from core.runs.bundle import EXAMPLES
from core.stn.modules import LocalizationNetwork
from core.stn.rectify import RectifyResult
from core.stn.sampling import warp
from core.stn.straighten import apply_theta, localization_from, look, straighten, weights_of
from core.stn.thetas import Parts, for_frame, identity, rotation_deg, theta_of
from core.stn.views import VIEW, Canvases, canvases_of


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
    assert np.allclose(straight.theta, for_frame(theta, 384, 255))
    assert np.array_equal(straight.image, warp(photo, straight.theta))


def test_weights_survive_storage() -> None:
    network = LocalizationNetwork("affine", VIEW)
    with torch.no_grad():
        for value in network.parameters():
            value.add_(0.1 * torch.randn_like(value))
    view = torch.randn(3, 1, VIEW, VIEW)
    network(view)  # batch norm moves its running means
    again = localization_from("affine", weights_of(network))
    assert torch.equal(again(view), network.eval()(view))


def test_weights_of_another_network_are_refused_not_filled_in() -> None:
    weights = weights_of(LocalizationNetwork("affine", VIEW))
    without_last = {name: value for name, value in weights.items() if name != "params.bias"}
    other_shape = weights | {"params.bias": np.zeros(3, np.float32)}
    for unfit in ({}, without_last, other_shape, weights | {"more": np.zeros(3, np.float32)}):
        with pytest.raises(StoreError, match="do not fit this version of the network; run it again"):
            localization_from("affine", unfit)


def test_shipped_example_straightens_with_its_weights(photo: np.ndarray) -> None:
    with zipfile.ZipFile(EXAMPLES / "1-rectify.gridcast") as bundle:
        result = RectifyResult.from_bytes(bundle.read("result.safetensors"))
    turned = np.asarray(Image.fromarray(photo).rotate(20, Image.Resampling.BICUBIC))
    assert straighten(result, turned).angle_deg == pytest.approx(20, abs=3)
    assert result.scores["seen_trials"] == result.scores["trials"] == len(result.trials)
