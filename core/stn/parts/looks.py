"""The networks that are compared, by name: how many crops each looks at. Loads without torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from core.lines import Line
from core.rows import Column, name_in

SIDES = (56, 112, 224)  # pixels of a picture
POINTS = 32  # a side of what a network sees of a crop
CROP = 0.3  # side of a crop by the side of the picture: half of it is s of the attention family
WIDTH = 16  # filters of a feature network's first layer


@dataclass(frozen=True)
class Looks:
    """One network: its transformers, each with a feature network; without any it sees all, in full detail or made small."""

    name: str
    line: Line
    transformers: int = 0
    small: bool = False  # the whole picture as small as a crop is seen
    matched: bool = False  # as many weights as the network with most transformers


_ROWS = (
    Looks("whole", Line("one look at the whole", "#E69F00", "#E69F00", "dash", "square-open"), small=True),
    Looks("cnn", Line("CNN", "#D55E00", "#E8804A", "solid", "square"), matched=True),
    Looks("1xst", Line("1 transformer", "#0072B2", "#4DA3DB", "dot", "circle-open"), transformers=1),
    Looks("2xst", Line("2 transformers", "#0F766E", "#2DD4BF", "solid", "circle"), transformers=2),
    Looks("4xst", Line("4 transformers", "#CC79A7", "#CC79A7", "dashdot", "diamond"), transformers=4),
)
LOOKS: dict[str, Looks] = {row.name: row for row in _ROWS}
LooksName = Annotated[str, name_in(lambda: LOOKS)]
TITLES = Column(LOOKS, lambda row: row.line.name)
LINES = Column(LOOKS, lambda row: row.line)


def most_looks(models: tuple[LooksName, ...]) -> LooksName:
    """The network with most transformers among these; where none has any, that with two, for its number of weights."""
    return max((name for name in models if LOOKS[name].transformers), key=lambda name: LOOKS[name].transformers, default="2xst")
