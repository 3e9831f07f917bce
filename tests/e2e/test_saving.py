"""What the words under a figure save, looked into."""

from __future__ import annotations

import csv
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.rnn.prices.samples import fetch
from core.stn.datasets.samples import sample
from tests.e2e.server import Server


def saved(page: Page, under: str, word: str, folder: Path) -> Path:
    """What a word saves, in the row that stands under a figure."""
    with page.expect_download() as download:
        page.locator(f".st-key-save-{under}").get_by_role("button", name=word, exact=True).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_a_figure_is_saved_as_it_is_seen_and_its_data_as_they_are(page: Page, server: Server, tmp_path: Path) -> None:
    page.goto(f"{server.url}/rnn")
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    box = page.locator(".st-key-prices .js-plotly-plot").bounding_box()
    assert box

    drawing = Xml.parse(saved(page, "prices", "SVG", tmp_path))
    words = {text.text for text in drawing.iter("{http://www.w3.org/2000/svg}text")}
    assert {"adjusted close, USD, log scale", "training", "validation", "test", "2014"} <= words
    assert float(drawing.getroot().attrib["width"]) == pytest.approx(box["width"], abs=1)

    picture = Image.open(saved(page, "prices", "PNG", tmp_path))
    assert picture.size == pytest.approx((2 * box["width"], 2 * box["height"]), abs=2)
    assert picture.convert("RGB").getpixel((3, 3)) == (0xFB, 0xFA, 0xF7)  # the paper of the page
    assert len(picture.convert("RGB").getcolors(1 << 20)) > 50  # type: ignore[arg-type]

    rows = list(csv.DictReader(saved(page, "prices", "CSV", tmp_path).open()))
    apple = fetch("AAPL").between("2010-01-01", rows[-1]["x"])
    np.testing.assert_array_equal([float(row["y (adjusted close, USD, log scale)"]) for row in rows], apple.close[-len(rows) :])
    assert len(rows) == len(apple.close)


def test_what_is_on_the_stage_is_saved(page: Page, server: Server, tmp_path: Path) -> None:
    page.goto(f"{server.url}/warp?theta=1+0+0+0+1+0&image=coins")
    expect(page.get_by_role("slider", name="Scale x")).to_have_value("1")
    pixels = np.asarray(Image.open(saved(page, "stage", "PNG", tmp_path)))
    assert pixels.shape[0] == 256 or pixels.shape[1] == 256
    assert pixels.std() == pytest.approx(sample("coins").pixels.std(), rel=0.1)
    rows = list(csv.DictReader(saved(page, "stage", "CSV", tmp_path).open()))
    assert [float(row["value"]) for row in rows[:6]] == [1, 0, 0, 0, 1, 0]
    assert len(rows) == 6 + pixels.shape[0] * pixels.shape[1]
    drawing = Xml.parse(saved(page, "stage", "SVG", tmp_path))
    assert len(list(drawing.iter("{http://www.w3.org/2000/svg}image"))) == 2
