"""The stages of a finished comparison: after each of its models, what its screen showed of those that were done."""

from __future__ import annotations

import numpy as np

from core.rnn.compare.live.so_far import DAYS, SoFar, ranked
from core.rnn.compare.result import CompareResult
from core.rnn.compare.views import track_of


def in_order(result: CompareResult) -> list[str]:
    """The models, in the order in which they were fitted."""
    ranked = [str(model) for model in result.ranking["model"]]
    fitted = [model for model in result.provenance.seconds if model in ranked]
    return fitted + [model for model in ranked if model not in fitted]


def so_far_of(result: CompareResult, models: list[str]) -> SoFar:
    """As if only these models were done; the losses, over the whole test, are those that the result is judged by."""
    losses, reference = result.losses, result.verdict.reference or result.target_row.reference
    seeds = result.forecasts.groupby("model")["seed"].nunique()
    skills = {model: losses.skill(model, reference) if reference in models else np.nan for model in models}
    rows = [(model, seeds[model], losses.mean(model), skills[model]) for model in models]
    tracks = {model: track_of(result, model).last(DAYS) for model in models}
    first = tracks[models[0]]
    return SoFar(
        loss=losses.loss.name,
        reference=reference,
        ranking=ranked(rows),
        days=first.days.astype("datetime64[s]").astype(np.int64),
        actual=first.actual,
        forecasts={model: track.forecast for model, track in tracks.items()},
    )
