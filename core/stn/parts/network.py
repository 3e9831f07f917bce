"""The networks: where each transformer looks, and what is read off its crop.

Jaderberg et al. 2015, section 4.3 and appendix A.6: transformers of which only the place is learned, at a fixed scale, from one
localisation network that they share and that sees the picture made small; every crop is read in full detail by a feature
network of its own, and what these find is classified together. The paper's localiser is a network trained on ImageNet before.
Here none is, so a place is read off a heat map (Finn et al. 2016, "Deep spatial autoencoders"), and while the maps are learned
an auxiliary classifier names the class by the features that they weigh (soft attention): its gradient comes from everywhere.
"""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from core.stn.geometry.families import FAMILIES
from core.stn.geometry.pixels import pixels_of
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import frame_grid
from core.stn.learning.recipe import in_half
from core.stn.parts.looks import CROP, LOOKS, POINTS, WIDTH, Looks, LooksName

CELL = 4  # pixels of a crop along a side of one that the localiser sees, too few to tell what only detail tells
SPREAD = 0.6  # half sides: how far around its own tile a transformer looks at first
TILES = {1: ((0.0, 0.0),), 2: ((-0.5, 0.0), (0.5, 0.0)), 4: ((-0.5, -0.5), (0.5, -0.5), (-0.5, 0.5), (0.5, 0.5))}
NARROWEST, WIDEST = 4, 128  # filters of a first layer
AT_ONCE = 50  # pictures in a forward pass of a test
ALONE = 0.5  # share of the training in which the auxiliary classifier alone moves the boxes
SHARPNESS = 16.0  # of a map: how fast its softmax can leave all places behind but one
POWER = 3.0  # of the generalised mean by which a map weighs features; with 1, the mean, a map may never move (docs/LOG.md)
TINY = 1e-6  # keeps the slope of a root finite where no feature is there


def _layers(before: int, width: int) -> nn.Sequential:
    """Pictures (B, before, H, W) to features (B, 2 · width), wherever in the picture they are."""

    def block(inputs: int, outputs: int, size: int) -> list[nn.Module]:
        convolution = nn.Conv2d(inputs, outputs, size, stride=2, padding=size // 2, bias=False)
        return [convolution, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]

    pool = [nn.AdaptiveMaxPool2d(1), nn.Flatten()]
    return nn.Sequential(*block(before, width, 5), *block(width, 2 * width, 3), *block(2 * width, 2 * width, 3), *pool)


class Localiser(nn.Module):
    """Pictures (B, C, side, side), made small, to heat maps (B, n, side, side), each of which sums to 1."""

    def __init__(self, channels: int, side: int, transformers: int) -> None:
        super().__init__()
        features = nn.Sequential(
            nn.Conv2d(channels, 16, 5, padding=2, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True),
            nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True),
        )  # fmt: skip
        last = nn.Conv2d(16, transformers, 1, bias=False)
        nn.init.zeros_(last.weight)
        self.maps = nn.Sequential(*features, last)
        ticks = (torch.arange(side) + 0.5) * 2 / side - 1
        y, x = torch.meshgrid(ticks, ticks, indexing="ij")
        away = [((x - left) ** 2 + (y - top) ** 2) / (2 * SPREAD**2) for left, top in TILES[transformers]]
        self.start = nn.Parameter(-torch.stack(away))  # (n, side, side)

    def forward(self, picture: Tensor) -> Tensor:
        scores = SHARPNESS * self.maps(picture).float() + self.start
        return scores.flatten(2).softmax(-1).view_as(scores)


