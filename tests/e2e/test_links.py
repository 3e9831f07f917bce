"""A link restores every screen, and takes away what it says: each screen is changed by hand, copied, and opened afresh."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page

from pages.parts.navigation import ROWS
from tests.e2e.conftest import forgotten
from tests.e2e.screen_state import ScreenState, change, copied, state_of
from tests.e2e.server import ROOT, Server

BUNDLES = (ROOT / "core" / "examples").glob("*.gridcast")
TOOLS = {"toolbar", "projector"}  # of every screen


@dataclass(frozen=True)
class State:
    """A screen: where it begins, and what is then changed by hand, a key with its new value; "" is another one."""

    address: str
    changed: dict[str, str] = field(default_factory=dict)
    away: tuple[str, ...] = ()  # names of `hide` that stand for more than a control


SCREENS = {
    "warp": State(
        "/warp?theta=0.8+0.3+0+-0.3+0.8+0.1&kernel=gaussian&image=coins&marks=outside",
        {"show": "Corners", "phi": "", "antialias": "", "bring": "Places", "why": ""},
        ("dials",),
    ),
    "stn": State("/stn?samples=coins", {"angle": "", "family": "affine", "stage": "", "part": "shift x"}),
    "rnn": State(
        "/rnn?symbol=KO&seeds=2&test=300&networks=true",
        {"target": "Return", "hidden": "", "show": "Errors", "model": "", "explanation": ""},
    ),
    "sweep": State("/sweep?tickers=JPM&groups=Companies", {"seeds": "", "explanation": ""}),
    "panel": State("/panel?recipes=Nine&trees=false", {"show": "Forecasts", "beside": "", "seeds": ""}),
    "traps": State("/traps?symbol=KO", {"show": "Shuffle", "seeds": ""}),
    "memory": State("/memory?day=2020-03-16", {"network": "LSTM", "seed": "2"}),
    "learn": State("/learn", {"own_list": ""}),
    "runs": State("/runs", {"whose": "Mine", "bench": "Recurrent", "parts": ""}),
    "run": State("/run?id=1-straighten&use=true", {"turn": "", "request": ""}),
}
SHIPPED = {  # every kind of run that comes with the lab, and where its screen is in the table
    "classify": State("/stn?experiment=Classify&classify_distortion=scaled", {"stronger": "Scale", "stage": ""}),
    "align": State("/stn?experiment=Align&align_digit=4", {"align_family": "affine", "stage": ""}),
    "locate": State("/stn?experiment=Locate&locate_digit=3", {"locate_clutter": "", "images": ""}),
    "straighten": SCREENS["run"], "compare": SCREENS["rnn"], "sweep": SCREENS["sweep"], "panel": SCREENS["panel"],
    "traps": SCREENS["traps"], "memory": State("/run?id=10-memory", {"network": "LSTM", "stage": "beginning"}),
}  # fmt: skip
STATES = (
    {row.file: State(row.address) for row in ROWS}
    | SCREENS
    | {f"finished {kind}": state for kind, state in SHIPPED.items() if state not in SCREENS.values()}
)


def test_every_kind_of_run_that_ships_has_a_state_here() -> None:
    assert set(SCREENS) <= {row.file for row in ROWS}
    assert set(SHIPPED) == {path.name.partition("-")[2].removesuffix(".gridcast") for path in BUNDLES}


@pytest.mark.parametrize("name", STATES)
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
    _without(page, link, before, state.away)


def _without(page: Page, link: str, shown: ScreenState, more: tuple[str, ...]) -> None:
    """The same link without any control: nothing of them is in the page, and it says the same."""
    away = [*(key for key in shown.controls if key not in TOOLS), *more]
    page.goto(f"{link}{'&' if '?' in link else '?'}hide={','.join(away)}")
    bare = state_of(page)
    assert bare.headings == shown.headings
    assert {key: value for key, value in bare.controls.items() if key not in TOOLS} == {}
    assert [key for key in away if page.locator(f".st-key-{key}").count()] == []
    if "dials" in more:
        assert page.get_by_role("slider").count() == 0
