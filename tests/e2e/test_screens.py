"""Every screen in a real Chromium: opens by its address or by links, with nothing cut, no words over words and no
barrier, in the light and in the dark, and what it exports is complete.

The fixture `page` fails a test whose page logged an error or asked another host for anything.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.runs.kinds import KINDS
from core.theme import PALETTES, Mode
from pages.parts.navigation import ROWS
from tests.e2e.looks import barriers, cut, long, overlapping, too_wide
from tests.e2e.report_reader import read_offline
from tests.e2e.server import ROOT, Server

EXPERIMENTS = {  # but the first, which opens without a word in the address
    f"/stn?experiment={kind.title}": "Spatial transformers"
    for kind in [kind for kind in KINDS.values() if kind.bench == "spatial"][1:]
}
BROKEN = 3  # settings of the shipped run of Collapse, each with the reason in a box
BESIDE = {"/beside?runs=2-compare,9-compare": "Side by side"}
SCREENS = {row.address: row.shown_as for row in ROWS if not row.hidden} | EXPERIMENTS | BESIDE


def test_every_page_is_in_the_navigation() -> None:
    files = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__", "frame"}
    assert {row.file for row in ROWS} == files


BY_LINKS = {  # screen -> where its link is, the link, what the screen shows, and what the browser's tab says
    "run": ("/", "Open this run", "Export this run", "Straighten chelsea"),
    "guide": ("/stn?experiment=Locate", "Guide", "What to choose.", "Guide"),
    "status": ("/runs", "What this server is doing", "Runs waiting", "Status"),
}


@pytest.mark.parametrize("file", BY_LINKS)
def test_a_screen_that_is_reached_by_links_opens(page: Page, server: Server, file: str) -> None:
    where, link, shown, tab = BY_LINKS[file]
    page.goto(f"{server.url}{where}")
    page.get_by_role("link", name=link).first.click()
    page.wait_for_url(re.compile(rf"/{file}\b"))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text(shown, exact=True)).to_be_visible()
    expect(page).to_have_title(re.compile(f"^{tab}.* · Gridcast$"))
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.set_viewport_size({"width": 1920, "height": 1080})
    assert long(page) == []


SETTLED = """() => new Promise(done => {  // nothing has changed for a while: components draw after the server has sent all
  let timer = setTimeout(done, 300);
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, 300); })
    .observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
})"""


def opened(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page).to_have_title("Gridcast" if title == "Gridcast" else f"{title} · Gridcast")
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    page.evaluate(SETTLED)
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(BROKEN if "experiment=Collapse" in page.url else 0)


def test_what_is_wrong_with_a_screen_is_found(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.set_content(
        """<html lang="en"><title>x</title><main class="stApp"><h1 style="width: 30px; overflow: hidden">Straightened</h1>
        <p style="position: absolute; top: 200px">One line</p><p style="position: absolute; top: 204px">another</p>
        <p style="color: #bbb; width: 500px">pale</p><button></button></main>"""
    )
    assert too_wide(page) == ["508 px in a window of 390"]
    assert cut(page) == ["Straightened"]
    assert overlapping(page) == ["One line / another"]
    assert {found.split(":")[0] for found in barriers(page)} == {"button-name", "color-contrast"}


FORMS = ("stn", "rnn", "sweep", "panel", "traps")  # screens with a form and a button that starts
TOOLBAR = ".modebar:visible"  # of a figure
MARKED = """() => {
  const others = document.querySelector("[data-testid=stTopNavSection]");
  return document.querySelector("[data-testid=stTopNavLink][aria-current=page]:not([aria-hidden=true] *)")
    || (others && getComputedStyle(others).fontWeight === "600");
}"""
REACHED = """button => {
  const box = button.getBoundingClientRect();
  return button.contains(document.elementFromPoint(box.x + box.width / 2, box.bottom - 4));
}"""


def title_at_the_top(page: Page) -> None:
    """It may stand lower for a moment, while the tools beside it find their row."""
    page.wait_for_function("() => document.querySelector('h1')?.getBoundingClientRect().y < 80")


def button_in_sight(page: Page, path: str, mode: Mode) -> None:
    """Without scrolling, where the screen has a form; in the colour of its bench."""
    row = next(row for row in ROWS if row.file == path[1:].partition("?")[0] or (row.address == path))
    if row.file in FORMS:
        button = page.locator(".st-key-go button")
        assert button.evaluate(REACHED)
        colour = PALETTES[mode].recurrent if row.bench == "recurrent" else PALETTES[mode].spatial
        expect(button).to_have_css("background-color", f"rgb({', '.join(str(part) for part in bytes.fromhex(colour[1:]))})")


def marked_in_the_menu(page: Page, path: str) -> None:
    """The link of this screen, or what leads to those that do not fit."""
    if path in {row.address for row in ROWS}:
        page.wait_for_function(MARKED)


@pytest.mark.parametrize(("path", "title"), SCREENS.items())
def test_a_screen_opens_by_its_address_on_a_phone_in_the_dark_on_a_desk_and_for_a_projector(
    page: Page, server: Server, path: str, title: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.goto(server.url + path)
    opened(page, title)
    assert too_wide(page) == overlapping(page) == []
    assert barriers(page) == []
    expect(page.locator(TOOLBAR)).to_have_count(0)
    title_at_the_top(page)
    button_in_sight(page, path, "dark")
    page.set_viewport_size({"width": 768, "height": 1024})
    marked_in_the_menu(page, path)
    page.set_viewport_size({"width": 1280, "height": 720})
    page.emulate_media(color_scheme="light")
    opened(page, title)
    expect(page.get_by_test_id("stTopNavSection")).to_have_count(0)  # all links fit
    assert overlapping(page) == []
    title_at_the_top(page)
    button_in_sight(page, path, "light")
    assert barriers(page) == []
    if path in EXPERIMENTS:
        return  # on the screen of the first
    page.get_by_text("Projector", exact=True).click()
    page.wait_for_function("getComputedStyle(document.documentElement).fontSize === '21.6px'")
    opened(page, title)
    assert too_wide(page) == cut(page) == []


def test_an_export_is_complete(page: Page, server: Server, tmp_path: Path) -> None:
    page.goto(server.url)
    page.get_by_role("link", name="How far will it move?").click()
    page.get_by_role("button", name="Export this run").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Tables (CSV)").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert {"forecasts.csv", "columns.csv"} <= set(archive.namelist())
    with page.expect_download() as download:
        page.get_by_role("button", name="Report (HTML)").click()
    assert download.value.suggested_filename.endswith("-report.html")
    shown = tmp_path / "report.html"
    download.value.save_as(shown)
    read_offline(page, shown)


def test_an_unknown_run_is_said_so(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/run?id=0000000000000000")
    expect(page.get_by_text("There is no run with this id here")).to_be_visible()
