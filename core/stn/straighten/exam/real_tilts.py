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
            rows.append((tilt.name, evaluation.names[index], index not in evaluation.held_out, degrees))
            pictures.append(tilt.make(shrunk(evaluation.photos[index], SIDE), degrees))
    answers = gather(localization, canvases_of(pictures), evaluation.looking, evaluation.familiar)
    recovered = (-rotation_deg(answers.theta)).tolist()
    errors = [turn_between(applied, angle) for (*_, applied), angle in zip(rows, recovered, strict=True)]
    return pd.DataFrame(rows, columns=["tilt", "name", "seen", "applied_deg"]).assign(
        recovered_deg=recovered, angle_error=errors, scatter=answers.scatter.tolist(), likeness=answers.likeness.tolist()
    )
