"""The networks of a run as ONNX: everything between what they are given and theta, the grid by matrix products.

Straightening: canvas (`views`) to theta, all looks unrolled, and the canvas as theta shows it. Classification: images to
logits, thetas and what the transformers show. Conventions of `families`.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from onnx import ModelProto
from torch import Tensor, nn

from core.stn.classifiers import Classifier
from core.stn.families import FAMILIES, FamilyName
from core.stn.kernels import KERNELS, pixels_of
from core.stn.modules import Sampler
from core.stn.onnx_graph import OPSET, Chain, part_of
from core.stn.portable import THETA
from core.stn.projective import promoted
from core.stn.sampling import grid_of
from core.stn.spline import CONTROLS, control_points
from core.stn.straighten import ASTRAY, LOOKS, SETTLING
from core.stn.thetas import Parts, compose, identity, move, theta_of
from core.stn.views import CANVAS, EXTENT, VIEW, Canvases, finish, read

_TRACED = 2  # images that the exporter is shown; the batch stays free


class _Start(nn.Module):
    """Every canvas once for each side it is looked at from: canvas (B, …) to canvas (B·sides, …) and theta (B·sides, …)."""

    def __init__(self, family: FamilyName, sides: int) -> None:
        super().__init__()
        turns = torch.stack([theta_of(Parts(rotation_deg=360 * side / sides)) for side in range(sides)]).float()
        self.turns = _of_kind(turns, family)

    def forward(self, canvas: Tensor) -> tuple[Tensor, Tensor]:
        sides = len(self.turns)
        many = canvas[:, None].expand(-1, sides, -1, -1, -1).flatten(0, 1)
        return many, self.turns.expand(canvas.shape[0], *self.turns.shape).flatten(0, 1)


def _of_kind(theta: Tensor, family: FamilyName) -> Tensor:
    """Affine thetas (N, 2, 3) as thetas of the family's kind, which can express them exactly."""
    if family == "projective":
        return promoted(theta)
    return move(theta, control_points(theta).expand(len(theta), CONTROLS, 2)) if family == "tps" else theta


