from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from core.errors import InvalidRequest
from core.runs import archive as archives
from core.runs.archive import read, take_in, take_in_bounded
from core.runs.export import Files, export, write
from core.runs.lab import Lab
from core.runs.registry import Run
from core.runs.request import key_of
from core.runs.store import digest_of
from core.settings import Settings
from core.stn.datasets.images import STORED_SIDE
from tests.runs.count import CountRequest
from tests.stn.datasets.test_images import encode, picture


def zipped(files: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


IMAGE = encode(picture(), "PNG")


@pytest.fixture
def run(lab: Lab) -> Run:
    for _ in lab.iterate(request := CountRequest(image=lab.store.put(IMAGE))):
        pass
    return lab.registry.find(key_of(request))


@pytest.fixture
def elsewhere(tmp_path: Path) -> Lab:
    return Lab.open(Settings(home=tmp_path / "elsewhere", database=None))


@pytest.fixture
def archive(lab: Lab, run: Run) -> Files:
    return export(run, lab.result(run), "json", lab.store)


def test_a_archive_holds_request_scores_and_inputs(archive: Files, run: Run) -> None:
    assert archive == archive | {"request.json": run.request_json.encode()}
    assert json.loads(archive["scores.json"])["run"] == run.id
    [(name, content)] = [(name, content) for name, content in archive.items() if name.startswith("inputs/")]
    assert name.endswith(".png")
    assert content == IMAGE


def test_a_archive_starts_the_same_run_in_another_lab(archive: Files, run: Run, elsewhere: Lab, tmp_path: Path) -> None:
    write(archive, folder := tmp_path / "taken")
    (tmp_path / "taken.zip").write_bytes(zipped(archive))
    for path in (folder, folder / "request.json", tmp_path / "taken.zip"):
        elsewhere.store.delete(CountRequest.model_validate_json(run.request_json).image)
        assert key_of(take_in(read(path), elsewhere.store)) == run.id
    for _ in elsewhere.iterate(take_in(read(folder), elsewhere.store)):
        pass
    assert elsewhere.registry.find(run.id).scores == run.scores
    elsewhere.registry.close()


def test_whatever_an_input_is_called_its_content_tells_which_it_is(archive: Files, run: Run, elsewhere: Lab) -> None:
    renamed = {"somewhere/request.json": archive["request.json"], "cat.png": IMAGE, "dog.png": b"not asked for"}
    assert key_of(take_in([*renamed.items()], elsewhere.store)) == run.id
    assert len(list(elsewhere.store.digests())) == 1
    elsewhere.registry.close()


def test_inputs_that_are_nowhere_are_told(archive: Files, lab: Lab, elsewhere: Lab) -> None:
    alone = [("request.json", archive["request.json"])]
    assert take_in(alone, lab.store)  # here they are in the store
    with pytest.raises(InvalidRequest, match="its inputs, which are neither with it nor in this lab"):
        take_in(alone, elsewhere.store)
    elsewhere.registry.close()


def test_an_export_without_its_cleared_inputs_still_says_what_was_asked(lab: Lab, run: Run) -> None:
    lab.store.delete(run.request.inputs[0])
    assert set(export(run, lab.result(run), "json", lab.store)) == {"request.json", "scores.json"}


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "this is not a request"),
        (b"[1, 2]", "this is not a request"),
        (b'{"kind": "magic"}', "no experiment called 'magic'"),
        (b'{"kind": "count", "to": [' + b"1, " * 30_000 + b"1]}", "the request holds more than 30,000 values"),
        (b'{"kind": "count", "to": "many"}', "this is not a request: to is 'many', Input should be a valid integer"),
        (b'{"kind": "count", "colour": "red"}', "colour is 'red', Extra inputs are not permitted"),
        (b"PK\x03\x04 cut short", "cannot be unpacked"),
        (zipped({"scores.csv": b""}), "no request in it"),
        (zipped({"a/request.json": b"", "b/request.json": b""}), "2 requests in it"),
    ],
)
def test_what_is_no_request_is_refused_in_one_sentence(content: bytes, cause: str, lab: Lab) -> None:
    with pytest.raises(InvalidRequest, match=cause) as refused:
        take_in([("mine.json", content)], lab.store)
    assert "\n" not in str(refused.value)


def test_a_zip_that_unpacks_to_very_much_is_refused(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.runs.archive.LARGEST", 100)
    with pytest.raises(InvalidRequest, match="unpacks to more than"):
        take_in([("big.zip", zipped({"request.json": b"0" * 101}))], lab.store)


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidRequest, match="cannot be read: No such file"):
        read(tmp_path / "request.json")


def test_a_store_puts_nothing_that_is_not_asked_for(lab: Lab) -> None:
    before = set(lab.store.digests())
    take_in([("request.json", CountRequest().model_dump_json().encode()), ("inputs/x.png", IMAGE)], lab.store)
    assert set(lab.store.digests()) == before


def test_one_that_was_uploaded_is_read_in_a_process_of_its_own(archive: Files, run: Run, elsewhere: Lab) -> None:
    request = take_in_bounded([("run.zip", zipped(archive))], elsewhere.store)
    assert key_of(request) == run.id
    assert set(elsewhere.store.digests()) == {run.request.inputs[0]}
    with pytest.raises(InvalidRequest, match="no experiment called 'magic'"):
        take_in_bounded([("run.json", b'{"kind": "magic"}')], elsewhere.store)
    elsewhere.registry.close()


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (encode(picture(STORED_SIDE + 1, 20), "PNG"), "a picture of 385 x 20 pixels"),
        (encode(picture(), "PNG")[:-40], "is no input of a run"),
        (b"neither of them", "neither a picture nor prices nor weights"),
        (b"BM" + bytes(4) + encode(picture(), "BMP")[6:100], "neither a picture nor prices nor weights"),
        (bytes(2_001), "has more than 0 MB"),
    ],
)
def test_an_input_that_the_lab_would_not_have_made_is_refused(
    content: bytes, cause: str, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "LARGEST_INPUT", 2_000)
    request = CountRequest(image=digest_of(content)).model_dump_json().encode()
    with pytest.raises(InvalidRequest, match=cause):
        take_in([("request.json", request), ("inputs/0.png", content)], lab.store)
    assert digest_of(content) not in lab.store


def test_the_largest_picture_that_is_stored_is_taken_in() -> None:
    archives._check_input("a.png", encode(picture(STORED_SIDE, 20), "PNG"))
