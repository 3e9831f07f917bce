"""The experiment add: a request, its run, its result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.errors import ImageError, InvalidRequest
from core.runs.kinds import parse_request
from core.runs.request import Progress, key_of
from core.stn.add import figures as add_figures
from core.stn.add.pictures import COLOURS, coloured
from core.stn.add.request import AddRequest
from core.stn.add.result import AddResult
from core.stn.add.run import check, run
from core.stn.learning.scoring import accuracy
from tests.drive import played


def finished(request: AddRequest) -> tuple[list[Progress], AddResult]:
    return played(run(request, {}))


@pytest.fixture(scope="module")
def short() -> AddResult:
    return finished(AddRequest(models=("fcn", "2xst-fcn"), steps=3, seed=1))[1]


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"models": ()}, "models are none; name at least one"),
        ({"models": ("fcn", "fcn")}, "models are fcn, fcn; name at least one, each once"),
        ({"mnist": ("0" * 64,)}, "MNIST is 4 files, not 1"),
        ({"budget": 1.0}, "between 3 and 7,200"),
        ({"budget": float("inf")}, "between 3 and 7,200"),
        ({"steps": 0}, "0 steps will not do"),
        ({"seed": -1}, "seed is -1"),
    ],
)
def test_impossible_requests_say_what_to_change(settings: dict[str, Any], cause: str) -> None:
    with pytest.raises(InvalidRequest, match=cause):
        AddRequest(**settings)


def test_files_that_are_not_mnist_are_refused_before_the_run() -> None:
    request = AddRequest(mnist=("a", "b", "c", "d"))
    with pytest.raises(ImageError, match="train-images-idx3-ubyte"):
        check(request, dict.fromkeys("abcd", b"hello"))


def test_request_survives_json_and_keeps_its_key() -> None:
    request = AddRequest(family="tps", models=("st-fcn",))
    assert parse_request(request.model_dump_json()) == request
    assert key_of(parse_request(request.model_dump_json())) == key_of(request)
    assert request.title == "Add two digits of the shipped 5,000 by ST-FCN (thin plate spline)"


def test_first_progress_comes_before_any_work_and_closing_ends_the_run() -> None:
    running = run(AddRequest(), {})
    assert next(running).phase == "reading the digits"
    running.close()
    with pytest.raises(StopIteration):
        next(running)


@pytest.mark.slow
def test_scores_have_a_row_a_model_and_count_wrong_sums(short: AddResult) -> None:
    assert [row["model"] for row in short.scores] == ["fcn", "2xst-fcn"]
    for row in short.scores:
        wrong = short.answers[row["model"]] != short.truth
        assert row["error"] == pytest.approx(100 * wrong.mean())
        assert row["error_se"] == pytest.approx(100 * accuracy(short.answers[row["model"]][None], short.truth).se)
        assert row["steps"] == 3
    assert short.scores[0]["parameters"] == 3528 * 256 + 256 + 256 * 256 + 256 + 256 * 19 + 19


@pytest.mark.slow
def test_equal_seeds_give_equal_answers_and_results_survive_their_file(short: AddResult) -> None:
    again = finished(AddRequest(models=("2xst-fcn",), steps=3, seed=1))[1]
    assert np.array_equal(again.answers["2xst-fcn"], short.answers["2xst-fcn"])
    read = AddResult.from_bytes(short.to_bytes())
    assert read.scores == short.scores
    assert read.films["2xst-fcn"].shape[1:] == (6, 2, 2, 42, 42)
    assert read.film_seconds["2xst-fcn"][0] == 0  # it begins with the untrained network
    assert "fcn" not in read.films


@pytest.mark.slow
def test_progress_goes_on_from_model_to_model() -> None:
    steps, _ = finished(AddRequest(models=("fcn", "st-fcn"), budget=3))
    fractions = [progress.fraction for progress in steps]
    assert fractions == sorted(fractions)
    assert [name for progress in steps for name in progress.pictures]


@pytest.mark.slow
def test_figures_draw_every_model(short: AddResult) -> None:
    bars = add_figures.error_bars(short, "dark")
    assert [trace.x[0] for trace in bars.data[:2]] == ["FCN", "2×ST-FCN"]
    assert list(bars.data[-1].y) == [47.7, 9.0]
    assert len(add_figures.curves(short, short.losses, "loss").data) == 2
    assert add_figures.steadiness_heatmap(short).data[0].z.shape == (2, 2)


def test_the_papers_errors_depend_on_the_family_only_where_there_is_a_transformer() -> None:
    assert add_figures.paper_error("fcn", "tps") == 47.7
    assert add_figures.paper_error("2xst-fcn", "tps") == 5.8
    assert add_figures.paper_error("2xst-fcn", "translation") is None


def test_both_channels_keep_their_colours_in_one_picture() -> None:
    channels = np.zeros((2, 2, 2), np.uint8)
    channels[0, 0, 0] = channels[1, 1, 1] = 255
    drawn = coloured(channels, enlarged=2)
    assert drawn.shape == (4, 4, 3)
    assert drawn[0, 0].tolist() == COLOURS[0].tolist()
    assert drawn[3, 3].tolist() == COLOURS[1].tolist()
    assert not drawn[0, 3].any()


def answered(**wrong: int) -> AddResult:
    """A result in which each model answers so many of 1,000 sums wrongly, the same ones as far as they go."""
    truth = np.arange(1000) % 10
    answers = {name: np.where(np.arange(1000) < count, 18, truth) for name, count in wrong.items()}
    nothing = {"model_seconds": dict.fromkeys(wrong, 1.0), "model_steps": dict.fromkeys(wrong, 1), "seconds": 1.0}
    nothing["weights"] = {f"{name}/w": np.zeros(1) for name in wrong}
    fields = {"family": "affine", "source": "", "models": tuple(wrong), "truth": truth, "answers": answers, **nothing}
    return AddResult.model_construct(**fields)


def test_the_verdict_names_a_winner_only_where_there_is_one() -> None:
    assert answered(fcn=500, cnn=300).verdict == (
        "The CNN errs least: 30.0 ± 1.4 % of the sums are wrong, against 50.0 ± 1.6 % with the FCN"
    )
    assert "cannot be told apart" in answered(fcn=300, cnn=301).verdict
    assert "No network has learned to add yet" in answered(fcn=900, cnn=910).verdict
    assert answered(fcn=200).verdict == "With the FCN 20.0 ± 1.3 % of the sums are wrong"
