"""Every kind that learns on a GPU where there is one: on a second device it comes to the numbers of the processor, and says so.

The second device is made up (`second_device`): what mixes it with the processor fails, as it would on a GPU.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from core.checkpoints.checkpoint import Checkpoint, Start
from core.drive import returned
from core.runs.kinds import kind_of
from core.runs.request import Inputs, Request
from core.runs.store import digest_of
from core.runs.work import going_on
from core.stn.add.request import AddRequest
from core.stn.collapse.request import CollapseRequest
from core.stn.collapse.settings import Setting
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import digits, sample
from core.stn.geometry.pixels import shrunk
from core.stn.locate.request import LocateRequest
from core.stn.parts.request import PartsRequest
from core.system import device
from tests.checkpoints.attempts import Learning, differences, learning
from tests.stn.classify.requests import uploads
from tests.stn.second_device import ELSEWHERE, SecondDevice

__all__ = ["learning"]

WORDS = "a made-up device"
Asked = tuple[Request, Inputs]


def classify() -> Asked:
    files = {digest_of(png): png for png in (to_png(one[..., None].repeat(3, axis=2)) for one in digits(7, 8))}
    return uploads(*"abababab", images=tuple(files), models=("st-cnn",), steps=2, budget=3, side=28, folds=1), files


def collapse() -> Asked:
    photo = to_png(shrunk(sample("coins").pixels, 64))
    return CollapseRequest(image="photo", name="coins", steps=2, panels=(Setting(), Setting(rate=0.3))), {"photo": photo}


ASKED: dict[str, Callable[[], Asked]] = {
    "classify": classify,
    "add": lambda: (AddRequest(models=("2xst-fcn",), steps=2), {}),
    "locate": lambda: (LocateRequest(images=5, steps=2, budget=600), {}),
    "parts": lambda: (PartsRequest(models=("1xst",), side=56, steps=2), {}),
    "collapse": collapse,
}  # a stage of a recorder, the mean of weights, groups of their own and a frozen second network are among them


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.stn.add.run.TESTED", 20)
    monkeypatch.setattr("core.stn.add.run.BATCH", 8)
    monkeypatch.setattr("core.stn.classify.run.ANSWERS", 8)
    monkeypatch.setattr("core.stn.parts.material.TESTED", 8)
    monkeypatch.setattr("core.stn.parts.material.BATCH", 4)
    monkeypatch.setattr("core.stn.locate.run.UNSEEN_SCENES", 4)
    monkeypatch.setattr("core.stn.classify.comparison.curves", lambda *_: iter(()))  # they end by time
    monkeypatch.setattr("core.batch_norm.FEWEST", 1)
    monkeypatch.setattr("core.batch_norm.MOST", 1)


@pytest.mark.parametrize("kind", ASKED)
def test_a_run_on_a_second_device_comes_to_the_numbers_of_the_processor(
    kind: str, small: None, learning: Learning, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, inputs = ASKED[kind]()
    here = returned(kind_of(request).run(request, inputs))
    module = f"core.stn.{kind}.run"
    monkeypatch.setattr(f"{module}.learning_device", lambda: ELSEWHERE)
    monkeypatch.setattr(f"{module}.in_words", lambda _: WORDS)
    with SecondDevice():
        elsewhere = returned(kind_of(request).run(request, inputs))
    assert (here.device, elsewhere.device) == ("", WORDS)
    assert differences(here, elsewhere.model_copy(update={"device": ""})) in ([], [".left_out"])  # for want of time
    assert f"The learning was done on {WORDS}" in elsewhere.conclusion.support
    assert not [line for line in here.conclusion.support if "done on" in line]


def test_a_run_that_was_interrupted_goes_on_on_a_second_device(
    small: None, learning: Learning, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, inputs = AddRequest(models=("st-fcn",), steps=4), {}
    begin = lambda: kind_of(request).run(request, inputs)  # noqa: E731
    whole = returned(going_on(begin, Checkpoint(Start(None), seconds=1e9)))
    monkeypatch.setattr("core.stn.add.run.learning_device", lambda: ELSEWHERE)
    with SecondDevice():
        steps, again = learning.finished(begin, learning.interrupted(begin, 2))
    assert steps == 2
    assert differences(whole, again) == []


def test_the_second_device_refuses_what_a_gpu_refuses() -> None:
    with SecondDevice():
        network, other = nn.Linear(3, 2).to(ELSEWHERE), torch.ones(1, 3)
        assert network(other.to(ELSEWHERE)).device == ELSEWHERE
        with pytest.raises(RuntimeError, match="same device"):
            network(other)
        with pytest.raises(RuntimeError):
            network.weight.detach().numpy()


def test_the_processor_is_used_where_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert (device.learning_device(), device.in_words(device.learning_device())) == (device.PROCESSOR, "")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA H200")
    assert device.in_words(device.learning_device()) == "NVIDIA H200 (GPU)"
