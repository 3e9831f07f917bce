"""The frame around every screen, and the one script that Streamlit runs: page config and navigation."""

import sys
from pathlib import Path

import streamlit as st

HERE = Path(__file__).parent
if str(HERE.parent) not in sys.path:  # `core` and `pages` are found wherever the app was started from
    sys.path.insert(0, str(HERE.parent))

st.set_page_config("Gridcast", page_icon=str(HERE / "parts" / "icon.png"), layout="wide")

from core.errors import GridcastError  # noqa: E402
from core.runs.lab import lab  # noqa: E402
from pages.parts.controls import hidden, tell_misspelt  # noqa: E402
from pages.parts.follow import fill_form  # noqa: E402
from pages.parts.links.old_links import renew_address  # noqa: E402
from pages.parts.links.places import arrive, note  # noqa: E402
from pages.parts.navigation import ROWS  # noqa: E402
from pages.parts.serving.defects import report  # noqa: E402
from pages.parts.serving.served import page_served  # noqa: E402
from pages.parts.serving.turns import turn  # noqa: E402
from pages.parts.style.style import show_style  # noqa: E402
from pages.parts.task import show_task  # noqa: E402

screens = [
    st.Page(
        HERE / f"{row.file}.py",
        title=row.title,
        url_path=row.file,
        default=row is ROWS[0],
        help=row.help,
        visibility="hidden" if row.hidden else "visible",
    )
    for row in ROWS
]
screen = st.navigation(screens, position="hidden" if hidden("navigation") else "top")
renew_address()  # when it is known which screen runs again
here = screen.url_path or ROWS[0].file
arrive(here)
show_style(next(row for row in ROWS if row.file == here))
with turn():
    try:
        lab().registry.check()  # one sentence, instead of one from each part of the screen
        show_task()
        fill_form(here)
        screen.run()
        tell_misspelt(here)
    except GridcastError as error:
        report(error)
note()
page_served()
