"""The theme of a new session is made once, and says the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.pages_manager import PagesManager

from core.theme import PALETTES
from pages.parts.navigation import ROWS, Row
from pages.parts.serving.theme_message import FILLS, TELLS, colour_by_bench, make_theme_once

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar")


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(app_session, FILLS, getattr(app_session, FILLS))
    monkeypatch.setattr(app_session.AppSession, TELLS, getattr(app_session.AppSession, TELLS))
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


class Session:
    """As much of a session of Streamlit's as the message with the theme needs."""

    def __init__(self, hash_: str, name: str) -> None:
        self._pages_manager = PagesManager("pages/frame.py")
        self._pages_manager.set_script_intent(hash_, name)


PAGES = {f"hash of {row.file}": {"script_path": "", "page_script_hash": "", "url_pathname": row.file} for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.file)
def test_a_screen_has_the_colour_of_its_bench_at_a_first_visit_and_from_the_menu(
    monkeypatch: pytest.MonkeyPatch, row: Row
) -> None:
    monkeypatch.setattr(app_session.AppSession, TELLS, lambda session, page_script_hash: ForwardMsg())
    colour_by_bench()
    tell = getattr(app_session.AppSession, TELLS)
    first, later = Session("", row.file), Session(f"hash of {row.file}", "")
    later._pages_manager.set_pages_and_resolve(PAGES)
    themes = [tell(session, "").new_session.custom_theme for session in (first, later)]
    own = {mode: PALETTES[mode].recurrent if row.bench == "recurrent" else "" for mode in PALETTES}  # "": as the settings say
    assert [{"light": theme.light.primary_color, "dark": theme.dark.primary_color} for theme in themes] == [own, own]


def test_a_streamlit_without_that_method_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(app_session.AppSession, TELLS)
    colour_by_bench()
    assert not hasattr(app_session.AppSession, TELLS)
