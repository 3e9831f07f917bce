"""In what the panels of a collapse run differ: learning rate, start, padding and kernel. Loads without torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, model_validator

from core.errors import InvalidRequest
from core.lines import Line
from core.rows import name_in
from core.stn.geometry.kernels import PADDINGS, KernelName, Padding

STARTS: dict[str, str] = {  # what θ is before the first step
    "identity": "the last layer has weights 0 and the identity as bias",
    "random": "the last layer is drawn as any other: θ is near 0",
    "outside": "the last layer has weights 0, and its bias looks beside the image",
}
StartName = Annotated[str, name_in(lambda: STARTS)]
RATES = (1e-5, 10.0)
RATE = 3e-3
PANELS = {  # letter -> how figures draw it
    "A": Line("A", "#0072b2", "#56b4e9", "solid", "circle"),
    "B": Line("B", "#d55e00", "#e69f00", "dash", "square"),
    "C": Line("C", "#009e73", "#2fbf95", "dot", "diamond"),
    "D": Line("D", "#a3527f", "#cc79a7", "dashdot", "cross"),
}
FEWEST = 2


class Setting(BaseModel):
    """One panel: everything else is the same in all of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rate: float = RATE
    start: StartName = "identity"
    padding: Padding = "border"
    kernel: KernelName = "bilinear"

    @model_validator(mode="after")
    def _check(self) -> Setting:
        low, high = RATES
        if not low <= self.rate <= high:
            raise InvalidRequest(f"the learning rate is {self.rate:g}; choose between {low:g} and {high:g}")
        return self

    @property
    def words(self) -> str:
        return f"rate {self.rate:g}, start {self.start}, padding {self.padding}, {self.kernel} kernel"


PRESETS: Mapping[str, tuple[Setting, ...]] = {
    "four": (Setting(), Setting(rate=1.0), Setting(kernel="integer"), Setting(start="outside", padding="zeros")),
    "rate": tuple(Setting(rate=rate) for rate in (3e-4, 3e-3, 3e-2, 1.0)),
    "start": (
        Setting(),
        Setting(start="random", padding="zeros"),
        Setting(start="outside", padding="zeros"),
        Setting(start="outside", padding="reflection"),
    ),
    "padding": (Setting(), *(Setting(start="outside", padding=padding) for padding in PADDINGS)),
    "kernel": tuple(Setting(kernel=kernel) for kernel in ("bilinear", "integer", "bicubic", "gaussian")),
}


def preset(name: str) -> tuple[Setting, ...]:
    """InvalidRequest where there is no such preset."""
    if name not in PRESETS:
        raise InvalidRequest(f"there is no preset {name!r}; choose {', '.join(PRESETS)}")
    return PRESETS[name]
