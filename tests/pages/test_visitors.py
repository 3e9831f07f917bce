"""Two visitors of one lab: what one does, and what the other sees of it."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.runs.lab import Lab, lab
from core.runs.registry import Run, State
from core.runs.visitors.key import TRIES_OF_ONE
from core.runs.visitors.rules import BY_EVERYONE, BY_LECTURER
from core.runs.visitors.visitor import LONGEST_NAME, id_of
from core.runs.work import Outcome
from core.settings import settings
from pages.parts.examples import shipped_ids
from pages.parts.visitors import buttons, menu
from pages.parts.visitors.me import visitor_of
from tests.pages.conftest import ME, OpenPage

BOB_TOKEN = "the-secret-of-another-visitor-of-these-tests"
BOB = id_of(BOB_TOKEN)
KEY = "a key for tests"


@pytest.fixture
def lecture(monkeypatch: pytest.MonkeyPatch, home: Lab) -> None:
    """There is a lecturer's key."""
    monkeypatch.setenv("GRIDCAST_KEY", KEY)
    settings.cache_clear()
    menu._tries.cache_clear()


@pytest.fixture
def alive(home: Lab) -> Run:
    """A run that both have asked for, and that runs."""
    request = home.registry.find(shipped_ids()[0]).request.model_copy(update={"seed": 7})
    run, _ = home.registry.claim(request, visitor=ME)
    home.registry.claim(request, visitor=BOB)
    home.registry.start(run.id)
    return run


