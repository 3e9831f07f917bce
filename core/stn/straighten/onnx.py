"""A straighten run as an ONNX graph: canvas (see `view`) to theta, all looks unrolled, and the canvas as theta shows it.

The grid is made by matrix products, which every runtime has. Conventions of `families`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from onnx import ModelProto
from torch import Tensor, nn

from core.runs.export import Files
from core.runs.registry import Run
from core.stn.datasets.canvas import Canvases, canvases_of, read
from core.stn.datasets.canvas_size import CANVAS, EXTENT, VIEW
from core.stn.export.onnx_graph import TRACED, Chain, facts, part_of, session_of
from core.stn.export.parity import Compared, largest_difference, report
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import Parts, compose, frame_grid, identity, move, of_kind, theta_of
from core.stn.straighten.checkpoint import localization_from
from core.stn.straighten.predict import ASTRAY, SETTLING, look
from core.stn.straighten.result import LOOKS, StraightenResult
from core.stn.straighten.view import finish

_USAGE = Path(__file__).parent / "templates" / "onnx.md.txt"


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
    """One application of the network: the composed theta, and the canvas as the given theta shows it (B, 1, VIEW, VIEW)."""

    def __init__(self, localization: nn.Module) -> None:
        super().__init__()
        self.localization = localization

    def forward(self, canvas: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        shown = read(Canvases(canvas, canvas), frame_grid(theta, VIEW, VIEW))
        return compose(theta, self.localization(finish(shown))), shown


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


def _looks(chain: Chain, start: ModelProto, step: ModelProto, agree: ModelProto | None) -> tuple[str, str]:
    """All looks, one after the other, and what the last theta shows."""
    canvas, theta = chain.add("start", start, {"canvas": "canvas"})
    for number in range(LOOKS):
        if agree and number == SETTLING:
            canvas, [theta] = "canvas", chain.add("agree", agree, {"thetas": theta})
        theta, _ = chain.add("look", step, {"canvas": canvas, "theta": theta})
    _, shown = chain.add("look", step, {"canvas": canvas, "theta": theta})
    return theta, shown


def straightener(localization: nn.Module, family: FamilyName, sides: int, about: dict[str, str]) -> bytes:
    """The network of a straighten run: "canvas" (B, 1, CANVAS, CANVAS) to "theta" and "sample" (B, 1, VIEW, VIEW)."""
    canvas = torch.zeros(TRACED, 1, CANVAS, CANVAS)
    theta = identity(TRACED, family)
    start = part_of(_Start(family, sides), {"canvas": canvas}, ("many", "start"))
    step = part_of(_Look(localization), {"canvas": canvas, "theta": theta}, ("next", "shown"))
    agree = part_of(_Agree(sides), {"thetas": theta.repeat(sides, 1, 1)}, ("agreed",)) if sides > 1 else None
    chain = Chain()
    final, shown = _looks(chain, start, step, agree)
    outputs = {"theta": (final, ["batch", *theta.shape[1:]]), "sample": (shown, ["batch", 1, VIEW, VIEW])}
    canvas_format = f"grey, standardised, the short side {VIEW} pixels, reaching {EXTENT:g} in square coordinates"
    about = {**about, **facts(family), "canvas": canvas_format}
    return chain.model("straighten", {"canvas": ["batch", 1, CANVAS, CANVAS]}, outputs, about)


def _sampled(photo: np.ndarray, theta: Tensor) -> Tensor:
    """The photo through theta (1, …), in square coordinates, brightness 0 to 1 without rounding: (1, 3, H, W)."""
    image = torch.from_numpy(photo.copy()).permute(2, 0, 1)[None].float() / 255
    return sample(image, frame_grid(theta, photo.shape[0], photo.shape[1]))


def onnx_files(run: Run, result: StraightenResult) -> Files:
    """straighten.onnx, and how exactly it agrees with the run on the run's own examples."""
    network = localization_from(result.family, result.weights)
    content = straightener(network, result.family, result.sides, {"run": run.id, "title": run.title})
    session = session_of(content)
    rows = []
    for number, name in enumerate(result.example_names):
        photo = result.distorted[str(number)]
        canvas = canvases_of([photo])
        exported = torch.from_numpy(session.run(["theta"], {"canvas": canvas.pixels.numpy()})[0])
        ours = look(network, canvas, sides=result.sides)
        pixels = largest_difference(_sampled(photo, exported), _sampled(photo, ours))
        rows.append(Compared("straighten.onnx", f"{number + 1}: {name}", largest_difference(exported, ours), pixels))
    return {"straighten.onnx": content} | report(run, rows, _USAGE.read_text())
