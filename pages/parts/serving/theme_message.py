"""The theme as every new session is told it: made once, not for each visitor.

Streamlit goes through all its settings six times for it, a twentieth of what opening a screen costs. While a server runs they
change only where its configuration is read again.
"""

from __future__ import annotations

from streamlit import config
from streamlit.proto.NewSession_pb2 import CustomThemeConfig
from streamlit.runtime import app_session

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
