"""docs/RESULTS.md has a section of every measurement that writes it."""

from __future__ import annotations

from benchmarks.pages_page import TITLE
from benchmarks.results_page import PAGE, sections_of, with_sections


def test_a_section_is_replaced_and_the_others_stay() -> None:
    page = with_sections("# Table\n\n## Every network\n\nrows\n", {"one": "old", "two": "other"})
    assert sections_of(with_sections(page, sections_of(page) | {"one": "new"})) == {"one": "\nnew\n\n", "two": "\nother\n"}
    assert "## Every network\n\nrows" in page


def test_the_page_has_the_section_on_pages() -> None:
    assert "| clean, on white |" in sections_of(PAGE.read_text(encoding="utf-8"))[TITLE]
