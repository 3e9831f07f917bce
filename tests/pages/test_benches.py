"""The spatial bench through AppTest: what a visitor chooses becomes one request, and what cannot be becomes a sentence."""

from __future__ import annotations

from tests.pages.conftest import OpenPage


def test_stn_opens_with_a_sample_and_an_example(open_page: OpenPage) -> None:
    app = open_page("stn")
    assert not app.exception
    assert [heading.value for heading in app.subheader][:2] == ["What the network will see", "A finished run to look at"]


def test_stn_without_photos_says_what_to_do(open_page: OpenPage) -> None:
    app = open_page("stn")
    app.button_group(key="samples").set_value([]).run()
    assert "Choose a sample" in app.info[0].value
    app.button[0].click().run()
    assert "there is no photo to learn from" in app.error[0].value
