"""Every kind of experiment that learns: interrupted twice and gone on with, it comes to the result of a run that never was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Generator as Random

from core.drive import returned
from core.rnn.compare.request import CompareRequest
from core.rnn.compare.run import run as compare
from core.rnn.echo.request import EchoRequest
from core.rnn.memory.request import MemoryRequest
from core.rnn.networks import learning as rnn_learning
from core.rnn.networks.learning import Recipe
from core.rnn.panel.learner.request import LearnerRequest
from core.rnn.panel.request import PanelRequest
from core.rnn.sweep.request import SweepRequest
from core.rnn.traps import price_levels, reads_the_future
from core.rnn.traps.request import TrapsRequest
from core.runs.kinds import KINDS, kind_of
from core.runs.lab import lab
from core.runs.request import Inputs, Request
from core.runs.store import digest_of
from core.settings import settings
from core.stn.add.request import AddRequest
from core.stn.collapse.network import Batch, Bender
from core.stn.collapse.request import CollapseRequest
from core.stn.collapse.settings import Setting
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import digits, sample
from core.stn.geometry.pixels import shrunk
from core.stn.learning import recipe, side_by_side
from core.stn.locate.request import LocateRequest
from core.stn.parts.request import PartsRequest
from core.stn.register.pairs import made_pair
from core.stn.register.request import RegisterRequest
from core.stn.straighten import run as straightening
from core.training import Plan
from tests.checkpoints.attempts import Learning, differences, learning
from tests.rnn.compare.requests import request_on
from tests.rnn.panel.panels import data_of, files, inputs_of
from tests.rnn.series import garch, prices_of
from tests.runs.report.taken_away import check
from tests.stn.align.requests import request_for as align_request
from tests.stn.classify.requests import uploads
from tests.stn.straighten.requests import request_for as straighten_request
from tests.stn.straighten.short import with_few_trials

__all__ = ["learning"]

SMALL: dict[str, Any] = {"hidden": 4, "test_days": 60, "classical": ("mean",), "seeds": 1}
Asked = tuple[Request, Inputs]


def straighten() -> Asked:
    request, inputs = straighten_request([sample("coins").pixels])
    return request.model_copy(update={"budget": 1.0}), inputs


def classify() -> Asked:
    pictures = {digest_of(png): png for png in map(to_png, (np.repeat(one[..., None], 3, axis=2) for one in digits(7, 8)))}
    labels = "abababab"
    return uploads(*labels, images=tuple(pictures), models=("cnn", "st-cnn"), budget=5, side=28), pictures


def compared(**settings: Any) -> Asked:
    return request_on(garch(320), **SMALL | {"cells": ("gru", "lstm"), "refit_days": 30, "extras": ()} | settings)


def memory() -> Asked:
    request, inputs = compared(refit_days=0, cells=("gru",))
    assert isinstance(request, CompareRequest)
    content = returned(compare(request, inputs)).to_bytes()
    return MemoryRequest(comparison=request, networks="digest", placebos=2, seeds=1), {**inputs, "digest": content}


def learner() -> Asked:
    prices = files(2, 420)
    return LearnerRequest(data=data_of(prices), models=("gru-pooled",), steps=12, hidden=4, seeds=(0, 1)), inputs_of(prices)


def panel() -> Asked:
    prices = files(2, 420)
    settings: dict[str, Any] = {"hidden": 4, "steps": 8, "seeds": 1, "cells": ("gru", "mlp"), "classical": ("har", "ewma")}
    return PanelRequest(data=data_of(prices), **settings), inputs_of(prices)


def sweep() -> Asked:
    asked = [request_on(garch(320, seed), **SMALL | {"cells": ("gru",)}) for seed in range(2)]
    inputs = {digest: content for _, own in asked for digest, content in own.items()}
    return SweepRequest(
        comparisons=tuple(one.model_copy(update={"symbol": f"S{n}"}) for n, (one, _) in enumerate(asked))
    ), inputs


def registered() -> Asked:
    pair = made_pair(shrunk(sample("coffee").pixels, 48), seed=1)
    files = {digest_of(png): png for png in map(to_png, (pair.moving, pair.fixed))}
    return RegisterRequest(images=tuple(files), names=("a", "b"), max_angle=15.0), files  # type: ignore[arg-type]


def traps() -> Asked:
    prices = prices_of(garch(650, size=0.02))
    return TrapsRequest(symbol=prices.symbol, prices=prices.digest, seeds=1), {prices.digest: prices.to_bytes()}


def collapse() -> Asked:
    panels = (Setting(), Setting(rate=0.3))
    return CollapseRequest(image="photo", name="coins", steps=4, panels=panels), {"photo": to_png(sample("coins").pixels)}


ASKED: dict[str, Callable[[], Asked]] = {
    "straighten": straighten,
    "classify": classify,
    "align": lambda: align_request([sample(name).pixels for name in ("coins", "clock", "camera")] * 2, budget=60),
    "locate": lambda: (LocateRequest(images=8, steps=12, budget=600), {}),
    "collapse": collapse,
    "register": registered,
    "add": lambda: (AddRequest(models=("fcn", "2xst-fcn"), steps=6, seed=1), {}),
    "parts": lambda: (PartsRequest(models=("cnn", "1xst"), side=56, steps=5), {}),
    "compare": compared,
    "sweep": sweep,
    "panel": panel,
    "learner": learner,
    "traps": traps,
    "memory": memory,
    "echo": lambda: (EchoRequest(lags=(1, 3), cells=("rnn", "gru"), days=800, steps=20, hidden=4), {}),
}


IN_STEPS = {  # what the experiments whose budget is in seconds owe to steps alone: their tests last as long as time is left
    "straighten": {"weights", "state", "steps", "loss_steps", "loss", "film_thetas"},
    "classify": {"weights", "model_steps", "losses", "answers"},
}


def make_small(monkeypatch: pytest.MonkeyPatch) -> None:
    in_steps = lambda **settings: Plan(**settings | {"seconds": None, "steps": 12})  # noqa: E731
    for module in (straightening, recipe):
        monkeypatch.setattr(module, "Plan", in_steps)
    with_few_trials(monkeypatch)
    monkeypatch.setattr(rnn_learning, "RECIPE", Recipe(steps=12))
    monkeypatch.setattr(price_levels, "PLAN", Plan(steps=9, lr=2e-2))
    monkeypatch.setattr(reads_the_future, "PLAN", Plan(steps=9, lr=1e-2, average=0.95))
    monkeypatch.setattr("core.stn.add.run.TESTED", 100)
    monkeypatch.setattr("core.stn.register.descent.STEPS", (6,) * 5)
    monkeypatch.setattr("core.stn.parts.material.TESTED", 20)
    monkeypatch.setattr("core.stn.parts.material.BATCH", 4)
    monkeypatch.setattr("core.rnn.memory.request.PLACEBOS", (2, 2))


def test_every_kind_is_asked_for() -> None:
    assert set(ASKED) == set(KINDS)


@pytest.mark.parametrize("kind", ASKED)
def test_an_interrupted_run_comes_to_the_result_of_one_that_was_not(
    kind: str, learning: Learning, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_small(monkeypatch)
    request, inputs = ASKED[kind]()
    begin = partial(kind_of(request).run, request, inputs)
    steps, whole = learning.finished(begin)
    first, second = steps // 2 + 2, steps // 4 - 1  # in the midst of trainings
    twice = learning.interrupted(begin, second, learning.interrupted(begin, first))
    left, result = learning.finished(begin, twice)
    assert left == steps - first - second > 0
    compared = IN_STEPS.get(kind, set(type(whole).model_fields))
    assert differences(whole.model_dump(include=compared), result.model_dump(include=compared)) == []
    FINISHED[kind] = request, whole


def poisoned(bender: Bender, random: Random) -> Iterator[Batch]:
    """Batches of which some have a loss that is no number, by their random numbers: every panel diverges."""
    while True:
        batch, broken = bender.bent(2, random), torch.rand((), generator=random) < 0.2
        yield replace(batch, upright=batch.upright * float("nan")) if broken else batch


@pytest.mark.parametrize("diverges", [False, True], ids=["to their ends", "diverging"])
def test_interrupted_anywhere_panels_that_had_ended_are_not_measured_once_more(
    learning: Learning, monkeypatch: pytest.MonkeyPatch, diverges: bool
) -> None:
    monkeypatch.setattr(side_by_side, "time", SimpleNamespace(monotonic=lambda: 0.0))  # the first goes on until it has ended
    if diverges:
        monkeypatch.setattr(Bender, "batches", poisoned)
    request, inputs = collapse()
    begin = partial(kind_of(request).run, request, inputs)
    steps, whole = learning.finished(begin)
    assert 2 < steps < 8 if diverges else steps == 8
    assert {one.symptom.startswith("It ended early") for one in whole.health.values()} == {diverges}
    for after in range(1, steps + 1):
        left, result = learning.finished(begin, learning.interrupted(begin, after))
        assert left == steps - after
        assert differences(whole.model_dump(), result.model_dump()) == [], after


FINISHED: dict[str, tuple[Request, Any]] = {}  # what has been done once is reported on


@pytest.mark.parametrize("kind", ASKED)
def test_a_run_of_every_kind_can_be_taken_away(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDCAST_HOME", str(tmp_path))
    settings.cache_clear()
    lab.cache_clear()
    make_small(monkeypatch)
    if kind not in FINISHED:
        request, inputs = ASKED[kind]()
        FINISHED[kind] = request, returned(kind_of(request).run(request, inputs))
    request, result = FINISHED[kind]
    longer = {"budget": 60.0} if "budget" in type(request).model_fields else {}  # as people may ask for it
    check(request.model_copy(update=longer), result)
