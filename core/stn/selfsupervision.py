"""How a spatial transformer learns from upright photos alone: the lesson and its loss.

A photo is bent by a distortion D; the network sees the bent view and predicts theta. The photo is then sampled ONCE through
the composed D∘theta and compared with the upright original. The loss sees pixels only: nobody tells the network theta.

Straightening looks several times (inverse composition, Lin & Lucey 2017), so half of the lessons are second looks: what is left
to undo is small, and what the first frame had cut off is missing. Such a view shows, at an output point u, the photo
at D · clamp(D⁻¹ · E · u), where E is the small rest and clamp keeps to the frame of the bent picture. With E = D: a first look.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

from core.stn.distortions import Distortions
from core.stn.families import compose, inverse
from core.stn.modules import SpatialTransformer
from core.stn.sampling import affine_grid, move
from core.stn.views import EXTENT, VIEW, Canvases, finish, read

SECOND_LOOKS = 0.5  # share of a batch
SMALLEST_REST = 0.02  # second looks have this share of the full distortion left, up to half of it; log-uniform
FILLED = 0.6  # share of views whose missing parts are one grey instead of the continued border
GREYS = 4.0  # in standard deviations of the photo, about its mean
LEVELS = 4  # of the average pyramid in the loss


@dataclass(frozen=True)
class Lesson:
    """One batch: upright photos, what is to be undone, and what the network sees."""

    canvases: Canvases
    rest: Tensor  # (B, 2, 3), from the view to the photo; known to the sampler, never to the network
    view: Tensor  # (B, 1, VIEW, VIEW)


def lessons(canvases: Canvases, distortions: Distortions, batch: int, generator: Generator) -> Iterator[Lesson]:
    """Fresh lessons without end."""
    while True:
        chosen = _choose(canvases, batch, generator)
        first = distortions.draw(batch, generator)
        rest = _rest(first, distortions, generator)
        yield Lesson(chosen, rest, _look(chosen, first, rest, generator))


def _choose(canvases: Canvases, batch: int, generator: Generator) -> Canvases:
    if len(canvases) == 1:
        return canvases.expand(batch)
    return canvases[torch.randint(len(canvases), (batch,), generator=generator)]


def _rest(first: Tensor, distortions: Distortions, generator: Generator) -> Tensor:
    """What is left to undo: all of the distortion for first looks, a fresh small one for second looks."""
    count = int(len(first) * SECOND_LOOKS)
    share = SMALLEST_REST * (0.5 / SMALLEST_REST) ** torch.rand(count, generator=generator)
    return torch.cat([distortions.draw(count, generator, share), first[count:]])


def _look(canvases: Canvases, first: Tensor, rest: Tensor, generator: Generator) -> Tensor:
    """The views (B, 1, VIEW, VIEW) of photos bent by `first`, of which `rest` is still to be undone."""
    frame = canvases.frames[:, None, None]  # (B, 1, 1, 2)
    bent = affine_grid(compose(inverse(first), rest), VIEW, VIEW)  # in the bent picture
    kept = torch.clamp(bent, -frame, frame)
    source = move(first, kept)  # in the upright photo
    pixels = read(canvases, source)
    missing = ((bent - kept).abs().amax(-1) > 0) | (source.abs() > frame).any(-1)  # (B, VIEW, VIEW)
    filled = torch.rand(len(rest), 1, 1, generator=generator) < FILLED
    grey = GREYS * (2 * torch.rand(len(rest), 1, 1, 1, generator=generator) - 1)
    return finish(torch.where((missing & filled)[:, None], grey, pixels))


def photometric_loss(model: SpatialTransformer, lesson: Lesson) -> Tensor:
    """L1 between the upright photo and what the network makes of the bent one, over a pyramid of averages."""
    theta = model.localization(lesson.view)
    grid = model.grid(compose(lesson.rest, theta))
    straight = model.sampler(lesson.canvases.pixels, grid / EXTENT)
    with torch.no_grad():
        upright = model.sampler(lesson.canvases.pixels, model.grid(_nothing(theta)) / EXTENT)
    difference, loss = straight - upright, theta.new_zeros(())
    for level in range(LEVELS):
        loss = loss + difference.abs().mean()
        if level < LEVELS - 1:
            difference = functional.avg_pool2d(difference, 2)
    return loss / LEVELS


def _nothing(theta: Tensor) -> Tensor:
    return torch.eye(2, 3).to(theta).expand_as(theta)
