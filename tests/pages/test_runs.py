from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import RunFailed
from core.runs.bundle import examples
from core.runs.export import export
from core.runs.lab import Lab
from core.runs.recovery.room import CLEARED
from core.runs.registry import Run, State
from core.runs.request import Progress
from core.runs.visitors.label import Label
from core.runs.work import Outcome
from pages.parts.examples import ids_by_name
from pages.parts.export_menu import zipped
from pages.parts.layout import plain
from pages.parts.live.words import list_state
from pages.parts.runs.table import columns
from tests.pages.conftest import ME, OpenPage


def test_home_shows_both_examples(open_page: OpenPage) -> None:
    app = open_page("home")
    assert not app.exception
    assert len(app.subheader) == 2


def _deleted(path: Path) -> None:
    path.unlink()


def _damaged(path: Path) -> None:
    path.write_bytes(b"not what was written")


@pytest.mark.parametrize("lose", [_deleted, _damaged])
def test_a_shipped_example_that_has_lost_its_result_is_back_at_once(
    open_page: OpenPage, home: Lab, lose: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.parts.examples.AGAIN_SECONDS", 0.0)
    for run in home.runs():
        if run.kind in ("straighten", "compare"):
            lose(home.store.place.path_of(str(run.result)))
            with suppress(RunFailed):
                home.result(run)
    assert len(open_page("home").subheader) == 2


def test_runs_lists_what_there_is(open_page: OpenPage, empty_home: Lab) -> None:
    assert "No runs yet" in open_page("runs").info[0].value
    runs = sorted(examples(empty_home), key=lambda run: run.created, reverse=True)
    app = open_page("runs")
    assert not app.exception
    assert list(app.dataframe[0].value["what"]) == [run.title for run in runs]
    assert list(open_page("runs", bench="Spatial").dataframe[0].value["what"]) == [
        run.title for run in runs if run.bench == "spatial"
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_a_finished_run_opens_by_its_id(open_page: OpenPage, home: Lab, number: int) -> None:
    run = examples(home)[number]
    app = open_page("run", id=run.id)
    assert not app.exception
    assert app.title[0].value == run.title
    assert any("trained" in caption.value and run.id in caption.value for caption in app.caption)


def menu(run_id: str) -> None:
    from core.runs.lab import lab
    from pages.parts.runs.labels import label_menu

    label_menu(lab().registry.find(run_id))


@pytest.mark.parametrize("name", ["first try", ""])
def test_a_name_is_said_to_be_saved_and_its_box_closes(home: Lab, name: str) -> None:
    [run] = of_seeds(home, 5)
    app = AppTest.from_function(menu, args=(run.id,), default_timeout=20)
    app.session_state.label = True
    app.run().text_input[0].set_value(name)
    app.text_area[0].set_value("a note")
    app.button(key="save-label").click().run()
    assert not app.exception
    assert [toast.value[:6] for toast in app.toast] == ["Saved."]
    assert not app.text_input
    assert app.run().toast == []  # type: ignore[comparison-overlap]


@pytest.mark.parametrize(("name", "title"), [("first try", "first try · {}"), ("", "{}")], ids=["named", "noted alone"])
def test_the_page_of_a_run_shows_the_name_and_the_note_of_who_looks(
    open_page: OpenPage, home: Lab, name: str, title: str
) -> None:
    [run] = of_seeds(home, 5)
    home.registry.labels.write(run.id, ME, Label(name, "too *short*"))
    app = open_page("run", id=run.id)
    assert app.title[0].value == title.format(plain(run.title))
    assert plain("too *short*") in [caption.value for caption in app.caption]


def test_a_run_that_ended_badly_says_why_and_can_be_run_again(open_page: OpenPage, home: Lab) -> None:
    run = examples(home)[0]
    home.registry.evict([str(run.result)], CLEARED)
    app = open_page("run", id=run.id)
    assert "cleared to make room" in app.warning[0].value
    assert "Run it again" in [button.label for button in app.button]


def test_an_unknown_run_is_no_exception(open_page: OpenPage) -> None:
    app = open_page("run", id="nonsense")
    assert not app.exception
    assert "no run with this id" in app.markdown[0].value


def test_an_exported_request_leads_to_its_run(open_page: OpenPage, home: Lab) -> None:
    run = examples(home)[0]
    files = export(run, home.result(run), "json", home.store)
    app = open_page("runs")
    app.file_uploader(key="request-file").upload("taken.zip", zipped(files), "application/zip").run()
    app.button(key="start-request").click().run()
    assert not app.exception
    assert plain(run.title) in [link.proto.label for link in app.get("page_link")]


def test_a_file_that_is_no_request_is_told(open_page: OpenPage) -> None:
    app = open_page("runs")
    app.file_uploader(key="request-file").upload("taken.json", b"[]", "application/json").run()
    app.button(key="start-request").click().run()
    assert not app.exception
    assert "this is not a request" in app.error[0].value


def test_a_run_that_came_with_the_lab_opens_by_its_name(open_page: OpenPage) -> None:
    app = open_page("run", id="2-compare")
    assert not app.exception
    assert "S&P" in app.title[0].value or "GSPC" in app.title[0].value
    assert "There is no run" in open_page("run", id="0-nothing").markdown[0].value


def of_seeds(home: Lab, *seeds: int) -> list[Run]:
    """The shipped classification under other seeds, and own names."""
    shipped = home.registry.find(ids_by_name()["3-classify"])
    runs = []
    for seed in seeds:
        run, _ = home.registry.claim(shipped.request.model_copy(update={"seed": seed}), visitor=ME)
        home.registry.start(run.id)
        home.keep(run.id, Outcome.of(home.result(shipped), 1.0))
        runs.append(home.registry.find(run.id))
    return runs


def test_runs_are_found_by_words_of_their_name_note_title_or_state(open_page: OpenPage, home: Lab) -> None:
    first, second = of_seeds(home, 5, 6)
    home.registry.labels.write(first.id, ME, Label("first try", "too short"))
    home.registry.labels.write(second.id, "somebody else", Label("theirs"))

    def found(words: str) -> list[str]:
        app = open_page("runs", whose="All", find=words)
        return app.dataframe[0].value["open"].tolist() if app.dataframe else []

    assert found("FIRST try") == found("short classify") == [first.id[:8]]
    assert {first.id[:8], second.id[:8]} < set(found("done classify"))
    assert found("theirs") == []
    assert open_page("runs", find="first").dataframe[0].value["what"].tolist() == [f"first try · {first.title}"]


def test_a_running_run_shows_how_far_it_is_and_ones_own_pinned_ones_stand_first(open_page: OpenPage, home: Lab) -> None:
    [old, new] = of_seeds(home, 5, 6)
    running, _ = home.registry.claim(old.request.model_copy(update={"seed": 7}), visitor=ME)
    home.registry.start(running.id)
    before = list_state()
    home.registry.progress(running.id, Progress(phase="training", step=4, total=10))
    assert list_state() != before
    home.registry.labels.write(old.id, ME, Label(pinned=True))
    table = open_page("runs").dataframe[0].value
    assert table["open"].tolist() == [old.id[:8], running.id[:8], new.id[:8]]
    assert [list(state) for state in table["state"]] == [["done", "pinned"], ["running"], ["done"]]
    assert table["progress"][1] == 0.4


def test_seeds_stand_in_one_row_with_the_mean_and_the_range_of_their_errors(open_page: OpenPage, home: Lab) -> None:
    runs = of_seeds(home, 5, 6)
    table = open_page("runs", together="true").dataframe[0].value
    [row] = table.to_dict("records")
    error = home.result(runs[0]).standing.error
    assert row["seeds"] == "5, 6"
    assert row["error"] == f"{error:.3g}, from {error:.3g} to {error:.3g} in 2 runs"


@pytest.mark.parametrize(("names", "differs"), [("2-compare,9-compare", "Target"), ("seeds", "Seed")])
def test_runs_of_one_kind_stand_side_by_side_and_what_differs_stands_out(
    open_page: OpenPage, home: Lab, names: str, differs: str
) -> None:
    runs = of_seeds(home, 5, 6) if names == "seeds" else []
    app = open_page("beside", runs=",".join(run.id for run in runs) or names)
    assert not app.exception
    assert not app.error
    differing, same = app.dataframe[0].value, [frame.value for frame in app.dataframe if "" in frame.value][1]
    assert differs in differing[""].tolist()
    assert all(row[1] != row[2] for row in differing.itertuples(index=False, name=None)) or len(differing.columns) > 3
    assert set(differing[""]).isdisjoint(same[""])
    assert any("Only the seed differs" in text.value for text in app.markdown) == bool(runs)
    assert [place.proto.label for place in app.get("page_link")][-1] == "All runs"


@pytest.mark.parametrize(("names", "said"), [("1-straighten", "1 run cannot"), ("1-straighten,2-compare", "different kinds")])
def test_what_cannot_stand_side_by_side_is_told(open_page: OpenPage, names: str, said: str) -> None:
    app = open_page("beside", runs=names)
    assert not app.exception
    assert said in app.error[0].value


@pytest.mark.parametrize("state", State)
def test_every_state_of_a_run_has_a_colour_in_the_list(state: State) -> None:
    colours = {option["value"]: option["color"] for option in columns()["state"]["type_config"]["options"]}
    assert colours[str(state)]


def test_the_table_of_runs_fits_a_window_of_1280_pixels() -> None:
    checkbox, between_margins = 34, 1120
    widths = {name: getattr(column, "config", column)["width"] for name, column in columns().items()}
    always = ("open", "what", "state", "outcome", "whose", "asked", "seconds")
    assert checkbox + sum(widths[name] for name in always) <= between_margins
