"""A link restores every screen: each is changed, and opened afresh by the address that it then has.

Those with more than Streamlit's own controls are in tests/e2e/test_links.py too.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from streamlit.testing.v1 import AppTest

from core.runs.bundle import EXAMPLES
from pages.parts.navigation import ROWS
from tests.pages.conftest import OpenPage
from tests.pages.link_states import IN_A_BROWSER, SCREENS, SHIPPED, STATES

CHOICES = ("selectbox", "multiselect", "radio", "button_group", "select_slider")
FIELDS = ("slider", "number_input", "toggle", "checkbox", "date_input", "text_input", "text_area")


def test_every_kind_of_run_that_ships_has_a_state() -> None:
    assert set(SCREENS) <= {row.file for row in ROWS}
    assert set(SHIPPED) == {path.name.partition("-")[2].removesuffix(".gridcast") for path in EXAMPLES.glob("*.gridcast")}
    assert set(IN_A_BROWSER) < set(STATES)


def controls_of(app: AppTest) -> dict[str, Any]:
    """Every control in the address, by its key."""
    return {one.key: one for kind in (*CHOICES, *FIELDS) for one in app.get(kind) if one.key}


def values_of(app: AppTest) -> dict[str, Any]:
    return {key: one.value for key, one in controls_of(app).items()}


def another_value(control: Any) -> Any:
    """One that a control does not have."""
    match control.type:
        case "toggle" | "checkbox":
            return not control.value
        case "slider" | "number_input":
            step = control.step or 1
            return control.value - step if control.value - step >= control.min else control.value + step
        case "button_group" | "radio" | "selectbox" | "select_slider":
            [*others] = (one for one in control.options if one not in (control.value, *_listed(control.value)))
            return others[-1]
    raise AssertionError(f"no other value for {control.key}, {control.type}")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


@pytest.mark.parametrize("name", [name for name in STATES if name not in IN_A_BROWSER])
def test_a_changed_screen_is_restored_by_its_address(open_page: OpenPage, name: str) -> None:
    state = STATES[name]
    address = urlsplit(state.address)
    page = address.path.strip("/") or ROWS[0].file
    app = open_page(page, **dict(parse_qsl(address.query)))
    before = values_of(app)
    for key in [key for key in state.changed if key in controls_of(app)]:  # the others unfold something
        control = controls_of(app)[key]
        control.set_value(state.changed[key] or another_value(control)).run()
        assert not app.exception
    shown = values_of(app)
    assert (shown != before) == bool(state.changed)
    assert values_of(open_page(page, **app.query_params)) == shown
