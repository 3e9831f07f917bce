"""A link restores a screen, and takes away what it says: each screen is changed by hand, copied, and opened afresh.

Here are those whose state is not that of Streamlit's own controls alone; of all others tests/pages/test_links.py says the same.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.e2e.conftest import forgotten
from tests.e2e.screen_state import ScreenState, change, copied, state_of
from tests.e2e.server import Server
from tests.pages.link_states import IN_A_BROWSER, STATES

TOOLS = {"toolbar", "projector"}  # of every screen


@pytest.mark.parametrize("name", IN_A_BROWSER)
def test_a_copied_link_restores_the_screen_and_takes_away_what_it_says(page: Page, server: Server, name: str) -> None:
    state = STATES[name]
    page.goto(server.url + state.address)
    before = state_of(page)
    assert state.changed or set(before.controls) <= TOOLS, f"{name} has controls: say in SCREENS which are changed"
    for key, value in state.changed.items():
        change(page, key, value)
        after = state_of(page)
        assert after != before, f"{key} changes nothing"
        before = after
    link = copied(page)
    forgotten(page).goto(link)
    assert state_of(page) == before
    if state.away is not None:
        _without(page, link, before, state.away)


def _without(page: Page, link: str, shown: ScreenState, more: tuple[str, ...]) -> None:
    """The same link without any control, but for folds that are open: nothing of them is in the page, and it says the same."""
    kept = TOOLS | {key for key, value in shown.controls.items() if value == "open"}
    away = [*(key for key in shown.controls if key not in kept), *more]
    page.goto(f"{link}{'&' if '?' in link else '?'}hide={','.join(away)}")
    bare = state_of(page)
    assert bare.headings == shown.headings
    assert {key: value for key, value in bare.controls.items() if key not in kept} == {}
    assert [key for key in away if page.locator(f".st-key-{key}").count()] == []
    if "dials" in more:
        assert page.get_by_role("slider").count() == 0
