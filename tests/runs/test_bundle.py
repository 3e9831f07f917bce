from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.errors import StoreError
from core.rnn.memory.request import MemoryRequest
from core.runs.bundle import EXAMPLES, SUMMARIES, examples, examples_by_name, pack, summaries, summaries_file, unpack
from core.runs.lab import Lab
from core.runs.registry import State
from core.runs.request import key_of


def test_the_shipped_examples_load_and_say_what_they_found(lab: Lab) -> None:
    runs = examples(lab)
    assert len(runs) == len(list(EXAMPLES.glob("*.gridcast"))) == 15
    for run in runs:
        assert (run.state, run.error) == (State.DONE, "")
        result = lab.result(run)
        assert result.headline == run.headline
        assert result.scores == run.scores
        assert result.standing is None or result.standing.health_is  # never healthy, or not, without a reason
        assert run.created == pytest.approx((run.finished or 0) - (run.seconds or 0))  # as old as it is, not as its row


def test_the_shipped_memory_is_of_the_networks_of_the_shipped_comparison(lab: Lab) -> None:
    runs = {run.id: run for run in examples(lab)}
    (memory,) = (run.request for run in runs.values() if isinstance(run.request, MemoryRequest))
    assert runs[key_of(memory.comparison)].result == memory.networks


@pytest.mark.parametrize("name", ["3-classify", "15-parts"])
def test_both_networks_of_a_shipped_comparison_learned_for_as_many_steps(lab: Lab, name: str) -> None:
    run = unpack(lab, (EXAMPLES / f"{name}.gridcast").read_bytes())
    result = lab.result(run)
    assert list(result.model_steps.values()) == [run.request.steps] * 2
    assert result.losses.groupby("model")["step"].max().to_dict() == result.model_steps


def test_the_shipped_alignment_has_every_stage_to_its_end(lab: Lab) -> None:
    result = lab.result(unpack(lab, (EXAMPLES / "4-align.gridcast").read_bytes()))
    assert len(result.film) == len(result.film_seconds) == len(result.film_variance) > 5
    assert result.film_seconds == sorted(result.film_seconds)
    assert result.film_seconds[-1] == pytest.approx(result.seconds, abs=0.01)
    np.testing.assert_array_equal(result.film[[0, -1]], [result.mean_before, result.mean_after])
    assert [result.film_variance[stage] for stage in (0, -1)] == [result.variance_before, result.variance_after]


def test_what_is_said_of_a_shipped_result_is_what_it_says_itself(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = examples_by_name(lab)
    assert summaries_file(lab, runs) == (EXAMPLES / SUMMARIES).read_bytes()
    assert {name: summary.data for name, summary in summaries().items() if summary.data}  # some have tested something


def test_a_summary_of_another_result_is_not_believed(lab: Lab) -> None:
    bundle, summary = (EXAMPLES / "4-align.gridcast").read_bytes(), summaries()["4-align"]
    other = unpack(lab, bundle, summary=replace(summary, result="0" * 64, headline="all images are aligned"))
    assert other.headline == summary.headline
    lab.delete(other)
    believed = unpack(lab, bundle, summary=replace(summary, headline="all images are aligned"))
    assert believed.headline == "all images are aligned"


def test_a_bundle_comes_back_as_the_same_run(lab: Lab) -> None:
    run = examples(lab)[0]
    bundle = pack(lab, run)
    lab.delete(run)
    again = unpack(lab, bundle)
    assert (again.id, again.scores, again.finished) == (run.id, run.scores, run.finished)
    assert lab.inputs_of(again.request)


@pytest.mark.parametrize("content", [b"", b"PK", b"just words"])
def test_what_is_no_bundle_is_refused(lab: Lab, content: bytes) -> None:
    with pytest.raises(StoreError, match="bundle"):
        unpack(lab, content)


def test_an_example_of_another_version_is_left_out_and_leaves_no_run(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with zipfile.ZipFile(EXAMPLES / "4-align.gridcast") as old, zipfile.ZipFile(tmp_path / "4-align.gridcast", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name)[:100] if name == "result.safetensors" else old.read(name))
    monkeypatch.setattr("core.runs.bundle.EXAMPLES", tmp_path)
    assert examples(lab) == []
    assert lab.runs() == []
