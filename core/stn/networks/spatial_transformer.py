"""The three parts of a spatial transformer as modules: localisation network, grid generator, sampler.

Jaderberg et al. 2015, figure 2. Conventions of `families`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import torch
from torch import Tensor, nn

from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.interpolation import Phi
from core.stn.geometry.kernels import BROADEST, KERNELS, SHARPEST, KernelName, Padding
from core.stn.geometry.sampling import sample
from core.stn.geometry.theta import compose, frame_grid

CHANNELS = (8, 32, 64, 64)


class ThetaLayer(nn.Linear):
    """The last layer of a localisation network: features (B, units) to a theta of the family.

    It starts with zero weights and the identity as bias, so that the untrained network changes nothing (Jaderberg et al. 2015,
    appendix A.4). Always at full precision: a coordinate needs more digits than a colour.
    """

    def __init__(self, units: int, family: FamilyName) -> None:
        self.family = FAMILIES[family]
        super().__init__(units, len(self.family.identity))

    def reset_parameters(self) -> None:
        nn.init.zeros_(self.weight)
        with torch.no_grad():
            self.bias.copy_(torch.tensor(self.family.identity))

    def forward(self, features: Tensor) -> Tensor:
        with torch.autocast(features.device.type, enabled=False):
            params = super().forward(features.float() if features.dtype == torch.bfloat16 else features)
            return self.family.theta(params)  # (B, 2, 3), (B, 3, 3) or (B, 16, 2)


def _block(before: int, after: int) -> nn.Module:
    convolution = nn.Conv2d(before, after, kernel_size=3, stride=2, padding=1, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU(inplace=True))


class LocalizationNetwork(nn.Module):
    """Predicts theta from images (B, C, size, size): stride-2 convolutions with batch norm, then two connected layers."""

    def __init__(
        self, family: FamilyName, size: int, inputs: int = 1, channels: tuple[int, ...] = CHANNELS, hidden: int = 64
    ) -> None:
        super().__init__()
        blocks = [_block(before, after) for before, after in pairwise((inputs, *channels))]
        side = -(-size // 2 ** len(channels))
        self.features = nn.Sequential(*blocks, nn.Flatten())
        self.hidden = nn.Sequential(nn.Linear(channels[-1] * side * side, hidden), nn.ReLU())
        self.params = ThetaLayer(hidden, family)

    def forward(self, image: Tensor) -> Tensor:
        features = self.features(image)  # (B, channels · side²)
        return self.params(self.hidden(features))


@contextmanager
def at_full_precision(values: Tensor) -> Iterator[Tensor]:
    """The values as float32 where they are shorter, and no autocast: a coordinate needs more digits than a colour."""
    with torch.autocast(values.device.type, enabled=False):
        yield values.float() if values.dtype in (torch.bfloat16, torch.float16) else values


class GridGenerator(nn.Module):
    """Turns a theta of any kind into the source points (B, height, width, 2) of a regular target grid; nothing to learn.

    Theta is in square coordinates, the points are in those of the image that is sampled. That image may reach `extent` times as
    far as the grid, to all sides.

    >>> import torch
    >>> from core.stn import GridGenerator
    >>> GridGenerator(1, 2)(torch.eye(2, 3)[None])  # pixel centres of the target, (x, y); edges lie at -1 and 1
    tensor([[[[-0.5000,  0.0000],
              [ 0.5000,  0.0000]]]])
    """

    def __init__(self, height: int, width: int, extent: float = 1.0) -> None:
        super().__init__()
        self.height, self.width, self.extent = height, width, extent

    def forward(self, theta: Tensor) -> Tensor:
        with at_full_precision(theta) as theta:
            grid = frame_grid(theta, self.height, self.width)
            return grid if self.extent == 1 else grid / self.extent


class Sampler(nn.Module):
    """Reads images (B, C, H', W') at the points of a grid (B, H, W, 2); differentiable in both.

    A Gaussian kernel learns its Φ as well, one for each axis; at the sharpest, the default, almost no gradient reaches it: to
    learn it start from about 0.5 pixels.
    """

    def __init__(self, padding: Padding = "border", kernel: KernelName = "bilinear", phi: Phi = None) -> None:
        super().__init__()
        self.padding, self.kernel = padding, kernel
        if KERNELS[kernel].width:
            widths = torch.as_tensor(SHARPEST if phi is None else phi, dtype=torch.get_default_dtype()).expand(2)
            self.log_phi = nn.Parameter(widths.log())  # so that Φ stays positive

    @property
    def phi(self) -> Tensor | None:
        """(Φ_x, Φ_y) in pixels, of a kernel with a width; however far it learns, never above BROADEST."""
        return self.log_phi.exp().clamp(max=BROADEST) if KERNELS[self.kernel].width else None

    def forward(self, image: Tensor, grid: Tensor) -> Tensor:
        with at_full_precision(image) as image:
            return sample(image, grid, self.padding, self.kernel, self.phi)


class SpatialTransformer(nn.Module):
    """Predicts theta from an image and samples the image through it: sample and theta (Jaderberg et al. 2015, figure 2).

    Where the image is itself a sample of a `source` through a theta `start`, the source is sampled, once, through the composed
    theta (Lin & Lucey 2017). Before it has learned anything it returns its image:

    >>> import torch
    >>> from core.stn import GridGenerator, LocalizationNetwork, Sampler, SpatialTransformer
    >>> transformer = SpatialTransformer(LocalizationNetwork("affine", 28), GridGenerator(28, 28), Sampler()).eval()
    >>> image = torch.rand(8, 1, 28, 28)
    >>> view, theta = transformer(image)
    >>> view.shape, theta.shape
    (torch.Size([8, 1, 28, 28]), torch.Size([8, 2, 3]))
    >>> torch.allclose(view, image, atol=1e-5)
    True
    """

    def __init__(self, localization: nn.Module, grid: GridGenerator, sampler: Sampler) -> None:
        super().__init__()
        self.localization, self.grid, self.sampler = localization, grid, sampler

    def forward(self, image: Tensor, source: Tensor | None = None, start: Tensor | None = None) -> tuple[Tensor, Tensor]:
        theta = self.localization(image)  # (B, 2, 3), (B, 3, 3) or (B, 16, 2)
        grid = self.grid(theta if start is None else compose(start, theta))  # (B, height, width, 2)
        return self.sampler(image if source is None else source, grid), theta
