from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.runs import engine as engines
from core.runs.lab import Lab, lab
from core.runs.registry import Run
from core.runs.request import Request, key_of
from core.settings import settings

PAGES = Path(__file__).parents[2] / "pages"
OpenPage = Callable[..., AppTest]


class HereEngine:
    """An engine without a cluster: a submitted run is done at once, in this process."""

    lives = True

    def submit(self, request: Request) -> Run:
        for _ in lab().iterate(request):
            pass
        return lab().registry.find(key_of(request))

    def cancel(self, run_id: str) -> bool:
        return lab().cancel(run_id)

    def stop(self, run_id: str) -> bool:
        return lab().registry.stop(run_id)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A lab folder of its own, and an engine that needs no cluster."""
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
def open_page(home: Lab) -> OpenPage:
    def opened(page: str, **query: str) -> AppTest:
        app = AppTest.from_file(str(PAGES / "frame.py"), default_timeout=60)
        for name, value in query.items():
            app.query_params[name] = value
        return app.switch_page(f"{page}.py").run()

    return opened
