"""Trainings from the form to the result, which survive F5 and are found again in the store."""

from __future__ import annotations

import re
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect

from core.stn.datasets.samples import sample
from tests.e2e.server import Server

TRAINED = 90_000  # ms: a run on the 10 s preset, on a busy machine


def photo(folder: Path, name: str = "cat", turned: float = 0) -> Path:
    path = folder / f"{name}.png"
    Image.fromarray(sample("chelsea").pixels).rotate(turned, resample=Image.Resampling.BICUBIC).save(path)
    return path


def test_a_photo_is_uploaded_trained_on_and_new_ones_are_straightened(page: Page, server: Server, tmp_path: Path) -> None:
    page.goto(f"{server.url}/stn")
    page.get_by_test_id("stSidebar").locator("input[type=file]").set_input_files(photo(tmp_path))
    expect(page.get_by_alt_text("cat.png, distorted at random").first).to_be_visible()
    page.get_by_role("button", name="Train").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page).to_have_url(re.compile("run="))
    address = page.url
    page.reload()  # F5 in the middle of a run finds it again
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.get_by_alt_text(re.compile("straightens it now"))).to_be_visible()
    expect(page.get_by_text("distortions it had never seen")).to_be_visible(timeout=TRAINED)
    expect(page.get_by_alt_text("cat.png, distorted, with the grid").first).to_be_visible()
    page.goto(address)  # the link brings it back, from the store
    expect(page.get_by_text(re.compile(r"trained .* in \d+ s"))).to_be_visible()
    page.get_by_test_id("stMain").locator("input[type=file]").set_input_files(photo(tmp_path, "tilted", 20))
    expect(page.get_by_alt_text("tilted.png, straightened")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert Image.open(download.value.path()).size == Image.open(photo(tmp_path)).size


def test_a_ticker_is_compared_and_asked_again_served_from_the_store(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/rnn?seeds=1&cells=GRU&start=2018-01-01")
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile("run="))
    finished = page.get_by_text(re.compile(r"Compare forecasts of AAPL.* trained .* in \d+ s"))
    expect(finished).to_be_visible(timeout=TRAINED)
    expect(page.get_by_text(re.compile("beats the best classical model")).first).to_be_visible()
    address = page.url
    page.goto(f"{server.url}/rnn?seeds=1&cells=GRU&start=2018-01-01")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "false")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")  # nothing lies over what has started
    expect(finished).to_be_visible(timeout=10_000)  # from the store, not trained again
    assert page.url == address
