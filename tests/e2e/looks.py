"""What is wrong with the looks of a screen: words cut, words over words, a page too wide for its window (by geometry), and what
people who see less, or use no mouse, cannot use (by axe-core)."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Locator, Page


@cache
def _questions() -> str:
    return (Path(__file__).parent / "looks.js").read_text(encoding="utf-8")


@cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def _found(page: Page, question: str) -> list[str]:
    found: list[str] = page.evaluate(f"() => {{ {_questions()} return {question}(); }}")
    return found


def _at_rest(page: Page, question: str) -> list[str]:
    """What is found once type and sidebar have their widths: what is found again and again for 3 s."""
    for _ in range(10):
        if not (found := _found(page, question)):
            break
        page.wait_for_timeout(300)
    return found


def too_wide(page: Page) -> list[str]:
    """Whether the page can be scrolled sideways."""
    width, window = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    return [f"{width} px in a window of {window}"] if width > window else []


def cut(page: Page) -> list[str]:
    """Labels, headings, captions and words of figures that do not fit into their place."""
    return _at_rest(page, "cut")


def overlapping(page: Page) -> list[str]:
    """Pairs of lines that lie on each other."""
    return _at_rest(page, "overlapping")


def covering(page: Page) -> list[str]:
    """Legends that lie over what their figure draws."""
    return _at_rest(page, "covering")


def long(page: Page) -> list[str]:
    """Lines of words that are too long to be read."""
    return _at_rest(page, "long")


def wide(page: Page) -> list[str]:
    """Parts of equations for which there is no room."""
    return _at_rest(page, "wide")


def share(picture: Locator) -> float:
    """How much of the width of the page's column a picture takes."""
    shown, column = picture.bounding_box(), picture.page.locator("[data-testid=stMain] [data-testid=stVerticalBlock]").first
    whole = column.bounding_box()
    assert shown
    assert whole
    return shown["width"] / whole["width"]


def barriers(page: Page) -> list[str]:
    """The serious and critical findings of axe-core."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(_axe())
    return _found(page, "barriers")
