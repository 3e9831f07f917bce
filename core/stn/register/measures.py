"""How unlike two pictures are where both have pixels: squared error, correlation, mutual information. One row each.

A measure takes what is seen of one picture through theta, the other picture, and a soft mask of where both are, which sums to
1; it gives a loss, the lower the more alike, and torch its gradient. Light that changes by a factor and an offset leaves the
correlation as it is, any change that maps equal grey levels to equal ones leaves the mutual information (Viola & Wells 1997).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from core.rows import name_in

if TYPE_CHECKING:
    from torch import Tensor

BINS = 8  # grey levels of the joint histogram
_FAINT = 1e-6  # variance below which a picture shows nothing


@dataclass(frozen=True)
class Measure:
    """One row of the table. `loss` takes views, target and mask (B, 1, H, W) and gives (B,)."""

    name: str
    title: str
    formula: str  # TeX
    loss: Callable[[Tensor, Tensor, Tensor], Tensor]
    survives: str  # which change of light it survives, in words
    levelled: bool = True  # sees pictures less what is around each pixel, in standard deviations
    pixels: int = 1 << 18  # that a step reads, at most about


def _squared(views: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    return ((views - target).square() * mask).sum((1, 2, 3))


def _centred(image: Tensor, mask: Tensor) -> Tensor:
    return image - (image * mask).sum((1, 2, 3), keepdim=True)


def _correlation(views: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    a, b = _centred(views, mask), _centred(target, mask)
    together, own, other = ((one * two * mask).sum((1, 2, 3)) for one, two in ((a, b), (a, a), (b, b)))
    return 1 - together / (own * other + _FAINT**2).sqrt()


def _spline(distance: Tensor) -> Tensor:
    """The cubic B-spline, whose values at whole steps sum to 1."""
    r = distance.abs()
    wide, narrow = (2 - r).clamp(min=0), (1 - r).clamp(min=0)
    return (wide * wide * wide - 4 * narrow * narrow * narrow) / 6


def _shares(image: Tensor) -> Tensor:
    """How much each pixel counts in each bin: (B, BINS + 2, H * W), brightness from 0 to 1."""
    import torch

    bins = torch.arange(-1, BINS + 1).to(image)[:, None]
    return _spline(image.flatten(1)[:, None].clamp(0, 1) * (BINS - 1) - bins)


def _mutual_information(views: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Less the mutual information in nats, of a joint histogram with Parzen windows (Thévenaz & Unser 2000)."""
    joint = (_shares(views) * mask.flatten(1)[:, None]) @ _shares(target).mT  # (B, bins, bins), sums to 1
    apart = joint.sum(2, keepdim=True) * joint.sum(1, keepdim=True)
    tiny = 1e-9
    return -(joint * ((joint + tiny) / (apart + tiny)).log()).sum((1, 2))


_ROWS = (
    Measure(
        "squared", "squared error", r"\sum_i m_i\,(V_i - B_i)^2", _squared,
        "none: a brighter picture is as unlike as another one", levelled=False,
    ),
    Measure(
        "ncc", "correlation (NCC)",
        r"1 - \frac{\sum_i m_i (V_i - \bar V)(B_i - \bar B)}{\sqrt{\sum_i m_i (V_i - \bar V)^2 \sum_i m_i (B_i - \bar B)^2}}",
        _correlation, "a factor and an offset",
    ),
    Measure(
        "mi", "mutual information", r"-\sum_{v,b} p(v, b)\,\log\frac{p(v, b)}{p(v)\,p(b)}", _mutual_information,
        "every change that makes equal grey levels equal ones, also a negative", pixels=1 << 12,
    ),
)  # fmt: skip
MEASURES: dict[MeasureName, Measure] = {row.name: row for row in _ROWS}

MeasureName = Annotated[str, name_in(lambda: MEASURES)]
