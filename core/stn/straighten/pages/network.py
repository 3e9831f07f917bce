"""The network for pages: how it sees a page, and the turn that it reads off several views of it.

A page, whatever its size, is brought onto a square canvas, its long side from edge to edge: grey, less its own blurred copy, so
that shadows and the colour of the paper are gone. A view is a round cut-out of the canvas, turned and enlarged; a localisation
network (Jaderberg et al. 2015) answers it with a similarity, of which the turn counts. The page is looked at whole first, then
again through what the answers agree on, whole and enlarged: coarse, then fine.

Angles in degrees, positive where the page appears turned counter-clockwise. Thetas are in the square coordinates of the canvas.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageFilter
from torch import Tensor

from core.stn.datasets.canvas import disc
from core.stn.geometry.pixels import to_grey
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid, rotation_deg
from core.stn.networks.spatial_transformer import LocalizationNetwork

CANVAS = 288  # pixels along a side: the long side of the page
VIEW = 192
BLUR = 16  # pixels: the radius of what counts as the brightness of a place
STRONGEST = 4.0  # standard deviations of the page
CHANNELS = (8, 24, 32, 64, 96)
HIDDEN = 96
MOST = 45.0  # degrees: so far it learned pages to be turned
BEYOND = 3.0  # degrees: what seems to be turned by so much more lies across, as columns of numbers do


@dataclass(frozen=True)
class Look:
    """How a page is seen: turned further, so large a share of its canvas, around a place in square coordinates."""

    zoom: float = 1.0
    turn: float = 0.0  # degrees
    place: tuple[float, float] = (0.0, 0.0)


FIRST = (-12.0, 0.0, 12.0)  # degrees: the page is turned by each, and looked at whole
AGAIN = (*(Look(1.0, turn) for turn in (-6.0, -3.0, 0.0, 3.0, 6.0)), *(Look(0.7, turn) for turn in (-4.0, 0.0, 4.0)), Look(0.5))
ROUNDS = 2  # of looking again, each from what the answers before agreed on
PARTS = tuple(Look(0.55, 0.0, place) for place in ((0.35, 0.0), (-0.35, 0.0), (0.0, 0.35), (0.0, -0.35)))


def untrained() -> LocalizationNetwork:
    """The network before it has learned."""
    return LocalizationNetwork("similarity", VIEW, channels=CHANNELS, hidden=HIDDEN)


def detail_of(grey: np.ndarray, longest: int) -> np.ndarray:
    """A grey picture (H, W), uint8, less its blurred copy, its long side so many pixels: float32, in standard deviations."""
    image = Image.fromarray(grey)
    scale = longest / max(image.size)
    width, height = (max(1, round(scale * side)) for side in image.size)
    image = image.resize((width, height), Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.LANCZOS)
    bright = np.asarray(image.filter(ImageFilter.BoxBlur(BLUR)), dtype=np.float32)
    detail = np.asarray(image, dtype=np.float32) - bright
    return (detail / (detail.std() + 1.0)).clip(-STRONGEST, STRONGEST)


def canvas_of(grey: np.ndarray) -> Tensor:
    """A grey picture (H, W), uint8, on its canvas: (CANVAS, CANVAS), 0 outside of it."""
    detail = detail_of(grey, CANVAS)
    height, width = detail.shape
    canvas, top, left = torch.zeros(CANVAS, CANVAS), (CANVAS - height) // 2, (CANVAS - width) // 2
    canvas[top : top + height, left : left + width] = torch.from_numpy(detail)
    return canvas


def canvases_of(photos: Sequence[np.ndarray]) -> Tensor:
    """Photos (H, W, 3), uint8, on their canvases: (N, 1, CANVAS, CANVAS)."""
    return torch.stack([canvas_of(to_grey(photo)[..., 0]) for photo in photos])[:, None]


def views(canvases: Tensor, theta: Tensor) -> Tensor:
    """What is seen of canvases (B, 1, CANVAS, CANVAS) through theta (B, 2, 3): (B, 1, VIEW, VIEW), standardised in a disc."""
    view, mask = sample(canvases, frame_grid(theta, VIEW, VIEW), "zeros"), disc(VIEW)
    weight = mask / mask.sum()
    centred = view - (view * weight).sum(dim=(-2, -1), keepdim=True)
    deviation = (centred.square() * weight).sum(dim=(-2, -1), keepdim=True).sqrt()
    return centred / (deviation + 0.05) * mask


def through(turns: Tensor, zooms: Tensor) -> Tensor:
    """Thetas (B, 2, 3) that turn a page by so many degrees (B,), and show so large a share (B,) of its canvas."""
    cos, sin = (zooms * trace for trace in (torch.deg2rad(turns).cos(), torch.deg2rad(turns).sin()))
    nought = torch.zeros_like(cos)
    return torch.stack([cos, -sin, nought, sin, cos, nought], dim=-1).unflatten(-1, (2, 3))


@dataclass(frozen=True)
class Reading:
    """What the network says of some pages: the angles (B,); how far its answers to each are apart (B,); how far those to four
    parts of it are from the whole (B,), as they are in perspective. Degrees."""

    angle_deg: np.ndarray
    scatter_deg: np.ndarray
    parts_deg: np.ndarray


@torch.inference_mode()
def read(network: LocalizationNetwork, canvases: Tensor) -> Reading:
    """Read the turn of pages off their canvases (B, 1, CANVAS, CANVAS); equal pages give equal answers."""
    answers = _answers(network, canvases, torch.zeros(len(canvases)), [Look(turn=turn) for turn in FIRST])
    straight, scatter = _agreed(answers)
    for _ in range(ROUNDS):
        straight, scatter = _agreed(_answers(network, canvases, straight, AGAIN))
    apart = (_answers(network, canvases, straight, PARTS) - straight[:, None]).abs()
    return Reading(-straight.numpy(), scatter.numpy(), apart.quantile(0.5, dim=1).numpy())


def _answers(network: LocalizationNetwork, canvases: Tensor, straight: Tensor, looks: Sequence[Look]) -> Tensor:
    """By how many degrees pages (B, 1, CANVAS, CANVAS) are to be turned, seen from `straight` (B,) by each look: (B, looks)."""
    starts = straight[:, None] + torch.tensor([look.turn for look in looks])
    zooms = torch.tensor([look.zoom for look in looks]).repeat(len(canvases))
    places = torch.tensor([look.place for look in looks]).repeat(len(canvases), 1)
    level = through(starts.flatten(), zooms)
    theta = torch.cat([level[:, :, :2], level[:, :, :2] @ (places / zooms[:, None])[..., None]], dim=-1)
    answers = starts + rotation_deg(network(views(canvases.repeat_interleave(len(looks), 0), theta))).view_as(starts)
    return torch.where(answers.abs() > MOST + BEYOND, answers - 90 * answers.sign(), answers)


def _agreed(answers: Tensor) -> tuple[Tensor, Tensor]:
    """The median (B,) of answers (B, looks), and how far they are from it."""
    middle = answers.median(dim=1, keepdim=True).values
    return middle[:, 0], (answers - middle).abs().mean(dim=1)
