"""The guide on a screen, and the link to what it says of every other."""

from __future__ import annotations

import re

import pytest

from core.runs.kinds import KINDS
from pages.parts.navigation import ROWS
from pages.parts.words.guide import CONTENTS, GUIDE, SECTIONS, section_about, sections
from tests.pages.conftest import OpenPage

EXPERIMENTS = [kind.title for kind in KINDS.values() if kind.bench == "spatial" and kind.part_of is None]


@pytest.mark.parametrize("title", EXPERIMENTS)
def test_every_experiment_has_a_section_of_its_own(title: str) -> None:
    assert section_about("stn", title).startswith(title)


def test_every_screen_that_is_named_has_a_section_and_the_others_the_contents() -> None:
    about = {row.file: section_about(row.file) for row in ROWS}
    assert {screen for screen, section in about.items() if section != CONTENTS} == set(SECTIONS)


def test_nothing_of_the_guide_is_left_out_and_its_links_lead_to_sections() -> None:
    whole = GUIDE.read_text(encoding="utf-8")
    assert [title for title in re.findall(r"^## (.+)$", whole, re.MULTILINE) if title not in sections()] == []
    links = {link for text in sections().values() for link in re.findall(r"\]\(([^)]+)\)", text)}
    assert len(links) > 15
    assert {link.removeprefix("guide?section=").replace("+", " ") for link in links} <= set(sections())


def test_the_screen_shows_the_section_of_its_address(open_page: OpenPage) -> None:
    app = open_page("guide", section="Sweep: many tickers at once")
    assert app.subheader[0].value == "Sweep: many tickers at once"
    assert sections()["Sweep: many tickers at once"].strip() in app.markdown[-1].value
