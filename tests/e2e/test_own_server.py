"""A server of its own: what it has loaded, who may train on it, and what is left of a run after it was killed."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from core.runs.registry import Registry
from core.runs.visitors.visitor import id_of_person
from tests.e2e.conftest import forgotten
from tests.e2e.provider import CLIENT, Provider
from tests.e2e.server import Server
from tests.e2e.test_two_visitors import button, menu

TRAINS = 60_000  # ms: a worker starts and a training has begun, or a table is made, on a busy machine
PERSON = {"sub": "ada-1", "name": "Ada *Lovelace*", "email": "ada@example.org"}


@pytest.fixture(scope="module")
def vouching() -> Iterator[Provider]:
    running = Provider(PERSON)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def own(vouching: Provider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """It computes nothing before it is asked to, has one worker, and lets only train who has signed in by OpenID Connect."""
    folder = tmp_path_factory.mktemp("own")
    settings = {"GRIDCAST_WARM": "false", "GRIDCAST_WORKERS": "1", "GRIDCAST_SIGN_IN": "required", "HOME": str(folder)}
    running = Server(folder / "home", settings)
    secrets = folder / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    said = {
        "redirect_uri": f"{running.url}/oauth2callback",
        "cookie_secret": "a secret for the cookies of these tests",
        "client_id": CLIENT,
        "client_secret": "not used by this provider",
        "server_metadata_url": f"{vouching.issuer}/.well-known/openid-configuration",
    }
    secrets.write_text("[auth]\n" + "\n".join(f'{name} = "{value}"' for name, value in said.items()))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def visitor(tab: Page) -> Iterator[Page]:
    """Whoever is there when the server is killed has errors logged, so they are not looked at here."""
    yield tab
    forgotten(tab)


def has_torch(server: Server) -> bool:
    """Whether the server's own process has loaded it."""
    assert server.process is not None
    return "libtorch" in Path(f"/proc/{server.process.pid}/maps").read_text()


def run_ids(server: Server) -> list[str]:
    registry = Registry(server.home)
    try:
        return [run.id for run in registry.runs(parts=False)]
    finally:
        registry.close()


def askers(server: Server, run_id: str) -> frozenset[str]:
    registry = Registry(server.home)
    try:
        return registry.shares.askers(run_id)
    finally:
        registry.close()


def wait_for_checkpoint(server: Server, run_id: str) -> None:
    registry, until = Registry(server.home), time.monotonic() + TRAINS / 1000
    try:
        while not registry.find(run_id).checkpoint:
            assert time.monotonic() < until, "there is no checkpoint yet"
            time.sleep(0.2)
    finally:
        registry.close()


def test_a_server_that_only_shows_what_is_stored_has_not_loaded_torch(visitor: Page, own: Server) -> None:
    """Of all screens and runs tests/pages/test_without_torch.py says it; here is the whole server."""
    visitor.goto(own.url)
    visitor.get_by_role("link", name="Runs", exact=True).first.click()
    expect(visitor.get_by_test_id("stDataFrame")).to_be_visible()
    run = run_ids(own)[0]
    visitor.goto(f"{own.url}/run?id={run}")
    visitor.get_by_role("button", name="Export this run").click()
    with visitor.expect_download(timeout=TRAINS) as download:
        visitor.get_by_role("button", name="Tables (CSV)").click()
    assert download.value.suggested_filename == f"gridcast-{run}-csv.zip"
    assert not has_torch(own)


def test_a_screen_that_computes_loads_torch_then(visitor: Page, own: Server) -> None:
    visitor.goto(f"{own.url}/warp")
    expect(visitor.get_by_role("img", name="sampled through the grid")).to_be_visible()
    assert has_torch(own)


def learning(page: Page) -> Locator:
    """The picture on which a training is watched."""
    return page.get_by_alt_text(re.compile("straightens it now"))


def test_who_has_signed_in_starts_runs_that_are_theirs_which_go_on_after_the_server_was_killed(
    visitor: Page, own: Server, vouching: Provider
) -> None:
    visitor.goto(f"{own.url}/stn?preset=5+min&samples=coins")
    button(visitor, "Train").click()
    expect(visitor.get_by_text("sign in first")).to_be_visible()
    menu(visitor)
    button(visitor, "Sign in").click()
    expect(visitor.locator(".st-key-visitor")).to_contain_text("Ada *Lovelac")
    visitor.goto(f"{own.url}/stn?preset=5+min&samples=coins")
    button(visitor, "Train").click()
    expect(learning(visitor)).to_be_visible(timeout=TRAINS)
    address = visitor.url
    run = re.search(r"run=(\w+)", address)
    assert run
    assert askers(own, run.group(1)) == {id_of_person(vouching.issuer, PERSON["sub"])}

    wait_for_checkpoint(own, run.group(1))
    own.kill()
    own.start()
    visitor.goto(address)
    expect(visitor.get_by_text("The lab was stopped while this ran.")).to_be_visible(timeout=TRAINS)
    button(visitor, "Go on from where it was").click()
    expect(learning(visitor)).to_be_visible(timeout=TRAINS)
    expect(button(visitor, "Run it again")).to_have_count(0)
    assert visitor.url == address
    button(visitor, "Cancel").click()
    expect(visitor.get_by_text("This run was cancelled.")).to_be_visible()
    menu(visitor)
    button(visitor, "Sign out").click()
    expect(visitor.locator(".st-key-visitor")).to_contain_text("Guest")
