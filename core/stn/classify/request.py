"""Classify: networks with and without spatial transformers learn to classify distorted images, and are compared.

Jaderberg et al. 2015, section 4.1. All models see the same images in the same order under the same distortions, as many
as they can take in the same time, and are tested on equal distortions of images that none has seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from core.errors import InvalidRequest
from core.runs.request import Request, check_seed
from core.stn.datasets.digits import FILES
from core.stn.datasets.distortions import DISTORTIONS, DistortionName
from core.stn.datasets.labels import check_labels, check_split
from core.stn.geometry.families import FamilyName
from core.stn.geometry.kernels import KernelName
from core.stn.networks.spec import TITLES, Arrangement, ModelName


class ClassifyRequest(Request):
    """Which images, how they are distorted, which models learn them, and for how long."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"
    called: ClassVar[Mapping[Any, str]] = TITLES
    stoppable: ClassVar[bool] = True
    timed: ClassVar[bool] = True

    kind: Literal["classify"] = "classify"
    digits: Literal["shipped", "mnist"] | None = None  # or, in their place, images with labels
    mnist: tuple[str, ...] = ()  # digests of MNIST's four files, in the order of digits.FILES
    images: tuple[str, ...] = ()  # digests of pictures, as PNG
    names: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()  # the class of each picture
    tested: tuple[bool, ...] = ()  # whether each is for the test, by a split that came with them; else the lab splits
    distortion: DistortionName = "R"
    models: tuple[ModelName, ...] = ("cnn", "st-cnn")
    family: FamilyName = "affine"
    kernel: KernelName = "bilinear"
    transformers: int = 1
    arrangement: Arrangement = "parallel"
    match_parameters: bool = True  # or the same width for all
    budget: float = 20.0  # seconds a model, learning and test
    steps: int | None = None  # of every model, in place of a time to learn: equal seeds then give equal results
    seed: int = 0
    folds: int = 0  # 1: one split; 0: as many as suit the number of pictures. Digits come with a test set of their own
    side: int = 32  # pixels: uploads become squares of this size

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.digits is None:
            self._check_uploads()
        elif self.images or self.labels or self.tested:
            raise InvalidRequest(f"there are both digits and {len(self.images)} pictures; choose one of them")
        if self.digits == "mnist" and len(self.mnist) != len(FILES):
            raise InvalidRequest(f"MNIST is {len(FILES)} files, not {len(self.mnist)}; fetch it or give its folder")
        if not self.models or len(set(self.models)) != len(self.models):
            raise InvalidRequest(f"the models are {', '.join(self.models) or 'none'}; name at least one, each once")
        if self.transformers not in (1, 2, 3):
            raise InvalidRequest(f"{self.transformers} transformers are too many or too few; choose 1, 2 or 3")
        if not 2 <= self.budget <= 7200:
            raise InvalidRequest(f"the time for a model is {self.budget:g} s; choose between 2 and 7,200 seconds")
        if self.steps is not None and not 1 <= self.steps <= 1_000_000:
            raise InvalidRequest(f"{self.steps:,} steps will not do; choose between 1 and 1,000,000")
        if not 28 <= self.side <= 64:
            raise InvalidRequest(f"pictures of {self.side} pixels a side do not suit these networks; choose 28 to 64")
        check_seed(self.seed)
        return self

    def _check_uploads(self) -> None:
        if not len(self.images) == len(self.names) == len(self.labels):
            counts = f"{len(self.images)} pictures came with {len(self.names)} names and {len(self.labels)} labels"
            raise InvalidRequest(f"{counts}; give one of each for every picture")
        if self.tested:
            check_split(self.labels, self.tested)
            if self.folds > 1:
                raise InvalidRequest(f"the pictures are split already and cannot be tested in {self.folds} folds; choose 0")
            return
        check_labels(self.labels)
        smallest = min(Counter(self.labels).values())
        if not 0 <= self.folds <= smallest:
            raise InvalidRequest(f"{self.folds} folds need as many pictures of every class, the smallest has {smallest}")

    @property
    def size(self) -> float:
        """Seconds for all models."""
        return self.budget * len(self.models)

    @property
    def title(self) -> str:
        what = {"shipped": "5,000 digits", "mnist": "MNIST"}.get(self.digits or "", f"{len(self.images)} pictures")
        names = [TITLES[name] for name in self.models]
        against = f"{', '.join(names[:-1])} against {names[-1]}" if len(names) > 1 else names[0]
        after = f", {self.steps:,} steps each" if self.steps else ""
        return f"Classify {what}, {DISTORTIONS[self.distortion].title}: {against}{after}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.mnist, *self.images)))
