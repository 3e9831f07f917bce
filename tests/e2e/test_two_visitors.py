"""Two browsers at one lab: what one visitor makes, names, hides, cancels or deletes, and what the other sees of it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import KEY
from tests.e2e.server import Server

# px of the table of runs: the height of a row, where its checkbox, its number and its title are
ROW, CHECKBOX, NUMBER, TITLE = 35, 16, 80, 200


@pytest.fixture
def ada(page: Page) -> Page:
    return page


@pytest.fixture
def bob(other: Page) -> Page:
    return other


def button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name)


def menu(page: Page) -> Locator:
    """The menu with the visitor's name, open."""
    page.locator(".st-key-visitor").get_by_role("button").click()
    body = page.get_by_test_id("stPopoverBody")
    expect(body).to_contain_text("Keep my runs to myself")
    return body


def ask(page: Page, server: Server) -> str:
    """Ask for the same training as everybody; its id."""
    page.goto(f"{server.url}/stn?preset=5+min&samples=coins&angle=30")
    button(page, "Train").click()
    expect(button(page, "Cancel")).to_be_visible()
    page.wait_for_url("**run=*")
    found = re.search(r"run=(\w+)", page.url)
    assert found
    return found.group(1)


def cells(page: Page) -> Locator:
    """What stands in the table of runs, for those who cannot see it: it is drawn on a canvas."""
    return page.get_by_test_id("stDataFrame").locator("table")


def choose(page: Page, row: int = 0) -> None:
    page.get_by_test_id("stDataFrame").locator(".dvn-scroller").click(position={"x": CHECKBOX, "y": ROW * (row + 1.5)})


def open_row(page: Page) -> None:
    """Press the number of the first run."""
    page.get_by_test_id("stDataFrame").locator(".dvn-scroller").click(position={"x": NUMBER, "y": ROW * 1.5})


def list_of_runs(page: Page, server: Server, whose: str) -> Locator:
    page.goto(f"{server.url}/runs?whose={whose}")
    expect(cells(page)).to_be_attached()
    return cells(page)


def test_two_visitors_share_a_run_and_nothing_else(ada: Page, bob: Page, server: Server) -> None:
    ada.goto(f"{server.url}/runs")
    name = menu(ada).get_by_role("textbox", name="Your name")
    name.fill("Ada <i>*L*</i>")
    name.press("Enter")
    expect(ada.locator(".st-key-visitor")).to_contain_text("Ada <i>*L*</i>"[:13])
    run = ask(ada, server)
    assert ask(bob, server) == run  # equal settings are one run

    button(ada, "Cancel").click()  # and to cancel it is to leave
    expect(ada.get_by_text("You have left this run. Another visitor waits for it too, so it goes on.")).to_be_visible()
    expect(button(bob, "Cancel")).to_be_visible()
    button(ada, "Come back").click()
    expect(button(ada, "Cancel")).to_be_visible()
    button(bob, "Cancel").click()
    expect(bob.get_by_text("You have left this run.")).to_be_visible()
    button(ada, "Cancel").click()
    over = "This run was cancelled by everyone who asked for it. It left no model behind."
    expect(ada.get_by_text(over)).to_be_visible()
    expect(bob.get_by_text(over)).to_be_visible()

    expect(list_of_runs(bob, server, "All")).to_contain_text("you, Ada <i>*L*</i>")
    expect(list_of_runs(ada, server, "Mine")).to_contain_text(run[:8])
    open_row(ada)  # in the same tab
    expect(ada).to_have_url(f"{server.url}/run?id={run}")
    expect(ada.get_by_text(over)).to_be_visible()
    ada.go_back()
    expect(cells(ada)).to_contain_text(run[:8])
    choose(ada)
    expect(button(ada, "Delete")).to_be_enabled()
    ada.keyboard.press("Control+Delete")
    expect(ada.get_by_text("Deleted 1 run.")).to_be_visible()
    expect(ada.get_by_text("No runs yet.")).to_be_visible()
    expect(list_of_runs(bob, server, "Mine")).to_contain_text(run[:8])  # his share of it is his
    ada.reload()
    button(ada, "Undo").click()
    expect(ada.get_by_text("Deleted 1 run.")).to_have_count(0)
    expect(list_of_runs(ada, server, "Mine")).to_contain_text(run[:8])
    expect(button(ada, "Delete")).to_be_disabled()  # no row is chosen by itself

    choose(bob)
    button(bob, "Delete").click()
    expect(bob.get_by_text("Deleted 1 run.")).to_be_visible()
    expect(list_of_runs(bob, server, "All")).to_contain_text(run[:8])  # through Ada
    choose(bob)
    expect(button(bob, "Delete")).to_be_disabled()
    menu(ada).get_by_text("Keep my runs to myself").click()
    expect(menu_toggle(ada)).to_be_checked()
    expect(list_of_runs(bob, server, "All")).to_contain_text("the lab")
    expect(cells(bob)).not_to_contain_text(run[:8])
    choose(bob)  # one that came with the lab
    expect(button(bob, "Delete")).to_be_disabled()
    bob.goto(f"{server.url}/run?id={run}")  # whoever has the link can open it, and is not told its title
    expect(bob.get_by_role("heading", level=1)).to_contain_text("kept to themselves")