class _Look(nn.Module):
    """One look: the canvas as theta shows it (B, 1, VIEW, VIEW), and theta with what the network undoes in addition."""

    def __init__(self, localization: nn.Module) -> None:
        super().__init__()
        self.localization = localization

    def forward(self, canvas: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        seen = read(Canvases(canvas, canvas), grid_of(theta, VIEW, VIEW))
        return compose(theta, self.localization(finish(seen))), seen


class _Agree(nn.Module):
    """Of the thetas (B·sides, …) from all sides the one that the others come nearest to: (B, …); as `straighten` does."""

    def __init__(self, sides: int) -> None:
        super().__init__()
        self.sides = sides
        self.corners = torch.tensor([[[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]])

    def forward(self, theta: Tensor) -> Tensor:
        corners = move(theta, self.corners).unflatten(0, (-1, self.sides))  # (B, sides, 4, 2)
        apart = (corners[:, :, None] - corners[:, None]).square().sum(-1).sqrt().mean(-1).clamp(max=ASTRAY)
        chosen = nn.functional.one_hot(apart.sum(-1).argmin(-1), self.sides).to(theta.dtype)  # (B, sides)
        return (theta.unflatten(0, (-1, self.sides)) * chosen[:, :, None, None]).sum(1)


def straightener(localization: nn.Module, family: FamilyName, sides: int, about: dict[str, str]) -> bytes:
    """The network of a rectify run: "canvas" (B, 1, CANVAS, CANVAS) to "theta" and "sample" (B, 1, VIEW, VIEW)."""
    canvas = torch.zeros(_TRACED, 1, CANVAS, CANVAS)
    theta = identity(_TRACED, family)
    start = part_of(_Start(family, sides), {"canvas": canvas}, ("many", "start"))
    step = part_of(_Look(localization), {"canvas": canvas, "theta": theta}, ("next", "seen"))
    agree = part_of(_Agree(sides), {"thetas": theta.repeat(sides, 1, 1)}, ("agreed",)) if sides > 1 else None
    chain = Chain()
    found, seen = _looks(chain, start, step, agree)
    outputs = {"theta": (found, ["batch", *theta.shape[1:]]), "sample": (seen, ["batch", 1, VIEW, VIEW])}
    seen_by_it = f"grey, standardised, the short side {VIEW} pixels, reaching {EXTENT:g} in square coordinates"
    about = {**about, **facts(family), "canvas": seen_by_it}
    return chain.model("straighten", {"canvas": ["batch", 1, CANVAS, CANVAS]}, outputs, about)


def _looks(chain: Chain, start: ModelProto, step: ModelProto, agree: ModelProto | None) -> tuple[str, str]:
    """All looks, one after the other, and what the last theta shows."""
    canvas, theta = chain.add("start", start, {"canvas": "canvas"})
    for look in range(LOOKS):
        if agree and look == SETTLING:
            canvas, [theta] = "canvas", chain.add("agree", agree, {"thetas": theta})
        theta, _ = chain.add("look", step, {"canvas": canvas, "theta": theta})
    _, seen = chain.add("look", step, {"canvas": canvas, "theta": theta})
    return theta, seen


class _Classify(nn.Module):
    """Images to logits, and what the transformers do: one theta for each output they have, and what they show."""

    def __init__(self, network: Classifier) -> None:
        super().__init__()
        self.network = network
        if network.transformers is not None and network.spec.kernel in ("lanczos", "gaussian"):
            network.transformers.sampler = _Gathered(network.transformers.sampler)  # type: ignore[assignment]

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        if self.network.transformers is None:
            return (self.network(image),)
        return self.network(image), *self.network.transformers.thetas(image), self.network.seen(image)


class _Gathered(nn.Module):
    """A sampler for kernels that ONNX has no operator for: every output pixel is a weighted sum over all columns and rows.

    The same numbers as `kernels.interpolate` with padding border or zeros; a learned Φ is a number by now.
    """

    def __init__(self, sampler: Sampler) -> None:
        super().__init__()
        phi: list[float] = [1.0, 1.0] if sampler.phi is None else sampler.phi.tolist()
        self.kernel, self.border = KERNELS[sampler.kernel], sampler.padding == "border"
        self.phi_x, self.phi_y = phi

    def forward(self, image: Tensor, grid: Tensor) -> Tensor:
        x, y = pixels_of(grid, image.shape[-2], image.shape[-1])
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


def classifier(network: Classifier, about: dict[str, str]) -> bytes:
    """A classifier: "image" (B, C, side, side), 0 to 1, to "logits" and, with transformers, "theta_1", … and "seen".

    The network is used up: a sampler that ONNX has no operator for is replaced in it.
    """
    spec = network.spec
    traced = torch.zeros(_TRACED, spec.channels, spec.side, spec.side)
    module = _Classify(network.eval())
    with torch.no_grad():
        shapes = [list(output.shape[1:]) for output in module(traced)]
    between = [f"theta_{number + 1}" for number in range(len(shapes) - 2)]
    names = ("logits", *between, "seen") if len(shapes) > 1 else ("logits",)
    chain = Chain()
    made = chain.add("classify", part_of(module, {"image": traced}, names), {"image": "image"})
    outputs = {name: (tensor, ["batch", *shape]) for name, tensor, shape in zip(names, made, shapes, strict=True)}
    return chain.model("classify", {"image": ["batch", *traced.shape[1:]]}, outputs, about | facts(spec.family))


def facts(family: FamilyName) -> dict[str, str]:
    """What one has to know to use a theta, for the header of a file."""
    return {
        "family": family,
        "parameters": ", ".join(FAMILIES[family].parameters),
        "opset": str(OPSET),
        "theta": THETA,
    }


def session_of(content: bytes) -> Any:
    """An onnxruntime session on one CPU thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
