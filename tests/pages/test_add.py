"""Add on its screen: what is chosen becomes one request, and a finished run shows every network and transformer."""

from __future__ import annotations

import pytest

from core.runs.lab import Lab
from core.stn.add.request import AddRequest
from pages.parts.stn.add import SCREEN, AddChoice
from tests.pages.conftest import OpenPage


def test_it_opens_with_sums(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Add")
    assert not app.exception
    captions = [image.proto.imgs[0].caption for image in app.get("image")]
    assert len([caption for caption in captions if "+" in caption and "=" in caption]) == 6
    assert any(
        "The 2×ST-FCN errs less than the ST-FCN" in text.value.replace("\\", "") for text in app.markdown
    )  # the shipped run


def test_the_address_sets_what_is_asked(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Add", add_models="2×ST-FCN", add_family="tps", add_time="5 min")
    assert not app.exception
    assert app.button_group(key="add_models").value == ["2×ST-FCN"]
    assert app.selectbox(key="add_family").value == "tps"
    assert app.button_group(key="add_time").value == "5 min"


def test_equal_choices_are_equal_requests() -> None:
    choice = AddChoice("5,000 digits", ("fcn", "st-fcn", "2xst-fcn"), "affine", 60.0)
    assert choice.request() == AddRequest()


def test_no_network_is_a_sentence(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Add")
    app.button_group(key="add_models").set_value([]).run()
    next(button for button in app.button if button.label == SCREEN.form.button).click().run()
    assert not app.exception
    assert {error.value for error in app.error} == {"the models are none; name at least one, each once"}


@pytest.mark.slow
def test_a_finished_run_shows_every_network_and_its_transformers(open_page: OpenPage, home: Lab) -> None:
    for _ in home.iterate(AddRequest(models=("fcn", "st-fcn", "2xst-fcn"), steps=3)):
        pass
    run = home.runs()[0]
    app = open_page("stn", experiment="Add", run=run.id)
    assert not app.exception
    assert any("oo early to tell" in markdown.value for markdown in app.markdown)
    assert len(app.get("plotly_chart")) == 4
    app.button(key="stage_left").click().run()
    app.button_group(key="network").set_value("ST-FCN").run()
    assert not app.exception
    assert not open_page("run", id=run.id).exception
