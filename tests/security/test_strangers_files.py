"""Whatever a stranger sends as a file is read, or refused in one sentence, within seconds: requests, archives, weights, prices,
pictures, digits, task lists.

A few hundred examples here, always the same ones; `python -m benchmarks strangers` tries 5,000.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.errors import GridcastError
from core.lessons.reading import read as read_list
from core.rnn.prices.csv_file import read_csv
from core.runs.archive import take_in
from core.runs.lab import Lab
from core.settings import Settings
from core.stn.datasets.decoding.uploads import read_uploads
from tests.security.strangers import NAMES, Outcome, attempt, doors_of, picture, zipped

LONGEST = 5.0  # seconds of the processor
Attempt = Callable[[str, int], Outcome]


@pytest.fixture(scope="module")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attempt]:
    lab = Lab.open(Settings(home=tmp_path_factory.mktemp("lab"), database=None))
    doors = doors_of(lab)
    yield lambda name, seed: attempt(doors[name], seed)
    lab.registry.close()


@pytest.mark.filterwarnings("ignore")  # of Pillow, about pictures that are cut short
@settings(derandomize=True, max_examples=30, phases=[Phase.explicit, Phase.generate])
@given(seed=st.integers(0, 2**32))
@pytest.mark.parametrize("name", NAMES)
def test_an_altered_file_is_read_or_refused_in_one_sentence(send: Attempt, name: str, seed: int) -> None:
    outcome = send(name, seed)
    assert "\n" not in outcome.sentence
    assert len(outcome.sentence) < 1_200
    assert "Traceback" not in outcome.sentence
    assert str(Path.home()) not in outcome.sentence
    assert outcome.seconds < LONGEST


def tar(mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        entry = tarfile.TarInfo("request.json")
        entry.size = 2
        archive.addfile(entry, io.BytesIO(b"{}"))
    return buffer.getvalue()


def saved(save: Callable[..., None], *values: object) -> bytes:
    buffer = io.BytesIO()
    save(buffer, *values)
    return buffer.getvalue()


ARCHIVES = {
    "tar": tar("w"),
    "tar.gz": tar("w:gz"),
    "tar.xz": tar("w:xz"),
    "xz": lzma.compress(b"Date,Close"),
    "bz2": bz2.compress(b"Date,Close"),
    "gz in gz": gzip.compress(gzip.compress(b"Date,Close")),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(40),
    "npy that is pickled": saved(np.save, np.array([{}], dtype=object)),
    "npz": saved(np.savez, np.ones(3)),
    "ZIP by LZMA": zipped({"request.json": b"{}", "a.png": picture("PNG")}, zipfile.ZIP_LZMA),
    "ZIP in a ZIP": zipped({"request.zip": zipped({"request.json": b"{}"})}),
}
REFUSED = (
    r"is a \w+ file, which is not opened here; unpack it"
    r"|packed in an unusual way; make an ordinary ZIP"
    r"|there is no request in it; give|holds no pictures; put|this is a spreadsheet or an archive; save"
    r"|is not text in UTF-8; save it|is packed once more; unpack it"
)


@pytest.mark.parametrize("kind", ARCHIVES)
@pytest.mark.parametrize("way", ["pictures", "prices", "request", "task list"])
def test_archives_of_other_kinds_are_refused_with_what_to_do(way: str, kind: str, tmp_path: Path) -> None:
    lab = Lab.open(Settings(home=tmp_path, database=None))
    ways: dict[str, Callable[[str, bytes], object]] = {
        "pictures": lambda name, content: read_uploads([(name, content)]),
        "prices": read_csv,
        "request": lambda name, content: take_in([(name, content)], lab.store),
        "task list": lambda name, content: read_list(content, name),
    }
    with pytest.raises(GridcastError, match=REFUSED) as refused:
        ways[way]("sent", ARCHIVES[kind])
    assert "\n" not in str(refused.value)
    lab.registry.close()
