from __future__ import annotations

from types import SimpleNamespace

import pytest

from pages.parts import uploads
from tests.pages.conftest import OpenPage
from tests.stn.datasets.test_images import encode, picture


class HasLeft(BaseException):
    """As Streamlit raises it in a script whose visitor has left, where the script next turns to it."""


def test_reading_uploads_turns_to_streamlit_before_every_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    assert uploads._still_here()  # Streamlit knows the question
    asked: list[str] = []

    def get(name: str, default: object) -> None:
        asked.append(name)
        if len(asked) > 2:
            raise HasLeft

    monkeypatch.setattr(uploads.st, "session_state", SimpleNamespace(get=get))
    files = tuple((f"{number}.png", encode(picture(20 + number), "PNG")) for number in range(3))
    with pytest.raises(HasLeft):
        uploads.read.__wrapped__(files, 64, False)
    assert len(asked) == 3


def test_a_file_that_cannot_be_read_is_named_form_and_page_stay_and_the_good_ones_are_used(open_page: OpenPage) -> None:
    app = open_page("stn")
    for broken in ("broken.png", "broken.zip"):
        app.file_uploader(key="photos").set_value([(broken, b"no picture", "image/png")]).run()
        assert not app.exception
        assert [broken in error.value for error in app.error] == [True]
        assert app.slider(key="angle").value == 45
        assert not app.button(key="go").disabled
        assert app.subheader
    files = [("broken.png", b"no picture", "image/png"), ("good.png", encode(picture(40), "PNG"), "image/png")]
    app.file_uploader(key="photos").set_value(files).run()
    assert not app.exception
    assert not app.error
    assert "broken.png" in app.warning[0].value
