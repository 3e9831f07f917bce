"""What is common to many images: the triplet loss of co-localisation, and a vote among random crops.

Jaderberg et al. 2015, appendix A.2: what a transformer cuts out of one image shall be nearer to what it cuts out of another
than to a random crop of the same image: Σ max(0, |e(I_n) − e(I_m)|² − |e(I_n) − e(I_n^rand)|² + α), without any label.

By gradient alone this often ends where all images are equally empty. So random crops vote first. The object occurs
in every image (its crop has a near one in the other images) and only once in each (no near one elsewhere in its own), whereas
black occurs everywhere and a piece of clutter in one image only. The winning crops are what training starts from.

Boxes are those of `boxes`; crops are 28 × 28 pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from core.stn.geometry.families import FAMILIES
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid
from core.stn.locate.crop_encoder import Encoder, squared_distances
from core.stn.locate.scenes import OBJECT, ZOOM

ALPHA = 1.0  # α, the margin
ROWS = 9  # random crops lie near the points of a grid of so many rows and columns, so that they miss nothing
FIRST_ROUND, FEWEST_FIRST = (
    16,
    4,
)  # images whose crops are compared with all others in the first round, fewer from 100 images on
COMPARED = 1600  # times an image is compared with another in that round, about
ROUNDS = 8  # of comparing every crop with the winners, then
APART = ZOOM  # crops whose centres are at least this far from each other, in x or in y, show different things


@dataclass(frozen=True)
class Crops:
    """Random crops of every image, and their codes."""

    boxes: Tensor  # (N, K, 3)
    codes: Tensor  # (N, K, D), of the encoder

    def elsewhere(self) -> Tensor:
        """How near (N, K) the nearest crop of the same image is that shows another part of it."""
        centres = self.boxes[..., 1:]
        apart = (centres[:, :, None] - centres[:, None]).abs().amax(-1) >= APART  # (N, K, K)
        return squared_distances(self.codes, self.codes).masked_fill(~apart, torch.inf).amin(-1)


def cut(images: Tensor, boxes: Tensor) -> Tensor:
    """What the boxes (N, 3) show of images (N, 1, H, W): (N, 1, 28, 28)."""
    theta = FAMILIES["attention"].theta(boxes)
    return sample(images, frame_grid(theta, OBJECT, OBJECT), "zeros")


@torch.no_grad()
def random_crops(images: Tensor, encoder: Encoder, generator: Generator) -> Crops:
    """81 crops of every image (N, 1, H, W), as large as the object."""
    count = ROWS**2
    step = 2 * (1 - ZOOM) / ROWS
    ticks = (torch.arange(ROWS) + 0.5) * step - (1 - ZOOM)
    y, x = torch.meshgrid(ticks, ticks, indexing="ij")
    jitter = step * (torch.rand(len(images), count, 2, generator=generator) - 0.5)
    centres = torch.stack([x, y], dim=-1).view(1, count, 2) + jitter  # (N, K, 2)
    boxes = torch.cat([torch.full_like(centres[..., :1], ZOOM), centres], dim=-1)
    codes = [encoder.code(cut(image.expand(count, -1, -1, -1), box)) for image, box in zip(images, boxes, strict=True)]
    return Crops(boxes, torch.stack(codes))


def first_round(images: int) -> int:
    """How many of so many images are compared with all others in the first round: its time grows with the images, no faster."""
    return min(FIRST_ROUND, max(FEWEST_FIRST, COMPARED // images))


def _nearest(codes: Tensor, lengths: Tensor, others: Tensor) -> Tensor:
    """The smallest |e - e'|² of each code (N, D), whose |e|² are given, to any of the others (M, D): (N,)."""
    least = torch.addmm(others.square().sum(-1), codes, others.mT, alpha=-2).amin(-1)
    return (least + lengths).clamp(min=0)


def _mean_distance(codes: Tensor, lengths: Tensor, others: Tensor) -> Tensor:
    """The mean of |e - e'|² over the others (M, D) for each code (N, D), whose |e|² are given: (N,), by their mean."""
    return lengths - 2 * codes @ others.mean(0) + others.square().sum(-1).mean()


@torch.no_grad()
def vote(crops: Crops, generator: Generator) -> Tensor:
    """The box (N, 3) in every image that shows what all others show, and is found only once in its own."""
    elsewhere, codes = crops.elsewhere(), crops.codes.flatten(0, 1)  # (N·K, D)
    lengths = torch.linalg.vecdot(codes, codes)
    chosen = torch.randperm(len(crops.codes), generator=generator)[: first_round(len(crops.codes))]
    nearest = torch.stack([_nearest(codes, lengths, crops.codes[image]) for image in chosen]).mean(0)
    winners = (nearest.view_as(elsewhere) - elsewhere).argmin(-1)  # (N,)
    images = torch.arange(len(winners))
    for _ in range(ROUNDS):
        likeness = _mean_distance(codes, lengths, crops.codes[images, winners]).view_as(elsewhere)
        winners = (likeness - elsewhere).argmin(-1)
    return crops.boxes[images, winners]


def triplet_loss(codes: Tensor, others: Tensor) -> Tensor:
    """The mean hinge of all triplets: codes (N, D) of what was cut out, others (N, R, D) of random crops of the same images."""
    near = squared_distances(codes, codes)  # (N, N)
    far = squared_distances(codes[:, None], others)[:, 0]  # (N, R)
    hinges = (near[:, :, None] - far[:, None] + ALPHA).relu()  # (N, N, R)
    different = ~torch.eye(len(codes), dtype=torch.bool, device=codes.device)
    return hinges[different].mean()
