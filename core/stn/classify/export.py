"""The export formats of a classify run. What a format needs is imported when it is used."""

from __future__ import annotations

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.stn.classify.result import ClassifyResult
from core.stn.export import parity
from core.stn.export.weights_file import weights_file


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
    from core.stn.classify.program import classify_script

    return {"classify.py": classify_script(run, result).encode(), "weights.safetensors": _weights(run, result)}


def _onnx(run: Run, result: ClassifyResult) -> Files:
    from core.stn.classify.onnx import onnx_files  # loads for a second

    return onnx_files(run, result)


def _gif(run: Run, result: ClassifyResult) -> Files:
    from core.stn.classify.film import films_of

    return films_of(result)


FORMATS = {
    "safetensors": Format("Weights (safetensors)", _safetensors, "the networks alone, and the whole result"),
    "onnx": Format(
        "Networks (ONNX)", _onnx, "some seconds for each; with a report of how exactly they agree", check=parity.check
    ),
    "script": Format("Python file", _script, "says what is in a picture, needs torch and Pillow only; and its weights"),
    "gif": Format(
        "Training (GIF)",
        _gif,
        "where the transformers looked while they learned",
        suits=lambda result: bool(result.path_thetas),
    ),
}
