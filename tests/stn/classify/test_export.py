"""What leaves a classification answers as the run does."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import load

from core.runs.export import Files, export, formats_of, write
from core.runs.kinds import KINDS
from core.stn.classify.predict import classifier_from, recognise
from core.stn.classify.result import ClassifyResult
from core.stn.export.onnx_graph import session_of
from tests.stn.classify.finished_runs import ALL, SHOWN, STAGES, pictures, result_of
from tests.stn.straighten.finished_runs import StandIn

slow = pytest.mark.slow
SETTINGS: list[dict[str, Any]] = [
    {"models": ALL, "family": "affine"},
    {"family": "translation", "kernel": "integer", "transformers": 2},
    {"family": "similarity", "kernel": "gaussian", "side": 42, "pool": True, "padding": "border"},
    {"family": "projective", "kernel": "bicubic", "transformers": 2, "arrangement": "deep"},
    {"family": "tps", "kernel": "lanczos", "transformers": 2, "arrangement": "deep"},
    {"family": "tps", "digits": False, "channels": 3, "side": 32, "padding": "border"},
    {"family": "attention", "digits": False, "side": 42},
    {"family": "affine", "side": 42, "points": 28, "transformers": 2, "arrangement": "deep"},
]


def exported(result: ClassifyResult, form: str) -> Files:
    return export(StandIn(kind="classify"), result, form)  # type: ignore[arg-type]


def test_a_classification_has_these_formats() -> None:
    assert set(formats_of(KINDS["classify"], result_of())) == {
        *("csv", "json", "safetensors", "onnx", "script", "gif", "report", "notebook")
    }
    assert "gif" not in formats_of(KINDS["classify"], result_of(models=("cnn",)))


def test_the_weights_of_all_models_leave_by_name() -> None:
    result = result_of()
    tensors = load(exported(result, "safetensors")["weights.safetensors"])
    assert tensors.keys() == result.weights.keys()
    assert {name.split("/")[0] for name in tensors} == {"cnn", "st-cnn"}


@pytest.fixture(scope="module")
def printed_by_files(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """What classify.py of all settings says of every picture by every model, in one process without numpy or this project."""
    lines, counts, folder = ["import os, sys, runpy", "sys.modules['numpy'] = None"], [], Path()
    for settings in SETTINGS:
        write(exported(result := result_of(**settings), "script"), folder := tmp_path_factory.mktemp("taken-away"))
        lines.append(f"os.chdir({str(folder)!r})")
        for number, picture in enumerate(pictures()):
            Image.fromarray(picture).save(folder / f"{number}.png")
            for name in result.models:
                lines.append(f"sys.argv[1:] = ['{number}.png', '{number}-{name}.png', '{name}']")
                lines.append("runpy.run_path('classify.py', run_name='__main__')")
        counts.append(3 * len(result.models) * len(pictures()))
    command = [sys.executable, "-I", "-W", "ignore", "-c", "\n".join(lines)]
    printed = iter(subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=True).stdout.splitlines())
    return [[next(printed) for _ in range(count)] for count in counts]


@slow
@pytest.mark.parametrize("number", range(len(SETTINGS)), ids=lambda number: SETTINGS[number]["family"])
def test_the_python_file_answers_as_the_run_does(number: int, printed_by_files: list[list[str]]) -> None:
    result, printed = result_of(**SETTINGS[number]), iter(printed_by_files[number])
    for picture in pictures():
        for name in result.models:
            ours = recognise(result, name, picture)
            assert next(printed) == f"{name}: {ours.answer}"
            chances = json.loads(next(printed).removeprefix("probabilities = "))
            np.testing.assert_allclose([chances[each] for each in result.classes], ours.probabilities, atol=1e-4)
            thetas = json.loads(next(printed).removeprefix("thetas = "))
            if result.specs[name].spatial:
                np.testing.assert_allclose(thetas, ours.thetas, atol=1e-4)
            else:
                assert thetas == []


@slow
@pytest.mark.usefixtures("operators_listed_once")
@pytest.mark.parametrize(
    "settings",
    [
        {
            "models": ("modern-cnn", "st-fcn"),
            "family": "projective",
            "kernel": "bicubic",
            "transformers": 2,
            "arrangement": "deep",
        },
        {"models": ("st-cnn",), "family": "tps", "kernel": "lanczos", "side": 42, "pool": True, "padding": "border"},
    ],
    ids=lambda settings: "-".join(settings["models"]),
)
def test_the_networks_as_onnx_agree_with_the_run_on_any_number_of_images(settings: dict[str, Any]) -> None:
    result = result_of(**settings)
    files = exported(result, "onnx")
    report = json.loads(files["parity.json"])
    assert report["agrees"] is True
    assert len(report["images"]) == SHOWN * len(result.models)
    images = torch.from_numpy(result.path_images).float() / 255
    for name in result.models:
        session, network = session_of(files[f"{name}.onnx"]), classifier_from(result, name)
        for count in (1, SHOWN):
            [logits] = session.run(["logits"], {"image": images[:count].numpy()})
            with torch.no_grad():
                np.testing.assert_allclose(logits, network(images[:count]), atol=1e-4)
        outputs = [output.name for output in session.get_outputs()]
        assert ("seen" in outputs) == ("theta_1" in outputs) == result.specs[name].spatial


def test_the_training_leaves_as_a_looping_gif_for_each_network_that_looks() -> None:
    for models, names in ((("cnn", "st-cnn"), {"training.gif"}), (("st-fcn", "st-cnn"), {"st-fcn.gif", "st-cnn.gif"})):
        files = exported(result_of(models=models, family="tps", transformers=2), "gif")  # type: ignore[arg-type]
        assert files.keys() == names
        for content in files.values():
            film = Image.open(io.BytesIO(content))
            assert (film.n_frames, film.info["loop"]) == (STAGES, 0)
