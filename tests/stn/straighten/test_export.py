"""What leaves a straighten run does the same as the run."""

from __future__ import annotations

import io
import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pandas as pd
import pytest
import torch
from PIL import Image
from safetensors.numpy import load
from torch.nn import functional

from core.runs.export import Files, export, formats_of, write
from core.runs.kinds import KINDS
from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.canvas_size import EXTENT, VIEW
from core.stn.datasets.images import read_image
from core.stn.export.onnx_graph import session_of
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.theta import Parts, parts, theta_of
from core.stn.geometry.warping import warp
from core.stn.straighten.checkpoint import from_file, localization_from
from core.stn.straighten.looking.doubt import gather
from core.stn.straighten.looking.looks import Looking
from core.stn.straighten.predict import doubt_of, straighten
from core.stn.straighten.result import StraightenResult
from tests.stn.datasets.test_shrinking import logo
from tests.stn.straighten.finished_runs import NAMES, StandIn, result_of
from tests.stn.straighten.pages import checkerboard, disc, noise, wheel

slow = pytest.mark.slow
EXPORTED = [(family, 45.0) for family in FAMILIES] + [("similarity", 180.0), ("projective", 180.0), ("tps", 180.0)]


def exported(result: StraightenResult, form: str) -> Files:
    return export(StandIn(), result, form)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def network_file(operators_listed_once: None) -> Files:
    """The ONNX of one run that exports all there is: sides, the familiar, a homography. Splines are exported by Classify."""
    return exported(result_of("projective", 180.0), "onnx")


def test_a_straighten_run_has_these_formats() -> None:
    assert set(formats_of(KINDS["straighten"], result_of("similarity"))) == {
        "csv",
        "json",
        "safetensors",
        "onnx",
        "script",
        "gif",
        "report",
        "notebook",
    }


# -- weights and tables ----------------------------------------------------------------------------------


def test_the_weights_leave_alone_and_with_the_whole_result() -> None:
    result = result_of("affine")
    files = exported(result, "safetensors")
    assert set(files) == {"weights.safetensors", "straighten-0123456789abcdef.safetensors"}
    for name, value in load(files["weights.safetensors"]).items():
        np.testing.assert_array_equal(value, result.weights[name])
    assert from_file("affine", files["weights.safetensors"]).keys() == result.weights.keys()
    again = StraightenResult.from_bytes(files["straighten-0123456789abcdef.safetensors"])
    np.testing.assert_array_equal(again.example_thetas, result.example_thetas)


@pytest.mark.parametrize("family", ["similarity", "projective", "tps"])
def test_the_table_of_thetas_has_the_parts_and_the_numbers_of_each_example(family: FamilyName) -> None:
    result = result_of(family)
    files = exported(result, "csv")
    said = pd.read_csv(io.BytesIO(files["columns.csv"])).query("File == 'thetas.csv'").set_index("Column")["Name in core"]
    table = pd.read_csv(io.BytesIO(files["thetas.csv"])).rename(columns=said)
    assert list(table.name) == list(NAMES)
    for number, row in table.iterrows():
        theta = torch.from_numpy(result.example_thetas[number])
        np.testing.assert_allclose(row.filter(like="theta_").astype(float), theta.flatten(), atol=1e-6)
        assert row.rotation_deg == pytest.approx(parts(theta).rotation_deg, abs=1e-4)
        assert row.determinant == pytest.approx(row.scale_x * row.scale_y)


# -- the stand-alone file ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "ink"), [("RGBA", 255), ("LA", 250), ("RGBA", 20)], ids=["white", "nearly white", "dark"])
def test_a_logo_on_transparent_ground_is_opened_as_the_lab_opens_it(mode: str, ink: int, tmp_path: Path) -> None:
    write(exported(result_of("similarity"), "script"), tmp_path)
    (tmp_path / "logo.png").write_bytes(logo(mode, ink))
    opened = runpy.run_path(str(tmp_path / "straighten.py"))["opened"](str(tmp_path / "logo.png"))
    assert np.array_equal(np.asarray(opened), read_image("logo.png", logo(mode, ink)).pixels)


@pytest.fixture(scope="module")
def printed_by_files(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, list[str]]:
    """What straighten.py of every family says of every photo; by their folders, in the order of EXPORTED.

    All in one process that finds neither numpy nor this project.
    """
    lines, folders = ["import os, sys, runpy", "sys.modules['numpy'] = None"], []
    for family, max_angle in EXPORTED:
        folders.append(folder := tmp_path_factory.mktemp("taken-away"))
        write(exported(result := result_of(family, max_angle), "script"), folder)
        lines.append(f"os.chdir({str(folder)!r})")
        for number, name in enumerate(NAMES):
            Image.fromarray(result.distorted[str(number)]).save(folder / f"{name}.png")
            lines += [
                f"sys.argv[1:] = ['{name}.png', '{name}-out.png', '--anyway']",
                "runpy.run_path('straighten.py', run_name='__main__')",
            ]
    command = [sys.executable, "-I", "-c", "\n".join(lines)]
    ended = subprocess.run(command, cwd=folders[0], capture_output=True, text=True, check=True)
    assert "NumPy" not in ended.stderr
    printed = ended.stdout.splitlines()
    each = 3 * len(NAMES)
    return {folder: printed[number * each : (number + 1) * each] for number, folder in enumerate(folders)}