def labels(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def titles(app: AppTest) -> list[str]:
    return app.dataframe[0].value["what"].tolist() if app.dataframe else []


def chosen(visitor_id: str, *runs: Run, own: bool = True) -> AppTest:
    """What a visitor can do with rows that they have chosen in the list."""

    def script(visitor_id: str, run_ids: list[str], own: bool) -> None:
        from core.runs.lab import lab
        from pages.parts.runs.actions import actions
        from pages.parts.visitors.me import visitor_of

        actions([run for run_id in run_ids if (run := lab().look(run_id))], visitor_of(visitor_id), own)

    kwargs = {"visitor_id": visitor_id, "run_ids": [run.id for run in runs], "own": own}
    return AppTest.from_function(script, kwargs=kwargs, default_timeout=60).run()


def forged(app: AppTest, key: str) -> AppTest:
    """The message of a button that the browser may not let one press."""
    app.button(key=key).proto.disabled = False
    return app.button(key=key).click().run()


def done(home: Lab, visitor: str, seed: int) -> Run:
    """A finished run of a visitor's: a shipped one under another seed."""
    shipped = home.registry.find(shipped_ids()[0])
    run, _ = home.registry.claim(shipped.request.model_copy(update={"seed": seed}), visitor=visitor)
    home.registry.start(run.id)
    ended = home.keep(run.id, Outcome.of(home.result(shipped), 1.0))
    assert ended
    return ended


def test_cancel_is_to_leave_and_the_run_ends_when_nobody_is_left(open_page: OpenPage, home: Lab, alive: Run) -> None:
    mine, his = open_page("run", id=alive.id), open_page("run", visitor=BOB_TOKEN, id=alive.id)
    button = mine.button(key=f"cancel-{alive.id}")
    assert "Another visitor waits for it too, so it goes on" in button.help
    mine = button.click().run()
    assert home.look(alive.id).state is State.RUNNING
    assert any("You have left this run" in caption.value for caption in mine.caption)
    assert "Cancel" not in labels(mine)
    mine.button(key=f"back-{alive.id}").click().run()
    assert home.registry.shares.askers(alive.id) == {ME, BOB}
    home.registry.shares.leave(alive.id, ME)
    his = his.button(key=f"cancel-{alive.id}").click().run()
    assert home.look(alive.id).error == BY_EVERYONE
    assert "cancelled by everyone who asked for it. It left no model behind" in his.warning[0].value


def test_whoever_ends_a_run_of_their_own_is_not_told_who_it_was(open_page: OpenPage, home: Lab, alive: Run) -> None:
    home.registry.shares.forget(alive.id)
    home.registry.shares.ask(alive.id, ME)
    app = open_page("run", id=alive.id)
    assert app.button(key=f"cancel-{alive.id}").help == buttons.CANCEL
    assert app.button(key=f"cancel-{alive.id}").click().run().warning[0].value == (
        "This run was cancelled. It left no model behind."
    )


def test_whoever_only_looks_can_neither_cancel_nor_stop(open_page: OpenPage, alive: Run) -> None:
    app = open_page("run", visitor="somebody-who-has-only-been-given-the-link", id=alive.id)
    assert {"Cancel", "Stop here"}.isdisjoint(labels(app))


def test_one_of_several_cannot_stop_the_learning_for_all(open_page: OpenPage, home: Lab, alive: Run) -> None:
    app = open_page("run", id=alive.id)
    assert app.button(key=f"stop-{alive.id}").disabled
    assert "only one who waits alone" in app.button(key=f"stop-{alive.id}").help
    home.registry.shares.leave(alive.id, BOB)
    app = open_page("run", id=alive.id)
    app.button(key=f"stop-{alive.id}").click().run()
    assert home.look(alive.id).stopping


def test_mine_lists_ones_own_and_all_what_others_show_with_their_names(open_page: OpenPage, home: Lab) -> None:
    assert open_page("runs").button_group(key="whose").value == "All"  # there is none of one's own yet
    run, other = done(home, ME, 7), done(home, BOB, 8)
    home.registry.people.rename(BOB, "*Bob*")
    app = open_page("runs")
    assert app.button_group(key="whose").value == "Mine"
    assert app.dataframe[0].value["open"].tolist() == [run.id[:8]]
    table = open_page("runs", whose="All").dataframe[0].value
    assert table["open"].tolist()[:2] == [other.id[:8], run.id[:8]]
    assert table["whose"].tolist()[:3] == ["*Bob*", "you", "the lab"]


def test_a_private_run_is_in_nobody_elses_list_and_its_link_shows_no_title(open_page: OpenPage, home: Lab) -> None:
    other = done(home, BOB, 8)
    home.registry.people.keep_private(BOB, True)
    assert other.id[:8] not in open_page("runs", whose="All").dataframe[0].value["open"].tolist()
    assert all(other.id not in link.proto.query_string for link in open_page("home").get("page_link"))
    app = open_page("run", id=other.id)
    assert not app.exception
    assert other.title not in app.title[0].value
    assert "kept to themselves" in app.title[0].value
    assert open_page("run", visitor=BOB_TOKEN, id=other.id).title[0].value == other.title
    home.registry.claim(other.request, visitor=ME)
    assert open_page("runs", whose="All").dataframe[0].value["whose"].tolist()[0] == "you"  # and not the private one's name


def test_what_is_deleted_is_gone_at_once_and_undo_brings_it_back(open_page: OpenPage, home: Lab) -> None:
    run, second = done(home, ME, 7), done(home, ME, 8)
    app = chosen(ME, run, second)
    app.button(key="delete-runs").click().run()
    assert home.runs(of=ME) == []
    app = open_page("runs")
    assert any("Deleted 2 runs" in text.value for text in app.markdown)
    app.button(key="undo-runs").click().run()
    assert {one.id for one in home.runs(of=ME)} == {run.id, second.id}
    assert not any("Deleted" in text.value for text in open_page("runs").markdown)


def test_nobody_deletes_anothers_run_or_a_shipped_one_not_even_by_a_forged_message(open_page: OpenPage, home: Lab) -> None:
    his, shipped = done(home, BOB, 7), home.registry.find(shipped_ids()[0])
    for run in (his, shipped):
        for own in (True, False):
            app = chosen(ME, run, own=own)
            assert app.button(key="delete-runs").disabled
            forged(app, "delete-runs")
    assert home.result(shipped)
    assert [run.id for run in home.runs(of=BOB)] == [his.id]


def test_a_replayed_message_deletes_nothing_more(open_page: OpenPage, home: Lab) -> None:
    run, second = done(home, ME, 7), done(home, ME, 8)
    app = chosen(ME, run)
    for _ in range(3):
        app = forged(app, "delete-runs")
        assert not app.exception
    assert home.runs(of=ME) == [second]


@pytest.mark.usefixtures("lecture")
class TestLecturer:
    def test_the_key_makes_one_the_lecturer_until_it_is_given_back_or_changed(
        self, home: Lab, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        app = opened_menu()
        assert "That is not the key." in typed(app, "a key for test").error[0].value
        app = typed(app, KEY)
        assert visitor_of(ME).lecturer
        assert not visitor_of(BOB).lecturer
        monkeypatch.setenv("GRIDCAST_KEY", "another key for tests")
        settings.cache_clear()
        assert not visitor_of(ME).lecturer
        monkeypatch.setenv("GRIDCAST_KEY", KEY)
        settings.cache_clear()
        opened_menu().button(key="key-back").click().run()
        assert not visitor_of(ME).lecturer

    def test_a_key_cannot_be_tried_out(self, home: Lab) -> None:
        app, errors = opened_menu(), []
        for number in range(TRIES_OF_ONE + 2):
            errors.append(typed(app, f"guess number {number}").error[0].value)
            st.cache_resource.clear()  # as any browser can ask for
        assert errors == [menu.WRONG] * TRIES_OF_ONE + [menu.TOO_OFTEN] * 2
        assert typed(app, KEY).error[0].value == menu.TOO_OFTEN
        assert not visitor_of(ME).lecturer

    def test_the_lecturer_cancels_deletes_pins_and_resets(self, open_page: OpenPage, home: Lab, alive: Run) -> None:
        his = done(home, BOB, 8)
        typed(opened_menu(), KEY)
        app = open_page("run", id=alive.id)
        assert "You are the lecturer: it ends for all" in app.button(key=f"cancel-{alive.id}").help
        app.button(key=f"cancel-{alive.id}").click().run()
        assert home.look(alive.id).error == BY_LECTURER
        chosen(ME, his, own=False).button(key="pin-runs").click().run()
        assert open_page("runs", whose="All").dataframe[0].value["state"].map(list).tolist()[0] == ["done", "pinned"]
        assert chosen(ME, his, own=False).button(key="delete-runs").disabled
        chosen(ME, his, own=False).button(key="unpin-runs").click().run()
        chosen(ME, his, own=False).button(key="delete-runs").click().run()
        assert home.runs(of=BOB) == [home.look(alive.id)]
        app = open_page("runs")
        app.button(key="undo-runs").click().run()
        assert len(home.runs(of=BOB)) == 2

    def test_nobody_else_has_the_lecturers_buttons(self, open_page: OpenPage, home: Lab) -> None:
        assert {"pin-runs", "reset-now"}.isdisjoint(button.key for button in chosen(BOB, done(home, BOB, 8)).button)


def opened_menu(visitor_id: str = ME) -> AppTest:
    """What the menu beside the title holds."""

    def script(visitor_id: str) -> None:
        from pages.parts.visitors import menu
        from pages.parts.visitors.me import visitor_of

        menu._menu(visitor_of(visitor_id))

    return AppTest.from_function(script, kwargs={"visitor_id": visitor_id}, default_timeout=60).run()


def typed(app: AppTest, text: str) -> AppTest:
    """The lecturer's key typed into the menu, and its button pressed."""
    app.text_input(key="key").set_value(text)
    return next(button for button in app.button if button.label == "I am the lecturer").click().run()


def test_a_name_is_kept_for_the_visitor_and_shown_as_it_is(open_page: OpenPage, home: Lab) -> None:
    app = opened_menu()
    app.text_input(key="my-name").set_value("**Ada** <script>alert(1)</script>").run()
    assert home.registry.people.get(ME).name == "**Ada** <script>alert(1)</script>"[:LONGEST_NAME]
    app.toggle(key="my-privacy").set_value(True).run()
    assert home.registry.people.get(ME).private
    app = open_page("home")
    assert not app.exception
    app = opened_menu()
    app.text_input(key="my-name").set_value("the lecturer").run()
    assert home.registry.people.get(ME).name.startswith("Guest ")


@pytest.mark.parametrize("private", ["visitor", "server"])
def test_an_upload_is_told_who_sees_what_becomes_of_it(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch, private: str
) -> None:
    others = "Others on this server see the name and the result"
    for page, query in (("stn", {}), ("rnn", {"source": "CSV"}), ("runs", {})):
        assert any(others in caption.value for caption in open_page(page, **query).caption)
    if private == "visitor":
        home.registry.people.keep_private(ME, True)
    else:
        monkeypatch.setenv("GRIDCAST_PRIVATE", "true")
        settings.cache_clear()
        lab.cache_clear()
    captions = [caption.value for caption in open_page("stn").caption]
    assert not any(others in caption for caption in captions)
    assert any("nobody else's list" in caption for caption in captions)


def test_where_signing_in_is_required_no_run_starts_without(
    open_page: OpenPage, home: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRIDCAST_SIGN_IN", "required")
    settings.cache_clear()
    before = len(home.runs())
    app = open_page("stn")
    app.button(key="go").click().run()
    assert "sign in first" in app.error[0].value
    assert len(home.runs()) == before
