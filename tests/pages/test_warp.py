from __future__ import annotations

import pytest

from tests.pages.conftest import OpenPage


def test_the_matrix_shows_the_theta_of_the_address(open_page: OpenPage) -> None:
    app = open_page("warp", theta="0.5 0 0.1 0 0.5 -0.2")
    assert not app.exception
    assert [cell.value for cell in app.number_input] == [0.5, 0, 0.1, 0, 0.5, -0.2]


def test_a_typed_number_changes_theta_in_the_address(open_page: OpenPage) -> None:
    app = open_page("warp", theta="1 0 0 0 1 0")
    app.number_input[2].set_value(0.25).run()
    assert app.query_params["theta"] == "1 0 0.25 0 1 0"


def test_identity_is_one_press_away(open_page: OpenPage) -> None:
    app = open_page("warp", theta="0.5 0 0 0 0.5 0")
    app.button[0].click().run()
    assert app.query_params["theta"] == "1 0 0 0 1 0"


@pytest.mark.parametrize("theta", ["", "1 2 3", "nan 0 0 0 1 0", "<script>", "0 0 0 0 0 0"])
def test_an_odd_theta_in_the_address_does_no_harm(open_page: OpenPage, theta: str) -> None:
    assert not open_page("warp", theta=theta).exception
