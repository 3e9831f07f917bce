"""The export menu says where what it made differs from the run."""

from __future__ import annotations

import io
import zipfile
from html import escape
from typing import NoReturn

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import ExportDiffers
from core.runs.kinds import KINDS
from core.runs.lab import Lab
from core.runs.registry import Run
from pages.parts import export_menu
from pages.parts.export_menu import Download
from tests.pages.conftest import OpenPage

DIFFERS = "the exported network and the run differ by 0.41 on 2: tied vote"


def finished(home: Lab, kind: str) -> Run:
    return next(run for run in home.registry.runs() if run.kind == kind)


def differs(*_: object) -> NoReturn:
    raise ExportDiffers(DIFFERS)


def names_in(content: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(content)).namelist()


@pytest.mark.parametrize("kind", ["straighten", "classify"])
def test_a_file_that_differs_comes_and_it_is_noted(home: Lab, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    download = Download(finished(home, kind), "csv")
    assert names_in(download.file())
    assert (download.differs, download.ended.is_set()) == ("", True)
    monkeypatch.setattr(export_menu, "check", differs)
    assert names_in(download.file())
    assert download.differs == DIFFERS


@pytest.mark.slow
def test_a_report_shows_the_cost_and_the_loss_that_were_chosen_on_the_screen(home: Lab, open_page: OpenPage) -> None:
    app = open_page("rnn", show="Worth", cost="50.0")
    [run] = [run for run in home.registry.runs() if f"as shown {run.id}" in app.session_state]
    download = Download(run, "report", shown=app.session_state[f"as shown {run.id}"])
    download.alone = True
    page = download.file().decode()
    said = next(one.value for one in app.markdown if one.value.startswith("No account"))
    assert "after costs of 50 basis points a trade" in said
    assert escape(said.replace("\\", "")) in page
    assert "at 50 basis points a trade; traded one day after the forecast." in page
    assert "in this lab until this run ended, its own and those of the examples among them: p values" in page
    app.button_group(key="score_volatility").set_value("squared").run()
    verdict = next(one.value for one in app.markdown if one.value.startswith("#### ")).removeprefix("#### ").replace("\\", "")
    assert "by MSE" in verdict
    page = download.file().decode()
    assert escape(verdict.split(": ")[0]) in page
    assert "at 50 basis points a trade" in page


def test_a_file_that_cannot_be_made_keeps_the_menu_waiting_no_longer(home: Lab) -> None:
    download = Download(finished(home, "straighten"), "no such format")
    with pytest.raises(Exception, match="no export format"):
        download.file()
    assert download.ended.is_set()


def menu() -> None:
    from core.runs.lab import lab
    from pages.parts.export_menu import export_menu

    run = next(run for run in lab().registry.runs() if run.kind == "straighten")
    export_menu(run, lab().result(run))


def test_the_menu_says_it_once_it_was_asked_for(home: Lab) -> None:
    app, run = AppTest.from_function(menu), finished(home, "straighten")
    app.session_state.exports = True
    assert not app.run().error
    download = Download(run, "onnx")
    download.pressed, download.differs = True, DIFFERS
    download.ended.set()
    app.session_state[f"download onnx {run.id}"] = download
    assert [error.value for error in app.run().error] == [f"T{DIFFERS[1:]}."]


def test_both_kinds_that_export_networks_compare_them_with_the_run() -> None:
    assert [name for name, kind in KINDS.items() if "onnx" in kind.formats and not kind.formats["onnx"].check] == []
