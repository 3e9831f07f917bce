from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.stn.classify.comparison import Protocol
from core.stn.classify.inspection.class_views import MOST_IMAGES
from core.stn.classify.pace import FEWEST_TESTED, GRACE, POINTS, paced, seconds_an_image
from core.stn.classify.request import ClassifyRequest
from core.stn.classify.result import ClassifyResult
from core.stn.classify.run import run
from core.stn.classify.task import Task
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.splits import Fold
from core.stn.networks.spec import Spec
from tests.drive import played

PROTOCOL = Protocol("R", 6.4, 4, 150, seed=0)
TESTING = 1.6  # seconds


def task(folds: int = 1) -> Task:
    data = Labelled(torch.zeros(3000, 1, 28, 28, dtype=torch.uint8), torch.arange(3000) % 10)
    parts = np.array_split(np.arange(1000), folds)
    return Task(data, tuple("0123456789"), [Fold(np.arange(1000, 3000), part) for part in parts])


def test_fast_networks_do_the_usual() -> None:
    usual, pace = task(), paced(task(), PROTOCOL, 1e-5, TESTING)
    assert pace.protocol == PROTOCOL
    assert len(pace.task.tested) == len(usual.tested)
    assert (pace.left_out, pace.warning) == ((), "")


@pytest.mark.parametrize("folds", [1, 5])
@pytest.mark.parametrize("seconds", [5e-4, 2e-3, 5e-3])
def test_slow_networks_are_tested_within_their_time(seconds: float, folds: int) -> None:
    pace = paced(task(folds), PROTOCOL, seconds, TESTING)
    amount = pace.protocol.draws * len(pace.task.tested) + POINTS * pace.protocol.curve_images + pace.protocol.viewed
    assert amount * seconds <= GRACE * TESTING
    assert pace.left_out
    assert all(words in pace.warning for words in pace.left_out)
    assert {int(index) for index in pace.task.tested} <= set(range(1000))


def test_what_is_left_out_is_said_in_words() -> None:
    words = paced(task(), PROTOCOL, 0.1, TESTING).left_out
    assert words == (
        "a step learns from 8 images in place of 256",
        f"{FEWEST_TESTED} of 1,000 images are tested under 1 of 4 distortions",
        "robustness curves are left out",
    )


def test_six_steps_that_fit_keep_their_images() -> None:
    most = 6.4 / 6 / 3 / 256  # seconds an image: six steps take three times as long for each of 256 images
    assert paced(task(), PROTOCOL, most * 0.99, TESTING).protocol.batch == 256
    assert 240 <= paced(task(), PROTOCOL, most * 1.01, TESTING).protocol.batch < 256


def test_the_slowest_network_sets_the_pace() -> None:
    plain, slow = Spec("cnn"), replace(Spec("st-cnn"), kernel="lanczos", transformers=3)
    assert seconds_an_image([plain]) < seconds_an_image([plain, slow])
    assert PROTOCOL.viewed == MOST_IMAGES


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{"kernel": "lanczos", "transformers": 3}, {"distortion": "TC", "family": "tps"}])
def test_a_slow_network_keeps_its_budget_in_every_part(settings: dict[str, object]) -> None:
    request = ClassifyRequest(digits="shipped", models=("st-cnn",), **settings).model_copy(update={"budget": 2.5})
    began = time.process_time()
    _, result = played(run(request, {}))
    assert isinstance(result, ClassifyResult)
    assert time.process_time() - began < 4 * request.budget
    assert result.left_out or result.draws == PROTOCOL.draws  # a fast machine has time for everything
