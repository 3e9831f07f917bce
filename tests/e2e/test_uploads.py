"""What is uploaded by mistake is told in a sentence, which names the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.e2e.server import Server


@pytest.fixture
def no_photos(tmp_path: Path) -> list[Path]:
    """Words, half a JPEG, and a picture of one pixel."""
    paths = [tmp_path / name for name in ("notes.png", "cut.jpg", "tiny.png")]
    paths[0].write_bytes(b"just some words")
    paths[1].write_bytes(b"\xff\xd8\xff\xe0 cut short")
    Image.new("RGB", (1, 1)).save(paths[2])
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


def test_a_csv_without_a_price_column_is_explained(page: Page, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "weather.csv"
    path.write_text("date,rain\n2020-01-01,wet\n2020-01-02,dry\n")
    page.goto(f"{server.url}/rnn?source=CSV")
    page.get_by_test_id("stSidebar").locator("input[type=file]").set_input_files(path)
    expect(page.get_by_test_id("stAlert")).to_contain_text("price")


def test_a_file_without_prices_is_named_before_the_panel_is_trained(page: Page, server: Server, tmp_path: Path) -> None:
    rows = [f"{1990 + month // 12}-{month % 12 + 1:02}-{day:02},{100 + (7 * day + month) % 13}" for month in range(60)
            for day in range(1, 29)]  # fmt: skip
    texts = {
        "one": "\n".join(["date,close", *rows]),
        "two": "\n".join(["date,close", *rows]),
        "weather": "date,rain\n2020-01-01,wet",
    }
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text)
    page.goto(f"{server.url}/panel?source=CSV")
    page.get_by_test_id("stSidebar").locator("input[type=file]").set_input_files([tmp_path / f"{name}.csv" for name in texts])
    expect(page.get_by_text(re.compile("3 tickers, "))).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_contain_text("weather")
    expect(page.get_by_role("button", name="Train")).to_be_enabled()
