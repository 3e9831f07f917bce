"""Parts: networks that look at several small crops of a picture learn to classify, beside others that see all of it.

Jaderberg et al. 2015, section 4.3 (birds). Pictures are scenes in which two small cues decide the class (`scenes`), or uploads.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from core.errors import InvalidRequest
from core.runs.request import Request, check_seed
from core.stn.datasets.labels import check_labels, check_split
from core.stn.parts.looks import SIDES, TITLES, LooksName

MOST_BYTES = 300_000_000  # of all pictures while they are learned from


class PartsRequest(Request):
    """Which pictures, which networks, and how long each learns."""

    bench: ClassVar[Literal["spatial", "recurrent"]] = "spatial"
    called: ClassVar[Mapping[Any, str]] = TITLES
    stoppable: ClassVar[bool] = True
    timed: ClassVar[bool] = True

    kind: Literal["parts"] = "parts"
    images: tuple[str, ...] = ()  # digests of pictures, as PNG; none: scenes
    names: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()  # the class of each picture
    tested: tuple[bool, ...] = ()  # whether each is for the test, by a split that came with them; else the lab splits
    models: tuple[LooksName, ...] = ("cnn", "1xst", "2xst")
    side: int = 224  # pixels of a picture
    budget: float = 60.0  # seconds a network, learning and test
    steps: int | None = None  # in place of a time: as many for every network, and equal seeds give equal results
    seed: int = 0

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.models or len(set(self.models)) != len(self.models):
            raise InvalidRequest(f"the networks are {', '.join(self.models) or 'none'}; name at least one, each once")
        if self.side not in SIDES:
            raise InvalidRequest(f"pictures of {self.side} pixels a side will not do; choose {', '.join(map(str, SIDES))}")
        if not 3 <= self.budget <= 7200:
            raise InvalidRequest(f"the time for a network is {self.budget:g} s; choose between 3 and 7,200 seconds")
        if self.steps is not None and not 1 <= self.steps <= 1_000_000:
            raise InvalidRequest(f"{self.steps:,} steps will not do; choose between 1 and 1,000,000")
        check_seed(self.seed)
        if self.images or self.labels:
            self._check_uploads()
        return self

    def _check_uploads(self) -> None:
        if not len(self.images) == len(self.names) == len(self.labels):
            counts = f"{len(self.images)} pictures came with {len(self.names)} names and {len(self.labels)} labels"
            raise InvalidRequest(f"{counts}; give one of each for every picture")
        if 3 * self.side**2 * len(self.images) > MOST_BYTES:
            smaller = "choose fewer pixels" if self.side > SIDES[0] else "choose fewer pictures"
            raise InvalidRequest(f"{len(self.images):,} pictures of {self.side} pixels need too much memory; {smaller}")
        if self.tested:
            check_split(self.labels, self.tested)
        else:
            check_labels(self.labels)

    @property
    def size(self) -> float:
        """Seconds for all networks."""
        return self.budget * len(self.models)

    @property
    def title(self) -> str:
        what = f"{len(self.images)} pictures" if self.images else "scenes with two cues"
        return f"Find parts in {what}: {', '.join(TITLES[name] for name in self.models)}"

    @property
    def inputs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.images))