def first_row(page: Page) -> Locator:
    """Under the headings."""
    return cells(page).locator("tr").nth(1)


def sort(page: Page, first: str) -> str:
    """Press the heading of the titles; the number of the run that stands first then, by its title."""
    page.get_by_test_id("stDataFrame").locator(".dvn-scroller").click(position={"x": TITLE, "y": ROW / 2})
    expect(first_row(page)).to_contain_text(first)
    return first_row(page).inner_text()[:8]


def test_a_row_of_a_sorted_list_is_the_run_that_is_chosen_and_opened(ada: Page, server: Server) -> None:
    list_of_runs(ada, server, "All")
    run = sort(ada, "Add two digits")
    choose(ada)
    button(ada, "Pin").click()
    expect(first_row(ada)).to_contain_text("pinned")
    expect(first_row(ada)).to_contain_text(run)
    sort(ada, "Add two digits")
    run = sort(ada, "Where it breaks")
    open_row(ada)
    expect(ada).to_have_url(re.compile(rf"/run\?id={run}"))


def menu_toggle(page: Page) -> Locator:
    return page.get_by_role("switch", name="Keep my runs to myself").or_(
        page.get_by_role("checkbox", name="Keep my runs to myself")
    )


def test_a_visitor_goes_to_another_device_by_a_link(ada: Page, bob: Page, server: Server) -> None:
    ada.goto(f"{server.url}/runs")
    opened = menu(ada)
    opened.get_by_role("textbox", name="Your name").fill("Grace")
    opened.get_by_role("textbox", name="Your name").press("Enter")
    expect(ada.locator(".st-key-visitor").get_by_role("button")).to_contain_text("Grace")
    menu(ada)  # a new name closes it
    button(ada, "My runs on another device").click()
    link = ada.get_by_test_id("stPopoverBody").locator("code").inner_text()
    bob.goto(server.url)
    expect(bob.locator(".st-key-visitor")).to_contain_text("Guest")
    bob.goto(link)
    bob.get_by_role("button", name="Yes, become Grace").click()
    expect(bob.locator(".st-key-visitor")).to_contain_text("Grace")
    assert bob.url == f"{server.url}/"


def test_the_lecturer_cancels_what_others_asked_for_pins_and_resets(ada: Page, bob: Page, server: Server) -> None:
    run = ask(ada, server)
    bob.goto(f"{server.url}/runs?whose=All")
    opened = menu(bob)
    opened.get_by_role("textbox", name="Lecturer's key").fill(KEY)
    button(bob, "I am the lecturer").click()
    expect(button(bob, "Reset the lab")).to_be_visible()
    expect(cells(bob)).to_contain_text(run[:8])
    choose(bob)
    button(bob, "Cancel for all").click()
    expect(ada.get_by_text("This run was cancelled by the lecturer.")).to_be_visible()
    button(bob, "Reset the lab").click()
    expect(bob.get_by_text("shipped and pinned runs stay. You can undo that")).to_be_visible()
    button(bob, "Reset it").click()
    expect(bob.get_by_text(re.compile("Deleted .* run"))).to_be_visible()
    expect(cells(bob)).not_to_contain_text(run[:8])
    button(bob, "Undo").click()
    expect(cells(bob)).to_contain_text(run[:8])
