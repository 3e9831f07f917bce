"""Locate on its screen: what is chosen becomes one request, and a finished run shows where it looked."""

from __future__ import annotations

import pytest

from core.runs.lab import Lab
from core.stn.locate.request import LocateRequest
from pages.parts.stn.locate import LocateChoice
from tests.pages.conftest import OpenPage


def test_it_opens_with_scenes_and_says_what_is_hidden(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Locate", locate_digit="3")
    assert not app.exception
    assert any("Each has a 3 somewhere amid 16 pieces" in caption.value for caption in app.caption)
    assert len(app.get("image")) == 3  # the scenes, and two sheets of the shipped run


def test_the_address_sets_what_is_asked(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Locate", locate_digit="4", locate_clutter="false", locate_images="30")
    assert not app.exception
    assert app.button_group(key="locate_digit").value == 4
    assert app.toggle(key="locate_clutter").value is False
    assert app.button_group(key="locate_images").value == 30


def test_equal_choices_are_equal_requests() -> None:
    choice = LocateChoice(digit=7, pictures=[], clutter=True, voting=True, images=100, budget=60.0)
    assert choice.request() == LocateRequest()


@pytest.mark.slow
def test_a_finished_run_shows_what_was_found_at_every_stage(open_page: OpenPage, home: Lab) -> None:
    request = LocateRequest(images=6, steps=60, budget=30)
    for _ in home.iterate(request):
        pass
    run = home.runs()[0]
    app = open_page("stn", experiment="Locate", run=run.id)
    assert not app.exception
    assert any("The network found the digit 7, in clutter, in" in markdown.value for markdown in app.markdown)
    assert len(app.get("plotly_chart")) == 3
    stages = app.select_slider(key="stage")
    stages.set_value(stages.options[0]).run()
    assert not app.exception
    assert not open_page("run", id=run.id).exception
