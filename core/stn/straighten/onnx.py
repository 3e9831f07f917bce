"""The networks of a run as ONNX: everything between what they are given and theta, the grid by matrix products.

Straightening: canvas (`views`) to theta, all looks unrolled, and the canvas as theta shows it. Classification: images to
logits, thetas and what the transformers show. Conventions of `families`.
"""

from __future__ import annotations

import torch
from onnx import ModelProto
from torch import Tensor, nn

from core.stn.datasets.canvas import CANVAS, EXTENT, VIEW, Canvases, read
from core.stn.export.onnx_graph import TRACED, Chain, facts, part_of
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import grid_of
from core.stn.geometry.theta import Parts, compose, identity, move, of_kind, theta_of
from core.stn.straighten.predict import ASTRAY, LOOKS, SETTLING
from core.stn.straighten.view import finish


class _Start(nn.Module):
    """Every canvas once for each side it is looked at from: canvas (B, …) to canvas (B·sides, …) and theta (B·sides, …)."""

    def __init__(self, family: FamilyName, sides: int) -> None:
        super().__init__()
        turns = torch.stack([theta_of(Parts(rotation_deg=360 * side / sides)) for side in range(sides)]).float()
        self.turns = of_kind(turns, FAMILIES[family].kind)

    def forward(self, canvas: Tensor) -> tuple[Tensor, Tensor]:
        sides = len(self.turns)
        many = canvas[:, None].expand(-1, sides, -1, -1, -1).flatten(0, 1)
        return many, self.turns.expand(canvas.shape[0], *self.turns.shape).flatten(0, 1)


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
    """The network of a straighten run: "canvas" (B, 1, CANVAS, CANVAS) to "theta" and "sample" (B, 1, VIEW, VIEW)."""
    canvas = torch.zeros(TRACED, 1, CANVAS, CANVAS)
    theta = identity(TRACED, family)
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
