from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from core.checkpoints.checkpoint import FORMAT, Checkpoint
from core.checkpoints.values import to_bytes
from core.errors import InvalidRequest
from core.runs.request import Progress, Wish
from core.runs.store import digest_of
from core.runs.work import going_on
from core.stn.datasets.images import from_png
from core.stn.datasets.samples import digits, sample
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.theta import rotation_deg
from core.stn.networks.weights import weights_of
from core.stn.straighten import run as straightening
from core.stn.straighten.checkpoint import learned_so_far, to_file
from core.stn.straighten.predict import straighten
from core.stn.straighten.request import StraightenRequest
from core.stn.straighten.result import StraightenResult
from core.stn.straighten.run import _held_out, check, run, untrained
from tests.drive import played
from tests.stn.geometry.stretch import STRETCH
from tests.stn.straighten.requests import request_for
from tests.stn.straighten.short import few_trials, steps_for_seconds  # noqa: F401


def finished(photos: list[np.ndarray], budget: float = 3, **settings: Any) -> tuple[list[Progress], StraightenResult]:
    """A run of so many seconds, also of fewer than a visitor may choose."""
    request, inputs = request_for(photos, **settings)
    return played(run(request.model_copy(update={"budget": budget}), inputs))


few_steps = pytest.mark.parametrize("steps_for_seconds", [10], indirect=True)


def stopped_after(step: int, request: StraightenRequest, inputs: dict[str, bytes]) -> tuple[list[Progress], StraightenResult]:
    running = run(request, inputs)
    steps = [next(running)]
    while True:
        try:
            steps.append(running.send(Wish.STOP if steps[-1].phase == "training" and steps[-1].step >= step else None))
        except StopIteration as end:
            return steps, end.value


@pytest.mark.parametrize(("photos", "share", "held"), [(4, 0.5, 0), (5, 0.2, 1), (5, 0.05, 1), (10, 0.3, 3), (10, 0.0, 0)])
def test_the_share_that_is_held_out_is_that_of_the_photos(photos: int, share: float, held: int) -> None:
    names = tuple(f"photo {number}" for number in range(photos))
    request = StraightenRequest(images=tuple("0" * 64 for _ in names), names=names, held_out=share)
    assert len(_held_out(request)) == held


def test_weights_of_another_family_or_none_at_all_are_refused_at_the_door(photo: np.ndarray) -> None:
    for content, cause in (
        (b"nonsense", "no weights of a straighten run"),
        (to_file("affine", weights_of(untrained("affine", 0).localization)), "learned for similarity and shear, not for turn"),
        (to_file("similarity", {"params.bias": np.zeros(3, np.float32)}), "do not fit"),
    ):
        digest = digest_of(content)
        request, inputs = request_for([photo], start=digest)
        assert digest in request.inputs
        with pytest.raises(InvalidRequest, match=cause):
            check(request, inputs | {digest: content})


def test_flat_photo_is_refused_by_name(photo: np.ndarray) -> None:
    request, inputs = request_for([photo, np.full((40, 40, 3), (0, 128, 128), np.uint8)])
    with pytest.raises(InvalidRequest, match="photo 1 is one flat colour"):
        check(request, inputs)


def test_first_progress_comes_at_once_and_closing_ends_the_run(photo: np.ndarray) -> None:
    request, inputs = request_for([photo])
    running = run(request, inputs)
    began = time.monotonic()
    assert next(running).phase == "reading the photos"
    assert time.monotonic() - began < 0.2
    while next(running).phase != "training":
        pass
    running.close()
    with pytest.raises(StopIteration):
        next(running)


@pytest.mark.parametrize(("count", "photos"), [(1, "1 photo"), (40, "40 photos")])
def test_reading_that_leaves_too_little_time_to_learn_is_refused(
    photo: np.ndarray, monkeypatch: pytest.MonkeyPatch, count: int, photos: str
) -> None:
    def slowly(content: bytes) -> np.ndarray:
        moments.append(moments[-1] + 2 / count)
        return from_png(content)

    moments = [0.0]
    monkeypatch.setattr(straightening, "clock", lambda: moments[-1])
    monkeypatch.setattr(straightening, "from_png", slowly)
    request, inputs = request_for([photo[:32, n : n + 32] for n in range(count)], budget=3)
    with pytest.raises(
        InvalidRequest, match=f"reading {photos} took 2.0 of the 3 seconds; choose a longer time or fewer photos"
    ):
        list(run(request, inputs))


def test_reading_that_leaves_time_to_learn_goes_on(photo: np.ndarray) -> None:
    request, _ = request_for([photo], budget=30)
    straightening._check_time_left(request, 16)
    with pytest.raises(InvalidRequest, match=r"took 17\.0 of the 30 seconds"):
        straightening._check_time_left(request, 17)


@pytest.mark.slow
@pytest.mark.usefixtures("steps_for_seconds")
def test_one_photo_learns_to_straighten_itself(photo: np.ndarray) -> None:
    steps, result = finished([photo], budget=4)
    scores = result.scores
    assert scores["angle_error_deg"] < 1.5 < 8 < scores["angle_error_before_deg"]
    assert scores["pixel_error_after"] < 0.5 * scores["pixel_error_before"]
    assert scores["unseen_images_angle_error_deg"] is None
    assert result.headline.startswith(f"{scores['angle_error_deg']:.2f}° median angle error, untouched ")
    assert (scores["health"], scores["baseline"]) == ("healthy", scores["angle_error_before_deg"])
    assert [p for p in steps if p.pictures]
    assert list(dict.fromkeys(p.phase for p in steps))[-4:] == [
        "training",
        "testing on pictures of other kinds",
        "testing belief",
        "testing on unseen distortions",
    ]
    again = StraightenResult.from_bytes(result.to_bytes())
    assert again.scores == scores
    _straightens_a_photo_that_pillow_turned(result, again)


