from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count

import pytest
import torch
from torch import Tensor, nn

from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.kernels import Padding
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid
from core.stn.learning import health
from core.stn.learning.diagnosis import Diagnosis, worst
from core.stn.learning.health import HealthMonitor, diagnose
from core.stn.learning.vital_signs import Vitals
from core.stn.networks.spatial_transformer import ThetaLayer
from core.training import History, Observation, Plan, train
from tests.watcher import Watcher

SIDE = 12
PATIENCE = 50  # steps; these trainings are small
WELL = Vitals(
    step=400, seconds=5.0, loss=0.1, outside=0.05, area=1.0, condition=1.1, distance=0.3, spread=0.2, jump=0.05,
    gradient_ratio=math.nan, blank=0.0, saturated=0.2,
)  # fmt: skip


class Learner(nn.Module):
    """A small spatial transformer that is to bring a blob to the middle."""

    def __init__(self, family: FamilyName = "translation", padding: Padding = "border") -> None:
        super().__init__()
        self.padding: Padding = padding
        self.localizer = nn.Sequential(nn.Flatten(), nn.Linear(SIDE**2, 32), nn.ReLU(), ThetaLayer(32, family))

    def look(self, images: Tensor, theta: Tensor) -> Tensor:
        return sample(images, frame_grid(theta, SIDE, SIDE), self.padding)

    def forward(self, images: Tensor) -> Tensor:
        return self.look(images, self.localizer(images))


def blobs(seed: int = 0) -> Iterator[Tensor]:
    """Images (B, 1, SIDE, SIDE) of a soft blob somewhere."""
    generator = torch.Generator().manual_seed(seed)
    line = torch.linspace(-1, 1, SIDE)
    while True:
        x, y = (0.8 * torch.rand(2, 16, 1, 1, generator=generator) - 0.4).unbind()
        yield torch.exp(-8 * ((line - x) ** 2 + (line[:, None] - y) ** 2))[:, None]


def centred(model: nn.Module, images: Tensor) -> Tensor:
    line = torch.linspace(-1, 1, SIDE)
    return 10 * (model(images) - torch.exp(-8 * (line**2 + line[:, None] ** 2))).abs().mean()


def dark(model: nn.Module, images: Tensor) -> Tensor:
    return model(images).square().mean().sqrt()


def watched(
    model: Learner, *, lr: float = 5e-3, steps: int = 120, loss_of: Callable[[nn.Module, Tensor], Tensor] = centred
) -> list[Diagnosis]:
    """The diagnosis at the first and every tenth step of a training."""
    torch.manual_seed(0)
    monitor = HealthMonitor(model.localizer, model.look, next(blobs(seed=1)))
    diagnoses: list[Diagnosis] = []

    def observe(_: nn.Module, history: History) -> Observation:
        if history.steps % 10 == 1:
            diagnoses.append(monitor.diagnose(replace(history, seconds=history.steps / 10)))
        return Observation()

    plan = Plan(steps=steps, lr=lr, clip=math.inf, report_seconds=0.0)
    for _ in train(model, blobs(), loss_of, plan, observer=Watcher(observe)):
        pass
    return diagnoses


