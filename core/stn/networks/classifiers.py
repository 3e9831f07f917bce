"""The classifiers of the paper, with and without spatial transformers, and a modern network beside them.

Jaderberg et al. 2015, section 4.1 and appendix A.4: three layers with weights, ReLU. FCN: two fully connected layers of equal
width, then the classes; CNN: 9 × 9 convolution, pool, 7 × 7 convolution, pool, classes. The transformer looks at the input; its
localiser has fully connected layers of 32 (FCN) or sees the image at half size through two 5 × 5 convolutions of 20 (CNN). The
modern network (3 × 3 convolutions with batch norm) is what the transformers have to beat today.

Images are square float batches (B, C, side, side); conventions of `families`.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.errors import InvalidRequest
from core.stn.geometry.theta import compose
from core.stn.networks.first_convolution import FirstConvolution
from core.stn.networks.spatial_transformer import GridGenerator, Sampler, SpatialTransformer, ThetaLayer
from core.stn.networks.spec import Spec

SMALLEST, NARROWEST, WIDEST = 28, 8, 512  # pixels a side; filters or units per layer
PHI_AT_START = 0.5  # pixels: where the Φ of a Gaussian kernel starts


def _localizer(spec: Spec) -> nn.Module:
    """Images (B, C, side, side) to theta; starts as the identity (appendix A.4)."""
    if not spec.convolutional:
        units = spec.channels * spec.side**2
        layers = [nn.Flatten(), nn.Linear(units, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU()]
        return nn.Sequential(*layers, ThetaLayer(32, spec.family))
    left = -(-(spec.side // 2 - 4) // 2) - 4  # pixels a side after both convolutions
    return nn.Sequential(
        nn.AvgPool2d(2),
        nn.Conv2d(spec.channels, 20, 5),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.ReLU(),
        nn.Conv2d(20, 20, 5),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(20 * left**2, 20),
        nn.ReLU(),
        ThetaLayer(20, spec.family),
    )


def _connected(spec: Spec, channels: int, side: int) -> nn.Module:
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(channels * side**2, spec.width),
        nn.ReLU(),
        nn.Linear(spec.width, spec.width),
        nn.ReLU(),
        nn.Linear(spec.width, spec.classes),
    )


def _convolutional(spec: Spec, channels: int, side: int) -> nn.Module:
    """Pools round up: 21 pixels, as left by the paper's average pooling of 42, would otherwise end with nothing."""
    left = -(-(-(-(side - 8) // 2) - 6) // 2)  # pixels a side after both convolutions and both pools
    return nn.Sequential(
        FirstConvolution(channels, spec.width, 9),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.ReLU(),
        nn.Conv2d(spec.width, spec.width, 7),
        nn.MaxPool2d(2, ceil_mode=True),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(spec.width * left**2, spec.classes),
    )


def _block(before: int, after: int) -> nn.Module:
    convolution = nn.Conv2d(before, after, 3, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU(inplace=True))


def _modern(spec: Spec, channels: int) -> nn.Module:
    width = spec.width
    return nn.Sequential(
        _block(channels, width),
        nn.MaxPool2d(2, ceil_mode=True),
        _block(width, width),
        _block(width, 2 * width),
        nn.MaxPool2d(2, ceil_mode=True),
        _block(2 * width, 2 * width),
        _block(2 * width, 2 * width),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(2 * width, spec.classes),
    )


def _body(spec: Spec, channels: int, side: int) -> nn.Module:
    if spec.model == "modern-cnn":
        return _modern(spec, channels)
    return _convolutional(spec, channels, side) if spec.convolutional else _connected(spec, channels, side)


class Transformers(nn.Module):
    """One or several spatial transformers before a classifier.

    In parallel each reads the image itself, and their outputs are stacked: (B, n·C, side, side). In depth each reads the output
    of the one before, thetas are composed, and the image is sampled once at the end (Lin & Lucey 2017).
    """

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.arrangement = spec.arrangement
        self.localizers = nn.ModuleList(_localizer(spec) for _ in range(spec.transformers))
        points = spec.points or spec.side
        self.grid, self.whole = GridGenerator(points, points), GridGenerator(spec.side, spec.side)
        self.sampler = Sampler(spec.padding, spec.kernel, PHI_AT_START)  # a Gaussian learns its Φ

    def views(self, image: Tensor) -> list[tuple[Tensor, Tensor]]:
        """What the body of the network sees of an image (B, C, side, side), and through which theta: a pair for each output."""
        if self.arrangement == "parallel":
            return [self._transformer(localizer, self.grid)(image) for localizer in self.localizers]
        *before, last = self.localizers
        view, start = image, None
        for localizer in before:
            view, theta = self._transformer(localizer, self.whole)(view, image, start)
            start = theta if start is None else compose(start, theta)
        view, theta = self._transformer(last, self.grid)(view, image, start)
        return [(view, theta if start is None else compose(start, theta))]

    def _transformer(self, localizer: nn.Module, grid: GridGenerator) -> SpatialTransformer:
        return SpatialTransformer(localizer, grid, self.sampler)

    def thetas(self, image: Tensor) -> list[Tensor]:
        """One theta per output of a parallel arrangement, one composed theta of a deep one."""
        return [theta for _, theta in self.views(image)]

    def look(self, image: Tensor, theta: Tensor) -> Tensor:
        """The image (B, C, side, side) through one theta, as the body of the network sees it."""
        return self.sampler(image, self.grid(theta))

    def forward(self, image: Tensor) -> Tensor:
        return torch.cat([view for view, _ in self.views(image)], dim=1)


class Classifier(nn.Module):
    """A network from images (B, C, side, side) in 0 to 1 to logits (B, classes); `transformers` is None for the plain ones."""

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.spec = spec
        self.transformers = Transformers(spec) if spec.spatial else None
        copies = spec.transformers if spec.spatial and spec.arrangement == "parallel" else 1
        side = (spec.points or spec.side) if spec.spatial else spec.side
        side = -(-side // 2) if self.pools else side
        self.body = _body(spec, copies * spec.channels, side)

    @property
    def pools(self) -> bool:
        return self.spec.pool and self.spec.spatial

    def view(self, image: Tensor) -> Tensor:
        """What the body of the network is given: the image as the transformers show it."""
        return self.transformers(image) if self.transformers is not None else image

    def forward(self, image: Tensor) -> Tensor:
        view = self.view(image)
        if self.pools:
            view = functional.avg_pool2d(view, 2, ceil_mode=True)
        return self.body(view)


def build(spec: Spec, seed: int = 0) -> Classifier:
    """A classifier with fresh weights; equal seeds give equal ones. InvalidRequest for images that are too small."""
    if spec.side < SMALLEST:
        raise InvalidRequest(f"images of {spec.side} pixels a side are too small for these networks; use at least {SMALLEST}")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Classifier(spec).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def parameters_of(spec: Spec) -> int:
    """How many numbers a classifier learns."""
    with torch.device("meta"):
        return sum(weight.numel() for weight in Classifier(spec).parameters())


def matched(spec: Spec, like: Spec) -> Spec:
    """`spec` with the width at which it has as many parameters as `like`, as nearly as a whole number of filters allows."""
    target = parameters_of(like)
    narrow, wide = NARROWEST, WIDEST
    while wide - narrow > 1:
        middle = (narrow + wide) // 2
        if parameters_of(replace(spec, width=middle)) > target:
            wide = middle
        else:
            narrow = middle
    return min((replace(spec, width=width) for width in (narrow, wide)), key=lambda other: abs(parameters_of(other) - target))
