"""What is uploaded by mistake is told in a sentence, which names the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.pointer import box_of, drag
from tests.e2e.server import Server


@pytest.fixture
def no_photos(tmp_path: Path) -> list[Path]:
    """Words, and a picture of one pixel."""
    paths = [tmp_path / name for name in ("notes.png", "tiny.png")]
    paths[0].write_bytes(b"just some words")
    Image.new("RGB", (1, 1)).save(paths[1])
    return paths


def test_what_is_no_photo_gets_one_sentence(page: Page, server: Server, no_photos: list[Path]) -> None:
    page.goto(f"{server.url}/stn")
    sidebar = page.get_by_test_id("stSidebar")
    for path in no_photos:
        sidebar.locator("input[type=file]").set_input_files(path)
        alert = sidebar.get_by_test_id("stAlert").filter(has_text=path.name)
        expect(alert).to_be_visible()
        assert "Traceback" not in alert.inner_text()
        sidebar.get_by_role("button", name=f"Remove {path.name}").click()
        expect(alert).to_have_count(0)


def test_the_divider_of_a_result_is_moved_by_mouse_and_arrow_keys(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/run?id=1-straighten")
    divider = page.get_by_label("Divider between before and after")
    expect(divider).to_have_value("50")
    drag(divider, right=-box_of(divider)["width"] / 4)
    expect(divider).to_have_value(re.compile(r"^2[0-9]$"))
    dragged = int(divider.input_value())
    divider.press("ArrowRight")
    expect(divider).to_have_value(str(dragged + 1))
    expect(page.locator("figure img.before")).to_have_css("clip-path", re.compile("inset"))
