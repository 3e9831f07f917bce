from __future__ import annotations

from types import SimpleNamespace

import pytest

from pages.parts import uploads
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
