from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Markdown

from core.runs import engine as engines
from core.runs.bundle import examples
from core.runs.cluster.worker_state import WorkerState
from core.runs.lab import Lab, lab
from core.runs.registry import Run
from core.runs.request import Request, key_of
from core.runs.visitors.rules import left_by
from core.runs.visitors.visitor import COMMAND_LINE, id_of
from core.settings import Settings, settings
from pages.parts.words.glossary import LEADS

PAGES = Path(__file__).parents[2] / "pages"
OpenPage = Callable[..., AppTest]
TOKEN = "the-secret-of-the-visitor-of-these-tests"  # unless a test says who looks
ME = id_of(TOKEN)


@pytest.fixture(scope="session", autouse=True)
def components_listed_once() -> Iterator[None]:
    """AppTest reads what all installed packages say of themselves at every run, for components: half of its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture(scope="session", autouse=True)
def terms_read_as_words() -> Iterator[None]:
    """A term that opens what it means is read as the word that it is."""
    linked = re.compile(rf'\[([^\]]*)\]\({LEADS} "(?:\\.|[^"\\])*"\)')
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Markdown, "value", property(lambda one: linked.sub(r"\1", one.proto.body)))
        yield


class HereEngine:
    """An engine without a cluster: a submitted run is done at once, in this process."""

    lives = answers = True

    def worker_states(self) -> tuple[WorkerState, ...]:
        return ()

    def submit(self, request: Request, visitor: str = COMMAND_LINE) -> Run:
        existing = lab().look(key_of(request))
        if existing and existing.alive:  # what a test has begun goes on
            return lab().claim(request, visitor=visitor)[0]
        for _ in lab().iterate(request, visitor=visitor):
            pass
        return lab().registry.find(key_of(request))

    def check_limit(self, requests: Iterable[Request], visitor: str) -> None:
        """It has none."""

    def cancel(self, run_id: str, unless_awaited: bool = False, why: str = "") -> bool:
        return lab().cancel(run_id, unless_awaited, why)

    def leave(self, run_id: str, visitor: str) -> bool:
        lab().registry.shares.leave(run_id, visitor)
        return lab().cancel(run_id, unless_awaited=True, why=left_by(lab().registry.shares.of(run_id)))

    def stop(self, run_id: str) -> bool:
        return lab().registry.stop(run_id)


@pytest.fixture(scope="session")
def with_examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lab folder into which the shipped runs have been taken."""
    folder = tmp_path_factory.mktemp("lab-with-examples")
    filled = Lab.open(Settings(home=folder))
    examples(filled)
    filled.registry.close()
    return folder


@pytest.fixture
def home(with_examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A lab folder of its own, and an engine that needs no cluster."""
    shutil.copytree(with_examples, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("GRIDCAST_HOME", str(tmp_path))
    monkeypatch.setattr(engines, "_engines", [HereEngine()])
    settings.cache_clear()
    lab.cache_clear()
    st.cache_resource.clear()
    yield lab()
    lab().registry.close()
    settings.cache_clear()
    lab.cache_clear()


@pytest.fixture
def empty_home(home: Lab) -> Lab:
    """The same without any run."""
    for run in home.runs():
        home.delete(run)
    return home


@pytest.fixture
def open_page(home: Lab) -> OpenPage:
    def opened(page: str, visitor: str = "", **query: str) -> AppTest:
        app = AppTest.from_file(str(PAGES / "frame.py"), default_timeout=60)
        app.session_state["visitor-token"] = visitor or TOKEN
        for name, value in query.items():
            app.query_params[name] = value
        return app.switch_page(f"{page}.py").run()

    return opened
