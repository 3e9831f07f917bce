"""What a straighten run can be taken away as, besides what every run has: `StraightenResult.exports`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.runs.export import Files, Format, as_csv
from core.runs.registry import Run
from core.stn.datasets.canvas import EXTENT, VIEW, canvases_of
from core.stn.drawing.animation import animated
from core.stn.drawing.grid_overlay import margined, net_on
from core.stn.export.layers import source_of
from core.stn.export.parity import Compared, apart, report
from core.stn.export.program import filled, header, sampler_source, transformation
from core.stn.export.weights_file import weights_file
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid, from_frame, is_spline, parts
from core.stn.straighten.checkpoint import localization_from
from core.stn.straighten.predict import ASTRAY, LOOKS, SETTLING, look

if TYPE_CHECKING:
    from core.stn.straighten.result import StraightenResult


def theta_table(names: Sequence[str], thetas: np.ndarray) -> pd.DataFrame:
    """Thetas (N, …) of any kind in square coordinates, output to input; a homography's and a spline's parts are at the centre.

    Columns: name, rotation_deg, scale_x, scale_y, shear, shift_x, shift_y, determinant, and theta_1, theta_2, … row by row.
    """
    read = [parts(theta) for theta in thetas]
    table = pd.DataFrame([asdict(row) | {"determinant": row.determinant} for row in read])
    table.insert(0, "name", list(names))
    numbers = thetas.reshape(len(thetas), -1)
    return table.join(pd.DataFrame(numbers, columns=[f"theta_{n}" for n in range(1, numbers.shape[1] + 1)]))


def straighten_script(run: Run, result: StraightenResult) -> str:
    """straighten.py: straightens a photo of any size as `straighten.straighten` does with this run."""
    network = localization_from(result.family, result.weights)
    layers = {name: source_of(getattr(network, name), depth=2) for name in ("features", "hidden", "params")}
    about = {"looks": LOOKS, "view": VIEW, "extent": EXTENT, "look": _look(result.family, result.sides)}
    about["sampled"] = sampler_source("bilinear")
    return filled("straighten", **header(run, result.family), **transformation(result.family), **layers, **about)


def _look(family: FamilyName, sides: int) -> str:
    """How a photo is looked at: straight ahead, or from all sides where it may stand on its head."""
    if sides == 1:
        return filled("look_ahead").rstrip()
    around = filled("look_around", sides=sides, settling=SETTLING, astray=ASTRAY)
    turned = filled(f"turned_{FAMILIES[family].kind.name}")
    return f"{turned}\n\n{around}".rstrip()


_USAGE = Path(__file__).parents[1] / "export" / "templates" / "straighten_onnx.md.txt"


def _weights(run: Run, result: StraightenResult) -> bytes:
    """The network's tensors by name, and in the header what one has to know to use them."""
    about = {
        "family": result.family,
        "looks": str(LOOKS),
        "sides": str(result.sides),
        "input": f"1 x {VIEW} x {VIEW}: grey, cut to a disc and standardised inside it; from a canvas of extent {EXTENT:g}",
    }
    return weights_file(run, result.weights, about)


def _safetensors(run: Run, result: StraightenResult) -> Files:
    return {"weights.safetensors": _weights(run, result), f"{run.kind}-{run.id}.safetensors": result.to_bytes()}


def _script(run: Run, result: StraightenResult) -> Files:
    return {"straighten.py": straighten_script(run, result).encode(), "weights.safetensors": _weights(run, result)}


def _csv(run: Run, result: StraightenResult) -> Files:
    return as_csv(result.tables | {"thetas": _thetas(result)})


def _thetas(result: StraightenResult) -> pd.DataFrame:
    """A row for every example: how the photo has to be looked at to be upright, in square coordinates."""
    sizes = [result.distorted[str(number)].shape for number in range(len(result.example_names))]
    given = [torch.from_numpy(theta) for theta in result.example_thetas]
    squared = [
        theta if is_spline(theta) else from_frame(theta, size[1], size[0]) for theta, size in zip(given, sizes, strict=True)
    ]
    return theta_table(result.example_names, torch.stack(squared).numpy())


def _gif(run: Run, result: StraightenResult) -> Files:
    """The filmed photo with the grid where the network looks, beside what it sees there, stage by stage."""
    given = [net_on(result.film_distorted, theta) for theta in result.film_thetas]
    frames = [np.concatenate([left, margined(right)], axis=1) for left, right in zip(given, result.film, strict=True)]
    return {"training.gif": animated(frames, [f"after {seconds:.1f} s" for seconds in result.film_seconds])}


def _onnx(run: Run, result: StraightenResult) -> Files:
    from core.stn.export.onnx_graph import session_of  # loads for a second
    from core.stn.straighten.onnx import straightener

    network = localization_from(result.family, result.weights)
    content = straightener(network, result.family, result.sides, {"run": run.id, "title": run.title})
    session = session_of(content)
    rows = []
    for number, name in enumerate(result.example_names):
        photo = result.distorted[str(number)]
        canvas = canvases_of([photo])
        exported = torch.from_numpy(session.run(["theta"], {"canvas": canvas.pixels.numpy()})[0])
        ours = look(network, canvas, sides=result.sides)
        seen = apart(_seen(photo, exported), _seen(photo, ours))
        rows.append(Compared("straighten.onnx", f"{number + 1}: {name}", apart(exported, ours), seen))
    return {"straighten.onnx": content} | report(run, rows, _USAGE.read_text())


def _seen(photo: np.ndarray, theta: Tensor) -> Tensor:
    """The photo through theta (1, …), in square coordinates, brightness 0 to 1 without rounding: (1, 3, H, W)."""
    image = torch.from_numpy(photo.copy()).permute(2, 0, 1)[None].float() / 255
    return sample(image, frame_grid(theta, photo.shape[0], photo.shape[1]))


FORMATS = {
    "csv": Format("Tables (CSV)", _csv, "every trial, how it learned, and theta for each example"),
    "safetensors": Format("Weights (safetensors)", _safetensors, "the network alone, and the whole result"),
    "onnx": Format(
        "Network (ONNX)", _onnx, "made when you press, which takes some seconds; with a report of how exactly it agrees"
    ),
    "script": Format(
        "Python file", _script, "one file that straightens photos with nothing but torch and Pillow, and its weights"
    ),
    "gif": Format("Training (GIF)", _gif, "one photo straightening itself while the network learned"),
}
