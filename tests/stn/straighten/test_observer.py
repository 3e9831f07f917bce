from __future__ import annotations

import numpy as np
import pytest

from core.stn.datasets.distortions import Distortions
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.straighten.observer import ErrorProbe, StraightenObserver
from core.stn.straighten.recorder import PhotoRecorder
from core.stn.straighten.run import untrained
from core.training import History, Plan


def observing(photo: np.ndarray, family: FamilyName = "similarity") -> tuple[StraightenObserver, object]:
    distortions, model = Distortions.of(family, 45), untrained(family, 0)
    recorder, probe = PhotoRecorder(photo, distortions, Plan(seconds=10)), ErrorProbe([photo], distortions, 0)
    return StraightenObserver(model, recorder, probe), model


def after(seconds: float) -> History:
    return History(steps=round(100 * seconds), seconds=seconds, loss=[0.8])


@pytest.mark.parametrize("family", FAMILIES)
def test_an_untrained_network_is_off_by_what_was_applied(photo: np.ndarray, family: FamilyName) -> None:
    observer, model = observing(photo, family)
    observation = observer.observe(model, after(0.1))
    assert 3 < observation.numbers["error"] < 45
    assert observation.numbers["turn_deg"] == pytest.approx(0, abs=1e-3)
    assert set(observation.pictures) == {"straightening"}
    assert observation.note.startswith("θ is still the same for every image after 10 steps")


def test_the_error_is_measured_at_most_once_a_second(photo: np.ndarray) -> None:
    observer, model = observing(photo)
    for tenth in range(25):
        observer.observe(model, after(tenth / 10))
    assert observer.probe.errors.seconds.tolist() == [0.0, 1.0, 2.0]
