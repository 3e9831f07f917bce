"""Align on its screen: what is chosen becomes one request, and a finished run shows its stack."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from benchmarks.health import aligned_textures
from core.errors import InvalidRequest
from core.runs.lab import Lab
from core.stn.align.request import AlignRequest
from core.stn.datasets.images import Picture
from pages.parts.stn.align import SCREEN, AlignChoice
from tests.pages.conftest import HereEngine, OpenPage


def opened(open_page: OpenPage, **query: str) -> AppTest:
    return open_page("stn", experiment="Align", **query)


def test_it_opens_with_digits_that_we_have_turned(open_page: OpenPage) -> None:
    app = opened(open_page)
    assert not app.exception
    assert [one.value for one in app.subheader] == ["As they were", "Aligned", "The images to align"]
    assert any("we have turned by up to ±40°" in caption.value for caption in app.caption)


def test_the_address_sets_what_is_asked(open_page: OpenPage) -> None:
    app = opened(open_page, align_digit="3", align_angle="180", align_family="affine", align_time="1 min")
    assert not app.exception
    assert app.slider(key="align_angle").value == 180
    chosen = [app.button_group(key=f"align_{name}").value for name in ("digit", "family", "time")]
    assert chosen == [3, "affine", "1 min"]


def test_too_few_images_are_a_sentence(home: Lab) -> None:
    some = [Picture("a", np.zeros((20, 20, 3), np.uint8))] * 4
    with pytest.raises(InvalidRequest, match="4 images are too few"):
        AlignChoice(some, None, "similarity", 45.0, 10.0).request()


@pytest.mark.slow
def test_digits_are_aligned_and_shown(open_page: OpenPage, home: Lab) -> None:
    app = opened(open_page, align_digit="4", align_time="10 s", learned="true")
    next(button for button in app.button if button.label == SCREEN.form.button).click().run()
    assert not app.exception
    [run] = [run for run in home.registry.runs() if run.id == app.query_params["run"]]
    request = run.request
    assert isinstance(request, AlignRequest)
    assert request.names[0].startswith("four 01 turned")
    assert len(request.images) == len(request.turned_deg or ()) == 30
    assert any("times** as sharp" in text.value for text in app.markdown)
    assert [one.value for one in app.subheader] == [
        "As they were", "Aligned", "The mean becoming sharp", "Recovered against applied angle",
        "Variance of the stack", "Every image",
    ]  # fmt: skip
    assert list(app.dataframe[0].value["name"]) == list(request.names)
    assert not open_page("run", id=run.id).exception


@pytest.mark.slow
def test_images_that_have_nothing_in_common_are_said_to_have_none(open_page: OpenPage, home: Lab) -> None:
    request, inputs = aligned_textures(0)
    for content in inputs.values():
        home.store.put(content)
    run = HereEngine().submit(request)
    app = open_page("run", id=run.id)
    assert not app.exception
    assert any("nothing in common" in text.value for text in app.markdown)
    assert run.headline.startswith("no better than laid otherwise")
