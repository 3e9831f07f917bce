"""What a classification can be taken away as, besides what every run has: `ClassifyResult.exports`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.stn.classify.predict import DIGIT, INK, MIDDLE, classifier_from
from core.stn.drawing.animation import animated
from core.stn.drawing.sheets import looked_at, montage
from core.stn.export.layers import source_of
from core.stn.export.parity import Compared, apart, report
from core.stn.export.program import filled, header, sampler_source, transformation
from core.stn.export.weights_file import weights_file
from core.stn.geometry.kernels import BROADEST, KERNELS
from core.stn.geometry.pixels import pixels_of
from core.stn.geometry.sampling import grid_of, sample
from core.stn.networks.classifiers import Classifier
from core.stn.networks.spec import TITLES, ModelName

if TYPE_CHECKING:
    from core.stn.classify.result import ClassifyResult


def classify_script(run: Run, result: ClassifyResult) -> str:
    """classify.py: tells what is in a picture as `recognise.recognise` does with any model of this run."""
    spec = next(iter(result.specs.values()))
    first = next((name for name in result.models if result.specs[name].spatial), result.models[0])
    digit = {"clean": result.clean_side, "ink": INK, "digit": DIGIT, "middle": MIDDLE}
    return filled(
        "classify",
        **header(run, spec.family),
        **transformation(spec.family),
        classes=json.dumps(result.classes, ensure_ascii=False),
        side=spec.side,
        channels=spec.channels,
        deep=spec.arrangement == "deep",
        padding=spec.padding,
        sampled=sampler_source(spec.kernel),
        sampler=filled(f"module_sampler{'_width' if KERNELS[spec.kernel].width else ''}", broadest=BROADEST).rstrip(),
        prepared=filled("picture_digit" if result.digits else "picture_square", **digit).rstrip(),
        names=", ".join(result.models),
        networks="\n\n".join(_network(classifier_from(result, name)) for name in result.models).rstrip(),
        models="{" + ", ".join(f'"{name}": {_function(name)}' for name in result.models) + "}",
        first=first,
    )


def _network(network: Classifier) -> str:
    """A function that builds one classifier."""
    localizers = network.transformers.localizers if network.transformers else ()
    listed = "".join(f"            {source_of(localizer, depth=3)},\n" for localizer in localizers)
    parts = {
        "body": source_of(network.body, depth=2),
        "localizers": f"[\n{listed}        ]" if listed else "[]",
        "halved": str(network.pools),
    }
    inner = "".join(f"        {name}={source},\n" for name, source in parts.items())
    return f"def {_function(network.spec.model)}() -> Network:\n    return Network(\n{inner}    )\n"


def _function(model: ModelName) -> str:
    return model.replace("-", "_")


_USAGE = Path(__file__).parents[1] / "export" / "templates" / "classify_onnx.md.txt"
_TILE = 120  # pixels: an image of the film


def _weights(run: Run, result: ClassifyResult) -> bytes:
    spec = next(iter(result.specs.values()))
    about = {
        "models": ", ".join(result.models),
        "family": result.family,
        "kernel": result.kernel,
        "padding": spec.padding,
        "classes": ", ".join(result.classes),
        "input": f"{spec.channels} x {spec.side} x {spec.side}, brightness 0 to 1",
    }
    return weights_file(run, result.weights, about)


def _safetensors(run: Run, result: ClassifyResult) -> Files:
    return {"weights.safetensors": _weights(run, result), f"{run.kind}-{run.id}.safetensors": result.to_bytes()}


def _script(run: Run, result: ClassifyResult) -> Files:
    return {"classify.py": classify_script(run, result).encode(), "weights.safetensors": _weights(run, result)}


def _onnx(run: Run, result: ClassifyResult) -> Files:
    from core.stn.classify.onnx import classifier  # loads for a second
    from core.stn.export.onnx_graph import session_of

    files: Files = {}
    rows: list[Compared] = []
    for name in result.models:
        files[f"{name}.onnx"] = content = classifier(classifier_from(result, name), {"run": run.id, "model": name})
        rows += _compared(result, name, session_of(content))
    return files | report(run, rows, _USAGE.read_text())


def _compared(result: ClassifyResult, model: ModelName, session: Any) -> list[Compared]:
    """The test images that the run shows, through onnxruntime and through the run."""
    network, rows = classifier_from(result, model), []
    for number, image in enumerate(torch.from_numpy(result.path_images.copy()).float() / 255):
        logits, *others = (torch.from_numpy(output) for output in session.run(None, {"image": image[None].numpy()}))
        with torch.inference_mode():
            ours = network(image[None]).softmax(1)
            thetas = network.transformers.thetas(image[None]) if network.transformers else []
            seen = [*thetas, *([network.seen(image[None])] if network.transformers else [])]
        away = [apart(one, other) for one, other in zip(others, seen, strict=True)] or [0.0]
        told = f"test image {number + 1}"
        rows.append(Compared(f"{model}.onnx", told, max([0.0, *away[:-1]]), away[-1], apart(logits.softmax(1), ours)))
    return rows


def _gif(run: Run, result: ClassifyResult) -> Files:
    """For each network with transformers: where it looked in the same test images, above what it saw there, stage by stage."""
    films: Files = {}
    for name in filter(result.path_steps.__contains__, result.models):
        frames = [_stage(result, stage) for stage in result.path_thetas[name]]
        captions = [f"{TITLES[name]}, after {steps:,} steps" for steps in result.path_steps[name]]
        films[f"{name}.gif" if len(result.path_steps) > 1 else "training.gif"] = animated(frames, captions)
    return films


def _stage(result: ClassifyResult, thetas: np.ndarray) -> np.ndarray:
    """One moment: thetas (transformers, N, …) of the shown images, uint8 (H, W, 3)."""
    columns = []
    for image, grids in zip(result.path_images, thetas.swapaxes(0, 1), strict=False):
        views = [_fitted(_through(result, image, torch.from_numpy(theta)[None])) for theta in grids]
        columns.append(np.concatenate([looked_at(image, grids, size=_TILE), *views]))
    return np.concatenate(columns, axis=1)


def _through(result: ClassifyResult, image: np.ndarray, theta: Tensor) -> np.ndarray:
    """An image (C, side, side), uint8, as theta (1, …) shows it."""
    spec = next(iter(result.specs.values()))
    seen = sample(torch.from_numpy(image.copy())[None].float() / 255, grid_of(theta, spec.side, spec.side), spec.padding)
    return pixels_of(seen)[0]


def _fitted(image: np.ndarray) -> np.ndarray:
    """An image (C, side, side) as a tile of the film, uint8 (_TILE, _TILE, 3), every pixel a crisp square."""
    large = Image.fromarray(montage(image[None, None])).resize((_TILE, _TILE), Image.Resampling.NEAREST)
    return np.asarray(large)


FORMATS = {
    "safetensors": Format("Weights (safetensors)", _safetensors, "the networks alone, and the whole result"),
    "onnx": Format("Networks (ONNX)", _onnx, "some seconds for each; with a report of how exactly they agree"),
    "script": Format("Python file", _script, "tells what is in a picture, needs torch and Pillow only; and its weights"),
    "gif": Format(
        "Training (GIF)",
        _gif,
        "where the transformers looked while they learned",
        suits=lambda result: bool(result.path_thetas),
    ),
}
