"""Trained classifiers as ONNX graphs: images to logits, thetas and what the transformers show."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.runs.export import Files
from core.runs.registry import Run
from core.stn.classify.predict import classifier_from
from core.stn.classify.result import ClassifyResult
from core.stn.export.onnx_graph import TRACED, Chain, Module, Part, facts, parts_of, session_of
from core.stn.export.parity import Compared, largest_difference, report
from core.stn.geometry.interpolation import in_pixels
from core.stn.geometry.kernels import KERNELS
from core.stn.networks.classifiers import Classifier
from core.stn.networks.spatial_transformer import Sampler
from core.stn.networks.spec import ModelName

_USAGE = Path(__file__).parent / "templates" / "onnx.md.txt"


class _Gathered(nn.Module):
    """A sampler for kernels that ONNX has no operator for: every output pixel is a weighted sum over all columns and rows.

    The same numbers as `interpolation.interpolate` with padding border or zeros; a learned Φ is a number by now.
    """

    def __init__(self, sampler: Sampler) -> None:
        super().__init__()
        phi: list[float] = [1.0, 1.0] if sampler.phi is None else sampler.phi.tolist()
        self.kernel, self.border = KERNELS[sampler.kernel], sampler.padding == "border"
        self.phi_x, self.phi_y = phi

    def forward(self, image: Tensor, grid: Tensor) -> Tensor:
        x, y = in_pixels(grid, image.shape[-2], image.shape[-1])
        across, down = self._weights(x, image.shape[-1], self.phi_x), self._weights(y, image.shape[-2], self.phi_y)
        return torch.einsum("bchw,wbij,hbij->bcij", image, across, down)

    def _weights(self, x: Tensor, size: int, phi: float) -> Tensor:
        """How much of each pixel of an axis is read at x (B, H, W), in pixels: (size, B, H, W)."""
        reach = math.ceil(self.kernel.reach(phi))
        margin = 2 * reach + 1
        x = x.clamp(-reach - 1.0, size + float(reach))  # further out nothing changes
        position = torch.arange(-margin, size + margin, dtype=x.dtype).view(-1, 1, 1, 1)
        first = torch.floor(x - self.kernel.reach(phi) + 1)
        near = (position >= first) & (position < first + int(2 * self.kernel.reach(phi)))
        weights = self.kernel.shape(x - position, torch.tensor(phi)) * near
        weights = weights / weights.sum(0) if self.kernel.normalised else weights
        inside = weights[margin : margin + size]
        if not self.border:
            return inside
        low, high = weights[:margin].sum(0, keepdim=True), weights[margin + size :].sum(0, keepdim=True)
        nothing = torch.zeros(size - 1, 1, 1, 1).expand(-1, *x.shape)
        return inside + torch.cat([low, nothing]) + torch.cat([nothing, high])


class _Classify(nn.Module):
    """Images to logits, and what the transformers do: one theta for each output they have, and what they show."""

    def __init__(self, network: Classifier) -> None:
        super().__init__()
        self.network = network
        if network.transformers is not None and KERNELS[network.spec.kernel].in_torch is None:
            network.transformers.sampler = _Gathered(network.transformers.sampler)  # type: ignore[assignment]

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        if self.network.transformers is None:
            return (self.network(image),)
        return self.network(image), *self.network.transformers.thetas(image), self.network.view(image)


def classifiers(networks: Mapping[str, Classifier], about: dict[str, str]) -> Files:
    """A file each: "image" (B, C, side, side), 0 to 1, to "logits" and, with transformers, "theta_1", … and "seen".

    The networks are used up: a sampler that ONNX has no operator for is replaced in them.
    """
    modules = {name: _module(network.eval()) for name, network in networks.items()}
    parts = parts_of(modules)
    return {f"{name}.onnx": _file(networks[name], modules[name], part, about | {"model": name}) for name, part in parts.items()}


def _module(network: Classifier) -> Module:
    spec, module = network.spec, _Classify(network)
    traced = torch.zeros(TRACED, spec.channels, spec.side, spec.side)
    with torch.no_grad():
        thetas = len(module(traced)) - 2
    looks = (*(f"theta_{number + 1}" for number in range(thetas)), "seen") if thetas > 0 else ()
    return Module(module, {"image": traced}, ("logits", *looks))


def _file(network: Classifier, module: Module, part: Part, about: dict[str, str]) -> bytes:
    chain, image = Chain(), module.inputs["image"]
    tensors = chain.add("classify", part, {"image": "image"})
    rows = zip(module.outputs, tensors, part.shapes, strict=True)
    outputs = {name: (tensor, ["batch", *shape]) for name, tensor, shape in rows}
    return chain.model("classify", {"image": ["batch", *image.shape[1:]]}, outputs, about | facts(network.spec.family))


def _compared(result: ClassifyResult, model: ModelName, session: Any) -> list[Compared]:
    """The test images that the run shows, through onnxruntime and through the run."""
    network, rows = classifier_from(result, model), []
    for number, image in enumerate(torch.from_numpy(result.path_images.copy()).float() / 255):
        logits, *others = (torch.from_numpy(output) for output in session.run(None, {"image": image[None].numpy()}))
        with torch.inference_mode():
            ours = network(image[None]).softmax(1)
            thetas = network.transformers.thetas(image[None]) if network.transformers else []
            expected = [*thetas, *([network.view(image[None])] if network.transformers else [])]
        away = [largest_difference(one, other) for one, other in zip(others, expected, strict=True)] or [0.0]
        probabilities = largest_difference(logits.softmax(1), ours)
        rows.append(Compared(f"{model}.onnx", f"test image {number + 1}", max([0.0, *away[:-1]]), away[-1], probabilities))
    return rows


def onnx_files(run: Run, result: ClassifyResult) -> Files:
    """A graph for every model, and how exactly it agrees with the run on the run's own test images."""
    files = classifiers({name: classifier_from(result, name) for name in result.models}, {"run": run.id})
    rows = [row for name in result.models for row in _compared(result, name, session_of(files[f"{name}.onnx"]))]
    return files | report(run, rows, _USAGE.read_text())
