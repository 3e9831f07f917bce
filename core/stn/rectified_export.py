"""What a rectify run can be taken away as, besides what every run has: `RectifyResult.exports`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from core.runs.export import Files, Format, as_csv
from core.runs.registry import Run
from core.stn.animation import animated
from core.stn.overlay import margined, net_on
from core.stn.parity import Compared, apart, report
from core.stn.portable import weights_file
from core.stn.sampling import sample
from core.stn.script import straighten_script
from core.stn.straighten import LOOKS, look
from core.stn.theta_table import theta_table
from core.stn.thetas import frame_grid, from_frame, is_spline
from core.stn.views import EXTENT, VIEW, canvases_of
from core.stn.weights import localization_from

if TYPE_CHECKING:
    from core.stn.rectified import RectifyResult

_USAGE = Path(__file__).with_name("templates") / "straighten_onnx.md.txt"


def _weights(run: Run, result: RectifyResult) -> bytes:
    """The network's tensors by name, and in the header what one has to know to use them."""
    about = {
        "family": result.family,
        "looks": str(LOOKS),
        "sides": str(result.sides),
        "input": f"1 x {VIEW} x {VIEW}: grey, cut to a disc and standardised inside it; from a canvas of extent {EXTENT:g}",
    }
    return weights_file(run, result.weights, about)


def _safetensors(run: Run, result: RectifyResult) -> Files:
    return {"weights.safetensors": _weights(run, result), f"{run.kind}-{run.id}.safetensors": result.to_bytes()}


def _script(run: Run, result: RectifyResult) -> Files:
    return {"straighten.py": straighten_script(run, result).encode(), "weights.safetensors": _weights(run, result)}


def _csv(run: Run, result: RectifyResult) -> Files:
    return as_csv(result.tables | {"thetas": _thetas(result)})


def _thetas(result: RectifyResult) -> pd.DataFrame:
    """A row for every example: how the photo has to be looked at to be upright, in square coordinates."""
    sizes = [result.distorted[str(number)].shape for number in range(len(result.example_names))]
    given = [torch.from_numpy(theta) for theta in result.example_thetas]
    squared = [
        theta if is_spline(theta) else from_frame(theta, size[1], size[0]) for theta, size in zip(given, sizes, strict=True)
    ]
    return theta_table(result.example_names, torch.stack(squared).numpy())


def _gif(run: Run, result: RectifyResult) -> Files:
    """The filmed photo with the grid where the network looks, beside what it sees there, stage by stage."""
    given = [net_on(result.film_distorted, theta) for theta in result.film_thetas]
    frames = [np.concatenate([left, margined(right)], axis=1) for left, right in zip(given, result.film, strict=True)]
    return {"training.gif": animated(frames, [f"after {seconds:.1f} s" for seconds in result.film_seconds])}


def _onnx(run: Run, result: RectifyResult) -> Files:
    from core.stn.onnx_export import session_of, straightener  # loads for a second

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
