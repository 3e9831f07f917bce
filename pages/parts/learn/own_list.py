"""A lecturer's own list of tasks: a file is checked and kept, and its link is for the students."""

from __future__ import annotations

import streamlit as st

from core.lessons.kept import LECTURE, keep, opened
from core.lessons.reading import MOST_BYTES
from pages.parts import controls
from pages.parts.layout import mistakes_shown

FILE = "list_file"  # the key of the control
_WORDS = (
    "One YAML or JSON file is a list of tasks. Each has an idea, something to do, a link to a screen set up for it and, if you "
    "like, a check that sees by itself when it is done. Start from the fifteen tasks of the lecture; the user guide has every "
    "field. Your students need the link and nothing else."
)


def show(digest: str) -> None:
    with controls.fold("A list of your own", key="own_list") as unfolded:
        if not unfolded and not st.session_state.get(FILE):  # what is uploaded stays
            return
        st.markdown(_WORDS)
        controls.download_button(
            "The fifteen tasks as a file to start from", LECTURE.read_bytes(), "tasks.yaml", "text/yaml",
            icon=":material/download:", on_click="ignore", key="lecture",
        )  # fmt: skip
        file = controls.file_uploader("Your list", ["yaml", "yml", "json"], key=FILE, kept=False, max_upload_size=1)
        if file:
            with mistakes_shown():
                _link(keep(file.getvalue(), file.name))
        if digest:
            st.page_link("learn.py", label="The fifteen tasks of the lecture", icon=":material/checklist:")


def _link(digest: str) -> None:
    """The address for the students."""
    tasks = opened(digest)
    count = f"{len(tasks.tasks)} task{'' if len(tasks.tasks) == 1 else 's'}"
    st.markdown(f"The list is in order, with {count}. Give this address to your students:")
    base = (st.context.url or "").partition("?")[0]
    st.code(f"{base}?list={digest}", language=None, wrap_lines=True)
    st.page_link("learn.py", label="Open it", icon=":material/arrow_forward:", query_params={"list": digest})
    st.caption(f"It stays as it is now: a changed file is another list with another link. At most {MOST_BYTES // 1024} KB.")
