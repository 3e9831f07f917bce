"""The networks that add, by name: both channels go into every transformer, and both come out of it."""

from __future__ import annotations

from typing import Literal

from core.stn.geometry.families import FamilyName
from core.stn.networks.spec import Spec

AdderName = Literal["fcn", "cnn", "st-fcn", "2xst-fcn"]
TITLES: dict[AdderName, str] = {"fcn": "FCN", "cnn": "CNN", "st-fcn": "ST-FCN", "2xst-fcn": "2×ST-FCN"}
SIDE, CLASSES = 42, 19
UNITS, FILTERS = 256, 32  # the widths of the paper's networks (A.4)


def spec_of(name: AdderName, family: FamilyName) -> Spec:
    """The network behind a name."""
    plain = Spec("fcn", family=family, side=SIDE, channels=2, classes=CLASSES, width=UNITS)
    specs: dict[AdderName, Spec] = {
        "fcn": plain,
        "cnn": Spec("cnn", side=SIDE, channels=2, classes=CLASSES, width=FILTERS),
        "st-fcn": Spec("st-fcn", family=family, side=SIDE, channels=2, classes=CLASSES, width=UNITS, pool=True),
        "2xst-fcn": Spec(
            "st-fcn", family=family, side=SIDE, channels=2, classes=CLASSES, width=UNITS, pool=True, transformers=2
        ),
    }  # fmt: skip
    return specs[name]