@pytest.fixture(autouse=True)
def _seeded(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    monkeypatch.setattr(health, "PATIENCE", PATIENCE)


@pytest.mark.parametrize("family", [family for family in FAMILIES if family not in ("projective", "tps")])
def test_a_healthy_training_is_called_healthy_after_its_first_steps(family: FamilyName) -> None:
    diagnoses = watched(Learner(family))
    assert (diagnoses[0].level, diagnoses[0].symptom[:20]) == ("watch", "θ is still the same ")
    assert {diagnosis.level for diagnosis in diagnoses[len(diagnoses) // 2 :]} == {"good"}
    assert diagnoses[-1].symptom.startswith("Nothing amiss so far: θ differs from image to image")
    assert diagnoses[-1].change == ""


def test_a_theta_that_explodes_is_named() -> None:
    last = watched(Learner("affine"), lr=3.0, steps=42)[-1]
    assert last.level == "bad"
    assert last.symptom.startswith("θ explodes")
    assert "learning rate" in last.change


def test_a_theta_that_is_no_number_explodes() -> None:
    assert "no longer a number" in diagnose([replace(WELL, distance=math.nan)]).symptom


def test_blank_outputs_far_outside_with_zero_padding_are_named() -> None:
    model = Learner(padding="zeros")
    with torch.no_grad():
        model.localizer[-1].bias[0] = 2.5
    last = watched(model)[-1]
    assert last.level == "bad"
    assert last.symptom.startswith("Blank outputs: 100 %")
    assert "outside" in last.symptom
    assert "border padding" in last.change


def test_a_picture_that_shrinks_is_named() -> None:
    diagnoses = watched(Learner("attention", padding="zeros"), loss_of=dark, lr=2e-3)
    assert any(diagnosis.symptom.startswith("Everything shrinks") for diagnosis in diagnoses)


def test_a_grid_that_falls_onto_one_spot_is_named() -> None:
    model = Learner("attention")
    with torch.no_grad():
        model.localizer[-1].bias[0] = 0.1
    diagnoses = watched(model, lr=0.0, steps=10)
    assert "one spot" in diagnoses[-1].symptom or "flat spot" in diagnoses[-1].symptom


@pytest.mark.parametrize("entry", [0, 4], ids=["left and right", "up and down"])
def test_a_mirrored_start_is_never_healthy(entry: int) -> None:
    model = Learner("affine")
    with torch.no_grad():
        model.localizer[-1].bias[entry] -= 2  # of the matrix row by row: from 1 to -1
    assert all(diagnosis.symptom.startswith("It mirrors the images") for diagnosis in watched(model, lr=1e-3, steps=60))


def test_a_frozen_localiser_ignores_the_image_and_its_weights_do_not_move() -> None:
    last = watched(Learner("affine"), lr=0.0, steps=PATIENCE + 1)[-1]
    assert last.level == "bad"
    assert last.symptom.startswith("The transformer ignores the image")
    assert "do not move" in last.why


def test_a_dead_localiser_ignores_the_image_because_it_no_longer_sees_it() -> None:
    model = Learner("affine")
    with torch.no_grad():
        model.localizer[1].bias.fill_(-100)
    last = watched(model, steps=PATIENCE + 1)[-1]
    assert last.symptom.startswith("The transformer ignores the image")
    assert "100 % of its last hidden units are dead" in last.why


def test_a_localiser_that_follows_every_whim_of_the_loss_is_too_fast() -> None:
    steps = count()

    def whim(model: nn.Module, images: Tensor) -> Tensor:
        left = next(steps) // 10 % 2 * 0.6 - 0.3
        line = torch.linspace(-1, 1, SIDE)
        return 10 * (model(images) - torch.exp(-8 * ((line - left) ** 2 + line[:, None] ** 2))).abs().mean()

    diagnoses = watched(Learner(), lr=0.05, loss_of=whim)
    assert any(diagnosis.symptom.startswith("The localiser is too fast: θ jumps by") for diagnosis in diagnoses)
    assert any("Lower the localiser's learning rate" in diagnosis.change for diagnosis in diagnoses)


@pytest.mark.parametrize(
    ("sick", "word"),
    [
        ({"outside": 0.7}, "70 % of the grid look outside"),
        ({"spread": 0.0, "step": 10}, "θ is still the same for every image after 10 steps"),
        ({"area": 9.0, "outside": 0.6}, "Everything shrinks"),
        ({"blank": 0.9, "outside": 0.0}, "one flat spot"),
        ({"mirrored": 0.8}, "80 % of what it looks at is seen mirrored"),
    ],
)
def test_each_sign_has_its_words(sick: dict[str, float], word: str) -> None:
    assert word in diagnose([WELL, replace(WELL, **sick)]).words


def test_a_loss_that_stands_still_is_told_though_theta_moves() -> None:
    history = [replace(WELL, step=100 * step, loss=2.3) for step in range(6)]
    assert diagnose(history).symptom.startswith("The loss does not fall: 2.3 after 500 steps")


def test_of_several_the_worst_is_told() -> None:
    good, bad = diagnose([WELL]), diagnose([replace(WELL, blank=1.0)])
    assert worst([good, bad, good]) == bad
    assert worst([good, good]) == good


def test_watching_changes_nothing() -> None:
    model = Learner("affine")
    before = {name: value.clone() for name, value in model.state_dict().items()}
    monitor = HealthMonitor(model.localizer, model.look, next(blobs()))
    monitor.diagnose(History(steps=1, seconds=1.0, loss=[1.0]))
    assert model.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(weight.grad is None for weight in model.parameters())
    assert not any(layer._forward_pre_hooks for layer in model.modules())


def test_at_the_end_it_measures_whenever_it_measured_last() -> None:
    model = Learner("affine")
    monitor = HealthMonitor(model.localizer, model.look, next(blobs()))
    assert monitor.diagnose(History(steps=1, seconds=1.0, loss=[1.0])).symptom.startswith("θ is still the same")
    with torch.no_grad():
        model.localizer[-1].weight.normal_(std=0.3)
    later = History(steps=12, seconds=1.1, loss=[1.0])
    assert monitor.diagnose(later).symptom.endswith("after 1 steps.")
    monitor.measure(later)
    assert "same for every image" not in monitor.diagnosis.symptom


def test_it_measures_at_most_twice_a_second() -> None:
    monitor = HealthMonitor(Learner().localizer, Learner().look, next(blobs()))
    for tenth in range(21):
        monitor.diagnose(History(steps=tenth, seconds=tenth / 10, loss=[1.0]))
    assert len(monitor.vitals) == 5
