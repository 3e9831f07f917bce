"""Every screen in a real Chromium: opens, does its main thing, survives F5, and tells mistakes as sentences.

The fixture `page` fails a test whose page logged an error or asked another host for anything.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from core.runs.kinds import KINDS
from core.stn.datasets.samples import sample
from pages.parts.navigation import ROWS
from tests.e2e.server import ROOT, Server

TRAINED = 90_000  # ms: a run on the 10 s preset, on a busy machine
EXPERIMENTS = {f"/stn?experiment={kind.title}": "Spatial transformers" for kind in KINDS.values() if kind.bench == "spatial"}
SCREENS = {row.address: row.shown_as for row in ROWS if not row.hidden} | EXPERIMENTS


def test_every_page_is_in_the_navigation() -> None:
    files = {path.stem for path in (ROOT / "pages").glob("*.py")} - {"__init__", "frame"}
    assert {row.file for row in ROWS} == files


BY_LINKS = {  # screen -> where its link is, the link, and what the screen shows
    "run": ("/", "Open this run", "Export this run"),
    "status": ("/runs", "What this server is doing", "Runs waiting"),
}


@pytest.mark.parametrize("file", [row.file for row in ROWS if row.hidden])
def test_a_screen_that_is_reached_by_links_opens(page: Page, server: Server, file: str) -> None:
    where, link, shown = BY_LINKS[file]
    page.goto(f"{server.url}{where}")
    page.get_by_role("link", name=link).first.click()
    page.wait_for_url(re.compile(rf"/{file}\b"))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text(shown, exact=True)).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def photo(folder: Path, name: str = "cat", turned: float = 0) -> Path:
    path = folder / f"{name}.png"
    Image.fromarray(sample("chelsea").pixels).rotate(turned, resample=Image.Resampling.BICUBIC).save(path)
    return path


@pytest.mark.parametrize(("path", "title"), SCREENS.items())
def test_a_screen_opens_by_its_address_on_a_phone_in_the_dark_and_on_a_desk(
    page: Page, server: Server, path: str, title: str
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme="dark")
    page.goto(server.url + path)
    opened(page, title)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(color_scheme="light")
    opened(page, title)


def opened(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def drawn(page: Page) -> str:
    """What the output on /warp shows, pixel for pixel."""
    output = page.get_by_role("img", name="sampled through the grid")
    expect(output).to_have_attribute("data-turn", re.compile(r"\d+"))
    return output.evaluate("canvas => canvas.toDataURL()")


def hold(page: Page, name: str, share: float) -> None:
    """Take a dial by the mouse and move it, the button still down."""
    box = page.get_by_role("slider", name=name).bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.55, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * share, middle, steps=5)


def last_answer(page: Page, quiet: float = 1.0) -> None:
    """Wait until no answer has been drawn for so many seconds: the address changes before the last one is drawn."""
    output = page.get_by_role("img", name="sampled through the grid")
    for _ in range(20):
        turn = output.get_attribute("data-turn")
        page.wait_for_timeout(1000 * quiet)
        if output.get_attribute("data-turn") == turn:
            return
    raise AssertionError("the stage is drawn again and again")


def test_the_picture_changes_while_a_slider_is_dragged(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp")
    before = drawn(page)
    output = page.get_by_role("img", name="sampled through the grid")
    turn = output.get_attribute("data-turn")
    hold(page, "Rotation", 0.7)
    expect(output).not_to_have_attribute("data-turn", turn or "")
    assert drawn(page) != before  # the button is still down
    assert "theta=" not in page.url
    page.mouse.up()
    expect(page).to_have_url(re.compile("theta="))
    last_answer(page)
    shown = page.get_by_role("slider", name="Rotation").input_value()
    a = 0.8 * math.cos(math.radians(float(shown)))  # the other view of the same theta follows
    expect(page.get_by_role("spinbutton", name="a", exact=True)).to_have_value(f"{a:.3f}")
    theta = page.url
    page.reload()
    expect(page.get_by_role("slider", name="Rotation")).to_have_value(shown)
    assert page.url == theta


def test_a_link_to_a_warp_shows_the_same_cold(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp?family=projective&image=coins&kernel=lanczos&padding=zeros&show=Gradients")
    expect(page.get_by_role("slider", name="Perspective x")).to_be_visible()
    hold(page, "Perspective x", 0.7)
    page.mouse.up()
    expect(page).to_have_url(re.compile("theta="))
    last_answer(page)
    expect(page.get_by_text("dead zone (grey)")).to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    here, address = drawn(page), page.url
    page.goto("about:blank")
    page.goto(address)
    expect(page.get_by_text("dead zone (grey)")).to_be_visible()
    expect(page.get_by_test_id("stStatusWidget")).to_have_count(0)
    assert drawn(page) == here
    assert page.url == address


def test_the_identity_gives_the_picture_back(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp?theta=0.5+0+0+0+0.5+0")
    expect(page.get_by_role("slider", name="Scale x")).to_have_value("0.5")
    page.get_by_role("button", name="Identity").click()
    expect(page.get_by_role("slider", name="Scale x")).to_have_value("1")
    expect(page.get_by_role("spinbutton", name="a", exact=True)).to_have_value("1.000")


def test_a_point_of_a_spline_is_dragged_and_moved_by_keys(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp?family=tps")
    page.get_by_role("button", name="Identity").click()
    point = page.get_by_role("button", name="Source point 6:")
    expect(point).to_have_accessible_name(re.compile("x -0.33, y -0.33"))
    expect(page).to_have_url(re.compile("theta="))
    point.scroll_into_view_if_needed()
    identity, before, box = page.url, drawn(page), point.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 30, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    expect(page).not_to_have_url(identity)
    assert drawn(page) != before
    expect(point).to_have_accessible_name(re.compile("y -0.33"))
    address = page.url
    point.press("ArrowDown")
    expect(point).to_have_accessible_name(re.compile("y -0.31"))
    expect(page).not_to_have_url(address)


def test_a_clicked_pixel_opens_the_panel_on_it(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/warp?theta=1+0+0+0+1+0")
    drawn(page)
    box = page.get_by_role("img", name="sampled through the grid").bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2 + 1, box["y"] + box["height"] / 2 + 1)
    expect(page.get_by_text("Output pixel (128, 128) looks at")).to_be_visible()
    expect(page).to_have_url(re.compile(r"pixel=128(\+|%20)128"))
    page.reload()
    expect(page.get_by_role("spinbutton", name="Column of the output")).to_have_value("128")


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
    expect(page.get_by_alt_text("cat.png, straightened").first).to_be_visible()
    page.goto(address)  # the link brings it back, from the store
    expect(page.get_by_text(re.compile(r"trained .* in \d+ s"))).to_be_visible()
    page.get_by_test_id("stMain").locator("input[type=file]").set_input_files(photo(tmp_path, "tilted", 20))
    expect(page.get_by_alt_text("tilted.png, straightened")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download", exact=True).click()
    assert Image.open(download.value.path()).size == Image.open(photo(tmp_path)).size


def test_digits_are_aligned_and_the_way_there_can_be_looked_at(page: Page, server: Server) -> None:
    page.goto(server.url + "/stn?experiment=Align&align_digit=4")
    page.get_by_test_id("stBaseButton-primary").click()
    expect(page.get_by_text("Export this run")).to_be_visible(timeout=TRAINED)
    assert "run=" in page.url
    page.reload()
    expect(page.get_by_text("Export this run")).to_be_visible(timeout=TRAINED)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_a_ticker_is_compared_and_asked_again_served_from_the_store(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/rnn?seeds=1")
    expect(page.get_by_test_id("stPlotlyChart").first).to_be_visible()
    page.get_by_role("button", name="Compare").click()
    expect(page).to_have_url(re.compile("run="))
    finished = page.get_by_text(re.compile(r"Compare forecasts of AAPL.* trained .* in \d+ s"))
    expect(finished).to_be_visible(timeout=TRAINED)
    expect(page.get_by_text(re.compile("beats the best classical model")).first).to_be_visible()
    address = page.url
    page.goto(f"{server.url}/rnn?seeds=1")
    page.get_by_role("button", name="Compare").click()
    expect(finished).to_be_visible(timeout=10_000)  # from the store, not trained again
    assert page.url == address


def test_a_panel_is_trained_found_again_and_looked_at_ticker_by_ticker(page: Page, server: Server) -> None:
    page.goto(
        f"{server.url}/panel?groups=Factor+funds&cells=GRU&seeds=1&trees=false&start=2018-01-01&classical_volatility=EWMA"
    )
    page.get_by_role("button", name="Train").click()
    expect(page.get_by_text("Export this run")).to_be_visible(timeout=TRAINED)
    address = page.url
    assert "run=" in address
    answer = page.get_by_role("heading", name=re.compile("Recurrent networks .*best classical model"))
    expect(answer).to_be_visible()
    page.reload()
    expect(answer).to_be_visible(timeout=TRAINED)
    page.get_by_role("radio", name="Tickers").or_(page.get_by_role("button", name="Tickers", exact=True)).first.click()
    expect(page.get_by_role("heading", name="Every model on every ticker")).to_be_visible()
    expect(page.get_by_label(re.compile("on every ticker against"))).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


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


def test_a_run_is_cancelled_within_a_second_and_listed(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/stn?preset=5+min&samples=coins")
    page.get_by_role("button", name="Train").click()
    cancel = page.get_by_role("button", name="Cancel")
    expect(page.get_by_alt_text(re.compile("straightens it now"))).to_be_visible(timeout=60_000)
    cancel.click()
    expect(page.get_by_text("This run was cancelled. It left no model behind.")).to_be_visible(timeout=3_000)
    run = re.search(r"run=(\w+)", page.url)
    assert run
    page.goto(f"{server.url}/run?id={run.group(1)}")
    expect(page.get_by_text("This run was cancelled")).to_be_visible()
    page.goto(f"{server.url}/runs")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def test_an_export_is_complete(page: Page, server: Server) -> None:
    page.goto(server.url)
    links = page.get_by_role("link", name="Open this run")
    expect(links).to_have_count(2)  # the second appears later, and is that of the comparison
    links.last.click()
    page.get_by_role("button", name="Export this run").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Tables (CSV)").click()
    with zipfile.ZipFile(io.BytesIO(download.value.path().read_bytes())) as archive:
        assert "forecasts.csv" in archive.namelist()


@pytest.mark.parametrize(
    ("name", "content"), [("notes.png", b"just some words"), ("cut.jpg", b"\xff\xd8\xff\xe0 cut short"), ("tiny.png", None)]
)
def test_what_is_no_photo_gets_one_sentence(
    page: Page, server: Server, tmp_path: Path, name: str, content: bytes | None
) -> None:
    path = tmp_path / name
    if content is None:
        Image.new("RGB", (1, 1)).save(path)
    else:
        path.write_bytes(content)
    page.goto(f"{server.url}/stn")
    page.get_by_test_id("stSidebar").locator("input[type=file]").set_input_files(path)
    alert = page.get_by_test_id("stSidebar").get_by_test_id("stAlert")
    expect(alert).to_contain_text(name)
    assert "Traceback" not in alert.inner_text()


def test_a_csv_without_a_price_column_is_explained(page: Page, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "weather.csv"
    path.write_text("date,rain\n2020-01-01,wet\n2020-01-02,dry\n")
    page.goto(f"{server.url}/rnn?source=CSV")
    page.get_by_test_id("stSidebar").locator("input[type=file]").set_input_files(path)
    expect(page.get_by_test_id("stAlert")).to_contain_text("price")


def test_an_unknown_run_is_said_so(page: Page, server: Server) -> None:
    page.goto(f"{server.url}/run?id=0000000000000000")
    expect(page.get_by_text("There is no run with this id here")).to_be_visible()
