from __future__ import annotations

import numpy as np
import pytest

from core.stn.datasets.distortions import Distortions
from core.stn.datasets.images import from_png
from core.stn.geometry.families import FAMILIES, FamilyName
from core.stn.geometry.pixels import LONGEST
from core.stn.learning.recorder import STAGES
from core.stn.straighten.evaluation import grid_error
from core.stn.straighten.recorder import PhotoRecorder
from core.stn.straighten.run import untrained
from core.training import History, Plan


@pytest.fixture
def recorder(photo: np.ndarray) -> PhotoRecorder:
    return PhotoRecorder(photo, Distortions(), Plan(seconds=10))


def test_an_untrained_network_leaves_the_photo_as_it_is(recorder: PhotoRecorder) -> None:
    recorder.keep(untrained("similarity", 0), History())
    assert np.abs(recorder.views[0].straight.image.astype(int) - recorder.distorted).max() <= 1
    assert recorder.path.iloc[0].tolist() == pytest.approx([0, 0, 1, 0, 0], abs=1e-5)


def test_there_are_at_most_24_stages_closely_at_first(recorder: PhotoRecorder) -> None:
    model = untrained("similarity", 0)
    for tenth in range(101):
        recorder.observe(model, History(seconds=tenth / 10))
    recorder.keep(model, History(seconds=10.1))
    times = recorder.seconds
    assert 20 <= len(times) == len(recorder.path) <= STAGES
    assert sum(seconds < 5 for seconds in times) > sum(seconds >= 5 for seconds in times)


def test_screen_gets_at_most_two_pictures_a_second(recorder: PhotoRecorder) -> None:
    model = untrained("similarity", 0)
    observations = [recorder.observe(model, History(seconds=tenth / 10)) for tenth in range(20)]
    shown = [each.pictures["straightening"] for each in observations if each.pictures]
    assert len(shown) == 4
    height, width = recorder.distorted.shape[:2]
    assert (height, width) == (170, LONGEST)
    drawn = from_png(shown[0])
    assert drawn.shape[1] > 2 * width > drawn.shape[0] > height


def test_looking_leaves_the_network_as_it_was(recorder: PhotoRecorder) -> None:
    model = untrained("similarity", 0).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    recorder.observe(model, History(seconds=1))
    assert model.training
    assert all(value.equal(before[name]) for name, value in model.state_dict().items())


@pytest.mark.parametrize("family", FAMILIES)
def test_the_recorded_photo_is_bent_as_the_family_bends_and_further_than_most(photo: np.ndarray, family: FamilyName) -> None:
    distortions = Distortions.of(family, 45)
    recorder, again = (PhotoRecorder(photo, distortions, Plan(seconds=10)) for _ in range(2))
    assert grid_error(recorder.bent) > 5
    assert np.array_equal(recorder.distorted, again.distorted)
    assert recorder.applied["scale"] == pytest.approx(1, abs=1e-6) or family != "translation"
    shown = recorder.observe(untrained(family, 0), History())
    assert from_png(shown.pictures["straightening"]).ndim == 3
    assert shown.numbers["applied_scale"] == recorder.applied["scale"]
