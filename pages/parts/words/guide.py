"""The user guide, docs/USER_GUIDE.md, a section at a time, and the link that leads to the one about a screen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import streamlit as st

GUIDE = Path(__file__).parents[3] / "docs" / "USER_GUIDE.md"
CONTENTS = "Contents"
SECTIONS = {  # by screen, how the title of the section about it begins; another screen has the contents
    "learn": "For a class", "warp": "Warp", "stn": "Straighten", "rnn": "Recurrent", "sweep": "Sweep", "panel": "Panel",
    "traps": "Traps", "memory": "Memory", "runs": "Runs", "beside": "Runs", "run": "Taking it away",
    "status": "When something goes wrong",
}  # fmt: skip


@cache
def sections() -> Mapping[str, str]:
    """The text of every section by its title; that before the first one is the contents. Links that lead within the guide lead
    to sections, others are words."""
    first, *rest = re.split(r"^## ", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    texts = dict(text.split("\n", 1) for text in rest)
    anchors = {
        _anchor(heading): title
        for title, text in texts.items()
        for heading in (title, *re.findall(r"^### (.+)$", text, re.MULTILINE))
    }
    texts = {CONTENTS: first.partition("\n")[2]} | texts
    return {title: re.sub(r"\[([^\]]+)\]\(([^)]+)\)", lambda link: _led(link, anchors), text) for title, text in texts.items()}


def _anchor(heading: str) -> str:
    """As GitHub makes it of a heading."""
    return "#" + re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")


def _led(link: re.Match[str], anchors: Mapping[str, str]) -> str:
    words, address = link.groups()
    section = anchors.get(address)
    return words if section is None else f"[{words}](guide?section={section.replace(' ', '+')})"


def section_about(screen: str, experiment: str = "") -> str:
    """The title of the section about a screen, or about an experiment of the spatial bench."""
    begins = experiment or SECTIONS.get(screen, CONTENTS)
    return next((title for title in sections() if title.startswith(begins)), CONTENTS)


def guide_link(screen: str) -> None:
    """Leads to what the guide says of this screen."""
    about = section_about(screen, st.query_params.get("experiment", "") if screen == "stn" else "")
    asked = {} if about == CONTENTS else {"section": about}
    with st.container(key="guide", width="content"):
        st.page_link("guide.py", label="Guide", icon=":material/menu_book:", query_params=asked, width="content")