@slow
@pytest.mark.parametrize("number", range(len(EXPORTED)), ids=lambda number: "-".join(map(str, EXPORTED[number])))
def test_the_python_file_straightens_as_the_run_does(number: int, printed_by_files: dict[Path, list[str]]) -> None:
    result = result_of(*EXPORTED[number])
    folder, printed = list(printed_by_files.items())[number]
    lines = zip(NAMES, printed[::3], printed[1::3], printed[2::3], strict=True)
    for index, (name, words, theta, belief) in enumerate(lines):
        ours = straighten(result, result.distorted[str(index)])
        np.testing.assert_allclose(json.loads(theta.removeprefix("theta = ")), ours.theta, atol=1e-4)
        assert float(words.split()[2]) == pytest.approx(ours.angle_deg, abs=0.011)
        assert float(belief.removeprefix("belief = ")) == pytest.approx(ours.belief, abs=1e-4)
        theirs = np.asarray(Image.open(folder / f"{name}-out.png"))
        assert np.abs(theirs.astype(int) - ours.image).max() <= 1


# -- ONNX --------------------------------------------------------------------------------------------------


@slow
def test_the_network_as_onnx_agrees_with_the_run_on_any_number_of_images(network_file: Files) -> None:
    result = result_of("projective", 180.0)
    session = session_of(network_file["straighten.onnx"])
    canvases = canvases_of([result.distorted[str(number)] for number in range(3)])
    network = localization_from("projective", result.weights)
    ours = gather(network, canvases, Looking.of(result.distortions), doubt_of(result).familiar)
    for count in (1, 3):
        outputs = session.run(["theta", "sample", "belief"], {"canvas": canvases.pixels[:count].numpy()})
        theta, exported_sample, belief = outputs
        np.testing.assert_allclose(theta, ours.theta[:count], atol=1e-4)
        np.testing.assert_allclose(belief, doubt_of(result).belief(ours)[:count], atol=1e-4)
        assert exported_sample.shape == (count, 1, VIEW, VIEW)
    report = json.loads(network_file["parity.json"])
    assert report["agrees"] is True
    assert len(report["images"]) == 3
    assert 0 < report["worst"] <= 1e-4
    assert "agree to 1e-04" in network_file["PARITY.md"].decode()


def at_any_side() -> list[np.ndarray]:
    """Pictures on which sides tie, which all look alike, and a photo of the training that stands on another side each time."""
    photo, turns = result_of("similarity").upright["0"], [theta_of(Parts(rotation_deg=angle)) for angle in (60, 118, 180, -90)]
    return [disc(), wheel(6), wheel(3), checkerboard(), noise(), *(warp(photo, turn) for turn in turns)]


@slow
def test_run_onnx_and_python_file_answer_alike_where_sides_tie_and_where_one_shows_something_familiar(
    tmp_path: Path, network_file: Files
) -> None:
    result, pictures = result_of("projective", 180.0), at_any_side()
    write(exported(result, "script"), tmp_path)
    program = runpy.run_path(str(tmp_path / "straighten.py"), run_name="taken away")
    network = program["opened_network"](tmp_path / "weights.safetensors")
    session = session_of(network_file["straighten.onnx"])
    recognised = 0
    for picture in pictures:
        ours = straighten(result, picture)
        theta, belief = session.run(["theta", "belief"], {"canvas": canvases_of([picture]).pixels.numpy()})
        others = [(theta[0], belief[0]), program["look"](*network, Image.fromarray(picture))]
        for other, doubt in others:
            np.testing.assert_allclose(other, ours.theta, atol=1e-4)
            assert float(doubt) == pytest.approx(ours.belief, abs=1e-4)
        recognised += abs(ours.angle_deg) > 30
    assert recognised >= 3  # the photos are not left as they stand


@slow
def test_the_sample_of_the_onnx_file_is_the_canvas_seen_through_its_theta(network_file: Files) -> None:
    result, content = result_of("projective", 180.0), network_file["straighten.onnx"]
    canvas = canvases_of([result.distorted["0"]]).pixels
    theta, exported_sample = session_of(content).run(["theta", "sample"], {"canvas": canvas.numpy()})
    across = (2 * torch.arange(VIEW) + 1) / VIEW - 1
    x, y = torch.meshgrid(across, across, indexing="xy")
    seen = torch.stack([x, y, torch.ones(VIEW, VIEW)], dim=-1) @ torch.from_numpy(theta[0]).T
    grid = seen[..., :2] / seen[..., 2:] / EXTENT
    expected = functional.grid_sample(canvas, grid[None], padding_mode="border", align_corners=False)
    np.testing.assert_allclose(exported_sample, expected, atol=1e-4)
    about = {entry.key: entry.value for entry in onnx.load_from_string(content).metadata_props}
    assert about["family"] == "projective"


def test_the_canvas_of_the_report_is_that_of_the_product() -> None:
    """The recipe in PARITY.md, run as it stands there."""
    recipe = (Path(__file__).parents[3] / "core/stn/straighten/templates/onnx.md.txt").read_text()
    namespace: dict[str, Any] = {}
    exec(recipe.split("```python\n")[1].split("```")[0], namespace)
    for number in range(3):
        photo = result_of("similarity").distorted[str(number)]
        canvas = namespace["canvas_of"](Image.fromarray(photo))
        np.testing.assert_allclose(canvas, canvases_of([photo]).pixels, atol=1e-6)


# -- the film ----------------------------------------------------------------------------------------------


def test_the_training_leaves_as_a_looping_gif_with_a_frame_a_stage() -> None:
    content = exported(result_of("tps", stages=4), "gif")["training.gif"]
    film = Image.open(io.BytesIO(content))
    assert (film.n_frames, film.info["loop"]) == (4, 0)
    assert len(content) < 2_000_000
