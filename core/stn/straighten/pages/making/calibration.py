"""The curves of belief in each way, by scans that the network never saw and by turned pictures that are no pages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.stn.datasets.tilts import TILTS
from core.stn.learning.belief import RIGHT
from core.stn.networks.spatial_transformer import LocalizationNetwork
from core.stn.straighten.looking.strangers import strangers_to
from core.stn.straighten.pages.making.layouts import sheet
from core.stn.straighten.pages.making.scans import scan
from core.stn.straighten.pages.network import MOST
from core.stn.straighten.pages.ways import CLOSE, WAYS, Curves, evidence_of

SCANS, STRANGERS, SEED = 600, 200, 1  # the training's seed is 0
LONGEST = 620  # pixels of a scan
PERSPECTIVE = 0.17  # more than training practises: belief has to know what is too much
_LEFT_OUT = ("stripes", "text")  # stripes are level at whatever turn makes them so; the sample of text is judged on


def known_pages(count: int, seed: int) -> list[tuple[np.ndarray, float]]:
    """Scans as pictures (H, W, 3), uint8, with their angles."""
    random = np.random.default_rng(seed)
    scans = [scan(sheet(random), random, LONGEST, PERSPECTIVE) for _ in range(count)]
    return [(np.repeat(page.pixels[..., None], 3, axis=2), page.angle_deg) for page in scans]


def known_strangers(count: int, seed: int) -> list[tuple[np.ndarray, float]]:
    """Pictures of other kinds, turned as people turn them, with their angles."""
    random, ways = np.random.default_rng(seed), list(TILTS.values())
    others = [(name, picture) for name, picture in strangers_to([], 2 * count, seed) if not name.endswith(_LEFT_OUT)]
    turned = list[tuple[np.ndarray, float]]()
    for number, (_, picture) in enumerate(others[:count]):
        degrees = float(random.uniform(-MOST, MOST))
        turned.append((ways[number % 2].make(picture, degrees), degrees))
    return turned


def evidence_with_angles(network: LocalizationNetwork, pictures: list[tuple[np.ndarray, float]]) -> pd.DataFrame:
    """The evidence of pictures, with a column of their angles: true_deg."""
    tables = [evidence_of(network, [picture]) for picture, _ in pictures]
    return pd.concat(tables, ignore_index=True).assign(true_deg=[angle for _, angle in pictures])


def fitted(evidence: pd.DataFrame) -> dict[str, Curves]:
    """The curves of every way."""
    angles = evidence.true_deg.to_numpy()
    return {
        name: Curves(way.fitted(evidence, angles, CLOSE), way.fitted(evidence, angles, RIGHT)) for name, way in WAYS.items()
    }
