from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from core.stn.classify.inspection.robustness import curves, perturbed
from core.stn.datasets.distortions import DISTORTIONS
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.perturbations import PERTURBATIONS
from core.stn.datasets.samples import digits

IMAGES = torch.from_numpy(digits(count=20).copy())[:, None]


class Brightest(nn.Module):
    """Answers 1 where the brightest row of an image is in its upper half, else 0."""

    def forward(self, images: Tensor) -> Tensor:
        rows = images.mean(dim=(1, 3))
        upper = rows[:, : rows.shape[1] // 2].sum(dim=1) > rows[:, rows.shape[1] // 2 :].sum(dim=1)
        return torch.stack([~upper, upper], dim=1).float()


@pytest.mark.parametrize("kind", list(PERTURBATIONS))
def test_nothing_done_leaves_the_image(kind: str) -> None:
    same = perturbed(IMAGES, "R", kind, 0.0, torch.Generator().manual_seed(0))
    assert torch.allclose(same, IMAGES / 255, atol=1e-5)


@pytest.mark.parametrize("name", list(DISTORTIONS))
def test_the_image_stands_in_the_middle_of_its_canvas(name: str) -> None:
    canvas = perturbed(IMAGES, name, "shift", 0.0, torch.Generator())
    margin = (canvas.shape[-1] - 28) // 2
    assert torch.allclose(canvas[..., margin : margin + 28, margin : margin + 28], IMAGES / 255, atol=1e-4)
    assert canvas.sum() == pytest.approx((IMAGES / 255).sum().item(), rel=1e-4)


def test_a_turn_by_ninety_degrees_is_a_turned_image() -> None:
    turned = perturbed(IMAGES, "R", "angle", 90.0, torch.Generator().manual_seed(0))
    for before, after in zip(IMAGES / 255, turned, strict=True):
        either_way = [torch.rot90(before, times, (1, 2)) for times in (1, -1)]
        assert min((after - way).abs().max().item() for way in either_way) < 1e-4


def test_a_curve_falls_where_the_answer_changes() -> None:
    images = torch.zeros(40, 1, 28, 28, dtype=torch.uint8)
    images[:, :, 4:10, 8:20] = 255
    points = list(curves(Brightest(), Labelled(images, torch.ones(40, dtype=torch.int64)), "R", 0))
    angle = {point.amount: point.accuracy.share for point in points if point.kind == "angle"}
    assert angle[0] == angle[30] == 1
    assert angle[180] == 0
    assert [(point.kind, point.amount) for point in points] == [
        (kind, a) for kind, row in PERTURBATIONS.items() for a in row.amounts
    ]


def test_curves_of_two_models_see_the_same_images() -> None:
    inputs: list[list[Tensor]] = [[], []]

    class Watcher(Brightest):
        def __init__(self, kept: list[Tensor]) -> None:
            super().__init__()
            self.kept = kept

        def forward(self, images: Tensor) -> Tensor:
            self.kept.append(images)
            return super().forward(images)

    data = Labelled(IMAGES, torch.ones(20, dtype=torch.int64))
    for kept in inputs:
        list(curves(Watcher(kept), data, "RTS", 3))
    assert all(torch.equal(one, other) for one, other in zip(*inputs, strict=True))


def test_every_curve_starts_at_nothing_and_training_stays_in_its_range() -> None:
    assert all(row.amounts[0] == 0 and list(row.amounts) == sorted(row.amounts) for row in PERTURBATIONS.values())
    for distortion in DISTORTIONS.values():
        assert all(0 < most <= PERTURBATIONS[kind].amounts[-1] or kind == "shift" for kind, most in distortion.most.items())


def test_trained_perspective_is_the_median_of_what_is_drawn() -> None:
    theta = DISTORTIONS["P"].thetas(4000, 28, 28, torch.Generator().manual_seed(0))
    bottom = (theta / theta[:, 2:, 2:])[:, 2, :2].norm(dim=1)
    assert np.median(bottom) == pytest.approx(DISTORTIONS["P"].most["perspective"], abs=0.02)
