"""Register on its screen: what is chosen becomes one request, and a finished run shows every view."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from core.runs.lab import Lab
from core.runs.request import Inputs, Progress
from core.stn.register.request import RegisterRequest
from core.stn.register.result import RegisterResult
from pages.parts.stn.register_result import BY, VIEWS
from tests.pages.conftest import ME, OpenPage
from tests.stn.register.requests import pair_of, registered, request_for


def test_a_made_pair_or_two_samples_are_asked_for_by_the_address(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Register", register_picture="coins", register_over="clock", register_family="affine")
    assert not app.exception
    assert app.number_input(key="register_pair").disabled
    assert not any("We have made the second" in caption.value for caption in app.caption)
    app.selectbox(key="register_over").set_value("Itself, made otherwise").run()
    assert any("We have made the second" in caption.value for caption in app.caption)


def at_once(request: RegisterRequest, inputs: Inputs) -> Generator[Progress, None, RegisterResult]:
    yield Progress(phase="there already")
    return registered()


def test_a_finished_run_shows_both_in_every_view_and_each_derivative(
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
    app = open_page("stn", experiment="Register", run=home.runs()[0].id)
    assert not app.exception
    assert any("Its corners lie **0." in markdown.value for markdown in app.markdown)
    assert any("Believed" in caption.value for caption in app.caption)
    assert len(app.get("plotly_chart")) == 3
    derivatives = [frame.value for frame in app.dataframe if "slope" in frame.value]
    assert list(derivatives[0].number) == ["s cos φ", "s sin φ", "shift x", "shift y"]
    stages = app.select_slider(key="stage")
    stages.set_value(stages.options[0]).run()
    for key, choices in (("register_view", VIEWS), ("register_by", tuple(BY))):
        for choice in choices[1:]:
            app.button_group(key=key).set_value(choice).run()
            assert not app.exception
