"""A stranger's way: a copy of the repository, `make run`, a photo straightened, a ticker judged, its report, back by a link."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from core.stn.datasets.samples import sample
from tests.e2e.conftest import a_tab, lent
from tests.e2e.report_reader import read_offline
from tests.e2e.server import ROOT, Server

TRAINED = 90_000  # ms: a run on the 10 s preset, on a busy machine


class Made(Server):
    """`make run` in a folder, with the environment of these tests."""

    command = ("setsid", "make", "run", f"VENV={sys.prefix}")

    def stop(self) -> None:
        """As Ctrl-C does: all that was started from there is told."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(timeout=30)


def cloned(to: Path) -> Path:
    """What a clone of the next commit would hold."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("stranger")
    running = Made(folder / "home", folder=cloned(folder / "gridcast"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def stranger(tab: Page, strange: Server) -> Iterator[Page]:
    for watched in lent(tab, strange.url):
        yield watched.page


def photo(folder: Path, name: str = "cat", turned: float = 0) -> Path:
    path = folder / f"{name}.png"
    Image.fromarray(sample("chelsea").pixels).rotate(turned, resample=Image.Resampling.BICUBIC).save(path)
    return path


def test_a_stranger_straightens_a_photo_and_comes_back_to_it_by_a_link(
    stranger: Page, strange: Server, browser: Browser, tmp_path: Path
) -> None:
    page = stranger
    page.goto(strange.url)
    page.get_by_role("button", name="Train it on your photos").click()
    page.get_by_test_id("stSidebar").locator("input[type=file]").set_input_files(photo(tmp_path))
    expect(page.get_by_alt_text("cat.png, distorted at random").first).to_be_visible()
    page.get_by_role("button", name="Train").click()
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page).to_have_url(re.compile("run="))
    address = page.url
    page.reload()  # F5 in the middle of a run finds it again
    expect(page.get_by_role("button", name="Cancel")).to_be_visible()
    expect(page.get_by_alt_text(re.compile("straightens it now"))).to_be_visible(timeout=TRAINED)  # its first worker starts
    expect(page.get_by_text("distortions it had never seen")).to_be_visible(timeout=TRAINED)
    expect(page.get_by_alt_text("cat.png, distorted, with the grid").first).to_be_visible()
    other = a_tab(browser)  # whoever is sent the link sees it, from the store
    other.goto(address)
    expect(other.get_by_text(re.compile(r"trained .* in \d+ s"))).to_be_visible()
    other.get_by_test_id("stMain").locator("input[type=file]").set_input_files(photo(tmp_path, "tilted", 20))
    expect(other.get_by_alt_text("tilted.png, straightened")).to_be_visible()
    with other.expect_download() as download:
        other.get_by_role("button", name="Download", exact=True).click()
    assert Image.open(download.value.path()).size == Image.open(photo(tmp_path)).size
    other.context.close()


def test_a_stranger_has_a_ticker_judged_takes_the_report_home_and_asks_again(
    stranger: Page, strange: Server, tmp_path: Path
) -> None:
    page = stranger
    page.goto(strange.url)
    page.get_by_role("button", name="Ask for your ticker").click()
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    page.goto(f"{strange.url}/rnn?seeds=1&cells=GRU&start=2018-01-01")
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile("run="))
    finished = page.get_by_text(re.compile(r"Compare forecasts of AAPL.* trained .* in \d+ s"))
    expect(finished).to_be_visible(timeout=TRAINED)
    expect(page.get_by_text(re.compile("beats .*, the best classical model before the test")).first).to_be_visible()
    address = page.url
    page.get_by_role("button", name="Export this run").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report (HTML)").click()
    download.value.save_as(tmp_path / "report.html")
    read_offline(page, tmp_path / "report.html")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{strange.url}/rnn?seeds=1&cells=GRU&start=2018-01-01")
    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "false")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_test_id("stSidebar")).to_have_attribute("data-collapsed", "true")  # nothing started lies under it
    expect(finished).to_be_visible(timeout=10_000)  # from the store, not trained again
    assert page.url == address
