"""The theme of a new session is made once, and says the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

from pages.parts.serving.theme_message import FILLS, make_theme_once

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar")


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(app_session, FILLS, getattr(app_session, FILLS))
    config.get_config_options(force_reparse=True)
    yield
    config.get_config_options(force_reparse=True)


def messages() -> list[bytes]:
    """As a new session gets them."""
    theme = CustomThemeConfig()
    places = (theme, theme.light, theme.dark, theme.sidebar, theme.light.sidebar, theme.dark.sidebar)
    for section, place in zip(SECTIONS, places, strict=True):
        getattr(app_session, FILLS)(place, section)
    return [theme.SerializeToString(deterministic=True), *(place.SerializeToString(deterministic=True) for place in places)]


def test_a_session_is_told_the_same_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    usual = messages()
    assert b"#0F766E" in usual[0]
    make_theme_once()
    assert [messages(), messages()] == [usual, usual]


def test_it_is_made_once_and_again_when_settings_are_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    fill = getattr(app_session, FILLS)
    monkeypatch.setattr(app_session, FILLS, lambda message, section: (asked.append(section), fill(message, section)))
    make_theme_once()
    messages(), messages()
    assert asked == list(SECTIONS)
    config.get_config_options(force_reparse=True)
    messages()
    assert asked == [*SECTIONS, *SECTIONS]


def test_a_streamlit_without_that_function_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(app_session, FILLS)
    make_theme_once()
    assert not hasattr(app_session, FILLS)
