"""The theme as every session is told it: made once, not for each visitor, and in the colour of the bench of the screen.

Streamlit goes through all its settings six times for it, a twentieth of what opening a screen costs. While a server runs they
change only where its configuration is read again. It knows one primary colour for all screens.
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from streamlit import config
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session
from streamlit.runtime.pages_manager import PagesManager

from core.theme import PALETTES
from pages.parts.navigation import ROWS

TELLS = "_create_new_session_message"  # the method of Streamlit's sessions that makes the message with the theme
FILLS = "_populate_theme_msg"  # the function of Streamlit's that fills in a section of the theme


def make_theme_once() -> None:
    """From now on; in a Streamlit that has no such function nothing changes."""
    fill = getattr(app_session, FILLS, None)
    if fill is None:
        return
    made: dict[str, CustomThemeConfig] = {}

    def filled(message: CustomThemeConfig, section: str = "theme") -> None:
        if section not in made:
            made[section] = CustomThemeConfig()
            fill(made[section], section)
        if made[section].ByteSize():  # merging in an empty one would say that there is such a section
            message.MergeFrom(made[section])

    setattr(app_session, FILLS, filled)
    config.on_config_parsed(made.clear, force_connect=True)


def colour_by_bench() -> None:
    """From now on a screen of the recurrent bench has its colour where the others have the primary one; in a Streamlit without
    that method nothing changes."""
    tell = getattr(app_session.AppSession, TELLS, None)
    if tell is None:
        return

    @wraps(tell)
    def told(self: Any, page_script_hash: str, *given: Any, **named: Any) -> ForwardMsg:
        message: ForwardMsg = tell(self, page_script_hash, *given, **named)
        if page_of(self._pages_manager, page_script_hash) in RECURRENT:
            theme = message.new_session.custom_theme
            theme.light.primary_color, theme.dark.primary_color = (PALETTES[mode].recurrent for mode in ("light", "dark"))
        return message

    setattr(app_session.AppSession, TELLS, told)


RECURRENT = {row.file for row in ROWS if row.bench == "recurrent"}


def page_of(pages: PagesManager, page_script_hash: str) -> str | None:
    """The screen that a session is about to draw: as the menu has it, or as the address of a first visit."""
    known = pages.get_pages()
    page = known.get(pages.intended_page_script_hash or "") or known.get(page_script_hash)
    return (page or {}).get("url_pathname") or pages.intended_page_name
