"""The export formats of a classify run. What a format needs is imported when it is used."""

from __future__ import annotations

from collections.abc import Iterator

from core.runs.export import Files, Format
from core.runs.registry import Run
from core.runs.report.parts import Report, Shown
from core.stn.classify import figures
from core.stn.classify.result import ClassifyResult
from core.stn.datasets.perturbations import PERTURBATIONS
from core.stn.drawing.sheets import montage
from core.stn.export import parity
from core.stn.export.weights_file import weights_file
from core.stn.networks.spec import TITLES
from core.theme import PALETTES


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


_EXAMPLES = 3  # of a class, in a report


def _shown(result: ClassifyResult) -> Iterator[Shown]:
    yield Shown("Error of every network", figures.errors(result), "With its interval; what guessing gives is marked.")
    about = figures.about_robustness(result)
    for kind, row in PERTURBATIONS.items() if len(result.robustness) else ():
        yield Shown(f"Accuracy under stronger distortions: {row.title.lower()}", figures.robustness(result, kind), about)
    for name in (one for one in result.models if one in result.example_outputs):
        for of, rows in figures.before_and_after_of(result, name, _EXAMPLES).items():
            drawn = montage(rows, max(1, 84 // rows.shape[-1]), 3, PALETTES["light"].paper)
            yield Shown(f"{of}: as given, and as the {TITLES[name]} looks at it", drawn)
    for name in result.models:
        yield Shown(f"Confusion matrix of the {TITLES[name]}", figures.confusion_map(result, name), "In % of each class.")
    yield Shown("Loss", figures.losses(result))


STEP = """\
import torch
from core.stn.classify.run import specs_of, task_of
from core.stn.learning.recipe import Passes, cross_entropy, distorted
from core.stn.networks.classifiers import build

task = task_of(request, lab().inputs_of(request))
learned = task.data[torch.as_tensor(task.folds[0].train)]
spec = list(specs_of(request, task))[-1]
network = build(spec, request.seed)  # a spatial transformer in front of a classifier, where the model has one
optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
passes = Passes(len(learned), min(64, len(learned)), torch.Generator().manual_seed(request.seed))
images, labels, _ = next(distorted(learned, request.distortion, passes))
loss = cross_entropy(network, (images, labels))  # forward: theta, grid, sample, classes; and how wrong they are
loss.backward()  # the gradient of the loss by every weight, the localisation network's too
optimizer.step()  # each weight a little against its gradient
print(f"{spec.model}: loss {loss.item():.4f} -> {cross_entropy(network, (images, labels)).item():.4f}")
"""
REPORT = Report(
    _shown,
    step=lambda request: STEP,
    limits=(
        "Networks learn for the same time: on a machine on which one of them is faster it may come out otherwise.",
        "The test has the distortions of the training; how it does under stronger ones is a figure of its own.",
    ),
)


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