class AuxiliaryClassifier(nn.Module):
    """Pictures (B, C, h, w) to logits (B, classes) by their strongest features, and by those that heat maps (B, n, …) weigh.

    Features that see detail, weighed by maps that do not: a map that can tell the classes by itself need not lie on what tells
    them, since that one of two things is nowhere says as much. A map weighs them by their generalised mean (Radenovic et al.
    2018, GeM): while it lies everywhere, a cue has 2 % of it, which in the plain mean drowns. Used in learning alone.
    """

    def __init__(self, channels: int, transformers: int, classes: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(channels, 8, 5, stride=2, padding=2, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True),
            nn.Conv2d(8, 16, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True),
            nn.Conv2d(16, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=True),
        )  # fmt: skip
        self.strongest = nn.Linear(16, classes)
        self.attended = nn.Linear(16 * transformers, classes)

    def forward(self, picture: Tensor, heat: Tensor) -> list[Tensor]:
        features = self.features(picture).float()  # (B, 16, h, w)
        weighed = (torch.einsum("bnhw,bchw->bnc", heat, features.pow(POWER)) + TINY).pow(1 / POWER)
        return [self.strongest(features.amax(dim=(2, 3))), self.attended(weighed.flatten(1))]


def places(heat: Tensor) -> Tensor:
    """The places (B, n, 2), (x, y), normalised, of heat maps (B, n, h, w): the mean within the crop that holds most of each.

    Within one crop, since between two things that are both looked at there is nothing to see.
    """
    height, width = heat.shape[-2:]
    reach = round(CROP * width / 2)  # cells
    inside = functional.avg_pool2d(heat.detach(), 2 * reach + 1, stride=1, padding=reach)
    peak = inside.flatten(2).argmax(-1)[..., None]  # (B, n, 1)
    rows, columns = (torch.arange(size, device=heat.device) for size in (height, width))
    near_rows, near_columns = (rows - peak // width).abs() <= reach, (columns - peak % width).abs() <= reach
    held = heat * near_rows[..., None] * near_columns[..., None, :]
    y, x = ((cells + 0.5) * 2 / size - 1 for cells, size in ((rows, height), (columns, width)))
    means = torch.stack([(held.sum(2) * x).sum(-1), (held.sum(3) * y).sum(-1)], dim=-1)
    return means / held.sum((2, 3))[..., None]


def crops_of(picture: Tensor, boxes: Tensor) -> Tensor:
    """What boxes (B, n, 3), as (s, x, y), show of pictures (B, C, H, W): (B, n, C, POINTS, POINTS)."""
    count = boxes.shape[1]
    theta = FAMILIES["attention"].theta(boxes.flatten(0, 1))
    repeated = picture.repeat_interleave(count, dim=0)
    return sample(repeated, frame_grid(theta, POINTS, POINTS), "border").unflatten(0, (-1, count))


def window(points: int) -> Tensor:
    """How much of its contrast each point of a crop keeps, (points, points): all in the middle, none at the edges.

    So a box that moves nearer to what tells the classes apart gains by it, wherever in the crop that is.
    """
    ticks = (torch.arange(points) + 0.5) * 2 / points - 1
    along = 1 - ticks.square()
    return along[:, None] * along


class PartsNetwork(nn.Module):
    """Pictures (B, C, side, side) in 0 to 1 to logits (B, classes)."""

    def __init__(self, looks: Looks, channels: int, side: int, classes: int, width: int = WIDTH) -> None:
        super().__init__()
        self.looks, self.side = looks, side
        count = looks.transformers
        self.localiser = Localiser(channels, side // self.shrinks // CELL, count) if count else None
        self.auxiliary = AuxiliaryClassifier(channels, count, classes) if count else None
        self.features = nn.ModuleList(_layers(channels, width) for _ in range(max(1, count)))
        self.classes = nn.Linear(2 * width * len(self.features), classes)

    @property
    def shrinks(self) -> int:
        """How many pixels of the picture, along a side, are one of what is sampled: as many as lie between points of a crop."""
        return max(1, int(CROP * self.side / POINTS))

    def localised(self, picture: Tensor) -> Tensor:
        """Where its transformers look: a heat map each, (B, n, h, w)."""
        assert self.localiser is not None
        heat: Tensor = self.localiser(functional.avg_pool2d(picture, self.shrinks * CELL))
        return heat

    def boxes(self, picture: Tensor) -> Tensor:
        """The boxes (B, n, 3) of its transformers, all within the picture."""
        return self._boxes(self.localised(picture))

    def _boxes(self, heat: Tensor) -> Tensor:
        centres = places(heat).clamp(CROP - 1, 1 - CROP)
        return torch.cat([torch.full_like(centres[..., :1], CROP), centres], dim=-1)

    def views(self, picture: Tensor) -> Tensor:
        """What its feature networks see: (B, n, C, h, w)."""
        return self._views(picture, self.boxes(picture) if self.localiser is not None else None)

    def _views(self, picture: Tensor, boxes: Tensor | None) -> Tensor:
        small = functional.avg_pool2d(picture, self.shrinks)
        if boxes is None:
            view = functional.interpolate(picture, (POINTS, POINTS), mode="area") if self.looks.small else small
            return view[:, None]
        return crops_of(small, boxes)

    def _classified(self, views: Tensor) -> Tensor:
        if self.localiser is not None:
            views = 0.5 + (views - 0.5) * window(views.shape[-1]).to(views.device)
        features = [network(views[:, number]) for number, network in enumerate(self.features)]
        return self.classes(torch.cat(features, dim=1))

    def forward(self, picture: Tensor) -> Tensor:
        return self._classified(self.views(picture))

    def in_learning(self, picture: Tensor, share: float) -> list[Tensor]:
        """All logits (B, classes) that an error is learned from after a share of the training: its own, and the auxiliary ones.

        The gradient through a crop is local: it moves a box once it lies near what tells the classes, and astray before.
        """
        if self.auxiliary is None:
            return [self(picture)]
        heat = self.localised(picture)
        others = self.auxiliary(functional.avg_pool2d(picture, self.shrinks), heat)
        boxes = self._boxes(heat)
        return [self._classified(self._views(picture, boxes if share >= ALONE else boxes.detach())), *others]


def build(name: LooksName, channels: int, side: int, classes: int, seed: int, width: int = WIDTH) -> PartsNetwork:
    """A network with fresh weights; equal seeds give equal ones."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = PartsNetwork(LOOKS[name], channels, side, classes, width)
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def parameters_of(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def matched_width(name: LooksName, like: LooksName, channels: int, side: int, classes: int) -> int:
    """The width with which a network has as many weights as another of the usual width, as nearly as can be."""

    def count(own: LooksName, width: int) -> int:
        with torch.random.fork_rng(devices=[]):
            return parameters_of(PartsNetwork(LOOKS[own], channels, side, classes, width))

    target = count(like, WIDTH)
    first = bisect_left(range(NARROWEST, WIDEST), target, key=lambda width: count(name, width)) + NARROWEST
    return min((max(NARROWEST, first - 1), first), key=lambda width: abs(count(name, width) - target))


@torch.inference_mode()
def answers(network: PartsNetwork, images: Tensor) -> np.ndarray:
    """The class (N,) that a network in evaluation mode gives each picture (N, C, side, side), uint8."""
    with in_half(images.device):
        parts = [network(part.float() / 255).argmax(dim=1) for part in images.split(AT_ONCE)]
    return torch.cat(parts).numpy()


@torch.inference_mode()
def boxes_of(network: PartsNetwork, images: Tensor) -> np.ndarray:
    """The boxes (N, n, 3) of a network with transformers in pictures (N, C, side, side), uint8."""
    return torch.cat([network.boxes(part.float() / 255) for part in images.split(AT_ONCE)]).numpy()


@torch.inference_mode()
def crops_in(network: PartsNetwork, images: Tensor, boxes: np.ndarray) -> np.ndarray:
    """What boxes (N, n, 3) show a network of pictures (N, C, side, side), uint8: uint8 (N, n, C, POINTS, POINTS)."""
    whole = zip(images.split(AT_ONCE), torch.from_numpy(boxes).split(AT_ONCE), strict=True)
    crops = [crops_of(functional.avg_pool2d(part.float() / 255, network.shrinks), own) for part, own in whole]
    return pixels_of(torch.cat(crops))
