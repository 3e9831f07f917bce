"""The server opens, lists, draws and exports stored runs without torch; a screen that computes with it loads it then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.runs.kinds import KINDS
from pages.parts.navigation import ROWS
from tests.e2e.server import Server

COMPUTES = {"warp", "stn", "memory"}


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own, on which nobody has computed anything yet."""
    running = Server(tmp_path_factory.mktemp("fresh") / "home", {"GRIDCAST_WARM": "false"})
    running.start()
    yield running
    running.stop()


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        yield context.new_page()


def has_torch(server: Server) -> bool:
    """Whether the server's own process has loaded it."""
    assert server.process is not None
    return "libtorch" in Path(f"/proc/{server.process.pid}/maps").read_text()


def test_stored_runs_are_opened_drawn_and_taken_away_without_torch(visitor: Page, fresh: Server) -> None:
    for row in ROWS:
        if row.file not in COMPUTES and not row.hidden:
            visitor.goto(fresh.url + row.address)
            expect(visitor.get_by_role("heading", name=row.shown_as, exact=True)).to_be_visible()
            expect(visitor.get_by_test_id("stStatusWidget")).to_have_count(0)
    visitor.goto(f"{fresh.url}/runs")
    shipped = sorted(Path("core/examples").glob("*.gridcast"))
    assert {path.stem.partition("-")[2] for path in shipped} <= set(KINDS)
    for run in run_ids(fresh):
        visitor.goto(f"{fresh.url}/run?id={run}")
        expect(visitor.get_by_test_id("stStatusWidget")).to_have_count(0)
        visitor.get_by_role("button", name="Export this run").click()
        with visitor.expect_download() as download:
            visitor.get_by_role("button", name="Tables (CSV)").click()
        assert download.value.suggested_filename == f"gridcast-{run}-csv.zip"
        expect(visitor.get_by_test_id("stAlert")).to_have_count(0)
    assert not has_torch(fresh)


def run_ids(server: Server) -> list[str]:
    from core.runs.registry import Registry

    registry = Registry(server.home)
    try:
        return [run.id for run in registry.runs(parts=False)]
    finally:
        registry.close()


def test_a_screen_that_computes_loads_torch_then(visitor: Page, fresh: Server) -> None:
    visitor.goto(f"{fresh.url}/warp")
    expect(visitor.get_by_role("img", name="sampled through the grid")).to_be_visible()
    assert has_torch(fresh)
