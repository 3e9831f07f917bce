"""Parts on its screen: what is chosen becomes one request, and a finished run shows where each transformer looks."""

from __future__ import annotations

import pytest

from core.runs.lab import Lab
from core.stn.datasets.decoding.folders import LabelledPictures
from core.stn.parts import material
from core.stn.parts.request import PartsRequest
from pages.parts.stn.parts import SCENES, PartsChoice
from pages.parts.stn.parts_screen import result
from tests.pages.conftest import OpenPage


def test_equal_choices_are_equal_requests() -> None:
    choice = PartsChoice(SCENES, LabelledPictures([]), ("cnn", "1xst", "2xst"), 224, 60.0)
    assert choice.request() == PartsRequest()
    assert choice.size == PartsRequest().size == 180


def test_own_pictures_are_asked_for_and_not_guessed(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Parts", parts_images="Your own")
    assert not app.exception
    assert "Upload a ZIP with one folder a class" in app.info[0].value
    next(button for button in app.button if button.label == "Train").click().run()
    assert "there are no pictures" in app.error[0].value


def test_a_finished_run_shows_every_picture_with_its_boxes(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(material, "TESTED", 6)
    monkeypatch.setattr(result, "ON_A_PAGE", 4)
    for _ in home.iterate(PartsRequest(models=("1xst", "2xst"), side=56, steps=1)):
        pass
    run = home.runs()[0]
    app = open_page("stn", experiment="Parts", run=run.id)
    assert not app.exception
    assert any("Too early to tell" in markdown.value for markdown in app.markdown)
    assert (len(app.get("plotly_chart")), len(app.get("image"))) == (4, 3)
    app.select_slider(key="parts_page").set_value("5 to 6")
    app.button_group(key="network").set_value("1 transformer").run()
    assert not app.exception
