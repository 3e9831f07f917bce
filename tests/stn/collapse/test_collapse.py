"""Where a small training breaks, and that the reason follows from what was measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from core.drive import returned
from core.errors import ImageError, InvalidRequest
from core.stn.collapse.command import request_of_panel
from core.stn.collapse.figures import dead_by_step, loss_by_step
from core.stn.collapse.gradient_flow import Flow, measured
from core.stn.collapse.network import BATCH, Batch, Bender, loss_of, untrained
from core.stn.collapse.reasons import Course, broke_at, diagnose
from core.stn.collapse.request import CollapseRequest
from core.stn.collapse.result import CollapseResult
from core.stn.collapse.run import check, run
from core.stn.collapse.settings import PANELS, PRESETS, Setting
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from core.stn.geometry.theta import identity, inverse
from core.stn.learning.vital_signs import Vitals
from core.stn.networks.spatial_transformer import SpatialTransformer
from core.training import untouched
from tests.drive import stopped
from tests.test_main import Command, gridcast, home  # noqa: F401  # fixtures

PHOTOS = ("astronaut", "coffee")
STEPS = 6


def collapsed(photo: str, **settings: object) -> CollapseResult:
    request = CollapseRequest(image="digest", name=photo, **({"steps": STEPS} | settings))  # type: ignore[arg-type]
    return returned(run(request, {"digest": to_png(sample(photo).pixels)}))


@pytest.mark.parametrize("photo", PHOTOS)
def test_the_usual_panels_break_but_the_first_and_each_says_why(photo: str) -> None:
    result = collapsed(photo)
    assert list(result.broke_at) == ["B", "C", "D"]
    assert {letter: result.broke_at[letter] for letter in "CD"} == {"C": 0, "D": 0}
    words = {letter: diagnosis.words for letter, diagnosis in result.health.items()}
    assert "steps are too long" in words["B"] or "last hidden units are 0" in words["B"]
    assert "So it is the kernel" in words["C"]
    assert "100 % of the grid look inside the image" in words["C"]
    assert words["D"].startswith("It began outside and is there still: 100 %")
    last = result.measures.groupby("panel").last()
    assert last.loc[["C", "D"], ["dead", "blind"]].to_numpy().tolist() == [[1, 1], [1, 1]]
    assert last.loc["A", "dead"] < 0.2
    assert last.loc["A", "blind"] == 0
    assert last.loc["A", "loss"] < result.of("A")["loss"][0]
    again = CollapseResult.from_bytes(result.to_bytes())
    assert again.headline == result.headline
    assert again.headline.startswith("3 of 4 settings broke: B after ")
    assert again.headline.endswith(", C from the start, D from the start")
    for figure in (loss_by_step(again), dead_by_step(again, "dark")):
        assert [trace.name for trace in figure.data] == list(PANELS)


@pytest.fixture(scope="module")
def bender() -> Bender:
    return Bender(sample("astronaut").pixels, "similarity", 45.0)


def test_a_point_is_dead_where_central_differences_of_the_sampler_are_zero(bender: Bender) -> None:
    batch, model = bender.bent(4, torch.Generator().manual_seed(1)), untrained(Setting(padding="zeros"), "similarity", 0)
    with torch.no_grad():
        model.localization.params.bias.copy_(torch.tensor([1.3, 0.4, 0.5, 0.2]))  # partly outside
    flow = measured(model, batch, 0)
    with untouched(model):
        grid, step = model.grid(model.localization(batch.bent)).double(), 1e-4
        shown = [
            [
                model.sampler(batch.bent.double(), grid + sign * step * torch.eye(2, dtype=torch.double)[axis])
                for sign in (1, -1)
            ]
            for axis in (0, 1)
        ]
    still = torch.stack([(ahead - behind).abs()[:, 0] == 0 for ahead, behind in shown]).all(0)
    assert 0.2 < flow.dead < 0.8
    assert flow.dead == pytest.approx(float(still.double().mean()), abs=0.01)
    outside = grid.abs().amax(-1) > 1
    assert flow.outside == pytest.approx(float(outside.double().mean()), abs=1e-6)


@pytest.mark.parametrize("padding", ["border", "reflection"])
def test_other_paddings_leave_a_gradient_outside(bender: Bender, padding: str) -> None:
    batch = bender.bent(4, torch.Generator().manual_seed(1))
    zeros, other = (untrained(Setting(start="outside", padding=one), "similarity", 0) for one in ("zeros", padding))
    assert measured(zeros, batch, 0).dead == 1.0
    assert measured(other, batch, 0).dead < 0.5


def test_a_perfect_answer_is_off_by_nothing(bender: Bender) -> None:
    batch, model = bender.bent(4, torch.Generator().manual_seed(1)), untrained(Setting(padding="border"), "affine", 0)
    still = Batch(batch.upright, batch.upright, identity(4))
    assert (measured(model, still, 0).error, measured(model, still, 0).loss) == (0.0, 0.0)
    assert measured(model, batch, 0).error > 0.1
    model.localization.forward = lambda images: inverse(batch.thetas)  # type: ignore[method-assign]
    assert measured(model, batch, 0).error == pytest.approx(0, abs=1e-5)
    assert next(bender.batches(torch.Generator())).bent.shape == (BATCH, 1, 32, 32)


def flows(*rows: tuple[float, float, float]) -> list[Flow]:
    """Of loss, share outside and share without gradient, ten steps apart."""
    return [Flow(10 * number, loss, 0.4, outside, dead, 0.0, dead) for number, (loss, outside, dead) in enumerate(rows)]


def vitals(count: int, jump: float) -> list[Vitals]:
    return [Vitals(10 * n, n, 0.5, 0.1, 1.0, 1.0, 0.5, 0.3, jump, 1.0, 0.0, 0.0) for n in range(count)]


@pytest.mark.parametrize(
    ("rows", "empty", "jump", "level", "said", "broken"),
    [
        ([(0.4, 0, 0), (0.5, 1, 1), (0.5, 1, 1)], 0.5, 90.0, "bad", "Its steps are too long", 10),
        ([(0.7, 0, 0), (0.6, 0.1, 0), (0.5, 1, 1)], 0.5, 0.4, "bad", "So leaving lowered the loss", 20),
        ([(0.5, 1, 1)] * 3, 0.5, 0.0, "bad", "Nothing tells θ where the image is", 0),
        ([(0.5, 1, 0), (0.1, 1, 0)], 0.5, 0.1, "watch", "It has learned beside the image", None),
        ([(0.5, 1, 0), (0.4, 1, 0)], 0.5, 0.1, "watch", "It follows what the padding shows", None),
        ([(0.4, 0, 0)] * 5, 0.5, 0.1, "watch", "The loss does not fall", None),
        ([(0.4, 0, 0), (0.1, 0.1, 0.1)], 0.5, 0.1, "good", "Nothing amiss", None),
    ],
)  # fmt: skip
def test_every_reason_is_that_of_its_measurements(
    rows: list[tuple[float, float, float]], empty: float, jump: float, level: str, said: str, broken: int | None
) -> None:
    course = Course(flows(*rows), vitals(len(rows), jump), empty)
    found = diagnose(course)
    assert found.level == level
    assert said in found.words
    assert broke_at(course) == broken


def test_error_baseline_and_health_of_a_run_are_of_one_named_panel() -> None:
    result = collapsed("astronaut", panels=(Setting(), Setting(start="outside", padding="zeros")))
    rows, standing = {row["panel"]: row for row in result.scores}, result.standing
    assert (standing.error, standing.baseline) == (rows["B"]["error"], rows["B"]["error_before"])
    assert (standing.error_is, standing.health) == ("half sides off, panel B", rows["B"]["health"])
    assert standing.health_is.startswith("panel B: it began outside")


def test_a_training_that_diverges_ends_its_panel_alone_and_equal_courses_are_told_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without a gradient nothing moves, however fast: a reason knows the measurements, not the settings."""

    def loss(model: SpatialTransformer, batch: Batch) -> torch.Tensor:
        return loss_of(model, batch) * (torch.nan if model.sampler.kernel == "bicubic" else 1.0)

    monkeypatch.setattr("core.stn.collapse.run.loss_of", loss)
    flat = {"kernel": "integer"}
    result = collapsed("coffee", steps=2, panels=(Setting(**flat), Setting(rate=0.3, **flat), Setting(kernel="bicubic")))
    assert [result.of(letter)["step"].max() for letter in "AB"] == [2, 2]
    assert result.health["A"] == result.health["B"]
    assert np.array_equal(result.frames["A"], result.frames["B"])
    assert result.health["C"].symptom == "It ended early: the loss is nan after 1 steps."


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"panels": (Setting(),)}, "choose from 2 to 4"),
        ({"steps": 1}, "choose between 2 and 5,000"),
        ({"max_angle": 0}, "above 0°"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(InvalidRequest, match=sentence):
        CollapseRequest(image="", name="x", **settings)  # type: ignore[arg-type]
    with pytest.raises(InvalidRequest, match="learning rate is 11"):
        Setting(rate=11)
    with pytest.raises(InvalidRequest, match="at 'speed=3'"):
        request_of_panel("rate=0.1,speed=3")
    flat = to_png(np.full((40, 40, 3), 90, np.uint8))
    with pytest.raises(ImageError, match="grey is one flat colour"):
        check(CollapseRequest(image="digest", name="grey"), {"digest": flat})


def test_the_command_says_what_broke_and_why(gridcast: Command, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "coffee.png"
    Image.fromarray(sample("coffee").pixels).save(path)
    panels = ("--panel", "kernel=integer", "--panel", "rate=0.001,start=outside,padding=zeros")
    said = gridcast("train", "collapse", path, *panels, "--steps", 2)
    assert "2 of 2 settings broke: A from the start, B from the start" in said.out
    assert "So it is the kernel" in said.out
    answer = json.loads(gridcast("train", "collapse", path, *panels, "--steps", 2, "--json").out)
    assert [row["kernel"] for row in answer["scores"]] == ["integer", "bilinear"]
    assert answer["health"] == "unhealthy"
    refused = gridcast("train", "collapse", path, "--preset", "nothing")
    assert (refused.status, "choose four, rate, start, padding, kernel" in refused.err) == (2, True)


def test_every_preset_has_four_panels_of_which_one_is_usual() -> None:
    assert all(len(panels) == len(PANELS) and Setting() in panels for panels in PRESETS.values())


def test_stopped_it_keeps_what_was_measured_and_says_at_which_steps() -> None:
    photo = PHOTOS[1]
    request = CollapseRequest(image="digest", name=photo, steps=5_000, panels=PRESETS["four"][:2])
    _, kept = stopped(run(request, {"digest": to_png(sample(photo).pixels)}), lambda progress: progress.step >= 4)
    result = CollapseResult.from_bytes(kept.to_bytes())
    last = {letter: int(result.of(letter)["step"].max()) for letter in "AB"}
    assert 2 <= min(last.values()) <= max(last.values()) < 5_000
    assert result.unfinished == (
        f"It was stopped before the 5,000 steps of each panel were done: A {last['A']:,}, B {last['B']:,}."
    )
    assert collapsed(photo, steps=2, panels=PRESETS["four"][:2]).unfinished == ""