def _straightens_a_photo_that_pillow_turned(result: StraightenResult, again: StraightenResult) -> None:
    original = Image.fromarray(sample("chelsea").pixels).resize((768, 510))
    turned = np.asarray(original.rotate(25, Image.Resampling.BICUBIC))
    straight = straighten(again, turned)
    assert straight.image.shape == turned.shape
    assert straight.angle_deg == pytest.approx(25, abs=3)
    assert np.array_equal(straight.image, straighten(result, turned).image)


@pytest.mark.slow
@few_steps
@pytest.mark.usefixtures("steps_for_seconds", "few_trials")
def test_photos_kept_from_training_are_tested_on_their_own() -> None:
    photos = [np.repeat(digit[:, :, None], 3, axis=2) for digit in digits(7, 10)]
    _, result = finished(photos, budget=1, family="affine")
    assert isinstance(result.scores["unseen_images_angle_error_deg"], float)
    assert result.trials[~result.trials.seen].name.nunique() == 2
    assert set(result.new_photos.name) < set(result.trials[result.trials.seen].name)
    assert {"new_photos_error", "new_photos_believed"} <= set(result.scores)
    _, all_of_them = finished(photos, budget=1, held_out=False)
    assert all_of_them.scores["unseen_images_angle_error_deg"] is None


@pytest.mark.slow
@pytest.mark.usefixtures("few_trials")
def test_a_stop_ends_the_learning_and_what_was_learned_can_be_learned_on(photo: np.ndarray) -> None:
    request, inputs = request_for([photo], budget=60)
    began = time.monotonic()
    reports, stopped = stopped_after(40, request, inputs)
    assert time.monotonic() - began < 45
    assert stopped.stopped
    assert stopped.scores["stopped"]
    content = to_file("similarity", stopped.weights, stopped.state)
    further = request.model_copy(update={"start": digest_of(content), "budget": 4})
    running = run(further, inputs | {digest_of(content): content})
    first = next(progress for progress in running if "error" in progress.numbers)
    assert (
        first.numbers["error"]
        < 0.9 * reports[[("error" in progress.numbers) for progress in reports].index(True)].numbers["error"]
    )


@pytest.mark.slow
@few_steps
@pytest.mark.usefixtures("steps_for_seconds", "few_trials")
@pytest.mark.parametrize("family", ["similarity", "attention", "projective", "tps"])
def test_a_family_of_each_kind_has_a_whole_result_that_survives_storage(photo: np.ndarray, family: FamilyName) -> None:
    steps, result = finished([photo], budget=1, family=family)
    again = StraightenResult.from_bytes(result.to_bytes())
    assert again.scores == result.scores
    assert len(result.to_bytes()) < 2_700_000  # of which weights and moments are 1,500,000
    assert again.film.shape[1:] == again.film_distorted.shape == (170, 256, 3)
    assert len(again.film) == len(again.film_thetas) == len(again.path) == len(again.film_seconds)
    assert {"grid_error_after", "recovered_scale", "applied_shift_x"} <= set(again.trials)
    assert any(progress.note for progress in steps)
    assert again.health == result.health
    assert straighten(again, photo).image.shape == photo.shape
    assert again.turns == bool(rotation_deg(torch.as_tensor(again.example_thetas)).abs().max() > 1e-3)
    assert again.headline == result.headline
    assert "untouched" in again.headline


@pytest.mark.slow
@pytest.mark.usefixtures("steps_for_seconds", "few_trials")
def test_a_new_row_learns_two_scales(photo: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "stretch", STRETCH)
    _, result = finished([photo], budget=4, family="stretch")
    across, down = STRETCH.params(torch.as_tensor(result.example_thetas))[:, :2].T
    assert (across - down).abs().max() > 0.05
    assert result.trials.grid_error_after.median() < 0.5 * result.trials.grid_error_before.median()


@pytest.mark.slow
def test_another_run_can_start_from_what_an_interrupted_one_had_learned(photo: np.ndarray) -> None:
    request, inputs = request_for([photo], budget=3)
    checkpoint = Checkpoint()
    running = going_on(lambda: run(request, inputs), checkpoint)
    next(progress for progress in running if "loss" in progress.numbers)
    content = to_file("similarity", learned_so_far(checkpoint.to_bytes()))
    running.close()
    check(request.model_copy(update={"start": digest_of(content)}), inputs | {digest_of(content): content})


def test_a_checkpoint_of_another_run_or_of_one_that_has_not_begun_to_learn_is_refused() -> None:
    for content, cause in (
        (Checkpoint().to_bytes(), "had not begun to learn"),
        (b"nonsense", "what this run had learned cannot be read"),
        (to_bytes({"format": FORMAT, "parts": [{"elapsed": 1.0, "state": 5}]}), "cannot be read: 'int' object"),
    ):
        with pytest.raises(InvalidRequest, match=cause):
            learned_so_far(content)
