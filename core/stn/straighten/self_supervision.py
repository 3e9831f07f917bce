"""How a spatial transformer learns from upright photos alone: its batches and its loss.

A photo is bent by a distortion D; the network sees the bent view and predicts theta. The photo is then sampled ONCE through
the composed D∘theta and compared with the upright original. The loss compares pixels only; theta is not in it.

Straightening looks several times (inverse composition, Lin & Lucey 2017), so half of a batch are second looks: what is left
to undo is small, and what the first frame had cut off is missing. Such a view shows, at an output point u, the photo
at D · clamp(D⁻¹ · E · u), where E is the small rest and clamp keeps to the frame of the bent picture. With E = D: a first look.
Where nothing is clamped that is E · u, so a spline, whose inverse is no spline, needs one for its frame only.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional

from core.stn.datasets.canvas import Canvases, read
from core.stn.datasets.canvas_size import VIEW
from core.stn.datasets.distortions import Distortions
from core.stn.geometry.theta import compose, frame_grid, identity, inverse, is_projective, is_spline, move, tangent
from core.stn.networks.spatial_transformer import SpatialTransformer
from core.stn.straighten.looking.view import finish

BATCH = 64
RATE, RATE_CONTINUED, DECAY = 2e-3, 1e-3, 0.5
SECOND_LOOKS = 0.5  # share of a batch
SMALLEST_REST = 0.02  # second looks have this share of the full distortion left, up to half of it; log-uniform
MIXED = 0.7  # share of views, where there are several photos, that blend two, against overfitting
FILLED = 0.6  # share of views whose missing parts are one grey instead of the continued border
GREYS = 4.0  # in standard deviations of the photo, about its mean
LEVELS = 4  # of the average pyramid in the loss
FAINTEST = 0.02  # standard deviations of the photo: contrast below this counts for little
WIDEST = 2.4  # square coordinates: half diagonal of what is looked at; 1.4 for the whole picture
FARTHEST = 0.7  # square coordinates: from the centre of the picture to that of what is looked at
STEEPEST = 0.6  # sum of both numbers in the bottom row of a homography; at 1 a corner of the picture is at the horizon


@dataclass(frozen=True)
class Batch:
    """Upright photos, what is to be undone, and the network's input."""

    canvases: Canvases
    rest: Tensor  # thetas (B, …) from the view to the photo; given to the sampler, never to the network
    view: Tensor  # (B, 1, VIEW, VIEW)


def _choose(canvases: Canvases, batch: int, generator: Generator) -> Canvases:
    """Photos drawn at random; most are blended with another one, which stands upright as well (Zhang et al. 2018, mixup)."""
    if len(canvases) == 1:
        return canvases.expand(batch)
    one, other = (canvases[torch.randint(len(canvases), (batch,), generator=generator)] for _ in range(2))
    mixed, share = torch.rand(2, batch, 1, 1, 1, generator=generator)
    share = torch.where(mixed < MIXED, share / 2, 0.0)  # of the other, at most a half
    return Canvases(torch.lerp(one.pixels, other.pixels, share), torch.minimum(one.frames, other.frames))


def _rest(first: Tensor, distortions: Distortions, generator: Generator) -> Tensor:
    """What is left to undo: all of the distortion for first looks, a fresh small one for second looks."""
    count = int(len(first) * SECOND_LOOKS)
    share = SMALLEST_REST * (0.5 / SMALLEST_REST) ** torch.rand(count, generator=generator)
    return torch.cat([distortions.draw(count, generator, share), first[count:]])


def _through_the_bent(first: Tensor, rest: Tensor, frame: Tensor) -> tuple[Tensor, Tensor]:
    """Where in the upright photo a view looks, (B, VIEW, VIEW, 2), and where it looks beyond the frame of the bent one."""
    source = frame_grid(rest, VIEW, VIEW)
    edge = tangent(first) if is_spline(first) else first  # a bent spline's own frame is nearly that of its affine part
    bent = frame_grid(compose(inverse(edge), rest), VIEW, VIEW)
    kept = torch.clamp(bent, -frame, frame)
    again = (first != rest).flatten(1).any(1)[:, None, None]  # a first look sees the frame exactly
    outside = ((bent - kept).abs().amax(-1) > 0) & again
    return torch.where(outside[..., None], move(edge, kept), source), outside


def _look(canvases: Canvases, first: Tensor, rest: Tensor, generator: Generator) -> Tensor:
    """The views (B, 1, VIEW, VIEW) of photos bent by `first`, of which `rest` is still to be undone."""
    frame = canvases.frames[:, None, None]  # (B, 1, 1, 2)
    source, outside = _through_the_bent(first, rest, frame)
    pixels = read(canvases, source)
    missing = outside | (source.abs() > frame).any(-1)  # (B, VIEW, VIEW)
    filled = torch.rand(len(rest), 1, 1, generator=generator) < FILLED
    grey = GREYS * (2 * torch.rand(len(rest), 1, 1, 1, generator=generator) - 1)
    return finish(torch.where((missing & filled)[:, None], grey, pixels))


def batches(canvases: Canvases, distortions: Distortions, size: int, generator: Generator) -> Iterator[Batch]:
    """Fresh batches without end."""
    while True:
        chosen = _choose(canvases, size, generator)
        first = distortions.draw(size, generator)
        rest = _rest(first, distortions, generator)
        yield Batch(chosen, rest, _look(chosen, first, rest, generator))


def pyramid_l1(straight: Tensor, upright: Tensor) -> Tensor:
    """L1 between images (B, 1, VIEW, VIEW) over a pyramid of averages, each level in units of the upright photo's own contrast.

    Coarse levels have a gradient from far away, fine ones make it exact. Without these units the coarse levels of a page of
    text, which are nearly grey, would have almost none.
    """
    difference, loss = straight - upright, straight.new_zeros(())
    for _ in range(LEVELS):
        contrast = (upright - upright.mean(dim=(-2, -1), keepdim=True)).abs().mean(dim=(-2, -1), keepdim=True)
        loss = loss + (difference.abs() / (contrast + FAINTEST)).mean()
        difference, upright = functional.avg_pool2d(difference, 2), functional.avg_pool2d(upright, 2)
    return loss / LEVELS


def _length(vectors: Tensor) -> Tensor:
    """With a gradient of 0, not of nan, at 0."""
    return vectors.square().sum(-1).clamp(min=1e-12).sqrt()


def straying(theta: Tensor) -> Tensor:
    """How far theta (B, …) looks beyond any picture bent as in training; 0 for all that are of use.

    Far outside an image everything is its border, the gradient of the pixels is zero, and a network that went there stays.
    Small scales cost nothing: a similarity that first guessed upside down must pass through zero to turn round.
    """
    targets = theta.new_tensor([[[0.0, 0.0], [-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]])
    centre, corners = move(theta, targets.expand(len(theta), -1, -1)).split((1, 4), dim=1)  # (B, 1, 2), (B, 4, 2)
    far = (_length(corners - centre) - WIDEST).relu().mean() + (_length(centre) - FARTHEST).relu().mean()
    if is_projective(theta):
        far = far + (theta[:, 2, :2].abs().sum(-1) - STEEPEST).relu().mean()
    return far


def photometric_loss(model: SpatialTransformer, batch: Batch) -> Tensor:
    """The difference to the upright photo, and what it costs to look beyond the picture."""
    straight, theta = model(batch.view, batch.canvases.pixels, batch.rest)
    with torch.no_grad():
        upright = model.sampler(batch.canvases.pixels, model.grid(identity().expand(len(theta), -1, -1)))
    return pyramid_l1(straight, upright) + straying(theta)
