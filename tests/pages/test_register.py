"""Register on its screen: what is chosen becomes one request, and a finished run shows every view."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from core.runs.lab import Lab
from core.runs.request import Inputs, Progress
from core.stn.register.request import RegisterRequest
from core.stn.register.result import RegisterResult
from tests.pages.conftest import ME, OpenPage
from tests.stn.register.requests import pair_of, registered, request_for


def at_once(request: RegisterRequest, inputs: Inputs) -> Generator[Progress, None, RegisterResult]:
    yield Progress(phase="there already")
    return registered()


def test_a_finished_run_shows_both_in_turn_and_each_derivative(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = pair_of("coffee")
    request, inputs = request_for(pair.moving, pair.fixed, truth=tuple(pair.truth.ravel().tolist()))
    assert isinstance(request, RegisterRequest)
    for content in inputs.values():
        home.store.put(content)
    monkeypatch.setattr("core.stn.register.run.run", at_once)
    for _ in home.iterate(request, visitor=ME):
        pass
    app = open_page("stn", experiment="Register", run=home.runs()[0].id, register_over="clock")
    assert app.number_input(key="register_pair").disabled
    assert not app.exception
    assert any("Its corners lie **0." in markdown.value for markdown in app.markdown)
    assert any("Believed" in text.value for text in app.markdown)
    assert len(app.get("plotly_chart")) == 3
    derivatives = [frame.value for frame in app.dataframe if "slope" in frame.value]
    assert list(derivatives[0].number) == ["s cos φ", "s sin φ", "shift x", "shift y"]
    stages = app.select_slider(key="stage")
    stages.set_value(stages.options[0]).run()
    app.button_group(key="register_view").set_value("Flicker")
    app.button_group(key="register_by").set_value("Kernel").run()
    assert not app.exception
    assert any("Both in turn" in image.proto.imgs[0].caption for image in app.get("image"))
