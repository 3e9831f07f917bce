"""How digits are learned under each distortion: one table for the lab's networks and for those of the paper's table 1.

What was tried, and with which result, stands in docs/LOG.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.stn.datasets.distortions import DISTORTIONS, DistortionName
from core.stn.networks.spec import Spec


@dataclass(frozen=True)
class Recipe:
    """The affine ST-CNN of a distortion, whose parameters the other networks match, and how training goes beyond the test."""

    filters: int = 64  # the paper says 32 to 64, and 400,000 parameters: 64 make 220,000 of them, 88 make 411,000
    pool: bool = False  # average pooling by 2 behind the transformer
    unpadded_grid: bool = False  # the transformer samples as many points as the image had before it lay on its canvas
    bend: float = 0.0  # pixels by which training, not a test, bends its canvas besides


RECIPES: dict[DistortionName, Recipe] = {
    # the paper pools under RTS as well; a grid of the digit's own 28 points a side is better than 42 halved to 21
    "RTS": Recipe(filters=88, unpadded_grid=True, bend=1.0),
    "TC": Recipe(pool=True),
}


def recipe_for(distortion: DistortionName) -> Recipe:
    return RECIPES.get(distortion, Recipe())


def reference_spec(
    distortion: DistortionName, side: int = 28, channels: int = 1, classes: int = 10, filters: int | None = None
) -> Spec:
    """The affine ST-CNN for images of `side` pixels; `filters` in place of the recipe's."""
    recipe, row = recipe_for(distortion), DISTORTIONS[distortion]
    return Spec(
        "st-cnn",
        side=row.canvas(side),
        channels=channels,
        classes=classes,
        width=filters or recipe.filters,
        padding=row.padding,
        pool=recipe.pool,
        points=side if recipe.unpadded_grid else 0,
    )
