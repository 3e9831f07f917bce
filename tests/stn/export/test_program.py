"""The programs that leave are as tidy as the project itself, whatever is put into the templates."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from torch import nn

from core.stn.classify.program import classify_script
from core.stn.export.layers import source_of
from core.stn.straighten.program import straighten_script
from tests.stn.classify import finished_runs as classified_runs
from tests.stn.classify.test_export import SETTINGS
from tests.stn.straighten import finished_runs as straightened_runs
from tests.stn.straighten.finished_runs import StandIn
from tests.stn.straighten.test_export import EXPORTED

RUN = StandIn(title='Büro "A"\\\n""" and so on')


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One program of every kind."""
    programs = tmp_path_factory.mktemp("programs")
    for number, (family, max_angle) in enumerate(EXPORTED):
        result = straightened_runs.result_of(family, max_angle)
        (programs / f"straighten{number}.py").write_text(straighten_script(RUN, result), "utf-8")  # type: ignore[arg-type]
    for number, settings in enumerate(SETTINGS):
        answered = classified_runs.result_of(**settings)
        (programs / f"classify{number}.py").write_text(classify_script(RUN, answered), "utf-8")  # type: ignore[arg-type]
    return programs


def test_programs_import_torch_and_pillow_and_nothing_else(folder: Path) -> None:
    for path in folder.iterdir():
        tree = ast.parse(path.read_text("utf-8"))
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert {name.split(".")[0] for name in names} - set(sys.stdlib_module_names) == {"torch", "PIL"}


@pytest.mark.parametrize("words", [["check", "--select", "E,F,I,W,B", "--ignore", "B905"], ["format", "--check"]])
def test_programs_are_in_the_style_of_the_project(folder: Path, words: list[str]) -> None:
    command = [sys.executable, "-m", "ruff", *words, "--no-cache", "--isolated", "--line-length", "128", str(folder)]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout


def test_a_network_written_down_is_the_same_network() -> None:
    network = nn.Sequential(
        nn.Sequential(nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()),
        nn.MaxPool2d(2, ceil_mode=True), nn.AvgPool2d(2), nn.Conv2d(8, 4, 5), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(4, 2),
    )  # fmt: skip
    assert str(eval(source_of(network), {"nn": nn})) == str(network)


def test_a_layer_without_a_source_is_refused() -> None:
    with pytest.raises(TypeError, match="LSTM has no source"):
        source_of(nn.LSTM(2, 2))
