"""Signing in by OpenID Connect, with a provider on this machine; skipped where Streamlit's extra `auth` is not installed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.runs.visitors.visitor import id_of_person
from tests.e2e.server import Server
from tests.e2e.test_two_visitors import button, menu

pytest.importorskip("authlib")
provider = pytest.importorskip("tests.e2e.provider")
PERSON = {"sub": "ada-1", "name": "Ada *Lovelace*", "email": "ada@example.org"}


@pytest.fixture
def vouching() -> Iterator[provider.Provider]:
    running = provider.Provider(PERSON)
    yield running
    running.stop()


@pytest.fixture
def server_with_sign_in(vouching: provider.Provider, tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "home", {"GRIDCAST_SIGN_IN": "required", "GRIDCAST_WARM": "false", "HOME": str(tmp_path)})
    secrets = tmp_path / ".streamlit" / "secrets.toml"
    secrets.parent.mkdir()
    settings = {
        "redirect_uri": f"{running.url}/oauth2callback",
        "cookie_secret": "a secret for the cookies of these tests",
        "client_id": provider.CLIENT,
        "client_secret": "not used by this provider",
        "server_metadata_url": f"{vouching.issuer}/.well-known/openid-configuration",
    }
    secrets.write_text("[auth]\n" + "\n".join(f'{name} = "{value}"' for name, value in settings.items()))
    running.start()
    yield running
    running.stop()


def test_where_it_is_required_only_who_has_signed_in_starts_runs_and_they_are_theirs(
    browser: Browser, server_with_sign_in: Server, vouching: provider.Provider
) -> None:
    server = server_with_sign_in
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    page = context.new_page()
    page.goto(f"{server.url}/stn?preset=5+min&samples=coins")
    button(page, "Train").click()
    expect(page.get_by_text("sign in first")).to_be_visible()
    menu(page)
    button(page, "Sign in").click()
    expect(page.locator(".st-key-visitor")).to_contain_text("Ada *Lovelac")
    page.goto(f"{server.url}/stn?preset=5+min&samples=coins")
    button(page, "Train").click()
    page.wait_for_url("**run=*")
    found = re.search(r"run=(\w+)", page.url)
    assert found
    assert askers(server, found.group(1)) == {id_of_person(vouching.issuer, PERSON["sub"])}
    button(page, "Cancel").click()
    expect(page.get_by_text("This run was cancelled.")).to_be_visible()
    menu(page)
    button(page, "Sign out").click()
    expect(page.locator(".st-key-visitor")).to_contain_text("Guest")
    context.close()


def askers(server: Server, run_id: str) -> frozenset[str]:
    from core.runs.registry import Registry

    registry = Registry(server.home)
    try:
        return registry.shares.askers(run_id)
    finally:
        registry.close()
