"""A screen is as it was when one comes back by the menu; by Back in tests/e2e/test_two_visitors.py."""

from __future__ import annotations

import pytest

from tests.pages.conftest import OpenPage


@pytest.mark.parametrize(
    ("screen", "changed", "away"),
    [
        ("rnn", {"symbol": "KO", "show": "Errors", "run": "2-compare"}, "traps"),
        ("traps", {"symbol": "KO", "seeds": "2"}, "runs"),
    ],
    ids=["rnn", "traps"],
)
def test_the_menu_leads_back_to_a_screen_as_it_was(
    open_page: OpenPage, screen: str, changed: dict[str, str], away: str
) -> None:
    app = open_page(screen, **changed)
    before = dict(app.query_params)
    for name in list(app.query_params):  # the browser's address at the next screen
        del app.query_params[name]
    app.switch_page(f"{away}.py").run()
    assert not app.exception
    assert not app.error
    assert "symbol" not in app.query_params
    if away == "traps":
        assert app.selectbox(key="symbol").value == "AAPL"  # not the other screen's
    app.switch_page(f"{screen}.py").run()
    assert not app.exception
    assert {name: app.query_params.get(name) for name in before} == before
    assert app.selectbox(key="symbol").value == "KO"
