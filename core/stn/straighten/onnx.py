"""A straighten run as an ONNX graph: canvas (see `view`) to theta, all looks unrolled, the canvas as theta shows it, and the
belief in theta.

The grid is made by matrix products, which every runtime has. Conventions of `families`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from core.runs.export import Files
from core.runs.registry import Run
from core.stn.datasets.canvas import Canvases, canvases_of, read
from core.stn.datasets.canvas_size import CANVAS, EXTENT, VIEW
from core.stn.export.onnx_graph import TRACED, Chain, Module, Part, facts, parts_of, session_of
from core.stn.export.parity import Compared, largest_difference, report
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import compose, frame_grid, identity, of_kind
from core.stn.learning.belief import Calibration
from core.stn.straighten.checkpoint import localization_from
from core.stn.straighten.looking.doubt import Doubt, gather, novelty
from core.stn.straighten.looking.familiar import likeness
from core.stn.straighten.looking.looks import (
    FRESH,
    LOOKS,
    LOOKS_AGAIN,
    SETTLING,
    Looking,
    around,
    best_side,
    look_once,
    preferred,
    thetas_of,
)
from core.stn.straighten.looking.view import finish
from core.stn.straighten.predict import doubt_of
from core.stn.straighten.result import StraightenResult

_USAGE = Path(__file__).parent / "templates" / "onnx.md.txt"


class _Start(nn.Module):
    """Canvases (B, …) once for each side they are looked at from: canvas, theta and how far it moved (B·sides, …)."""

    def __init__(self, family: FamilyName, sides: int) -> None:
        super().__init__()
        self.turns = of_kind(around(sides), FAMILIES[family].kind)

    def forward(self, canvas: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        many = _times(canvas, len(self.turns))
        theta = self.turns.expand(canvas.shape[0], *self.turns.shape).flatten(0, 1)
        return many, theta, _fresh(theta)


class _Look(nn.Module):
    """One look: theta after it, and how far it moved, as `looking.look_once`."""

    def __init__(self, localization: nn.Module, looking: Looking) -> None:
        super().__init__()
        self.localization, self.looking = localization, looking

    def forward(self, canvas: Tensor, theta: Tensor, moved: Tensor) -> tuple[Tensor, Tensor]:
        return look_once(self.localization, Canvases(canvas, canvas), theta, moved, self.looking)


class _BestSide(nn.Module):
    """Of the thetas (B·sides, …) from all sides the best, as `looking.best_side`: (B, …), and that it has not moved."""

    def __init__(self, sides: int) -> None:
        super().__init__()
        self.sides = sides

    def forward(self, theta: Tensor, alike: Tensor) -> tuple[Tensor, Tensor]:
        theta = best_side(theta, self.sides, alike)
        return theta, _fresh(theta)


class _Again(nn.Module):
    """Canvas and theta once for each start: canvas, theta turned, and how far that moved (B·starts, …)."""

    def __init__(self, looking: Looking) -> None:
        super().__init__()
        self.starts = thetas_of(looking.starts)

    def forward(self, canvas: Tensor, theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        starts = self.starts.expand(canvas.shape[0], *self.starts.shape).flatten(0, 1)
        turned = compose(_times(theta, len(self.starts)), starts)
        return _times(canvas, len(self.starts)), turned, _fresh(turned)


class _Shown(nn.Module):
    """What theta shows (B, 1, VIEW, VIEW), and how like familiar photos that looks (B,)."""

    def __init__(self, familiar: np.ndarray) -> None:
        super().__init__()
        self.familiar = torch.from_numpy(familiar)

    def forward(self, canvas: Tensor, theta: Tensor) -> tuple[Tensor, Tensor]:
        shown = read(Canvases(canvas, canvas), frame_grid(theta, VIEW, VIEW))
        return shown, likeness(finish(shown), self.familiar)


class _Preferred(nn.Module):
    """Of the answers (B·starts, …) that of what looks most familiar (B, …), and the probability (B,) that it is right."""

    def __init__(self, starts: int, calibration: Calibration) -> None:
        super().__init__()
        self.starts, self.calibration = starts, calibration

    def forward(self, answers: Tensor, alike: Tensor) -> tuple[Tensor, Tensor]:
        theta, scatter, alike = preferred(answers, alike, self.starts)
        logit = torch.full_like(scatter, self.calibration.intercept)
        rows = zip(self.calibration.weights, self.calibration.floors, (scatter, 1 - alike, novelty(alike)), strict=False)
        for weight, floor, distance in rows:
            logit = logit - weight * torch.log(distance.clamp(min=0) + floor)
        return theta, torch.sigmoid(logit)


def _times(values: Tensor, times: int) -> Tensor:
    """Each of the values (B, …) so many times in a row: (B·times, …)."""
    return values[:, None].expand(-1, times, *values.shape[1:]).flatten(0, 1)


def _fresh(theta: Tensor) -> Tensor:
    """How far thetas (B, …) have moved when nothing was looked at yet: (B,)."""
    return torch.full_like(theta[:, 0, 0], FRESH)


def _parts(localization: nn.Module, family: FamilyName, looking: Looking, doubt: Doubt) -> dict[str, Part]:
    """The parts of the graph of one run; `best_side` where the photo is looked at from several sides."""
    canvas, theta = torch.zeros(TRACED, 1, CANVAS, CANVAS), identity(TRACED, family)
    one, starts = torch.zeros(TRACED), len(looking.starts)
    modules = {
        "start": Module(_Start(family, looking.sides), {"canvas": canvas}, ("many", "theta", "moved")),
        "look": Module(_Look(localization, looking), {"canvas": canvas, "theta": theta, "before": one}, ("next", "moved")),
        "again": Module(_Again(looking), {"canvas": canvas, "theta": theta}, ("many", "turned", "moved")),
        "shown": Module(_Shown(doubt.familiar), {"canvas": canvas, "theta": theta}, ("shown", "likeness")),
        "preferred": Module(
            _Preferred(starts, doubt.calibration),
            {"answers": theta.repeat(starts, 1, 1), "alike": one.repeat(starts)},
            ("theta", "belief"),
        ),
    }
    if looking.sides > 1:
        thetas, alike = theta.repeat(looking.sides, 1, 1), one.repeat(looking.sides)
        modules["best_side"] = Module(_BestSide(looking.sides), {"thetas": thetas, "alike": alike}, ("best", "moved"))
    return parts_of(modules)


def _looks(chain: Chain, parts: dict[str, Part], looks: int, canvas: str, theta: str, moved: str) -> str:
    for _ in range(looks):
        theta, moved = chain.add("look", parts["look"], {"canvas": canvas, "theta": theta, "before": moved})
    return theta


def _answered(chain: Chain, parts: dict[str, Part]) -> tuple[str, str, str]:
    """All looks, one after the other: theta, what it shows, and the belief in it."""
    many, theta, moved = chain.add("start", parts["start"], {"canvas": "canvas"})
    if "best_side" in parts:
        thetas = _looks(chain, parts, SETTLING, many, theta, moved)
        _, alike = chain.add("shown", parts["shown"], {"canvas": many, "theta": thetas})
        theta, moved = chain.add("best_side", parts["best_side"], {"thetas": thetas, "alike": alike})
    theta = _looks(chain, parts, LOOKS, "canvas", theta, moved)
    many, turned, moved = chain.add("again", parts["again"], {"canvas": "canvas", "theta": theta})
    answers = _looks(chain, parts, LOOKS_AGAIN, many, turned, moved)
    _, alike = chain.add("shown", parts["shown"], {"canvas": many, "theta": answers})
    theta, belief = chain.add("preferred", parts["preferred"], {"answers": answers, "alike": alike})
    shown, _ = chain.add("shown", parts["shown"], {"canvas": "canvas", "theta": theta})
    return theta, shown, belief


def straightener(localization: nn.Module, result: StraightenResult, about: dict[str, str]) -> bytes:
    """A straighten run: "canvas" (B, 1, CANVAS, CANVAS) to "theta", "sample" (B, 1, VIEW, VIEW) and "belief" (B)."""
    chain = Chain()
    parts = _parts(localization, result.family, Looking.of(result.distortions), doubt_of(result))
    theta, shown, belief = _answered(chain, parts)
    shape = identity(1, result.family).shape[1:]
    outputs = {"theta": (theta, ["batch", *shape]), "sample": (shown, ["batch", 1, VIEW, VIEW]), "belief": (belief, ["batch"])}
    canvas_format = f"grey, standardised, the short side {VIEW} pixels, reaching {EXTENT:g} in square coordinates"
    about = {**about, **facts(result.family), "canvas": canvas_format}
    return chain.model("straighten", {"canvas": ["batch", 1, CANVAS, CANVAS]}, outputs, about)


def _sampled(photo: np.ndarray, theta: Tensor) -> Tensor:
    """The photo through theta (1, …), in square coordinates, brightness 0 to 1 without rounding: (1, 3, H, W)."""
    image = torch.from_numpy(photo.copy()).permute(2, 0, 1)[None].float() / 255
    return sample(image, frame_grid(theta, photo.shape[0], photo.shape[1]))


def onnx_files(run: Run, result: StraightenResult) -> Files:
    """straighten.onnx, and how exactly it agrees with the run on the run's own examples."""
    network = localization_from(result.family, result.weights)
    content = straightener(network, result, {"run": run.id, "title": run.title})
    doubt, session, looking = doubt_of(result), session_of(content), Looking.of(result.distortions)
    rows = []
    for number, name in enumerate(result.example_names):
        photo = result.distorted[str(number)]
        canvas = canvases_of([photo])
        theta, belief = map(torch.from_numpy, session.run(["theta", "belief"], {"canvas": canvas.pixels.numpy()}))
        ours = gather(network, canvas, looking, doubt.familiar)
        pixels = largest_difference(_sampled(photo, theta), _sampled(photo, ours.theta))
        beliefs = largest_difference(belief, torch.from_numpy(doubt.belief(ours)))
        image = f"{number + 1}: {name}"
        rows.append(Compared("straighten.onnx", image, largest_difference(theta, ours.theta), pixels, beliefs))
    return {"straighten.onnx": content} | report(run, rows, _USAGE.read_text())
