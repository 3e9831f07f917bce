from __future__ import annotations

import numpy as np
import pytest

from core.stn.classify.recorder import SHOWN, ClassifierObserver, ThetaRecorder
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.learning.recorder import STAGES
from core.stn.networks.classifiers import build
from core.stn.networks.spec import Spec
from core.training import History, Plan
from tests.stn.classify.networks import IMAGES, turned


def at(seconds: float, steps: int = 0) -> History:
    return History(steps=steps, seconds=seconds)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("count", [1, 2])
def test_a_stage_has_every_parameter_of_every_transformer(family: FamilyName, count: int) -> None:
    model = build(Spec("st-cnn", family=family, classes=3, width=8, transformers=count)).eval()
    recorder = ThetaRecorder(IMAGES, family, Plan(seconds=10), "")
    recorder.keep(model, at(1.5, 7))
    names = FAMILIES[family].parameters
    assert [row["parameter"] for row in recorder.rows] == [*names] * count
    assert [row["mean"] for row in recorder.rows] == pytest.approx([*FAMILIES[family].identity] * count, abs=1e-5)
    assert {row["sd"] for row in recorder.rows} == {0.0}
    assert {(row["stage"], row["step"]) for row in recorder.rows} == {(0, 7)}
    assert recorder.thetas[0].shape[:2] == (count, SHOWN)


def test_stages_come_closely_at_first_and_never_more_than_24() -> None:
    model = turned(0)
    recorder = ThetaRecorder(IMAGES, "similarity", Plan(seconds=10), "view")
    observer = ClassifierObserver(model, recorder)
    model.train()
    observations = [observer.observe(model, at(second, round(100 * second))) for second in np.linspace(0, 10, 120)]
    recorder.keep(model, at(10, 1000))
    assert len(recorder.steps) == STAGES
    gaps = np.diff(recorder.steps)
    assert gaps[:5].mean() < gaps[-5:].mean()
    assert sum(bool(each.pictures) for each in observations) <= 20
    assert observations[0].pictures["view"].startswith(b"\xff\xd8")
    assert observations[-1].note == observer.health.words
    assert model.training
