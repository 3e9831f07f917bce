"""The screen of collapse runs through AppTest."""

from __future__ import annotations

from collections import deque

from core.runs.lab import Lab
from core.runs.live.blocks import Look
from core.runs.live.snapshots import Snapshot
from core.runs.request import key_of
from core.stn.collapse.request import CollapseRequest
from core.stn.collapse.run import run as learn
from core.stn.collapse.settings import PRESETS, Setting
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from pages.parts.stn.collapse import SCREEN
from tests.pages.conftest import ME, OpenPage


def test_a_finished_run_says_why_panels_broke_and_a_preset_fills_all_of_them(open_page: OpenPage, home: Lab) -> None:
    digest = home.store.put(to_png(sample("coins").pixels))
    panels = (Setting(), Setting(kernel="integer"))
    request = CollapseRequest(image=digest, name="coins", steps=2, panels=panels)
    seen = list(learn(request, {digest: to_png(sample("coins").pixels)}))
    deque(home.iterate(request, visitor=ME), maxlen=0)
    assert set(seen[-1].pictures) == {"A", "B"}
    assert seen[-1].note.startswith("B: No gradient")
    run = home.registry.find(key_of(request))
    numbers = [{"step": one.step, **one.numbers} for one in seen if "step A" in one.numbers]
    panels_seen, figures = SCREEN.live(Snapshot(run, numbers=numbers, pictures=seen[-1].pictures), Look("dark"))
    assert [panel.blocks[0].caption.rpartition(" · ")[2].endswith("100 %") for panel in panels_seen] == [False, True]
    assert all(figure.blocks[0].plotly["data"] for figure in figures)
    folds = {f"collapse_{letter}": "true" for letter in "abcd"}
    app = open_page("stn", experiment="Collapse", run=run.id, collapse_preset="Start", collapse_start_rate_b="0.1", **folds)
    assert not app.exception
    assert "1 of 2 settings broke: B from the start" in "".join(markdown.value for markdown in app.markdown).replace("\\", "")
    assert "So it is the kernel" in "".join(error.value for error in app.error)
    assert len(app.get("plotly_chart")) == 2
    assert [app.selectbox(key=f"collapse_start_{name}_b").value for name in ("rate", "start")] == [0.1, "random"]
    app.button(key="stage_left").click()
    app.button_group(key="collapse_preset").set_value("Kernel").run()
    assert not app.exception
    chosen = [app.selectbox(key=f"collapse_kernel_kernel_{letter}").value for letter in "abcd"]
    assert chosen == [one.kernel for one in PRESETS["kernel"]]
    assert app.selectbox(key="collapse_kernel_rate_b").value == Setting().rate
