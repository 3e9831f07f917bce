"""The screen of the spatial experiments: what holds for all of them, and straighten, the first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.checkpoints.checkpoint import Checkpoint
from core.runs.conclusion import Conclusion
from core.runs.kinds import KINDS as ROWS
from core.runs.lab import Lab
from core.runs.registry import State
from core.runs.request import Progress, Request
from core.stn.classify.request import ClassifyRequest
from core.stn.classify.result import ClassifyResult
from core.stn.datasets.images import to_png
from core.stn.datasets.samples import sample
from core.stn.geometry.families import FAMILIES
from core.stn.straighten.request import StraightenRequest
from core.stn.straighten.result import StraightenResult
from pages.parts.layout import plain
from tests.pages.conftest import ME, PAGES, HereEngine, OpenPage
from tests.pages.live.viewed import viewed
from tests.stn.geometry.stretch import STRETCH

EXPERIMENTS = {name: kind for name, kind in ROWS.items() if kind.bench == "spatial"}
KINDS = pytest.mark.parametrize("kind", EXPERIMENTS)
FOLDER = PAGES / "parts" / "stn"


def keys_in(path: Path) -> set[str]:
    return set(re.findall(r'key="(\w+)"', path.read_text()))


@KINDS
def test_an_experiment_is_filed_under_the_kind_of_a_spatial_request(kind: str) -> None:
    assert EXPERIMENTS[kind].request.model_fields["kind"].default == kind
    assert EXPERIMENTS[kind].request.bench == "spatial"
    assert (FOLDER / f"{kind}.py").exists()


def test_every_experiment_has_a_title_and_a_purpose_of_its_own() -> None:
    assert len({experiment.title for experiment in EXPERIMENTS.values()}) == len(EXPERIMENTS)
    assert len({experiment.screen.form.purpose for experiment in EXPERIMENTS.values()}) == len(EXPERIMENTS)


@KINDS
def test_an_experiment_opens_by_its_title_in_the_address(open_page: OpenPage, kind: str) -> None:
    experiment = EXPERIMENTS[kind]
    app = open_page("stn", experiment=experiment.title, explanation="true")
    assert not app.exception
    assert [error.value for error in app.sidebar.error] == []  # beside it a shipped run may say what broke
    shown = [markdown.value for markdown in app.markdown]
    form = experiment.screen.form
    assert form.purpose in shown
    assert form.explanation in shown
    assert [button.label for button in app.sidebar.button if button.proto.type == "primary"] == [form.button]


@KINDS
def test_no_experiment_takes_the_widget_keys_of_another(kind: str) -> None:
    others = set().union(*(keys_in(FOLDER / f"{other}.py") for other in EXPERIMENTS if other != kind))
    assert keys_in(FOLDER / f"{kind}.py") & others == set()


def test_an_unknown_title_opens_the_first_experiment(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Juggle")
    assert not app.exception
    assert next(iter(EXPERIMENTS.values())).screen.form.purpose in [markdown.value for markdown in app.markdown]


def test_the_address_sets_what_straighten_asks(open_page: OpenPage) -> None:
    app = open_page("stn", preset="1 min", angle="90", family="affine", samples="coins")
    assert not app.exception
    assert app.slider(key="angle").value == 90
    assert [app.button_group(key=key).value for key in ("preset", "family", "samples")] == ["1 min", "affine", ["coins"]]
    assert app.button_group(key="experiment").value == EXPERIMENTS["straighten"].title


def by_hand(family: str) -> None:
    from types import SimpleNamespace

    import streamlit as st

    from core.stn.geometry.families import FAMILIES
    from pages.parts.stn.straighten_use import by_hand

    result = SimpleNamespace(family=family, turns=FAMILIES[family].turns, max_angle=45.0)
    st.text(repr(by_hand(SimpleNamespace(id="r"), result)))


@pytest.mark.parametrize("family", [*FAMILIES, "stretch"])
def test_a_photo_is_bent_by_hand_as_the_family_was_trained(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FAMILIES, "stretch", STRETCH)
    app = AppTest.from_function(by_hand, args=(family,)).run()
    assert not app.exception
    labels, row = [slider.label for slider in app.slider], FAMILIES[family]
    scales = ["Scale x", "Scale y"] if row.stretches else ["Scale"] if row.zooms else []
    assert labels == [*(["Turn it"] if row.turns else []), *scales, "Shift"]
    assert ("scale_x=1.1, scale_y=0.9" in app.text[0].value) == row.stretches


def applied(deep: bool) -> None:
    import io
    from types import SimpleNamespace

    import numpy as np
    from PIL import Image

    from core.stn.datasets.images import read_image
    from pages.parts.stn.straighten_use import apply
    from tests.stn.straighten.finished_runs import result_of

    levels = np.random.default_rng(0).integers(0, 65535, (60, 80)).astype(np.uint16)
    clear = np.dstack([levels // 256] * 3 + [levels % 256]).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels if deep else clear).save(buffer, "PNG")
    apply(SimpleNamespace(id="r"), result_of("similarity"), [read_image("a.png", buffer.getvalue())])


@pytest.mark.parametrize("deep", [True, False], ids=["16 bits", "transparent"])
def test_what_a_straightened_photo_drops_stands_beside_its_download(deep: bool) -> None:
    app = AppTest.from_function(applied, args=(deep,)).run(timeout=30)
    assert not app.exception
    [words] = [one.value for one in app.markdown if one.value.startswith("a.png.")]
    assert words.endswith("Written without more than 8 bits a level.") is deep
    assert ("without" in words) is deep


def test_a_page_is_straightened_without_a_run(open_page: OpenPage) -> None:
    app = open_page("stn", drawn="1")
    assert not app.exception
    [angle] = [float(one.value.split()[-1][:-2]) for one in app.caption if one.value.startswith("It is turned by")]
    [words] = [one.value for one in app.markdown if one.value.startswith("page 1.")]
    answered = float(re.findall(r"turned by \*\*(-?[\d.]+)°", words)[0])
    assert answered == pytest.approx(angle, abs=2)
    assert "believed to" in words


@pytest.mark.parametrize("page", ["stn", "run"])
def test_a_run_that_is_alive_shows_how_the_photo_is_straightened_now(open_page: OpenPage, home: Lab, page: str) -> None:
    photo = to_png(sample("coins").pixels)
    run, _ = home.claim(StraightenRequest(images=(home.store.put(photo),), names=("coins",)), visitor=ME)
    home.registry.start(run.id)
    report = {"numbers": {"loss": 0.5, "error": 3.0}, "pictures": {"straightening": photo}, "note": "Healthy so far."}
    home.registry.progress(run.id, Progress(phase="training", step=1, total=4, **report))
    app = open_page(page, **{"run" if page == "stn" else "id": run.id})
    assert not app.exception
    assert f"**{plain(run.title)}**" in [text.value for text in app.markdown]
    assert {"Cancel", "Stop here"} <= {button.label for button in app.button}
    view = viewed(app)
    assert (view["words"], view["share"], view["note"]) == ("training · 25 %", 0.25, "Healthy so far.")
    picture, path, error, loss = view["blocks"]
    assert picture["caption"] == "One fixed photo: where the network looks now, and what it sees there"
    assert path["plotly"] is None  # nothing has been said of the photo yet
    assert "median error" in error["plotly"]["layout"]["yaxis"]["title"]["text"]
    assert loss["plotly"]["data"][0]["y"] == [0.5]


@pytest.mark.parametrize("checkpoint", ["kept", "never there", "cleared", "damaged"])
def test_an_interrupted_run_offers_to_go_on_only_from_a_checkpoint_that_is_there(
    open_page: OpenPage, home: Lab, checkpoint: str
) -> None:
    run, _ = home.registry.claim(StraightenRequest(images=("0" * 64,), names=("coins",)))
    home.registry.start(run.id)
    if checkpoint != "never there":
        digest = home.store.put(Checkpoint().to_bytes())
        home.registry.checkpoint(run.id, digest)
        if checkpoint == "cleared":
            home.store.delete(digest)
        if checkpoint == "damaged":
            home.store.place.path_of(digest).write_bytes(b"weigh")
    home.registry.interrupt(run.id, "The lab was stopped.")
    buttons = [button.label for button in open_page("stn", run=run.id).button]
    offered = ["Go on from where it was", "Run it again from the start"] if checkpoint == "kept" else ["Run it again"]
    assert [label for label in buttons if "Go on" in label or "again" in label] == offered


@pytest.mark.parametrize("press", ["further", "again"])
def test_a_run_that_goes_on_or_begins_again_is_the_only_one_on_the_page(
    open_page: OpenPage, home: Lab, press: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HereEngine, "submit", lambda _, request, visitor: home.claim(request, visitor=visitor)[0])
    run, _ = home.registry.claim(StraightenRequest(images=(home.store.put(to_png(sample("coins").pixels)),), names=("coins",)))
    home.registry.start(run.id)
    home.registry.checkpoint(run.id, home.store.put(Checkpoint().to_bytes()))
    home.registry.interrupt(run.id, "The lab was stopped.")
    app = open_page("run", id=run.id)
    app.button(key=f"{press}-{run.id}").click().run()
    assert not app.exception
    assert app.query_params["run"] == run.id
    now = home.registry.find(run.id)
    assert (now.state, now.attempt, home.start_of(now).content is not None) == (State.QUEUED, 2, press == "further")
    assert "id" not in app.query_params
    assert [button.label for button in app.button if "Go on" in button.label or "again" in button.label] == []
    assert not app.warning


def test_stn_opens_with_a_sample_and_an_example(open_page: OpenPage) -> None:
    app = open_page("stn")
    assert not app.exception
    assert any(caption.value.startswith("A finished run to look at") for caption in app.caption)
    assert [heading.value for heading in app.subheader] == ["Straighten pages now"]
    unfolded = [heading.value for heading in open_page("stn", learned="true").subheader]
    assert unfolded[0] == "One photo while the network learned"
    assert unfolded[-1] == "Straighten pages now"


@pytest.mark.parametrize("unfolded", [False, True])
def test_what_a_visitor_does_with_a_trained_network_stands_before_how_it_learned(open_page: OpenPage, unfolded: bool) -> None:
    app = open_page("stn", run="1-straighten", learned=str(unfolded).lower())
    assert not app.exception
    use = ["Straighten new photos", "Drop tilted photos here", "Turn one yourself", "Turn it"]
    fold = ["How it learned, and how good it is in detail"]
    diagnostics = ["One photo while the network learned", "Error before and after", "Loss"]
    shown = [str(part.value if part.type == "subheader" else getattr(part, "label", "")) for part in app.main]
    assert [words for words in shown if words in (*use, *fold, *diagnostics)] == use + fold + diagnostics * unfolded


def test_the_photo_at_a_stage_says_how_far_its_angle_is_off(open_page: OpenPage) -> None:
    app = open_page("stn", learned="true")
    said = []
    for stage in ("stage_left", None):
        said += [image.caption for shown in app.get("image") for image in shown.proto.imgs if "off by" in image.caption]
        if stage:
            app.button(key=stage).click().run()
    assert len(said) == 2
    assert all(re.fullmatch(r"after [\d.]+ s: off by [\d.]+°", words) for words in said)


def test_stn_without_photos_says_what_to_do(open_page: OpenPage) -> None:
    app = open_page("stn")
    app.button_group(key="samples").set_value([]).run()
    assert "Choose a sample" in app.info[0].value
    app.button(key="go").click().run()
    assert "there is no photo to learn from" in app.error[0].value


@pytest.mark.parametrize(
    ("experiment", "label", "starts"),
    [("Classify", "Train for 878 steps each", False), ("Straighten", "Learn on for 5 min", True)],
)
def test_the_next_step_of_a_finished_run_is_a_button(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, experiment: str, label: str, starts: bool
) -> None:
    asked: list[Request] = []
    monkeypatch.setattr("pages.parts.runs.conclusion.submit", asked.append)
    for result, step in ((StraightenResult, "longer"), (ClassifyResult, 878)):
        early = Conclusion("too early", "too early to tell: 16.5°, untouched 13.4°", ("39 steps",), step)  # type: ignore[arg-type]
        monkeypatch.setattr(result, "conclusion", early)
    app = open_page("stn", experiment=experiment)
    assert any("oo early to tell" in text.value for text in app.markdown)
    assert not any("ealthy" in text.value for text in [*app.markdown, *app.caption])
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception
    [request] = asked
    assert isinstance(request, ClassifyRequest | StraightenRequest)
    assert (request.budget, getattr(request, "steps", 0)) == ((300, 0) if starts else (60, 878))
    assert bool(getattr(request, "start", None)) is starts
