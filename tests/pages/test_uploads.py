from __future__ import annotations

from types import SimpleNamespace

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.runs.lab import Lab
from core.runs.store import digest_of
from pages.parts import uploads
from pages.parts.links import kept_uploads
from tests.pages.conftest import OpenPage
from tests.stn.datasets.test_images import encode, picture


class HasLeft(BaseException):
    """As Streamlit raises it in a script whose visitor has left, where the script next turns to it."""


def test_reading_uploads_turns_to_streamlit_before_every_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    assert uploads._still_here()  # Streamlit knows the question
    asked: list[str] = []

    def get(name: str, default: object) -> None:
        asked.append(name)
        if len(asked) > 2:
            raise HasLeft

    monkeypatch.setattr(uploads.st, "session_state", SimpleNamespace(get=get))
    files = tuple((f"{number}.png", encode(picture(20 + number), "PNG")) for number in range(3))
    with pytest.raises(HasLeft):
        uploads.read.__wrapped__(files, 64, False)
    assert len(asked) == 3


def test_a_file_that_cannot_be_read_is_named_form_and_page_stay_and_the_good_ones_are_used(open_page: OpenPage) -> None:
    app = open_page("stn")
    for broken in ("broken.png", "broken.zip"):
        app.file_uploader(key="photos").set_value([(broken, b"no picture", "image/png")]).run()
        assert not app.exception
        assert [broken in error.value for error in app.error] == [True]
        assert app.slider(key="angle").value == 45
        assert not app.button(key="go").disabled
        assert app.subheader
    files = [("broken.png", b"no picture", "image/png"), ("good.png", encode(picture(40), "PNG"), "image/png")]
    app.file_uploader(key="photos").set_value(files).run()
    assert not app.exception
    assert not app.error
    assert "broken.png" in app.warning[0].value


@pytest.mark.parametrize(
    ("experiment", "field"), [("Straighten", "photos"), ("Align", "align_images"), ("Locate", "locate_pictures")]
)
def test_a_picture_of_one_colour_is_left_out_by_name_and_the_good_ones_are_learned_from(
    open_page: OpenPage, experiment: str, field: str
) -> None:
    app = open_page("stn", experiment=experiment)
    flat = encode(Image.new("RGB", (60, 60), "grey"), "PNG")
    files = [("grey.png", flat, "image/png"), *((f"{n}.png", encode(picture(40 + n), "PNG"), "image/png") for n in range(5))]
    app.file_uploader(key=field).set_value(files).run()
    assert not app.exception
    assert not app.error
    assert "grey.png is one flat colour" in app.warning[0].value
    assert not any("grey.png" in caption.value for caption in app.caption)
    app.file_uploader(key=field).set_value(files[:1]).run()
    assert "grey.png is one flat colour" in app.error[0].value


def here_again(open_page: OpenPage, app: AppTest, page: str, visitor: str = "") -> AppTest:
    """The page loaded anew, by the same address: another session."""
    values = {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}
    return open_page(page, visitor, **values)


def labels(app: AppTest, key: str) -> list[str]:
    return [button.label.replace("\\", "") for button in app.button if (button.key or "").startswith(f"{key}-kept")]


def test_a_reload_keeps_uploads_and_so_do_other_screens_and_back_but_a_link_has_none(open_page: OpenPage, home: Lab) -> None:
    app = open_page("stn", experiment="Align")
    files = [(f"{number}.png", encode(picture(40 + number), "PNG"), "image/png") for number in range(2)]
    app.file_uploader(key="align_images").set_value([*files, ("broken.png", b"no picture", "image/png")]).run()
    again = here_again(open_page, app, "stn")
    assert not again.exception
    assert "broken.png" in again.warning[0].value
    assert labels(again, "align_images") == ["0.png", "1.png", "broken.png"]
    assert again.button_group(key="align_digit").disabled  # uploads count in its place
    again.switch_page("runs.py").run()
    again.switch_page("stn.py").run()
    assert labels(again, "align_images") == ["0.png", "1.png", "broken.png"]
    again.button(key="align_images-kept-2").click().run()
    assert not again.warning
    assert labels(here_again(open_page, again, "stn"), "align_images") == ["0.png", "1.png"]
    again.file_uploader(key="align_images").set_value([("2.png", encode(picture(50), "PNG"), "image/png")]).run()
    assert labels(here_again(open_page, again, "stn"), "align_images") == ["0.png", "1.png", "2.png"]
    anothers = here_again(open_page, again, "stn", visitor="somebody-else-with-a-secret-of-their-own")
    assert labels(anothers, "align_images") == []
    assert any("A link does not have what was uploaded" in caption.value for caption in anothers.caption)
    assert digest_of(files[0][1]) not in home.store  # so that no request can name it
    home.store.delete(digest_of(kept_uploads.MARK + files[0][1]))
    assert any("not kept any more" in caption.value for caption in here_again(open_page, again, "stn").caption)


