"""What a network makes of new photos of the kind that a run learns from: of the half of them that a second network never saw.

Photos that a network has learned from say nothing of others that look like them. The second network learns from one half of
the photos, for a part of the run's time, and is tested on the other (cross-validation, Stone 1974); only the trials are kept.
It has fewer photos and less time than the network of the run, so it shows new photos as harder than they are, not as easier.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace
from itertools import cycle, islice

import numpy as np
import pandas as pd
import torch
from torch import Tensor, nn

from core.checkpoints.checkpoint import clock
from core.runs.request import Progress, Wish
from core.stn.datasets.canvas import canvases_of
from core.stn.datasets.splits import UNSEEN
from core.stn.networks.spatial_transformer import SpatialTransformer
from core.stn.straighten.evaluation import QUICK_AT_ONCE, Evaluation
from core.stn.straighten.looking.doubt import LEARNED_FROM
from core.stn.straighten.self_supervision import BATCH, DECAY, RATE, Batch, batches, photometric_loss
from core.training import Plan, train

CROSS_FITTING = 0.2  # share of the run's time, for learning and trials
TRYING = 0.3  # share of that time for the trials
FEWEST = 6  # photos to learn from: half of fewer say little
ENOUGH = 6  # photos held out of the run: so many show by themselves what becomes of new ones
TRIALS = 48  # at most
MORE_WRONG = 2  # photos: by so few that were tried nobody knows that others will be answered as rightly


def is_due(learned_from: int, held_out: int) -> bool:
    """Whether a run of so many photos needs a second network to know what becomes of new ones."""
    return learned_from >= FEWEST and held_out < ENOUGH


def halves(evaluation: Evaluation) -> Evaluation:
    """The photos that are learned from, with one half of them held out, drawn at random."""
    learned_from = [index for index in range(len(evaluation.photos)) if index not in evaluation.held_out]
    order = np.random.default_rng(evaluation.seed + UNSEEN).permutation(len(learned_from))
    return replace(
        evaluation,
        photos=[evaluation.photos[index] for index in learned_from],
        names=[evaluation.names[index] for index in learned_from],
        held_out=sorted(order[: len(order) // 2].tolist()),
    )


def each_alike(trials: pd.DataFrame, count: int) -> pd.DataFrame:
    """About `count` of the trials, as many of each photo: repeated, or the first ones of it.

    How a new photo is answered to, differs more between photos than between tilts of one; so many trials of one say little.
    """
    photos = [rows for _, rows in trials.groupby("name")] if len(trials) else []
    return pd.concat([rows.iloc[np.arange(max(1, round(count / len(photos)))) % len(rows)] for rows in photos] or [trials])


def cautious(trials: pd.DataFrame, count: int) -> pd.DataFrame:
    """About `count` trials, as many of each photo, as if MORE_WRONG photos more had been answered wrongly.

    Platt's smoothed targets count one trial more; but trials of one photo are much alike, so it is photos that are few. The
    ones more look as familiar, and are answered with as little scatter, as the better half of those that were tried.
    """
    photos = trials.name.nunique() if len(trials) else 0
    if not photos:
        return trials
    alike = each_alike(trials, round(count * photos / (photos + MORE_WRONG)))
    order = np.argsort(alike.scatter.rank().to_numpy() - alike.likeness.rank().to_numpy(), kind="stable")
    better = order[: (len(order) + 1) // 2]
    wrong = alike.iloc[np.resize(better, max(1, round(MORE_WRONG * len(alike) / photos)))]
    return pd.concat([alike, wrong.assign(angle_error=np.inf, grid_error_after=np.inf)])


def _learned(model: SpatialTransformer, split: Evaluation, seconds: float) -> Generator[Progress, Wish | None, None]:
    def loss_of(_: nn.Module, batch: Batch) -> Tensor:
        return photometric_loss(model, batch)

    photos = [photo for index, photo in enumerate(split.photos) if index not in split.held_out]
    random = torch.Generator().manual_seed(split.seed)
    stream = batches(canvases_of(photos), split.distortions.for_training, BATCH, random)
    plan = Plan(seconds=seconds, lr=RATE, weight_decay=DECAY)
    yield from train(model, stream, loss_of, plan, phase="learning from half of the photos", random=random)


def by_knowledge(new_photos: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The trials by a network that knew its own half of the photos, and those by one that did not; one of them is empty."""
    knew = new_photos.get("own_scatter", pd.Series(dtype=float)) > 0
    return new_photos[knew], new_photos[~knew]


def as_scattered(new_photos: pd.DataFrame, scatter: float) -> pd.DataFrame:
    """The trials with scatters as a network has them whose answers to photos that it learned from scatter by `scatter`.

    Answers of one that had more time scatter less, to all photos alike. Unless corrected, it would be believed for that.
    """
    if not len(new_photos):
        return new_photos
    return new_photos.assign(scatter=new_photos.scatter * np.minimum(1.0, scatter / new_photos.own_scatter))


def cross_fitted(
    model: SpatialTransformer, split: Evaluation, until: float
) -> Generator[Progress, Wish | None, pd.DataFrame]:  # fmt: skip
    """Trials (see `Evaluation.quick`) on the photos that `split` holds out, by a `model` that learns from the others.

    A column more, own_scatter, is the median scatter on those others; 0 where most of them do not look like themselves after
    it straightened them, so that it knows no photo to compare new ones with. It ends when the monotonic clock reaches `until`,
    but not without a few trials.
    """
    left = max(0.0, until - clock())
    yield from _learned(model, split, (1 - TRYING) * left)
    own = [index for index in range(len(split.photos)) if index not in split.held_out]
    seed = split.seed + 5 * UNSEEN
    for_scatter = split.small(list(islice(cycle(own), QUICK_AT_ONCE)))
    on_learned = yield from split.quick(model.localization, until, for_scatter, "testing on half of the photos", seed)
    pictures = split.small(list(islice(cycle(split.held_out), TRIALS)))
    on_new = yield from split.quick(model.localization, until, pictures, "testing on the other half of the photos", seed)
    has_learned = on_learned.likeness.median() > LEARNED_FROM
    return on_new.assign(own_scatter=on_learned.scatter.median() if has_learned else 0.0)
