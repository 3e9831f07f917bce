from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from core.errors import ImageError
from core.runs.request import Progress
from core.stn.add import figures as add_figures
from core.stn.add import run as adding
from core.stn.add.request import AddRequest
from core.stn.add.result import AddResult
from core.stn.add.run import check, pairs_in, run
from core.stn.learning.scoring import accuracy
from core.training import Plan
from tests.drive import played, stopped


def finished(request: AddRequest) -> tuple[list[Progress], AddResult]:
    return played(run(request, {}))


@pytest.fixture(scope="module")
def steps_and_result() -> tuple[list[Progress], AddResult]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(adding, "Plan", partial(Plan, report_seconds=0))  # a report a step, however fast the machine is
        return finished(AddRequest(models=("fcn", "2xst-fcn"), steps=3, seed=1))


@pytest.fixture(scope="module")
def short(steps_and_result: tuple[list[Progress], AddResult]) -> AddResult:
    return steps_and_result[1]


def test_files_that_are_not_mnist_are_refused_before_the_run() -> None:
    request = AddRequest(mnist=("a", "b", "c", "d"))
    with pytest.raises(ImageError, match="train-images-idx3-ubyte"):
        check(request, dict.fromkeys("abcd", b"hello"))


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
def test_progress_goes_on_from_model_to_model(steps_and_result: tuple[list[Progress], AddResult]) -> None:
    steps, _ = steps_and_result
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


@pytest.mark.parametrize(
    ("budget", "steps", "tested"), [(3.0, None, 2_000), (6.0, None, 3_600), (60.0, None, 10_000), (3.0, 10, 10_000)]
)
def test_short_budgets_test_fewer_pairs(budget: float, steps: int | None, tested: int) -> None:
    assert pairs_in(AddRequest(budget=budget, steps=steps)) == tested


@pytest.mark.slow
def test_stopped_all_networks_have_learned_in_turns_and_are_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adding, "Plan", partial(Plan, report_seconds=0))
    monkeypatch.setattr(adding, "TESTED", 500)
    running = run(AddRequest(models=("fcn", "st-fcn"), steps=10_000), {})
    _, kept = stopped(running, lambda progress: progress.numbers.get("step st-fcn", 0) >= 2)
    result = AddResult.from_bytes(kept.to_bytes())
    assert min(result.model_steps.values()) >= 2
    assert max(result.model_steps.values()) < 10_000
    assert result.unfinished.startswith(
        "It was stopped before its time was over: the networks took turns, for as long each (FCN"
    )
    assert set(result.answers) == {"fcn", "st-fcn"}
