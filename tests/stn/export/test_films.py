"""The films of align, locate and add: a frame a stage, each of what the run holds."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from safetensors.numpy import load

from core.runs.export import export, formats_of
from core.runs.kinds import KINDS
from core.runs.result import Result
from core.stn.add.result import AddResult
from core.stn.align.result import AlignResult
from core.stn.locate.result import LocateResult
from tests.stn.straighten.finished_runs import StandIn

STAGES = 4
FRAMES = np.random.default_rng(0).integers(0, 255, (STAGES, 96, 128, 3)).astype(np.uint8)


def aligned() -> AlignResult:
    return AlignResult(
        family="similarity", seconds=1.0, steps=3, variance_before=0.05, variance_after=0.02, sharpness_before=1.0,
        sharpness_after=2.0, images=pd.DataFrame({"ok": [True]}), thetas=np.zeros((1, 2, 3)), before={"0": FRAMES[0]},
        after={"0": FRAMES[0]}, mean_before=FRAMES[0], mean_after=FRAMES[0], film=FRAMES,
        film_variance=[0.1] * STAGES, film_seconds=[1.0] * STAGES,
    )  # fmt: skip


def located() -> LocateResult:
    boxes = np.full((STAGES, 3, 3), 0.25)
    boxes[:, :, 1] = np.linspace(-0.5, 0.5, STAGES)[:, None]
    return LocateResult(
        what="a dot", clutter=False, voting=True, seconds=1.0, steps=3, weights={"w": np.ones(2, np.float32)}, loss_steps=[1],
        loss=[1.0], images=np.zeros((3, 84, 84, 1), np.uint8), truth=boxes[-1], boxes=boxes[-1], film=boxes,
        film_steps=list(range(STAGES)), film_overlaps=np.ones((STAGES, 3)), table=pd.DataFrame({"found": [True] * 3}),
        unseen_overlaps=np.ones(2),
    )  # fmt: skip


def added(models: tuple[str, ...] = ("fcn", "2xst-fcn")) -> AddResult:
    empty: dict[str, Any] = {name: pd.DataFrame({"model": []}) for name in ("losses", "errors", "steadiness")}
    spatial = [name for name in models if "st" in name]
    views = np.zeros((STAGES, 6, 2, 2, 42, 42), np.uint8)
    views += (60 * np.arange(STAGES, dtype=np.uint8)).reshape(-1, 1, 1, 1, 1, 1)
    return AddResult(
        family="affine", source="MNIST", models=models, model_seconds=dict.fromkeys(models, 1.0),
        model_steps=dict.fromkeys(models, 1), seconds=1.0, truth=np.zeros(2, np.int64),
        answers={name: np.zeros(2, np.int64) for name in models}, example_digits=np.zeros((6, 2), np.int64),
        examples=np.zeros((6, 2, 42, 42), np.uint8), films=dict.fromkeys(spatial, views),
        film_thetas={name: np.zeros((STAGES, 6, 2, 2, 3)) for name in spatial},
        film_seconds=dict.fromkeys(spatial, [1.0] * STAGES), weights={"fcn/w": np.ones(2, np.float32)}, **empty,
    )  # type: ignore[arg-type]  # fmt: skip


def kind_of(result: Result) -> str:
    return type(result).__name__.removesuffix("Result").lower()


def exported(result: Result, form: str) -> dict[str, bytes]:
    return export(StandIn(kind=kind_of(result)), result, form)  # type: ignore[arg-type]


@pytest.mark.parametrize("finished", [aligned, located, added])
def test_the_training_leaves_as_a_looping_gif_with_a_frame_a_stage(finished: Any) -> None:
    film = Image.open(io.BytesIO(exported(finished(), "gif")["training.gif"]))
    assert (film.n_frames, film.info["loop"]) == (STAGES, 0)


def test_each_network_with_transformers_has_its_film() -> None:
    assert set(exported(added(("st-fcn", "2xst-fcn")), "gif")) == {"st-fcn.gif", "2xst-fcn.gif"}
    assert "gif" not in formats_of(KINDS["add"], added(("fcn",)))


@pytest.mark.parametrize("finished", [located, added])
def test_the_weights_leave_alone(finished: Any) -> None:
    weights = load(exported(finished(), "safetensors")["weights.safetensors"])
    assert weights.keys() == finished().weights.keys()
    assert "safetensors" in formats_of(KINDS[kind_of(finished())], finished())
