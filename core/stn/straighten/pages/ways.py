"""Three ways to read the turn of a page, what speaks against each, and how far each is to be believed.

A way is a row of the table. Its belief (`core.stn.learning.belief`) is a curve of three or four distances: how far the answers
of the network are apart, and those to parts of the page from that to the whole; how dull the profile of the lines is; how far
two ways are apart. The curves are fitted to scans that the network never saw and to pictures that are no pages
(`making.calibration`). That way counts which is the likeliest to be off by less than CLOSE; it is believed as far as it is
likely to be off by less than `belief.RIGHT`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.stn.geometry.pixels import to_grey
from core.stn.geometry.theta import turn_between
from core.stn.learning.belief import Calibration, calibrated
from core.stn.networks.spatial_transformer import LocalizationNetwork
from core.stn.straighten.baseline.deskew import LONGEST, lines_in
from core.stn.straighten.pages.network import MOST, canvases_of, detail_of, read

CLOSE = 0.5  # degrees
NEAR = 4.0  # degrees: so far from the network's answer lines are looked for near it
_MIDDLE, _STEP = 128, 30  # grey levels of a page less its brightness, in standard deviations


@dataclass(frozen=True)
class Way:
    """One row of the table; `distances`: columns of the evidence, each with the floor below which it says no more."""

    name: str
    words: str
    distances: Mapping[str, float]

    @property
    def column(self) -> str:
        """The angle it reads, in the evidence."""
        return f"{self.name}_deg"

    def distances_in(self, evidence: pd.DataFrame) -> np.ndarray:
        """The distances of some pages: (N, F)."""
        return evidence[list(self.distances)].to_numpy()

    def fitted(self, evidence: pd.DataFrame, angle_deg: np.ndarray, within: float) -> Calibration:
        """The curve that tells how likely it is off by less than `within`, by pages whose angles (N,) are known."""
        small = errors_of(evidence[self.column].to_numpy(), angle_deg) < within
        return calibrated(self.distances_in(evidence), small, tuple(self.distances.values()))


_ROWS = (
    Way("network", "the network", {"scatter": 0.05, "parts": 0.1, "apart": 0.2}),
    Way("lines", "the lines of text", {"dullness": 0.02, "parts": 0.1, "apart": 0.2}),
    Way(
        "nearby", "the lines of text near the network's answer",
        {"scatter": 0.05, "parts": 0.1, "nearby_dullness": 0.05, "nearby_apart": 0.2},
    ),
)  # fmt: skip
WAYS = {row.name: row for row in _ROWS}


@dataclass(frozen=True)
class Curves:
    """Of one way: how likely it is off by less than CLOSE, and than `belief.RIGHT`."""

    close: Calibration
    right: Calibration


def errors_of(read_deg: np.ndarray, true_deg: np.ndarray) -> np.ndarray:
    """Degrees (N,) between angles, the short way round."""
    return np.array([turn_between(*both) for both in zip(read_deg.tolist(), true_deg.tolist(), strict=True)])


def flattened(photo: np.ndarray) -> np.ndarray:
    """A page (H, W, 3), uint8, without shadows and the colour of its paper, as large as lines are read: the same type."""
    levels = _MIDDLE + _STEP * detail_of(to_grey(photo)[..., 0], LONGEST)
    return np.repeat(np.rint(levels.clip(0, 255)).astype(np.uint8)[..., None], 3, axis=2)


def evidence_of(network: LocalizationNetwork, photos: Sequence[np.ndarray]) -> pd.DataFrame:
    """What the ways say of photos (H, W, 3), uint8, and what speaks against each: a row a photo."""
    reading = read(network, canvases_of(photos))
    lines = [lines_in(photo, MOST) for photo in photos]
    near = [lines_in(flattened(photo), NEAR, around) for photo, around in zip(photos, reading.angle_deg.tolist(), strict=True)]
    table = pd.DataFrame(
        {
            "network_deg": reading.angle_deg.astype(float),
            "lines_deg": [line.angle_deg for line in lines],
            "nearby_deg": [line.angle_deg for line in near],
            "scatter": reading.scatter_deg.astype(float),
            "parts": reading.parts_deg.astype(float),
            "dullness": [1 / line.sharpness for line in lines],
            "nearby_dullness": [1 / line.sharpness for line in near],
        }
    )
    ways = [table[column].to_numpy() for column in ("network_deg", "lines_deg", "nearby_deg")]
    return table.assign(apart=errors_of(ways[0], ways[1]), nearby_apart=errors_of(ways[0], ways[2]))


def chosen(evidence: pd.DataFrame, curves: Mapping[str, Curves]) -> pd.DataFrame:
    """The evidence with the way that counts, the angle it reads and the belief in that: way, angle_deg, belief."""
    close, right = (
        np.stack([getattr(curves[name], which).belief(way.distances_in(evidence)) for name, way in WAYS.items()])
        for which in ("close", "right")
    )  # (ways, N) each
    best, pages = close.argmax(0), np.arange(len(evidence))
    angles = evidence[[way.column for way in WAYS.values()]].to_numpy()  # (N, ways)
    names = np.array(list(WAYS))[best]
    return evidence.assign(way=names, angle_deg=angles[pages, best], belief=right[best, pages])