def test_a_price_file_is_kept_until_it_is_taken_out_and_one_that_is_too_large_is_not(
    open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "\n".join(f"2020-{1 + day // 28:02d}-{1 + day % 28:02d},{100 + day % 7}" for day in range(330))
    app = open_page("traps", source="CSV", start="2020-01-01", seeds="1")
    app.file_uploader(key="csv").set_value(("mine.csv", f"Date,Close\n{rows}".encode(), "text/csv")).run()
    again = here_again(open_page, app, "traps")
    assert not again.exception
    assert not again.button(key="go").disabled
    again.button(key="csv-kept-0").click().run()
    assert "csv_kept" not in again.query_params
    monkeypatch.setattr(kept_uploads, "LARGEST", 10)
    again.file_uploader(key="csv").set_value(("mine.csv", f"Date,Close\n{rows}".encode(), "text/csv")).run()
    assert "csv_kept" not in again.query_params
    assert not again.button(key="go").disabled


def test_one_picture_of_a_pair_is_told_and_form_and_page_stay(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Register")
    files = [("broken.png", b"no picture", "image/png"), ("good.png", encode(picture(40), "PNG"), "image/png")]
    app.file_uploader(key="register_images").set_value(files).run()
    assert not app.exception
    assert "broken.png" in app.warning[0].value
    assert "upload two" in app.info[0].value
    assert app.slider(key="register_angle").value == 45
    app.button(key="go").click().run()
    assert ["upload two" in error.value for error in app.error] == [True, True]  # the second on a phone alone
    more = [*files, ("other.png", encode(picture(41), "PNG"), "image/png")]
    app.file_uploader(key="register_images").set_value(more).run()
    assert not app.exception
    assert not app.info
    assert not app.error


def named(app: AppTest, name: str) -> bool:
    """Whether a file is told to be left out, or why nothing can be done."""
    return any(name in one.value.replace("\\", "") for one in (*app.warning, *app.error, *app.markdown, *app.caption))


def test_a_price_file_that_cannot_be_read_is_named_and_the_good_ones_are_used(open_page: OpenPage) -> None:
    rows = "\n".join(f"2020-{1 + day // 28:02d}-{1 + day % 28:02d},{100 + day % 7}" for day in range(330))
    good = [(name, f"Date,Close\n{rows}".encode(), "text/csv") for name in ("one.csv", "two.csv")]
    app = open_page("panel", source="CSV")
    app.file_uploader(key="csv_files").set_value([("bad.csv", b"no table", "text/csv"), *good]).run()
    assert not app.exception
    assert app.slider(key="seeds").value == 5
    assert any("finished panel to look at" in caption.value for caption in app.caption)  # the page stays
    assert named(app, "bad.csv")
    assert not named(app, "two.csv")
    assert not app.button(key="go").disabled
    other = open_page("rnn", source="CSV")
    other.file_uploader(key="csv").set_value(("bad.csv", b"no table", "text/csv")).run()
    assert not other.exception
    assert any("bad.csv" in error.value.replace("\\", "") for error in other.error)
    assert any("cannot be used" in info.value for info in other.info)


def test_a_picture_in_a_menu_that_cannot_be_read_is_told_beside_it(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Collapse", collapse_upload_kept="0" * 64)
    app.file_uploader(key="collapse_upload").set_value(("broken.png", b"no picture", "image/png")).run()
    assert not app.exception
    assert any("broken.png" in error.value for error in app.error)
    assert app.slider(key="collapse_steps").value == 200


def test_no_sample_is_shown_in_place_of_photos_that_cannot_be_read(open_page: OpenPage) -> None:
    app = open_page("stn", experiment="Straighten")
    app.file_uploader(key="photos").set_value([("broken.png", b"no picture", "image/png")]).run()
    assert not app.exception
    assert app.button_group(key="samples").proto.disabled
    assert any("upload photos that stand upright" in info.value for info in app.info)


@pytest.mark.parametrize(("title", "key"), [("Straighten", "photos"), ("Collapse", "collapse_upload")])
def test_no_sample_is_trained_on_in_place_of_an_upload_that_cannot_be_read(
    open_page: OpenPage, home: Lab, title: str, key: str
) -> None:
    app = open_page("stn", experiment=title, **{f"{key}_kept": "0" * 64})
    before = len(home.runs())
    uploader, broken = app.file_uploader(key=key), ("broken.png", b"no picture", "image/png")
    uploader.set_value([broken] if uploader.accept_multiple_files else broken)
    next(button for button in app.sidebar.button if button.proto.type == "primary").click().run()
    assert not app.exception
    assert "run" not in app.query_params
    assert len(home.runs()) == before
    assert any("Take it out of its field, or upload another" in error.value for error in app.error)
