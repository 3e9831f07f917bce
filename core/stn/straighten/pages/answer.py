"""Straighten a page at once, with the network and the curves of belief that come with the lab (data/pages.safetensors).

`python -m core.stn.straighten.pages.making` makes them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from safetensors.numpy import load, save

from core.stn.geometry.kernels import Padding
from core.stn.geometry.theta import Parts, theta_of
from core.stn.learning.belief import Calibration
from core.stn.networks.spatial_transformer import LocalizationNetwork
from core.stn.networks.stored import Weights
from core.stn.networks.weights import put_into
from core.stn.straighten.looking.straightened import apply_theta
from core.stn.straighten.pages.network import untrained
from core.stn.straighten.pages.ways import WAYS, Curves, chosen, evidence_of
from core.stn.straighten.predict import Answer

FILE = Path(__file__).parents[2] / "data" / "pages.safetensors"


@dataclass(frozen=True)
class Straightener:
    """The network for pages, and how far each way is to be believed."""

    network: LocalizationNetwork
    curves: Mapping[str, Curves]
    made: Mapping[str, Any]  # by how many steps of which training

    def answers(self, photos: Sequence[np.ndarray]) -> pd.DataFrame:
        """A row for each photo (H, W, 3), uint8: see `ways.chosen`."""
        return chosen(evidence_of(self.network, photos), self.curves)


def to_file(weights: Weights, curves: Mapping[str, Curves], made: Mapping[str, Any]) -> bytes:
    """One safetensors file: the weights, and in its header the curves and how the network was made."""
    rows = {name: asdict(curve) for name, curve in curves.items()}
    return save(weights, metadata={"curves": json.dumps(rows), "made": json.dumps(made)})


def from_file(content: bytes) -> Straightener:
    """The straightener in a file that `to_file` made."""
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])["__metadata__"]
    network = untrained()
    put_into(network, load(content))
    rows = json.loads(header["curves"]).items()
    curves = {name: Curves(_curve(row["close"]), _curve(row["right"])) for name, row in rows}
    return Straightener(network.eval(), curves, json.loads(header["made"]))


def _curve(row: Mapping[str, Any]) -> Calibration:
    return Calibration(row["intercept"], tuple(row["weights"]), tuple(row["floors"]))


@cache
def shipped() -> Straightener:
    """The straightener that comes with the lab."""
    return from_file(FILE.read_bytes())


@dataclass(frozen=True)
class PageAnswer:
    """What becomes of a page, which way counted (a row of `WAYS`), and by how many degrees each way says it is turned."""

    straight: Answer
    way: str
    angles_deg: Mapping[str, float]

    @property
    def words(self) -> str:
        """Who says it."""
        return WAYS[self.way].words


def straighten_page(photo: np.ndarray, *, padding: Padding = "border") -> PageAnswer:
    """Make a page (H, W, 3), uint8, of any size level, whether the answer is to be believed or not."""
    row = shipped().answers([photo]).iloc[0]
    straight = apply_theta(photo, theta_of(Parts(rotation_deg=-float(row.angle_deg))).float(), padding)
    answer = Answer(straight.image, straight.theta, straight.angle_deg, float(row.belief))
    return PageAnswer(answer, str(row.way), {name: float(row[way.column]) for name, way in WAYS.items()})
