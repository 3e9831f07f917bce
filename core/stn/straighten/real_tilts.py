"""The part of the test that draws tilts as people make them (`datasets.tilts`), which training does not practise."""

from __future__ import annotations

from itertools import cycle, islice

import numpy as np
import pandas as pd
from torch import nn

from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.splits import UNSEEN
from core.stn.datasets.tilts import TILTS
from core.stn.geometry.pixels import shrunk
from core.stn.geometry.theta import rotation_deg, turn_between
from core.stn.straighten.evaluation import Evaluation
from core.stn.straighten.looking.doubt import gather

EACH = 10  # trials of each kind of tilt
SIDE = 256  # pixels: more than the network reads


def real_tilts(evaluation: Evaluation, localization: nn.Module) -> pd.DataFrame:
    """Trials with columns tilt, name, seen, applied_deg, recovered_deg, angle_error, scatter and likeness."""
    random = np.random.default_rng(evaluation.seed + UNSEEN)
    rows, pictures = [], []
    order = list(islice(cycle(evaluation.photo_order()), EACH))
    for tilt in TILTS.values():
        reach = min(tilt.reach, evaluation.distortions.max_angle)
        for index, degrees in zip(order, random.uniform(-reach, reach, EACH).tolist(), strict=True):
            seen = index not in evaluation.held_out
            rows.append({"tilt": tilt.name, "name": evaluation.names[index], "seen": seen, "applied_deg": degrees})
            pictures.append(tilt.make(shrunk(evaluation.photos[index], SIDE), degrees))
    found = gather(localization, canvases_of(pictures), evaluation.looking, evaluation.familiar)
    recovered = (-rotation_deg(found.theta)).tolist()
    errors = [turn_between(float(row["applied_deg"]), angle) for row, angle in zip(rows, recovered, strict=True)]
    return pd.DataFrame(rows).assign(
        recovered_deg=recovered, angle_error=errors, scatter=found.scatter, likeness=found.likeness
    )
