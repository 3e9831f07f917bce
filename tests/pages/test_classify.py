"""Classify on its screen: what is chosen becomes one request, labels come from folders or are typed, mistakes are sentences."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.runs.lab import Lab
from core.stn.classify.request import ClassifyRequest
from core.stn.datasets.decoding.folders import by_folder
from core.stn.datasets.images import Picture, to_png
from core.stn.datasets.samples import digits
from pages.parts.plain_text import JOINER
from pages.parts.stn.classify import SCREEN, ClassifyChoice
from tests.pages.conftest import OpenPage

SETTINGS = {"models": ("cnn", "st-cnn"), "budget": 20.0}


def pictures(*names: str) -> list[Picture]:
    return [Picture(name, np.repeat(digits(count=n + 1)[n][..., None], 3, axis=2)) for n, name in enumerate(names)]


def plainly(markdown: str) -> str:
    return markdown.replace("\\", "").replace(JOINER, "")


def zipped(*names: str, broken: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        if broken:
            archive.writestr(broken, b"hello")
        for one in pictures(*names):
            archive.writestr(one.name, to_png(one.pixels))
    return buffer.getvalue()


def opened(open_page: OpenPage, **query: str) -> AppTest:
    return open_page("stn", experiment="Classify", **query)


def test_it_opens_with_distorted_digits(open_page: OpenPage) -> None:
    app = opened(open_page)
    assert not app.exception
    headings = [one.value for one in app.subheader]
    assert headings.index("Error") < headings.index("What the networks will see")
    assert len(app.get("image")) >= 12
    assert any("5,000 digits for training" in caption.value for caption in app.caption)


def test_the_address_sets_what_is_asked(open_page: OpenPage) -> None:
    app = opened(
        open_page, classify_time="1 min", classify_distortion="RTS: turned, scaled and shifted", classify_models="ST-FCN"
    )
    assert not app.exception
    assert app.button_group(key="classify_time").value == "1 min"
    assert app.selectbox(key="classify_distortion").value == "RTS: turned, scaled and shifted"
    assert app.button_group(key="classify_models").value == ["ST-FCN"]


def test_no_network_is_a_sentence(open_page: OpenPage) -> None:
    app = opened(open_page)
    app.button_group(key="classify_models").set_value([]).run()
    next(button for button in app.button if button.label == "Train").click().run()
    assert {error.value for error in app.error} == {"the models are none; name at least one, each once"}


def test_own_pictures_are_asked_for_and_not_guessed(open_page: OpenPage) -> None:
    app = opened(open_page, classify_images="Your own")
    assert "Upload a ZIP with one folder a class" in app.info[0].value
    next(button for button in app.button if button.label == "Train").click().run()
    assert "there are no pictures" in app.error[0].value


def test_a_zip_of_folders_is_counted_by_class(open_page: OpenPage) -> None:
    app = opened(open_page, classify_images="Your own")
    app.file_uploader(key="classify_photos").upload(
        "pets.zip", zipped("cats/1.png", "cats/2.png", "dogs/3.png"), "application/zip"
    )
    app.run()
    assert not app.exception
    assert any("cats: 2, dogs: 1" in caption.value for caption in app.caption)
    next(button for button in app.button if button.label == "Train").click().run()
    assert "there is one picture of 'dogs'" in app.error[0].value


def test_a_split_is_used_and_said_and_what_is_left_out_is_listed(open_page: OpenPage) -> None:
    app = opened(open_page, classify_images="Your own")
    names = ("train/cats/1.png", "train/dogs/1.png", "test/cats/2.png", "train/dogs/2.png")
    content = zipped(*names, broken="train/cats/cut.png")
    app.file_uploader(key="classify_photos").upload("pets.zip", content, "application/zip").run()
    assert not app.exception
    said = "cats: 2, dogs: 2. Split as the folders are: 3 pictures"
    assert any(said in plainly(caption.value) for caption in app.caption)
    assert [warning.value for warning in app.warning if "cut.png is not a picture" in plainly(warning.value)]


def test_pictures_without_folders_get_a_table_for_their_classes(open_page: OpenPage) -> None:
    app = opened(open_page, classify_images="Your own")
    app.file_uploader(key="classify_photos").upload("1.png", zipped("1.png", "2.png"), "application/zip").run()
    assert not app.exception
    assert [list(table.value.columns) for table in app.dataframe] == [["picture", "class", "name"]]
    assert any("no class yet: 2" in caption.value for caption in app.caption)
    next(button for button in app.button if button.label == "Train").click().run()
    assert "2 pictures are without a class" in app.error[0].value


def test_a_choice_of_pictures_becomes_a_request_without_copies(home: Lab) -> None:
    given = by_folder([*pictures("a/1.png", "a/2.png", "b/3.png", "b/4.png"), Picture("a/5.png", pictures("x")[0].pixels)])
    request = ClassifyChoice("Your own", given, "photo", SETTINGS).request()
    assert isinstance(request, ClassifyRequest)
    assert (request.labels, request.distortion) == (("a", "a", "b", "b"), "photo")
    assert all(digest in home.store for digest in request.images)


@pytest.mark.slow
def test_a_finished_run_shows_its_verdict_and_its_pictures(open_page: OpenPage, home: Lab) -> None:
    request = ClassifyRequest(digits="shipped", models=("fcn", "st-fcn"), budget=2)
    for _ in home.iterate(request):
        pass
    run = home.runs()[0]
    app = opened(open_page, run=run.id)
    assert not app.exception
    assert any("On 1,000 test digits, turned" in text.value for text in app.markdown)
    above = ["Before and after the transformer", "Error", "Classify your own image"]
    assert [one.value for one in app.subheader] == above
    unfolded = opened(open_page, run=run.id, learned="true")
    assert [one.value for one in unfolded.subheader] == [
        *above, "Robustness to stronger distortions", "Sampling grids during training", "Distribution of predicted θ by class",
        "Confusion matrix", "Loss",
    ]  # fmt: skip
    own = to_png(np.repeat(255 - digits(count=1)[0].repeat(4, axis=0).repeat(4, axis=1)[..., None], 3, axis=2))
    app.file_uploader(key="own").upload("seven.png", own, "image/png").run()
    assert not app.exception
    assert any("seven" in text.value and "the FCN says" in text.value for text in app.markdown)
    assert SCREEN.use is not None
