"""The experiment locate: a request, its run, its result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.errors import InvalidRequest
from core.runs.kinds import parse_request
from core.runs.request import Progress, key_of
from core.runs.store import digest_of
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from core.stn.locate import figures as locate_figures
from core.stn.locate.boxes import overlap
from core.stn.locate.network import untrained
from core.stn.locate.pictures import scene
from core.stn.locate.request import LocateRequest
from core.stn.locate.result import LocateResult
from core.stn.locate.run import VOTE_AT_END, check, run, vote_at
from core.stn.locate.scenes import ZOOM, Material
from tests.drive import played


def finished(request: LocateRequest, inputs: dict[str, bytes] | None = None) -> tuple[list[Progress], LocateResult]:
    return played(run(request, inputs or {}))


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"digit": 10}, "digit is 10; choose one from 0 to 9"),
        ({"images": 4}, "4 images will not do; choose between 5 and 500"),
        ({"images": 10_000}, "10000 images will not do"),
        ({"steps": 0}, "0 steps will not do"),
        ({"budget": 1.0}, "between 3 and 600"),
        ({"budget": float("nan")}, "between 3 and 600"),
        ({"seed": -1}, "seed is -1"),
        ({"objects": ("0" * 64,)}, "1 pictures came with 0 names"),
    ],
)
def test_impossible_requests_say_what_to_change(settings: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        LocateRequest(**settings)


@pytest.mark.parametrize("colour", [(0, 0, 0), (200, 10, 10)])
def test_a_picture_with_nothing_to_see_on_black_is_refused_by_name(colour: tuple[int, int, int]) -> None:
    png = to_png(np.full((40, 60, 3), colour, np.uint8))
    request = LocateRequest(objects=(digest_of(png),), names=("wall.png",))
    with pytest.raises(InvalidRequest, match=r"wall\.png is nearly black or of one colour"):
        check(request, {digest_of(png): png})


def test_request_survives_json_and_keeps_its_key() -> None:
    request = LocateRequest(digit=3, clutter=False)
    assert parse_request(request.model_dump_json()) == request
    assert key_of(parse_request(request.model_dump_json())) == key_of(request) != key_of(LocateRequest(digit=3))
    assert request.title == "Locate the digit 3 in 100 images, alone"


def test_the_untrained_network_looks_at_the_middle_at_the_size_of_the_object() -> None:
    boxes = untrained(0)(torch.rand(3, 1, 84, 84))
    assert torch.allclose(boxes, torch.tensor([[ZOOM, 0.0, 0.0]]).expand(3, 3))


def test_boxes_never_leave_the_scene_whatever_the_weights() -> None:
    model = untrained(0)
    with torch.no_grad():
        model.params.weight.normal_(0, 50, generator=torch.Generator().manual_seed(0))
        boxes = model(torch.rand(50, 1, 84, 84, generator=torch.Generator().manual_seed(1)))
    assert (boxes[:, 1:].abs() + boxes[:, :1] <= 1 + 1e-5).all()
    assert ((boxes[:, 0] >= ZOOM / 1.5 - 1e-5) & (boxes[:, 0] <= ZOOM * 1.5 + 1e-5)).all()


def test_the_vote_counts_alone_at_first_and_a_little_to_the_end() -> None:
    assert vote_at(0) == vote_at(0.69) == 1
    assert VOTE_AT_END < vote_at(0.75) < 1
    assert vote_at(1) == vote_at(0.9) == VOTE_AT_END


def test_no_digit_that_is_tested_on_was_learned_from() -> None:
    material = Material.of_digit(4)
    learned = {image.tobytes() for image in material.objects.numpy()}
    assert not learned & {image.tobytes() for image in material.others.numpy()}
    assert not learned & {image.tobytes() for image in material.donors.numpy()}


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
    steps, result = finished(LocateRequest(digit=7, clutter=False, images=60, steps=500, budget=120))
    scores = result.scores
    assert scores["success"] >= 0.9
    assert (result.table.iou_before > 0.5).mean() < 0.3
    by_hand = overlap(result.boxes, result.truth)
    assert np.allclose(result.table.iou, by_hand)
    assert scores["success"] == (by_hand > 0.5).mean()
    assert result.headline == f"found in {(by_hand > 0.5).sum()} of 60 images"
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
    for drawn in (locate_figures.success_over_training, locate_figures.overlap_histogram, locate_figures.loss_curve):
        assert drawn(result, "dark").data


def test_a_drawn_box_is_green_where_it_fits_and_red_where_it_does_not() -> None:
    black, truth = np.zeros((84, 84, 1), np.uint8), np.array([1 / 3, 0.0, 0.0])
    right = scene(black, truth, truth)
    wrong = scene(black, np.array([1 / 3, 0.6, 0.6]), truth)
    assert right.shape == wrong.shape == (168, 168, 3)
    assert np.array_equal(right[56, 60], [0x2D, 0xD4, 0xBF])  # the upper edge of the middle third
    red = [0xF9, 0x70, 0x66]
    assert (wrong == red).all(axis=2).any()
    assert not (right == red).all(axis=2).any()
    assert not scene(black, None, truth).any()
