"""docs/RESULTS.md has a part of every measurement that writes it."""

from __future__ import annotations

from benchmarks.results_page import PAGE, replaced


def test_a_part_is_replaced_and_the_others_stay() -> None:
    page = replaced(replaced("", "one", "old"), "two", "other")
    assert replaced(page, "one", r"new \1") == page.replace("old", r"new \1")
    assert page.count("<!-- one -->") == 1


def test_the_page_has_the_parts_of_both_measurements() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"<!-- {name} -->" in text and f"<!-- end of {name} -->" in text for name in ("table 1", "pages"))
