from __future__ import annotations

import time
from types import SimpleNamespace

import numpy as np
import pytest

from core.errors import InvalidRequest
from core.runs.request import Progress
from core.runs.store import digest_of
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from core.stn.locate import figures as locate_figures
from core.stn.locate import run as locating
from core.stn.locate.baselines import BASELINES
from core.stn.locate.boxes import overlap
from core.stn.locate.request import LocateRequest
from core.stn.locate.result import LocateResult
from core.stn.locate.run import VOTE_AT_END, check, run, vote_at
from core.stn.locate.scenes import ZOOM, held_back
from tests.drive import played


def finished(request: LocateRequest, inputs: dict[str, bytes] | None = None) -> tuple[list[Progress], LocateResult]:
    return played(run(request, inputs or {}))


@pytest.mark.parametrize("colour", [(0, 0, 0), (200, 10, 10)])
def test_a_picture_with_nothing_to_see_on_black_is_refused_by_name(colour: tuple[int, int, int]) -> None:
    png = to_png(np.full((40, 60, 3), colour, np.uint8))
    request = LocateRequest(objects=(digest_of(png),), names=("wall.png",))
    with pytest.raises(InvalidRequest, match=r"wall\.png is nearly black or of one colour"):
        check(request, {digest_of(png): png})


def test_the_vote_counts_alone_at_first_and_a_little_to_the_end() -> None:
    assert vote_at(0) == vote_at(0.69) == 1
    assert VOTE_AT_END < vote_at(0.75) < 1
    assert vote_at(1) == vote_at(0.9) == VOTE_AT_END


def test_first_progress_comes_before_any_work_and_closing_ends_the_run() -> None:
    running = run(LocateRequest(), {})
    assert next(running).phase == "making the scenes"
    running.close()
    with pytest.raises(StopIteration):
        next(running)


@pytest.mark.slow
def test_equal_seeds_give_equal_boxes_and_results_survive_their_file() -> None:
    request = LocateRequest(images=8, steps=6, budget=600)
    (_, one), (_, other) = finished(request), finished(request)
    assert np.array_equal(one.boxes, other.boxes)
    assert all(np.array_equal(one.weights[name], other.weights[name]) for name in one.weights)
    again = LocateResult.from_bytes(one.to_bytes())
    assert again.scores == one.scores
    assert one.film.shape == (len(one.film_steps), 8, 3)
    assert one.film_steps[0] == 0
    assert one.film_steps[-1] == one.steps == 6
    assert np.allclose(one.film[0], [ZOOM, 0, 0])  # it begins with the untrained network


@pytest.mark.slow
def test_a_seven_alone_is_found_in_nearly_every_image() -> None:
    steps, result = finished(LocateRequest(digit=7, clutter=False, images=60, steps=250, budget=120))
    scores = result.scores
    assert scores["success"] >= 0.9
    assert (result.table.iou_before > 0.5).mean() < 0.3
    by_hand = overlap(result.boxes, result.truth)
    assert np.allclose(result.table.iou, by_hand)
    assert scores["success"] == (by_hand > 0.5).mean()
    found, brightest = ((one > 0.5).sum() for one in (result.unseen_overlaps, result.unseen_baselines["the brightest square"]))
    counts = f"found in {found} of 400 images of the test, the brightest square in {brightest}"
    assert result.headline.endswith(counts)
    assert [progress for progress in steps if progress.pictures]
    assert {"looking at random crops", "training"} <= {progress.phase for progress in steps}


@pytest.mark.slow
def test_own_pictures_are_hidden_in_pieces_of_themselves_in_colour() -> None:
    png = to_png(sample("coffee").pixels)
    request = LocateRequest(objects=(digest_of(png),), names=("cup",), images=6, steps=3, budget=30)
    check(request, {digest_of(png): png})
    _, result = finished(request, {digest_of(png): png})
    assert result.images.shape == (6, 84, 84, 3)
    assert request.title == "Locate cup in 6 images, in clutter"
    for drawn in (locate_figures.success_over_training, locate_figures.overlap_histogram):
        assert drawn(result, "dark").data


def test_crops_that_would_outlast_the_time_are_refused_with_what_would_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter((0.0, 4 * 0.05, 4 * 0.05))  # processor seconds: 50 ms an image, and a vote at once
    monkeypatch.setattr(locating, "time", SimpleNamespace(monotonic=time.monotonic, process_time=lambda: next(clock)))
    words = "crops of 300 images would take 15 of the 8 seconds; choose a longer time or at most 80 images"
    with pytest.raises(InvalidRequest, match=words):
        list(run(LocateRequest(images=300, budget=8), {}))


@pytest.mark.slow
@pytest.mark.parametrize("count", [2, 8])
def test_own_pictures_are_tested_on_those_held_back(count: int) -> None:
    """What is learned from has no green, what is held back no red."""
    y, x = np.mgrid[-20:20, -20:20]
    back = held_back(count)
    pixels = []
    for number, green in enumerate(back):
        disc = np.where(np.hypot(x, y) <= 12 + number / 2, 250, 0)
        pixels.append(np.stack([disc * (not green), disc * green, 0 * disc], axis=-1).astype(np.uint8))
    inputs = {digest_of(png): png for png in map(to_png, pixels)}
    request = LocateRequest(objects=tuple(inputs), names=tuple(map(str, range(count))), images=6, steps=2)
    _, result = finished(request, inputs)
    assert result.images[..., 1].max() == 0
    assert (result.unseen_images[..., 1] > 100).sum(axis=(1, 2)).min() > 100
    assert result.held_back == back.sum()
    assert result.scores["images_unseen"] == len(result.unseen_overlaps) == 400
    assert set(result.unseen_baselines) == set(BASELINES)
    assert LocateResult.from_bytes(result.to_bytes()).scores == result.scores


@pytest.mark.slow
def test_a_copy_of_a_picture_is_not_held_back_from_itself() -> None:
    png = to_png(sample("coffee").pixels)
    request = LocateRequest(objects=(digest_of(png),) * 4, names=("cup",) * 4, images=6, steps=2)
    _, result = finished(request, {digest_of(png): png})
    assert result.held_back == 0
