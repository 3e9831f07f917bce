"""Whatever a user names as a file is read up to a size, and never for ever."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import ImageError, InvalidRequest
from core.system import files
from core.system.files import close_to_others, files_below, private_folder, read_file
from tests.import_graph import ROOT

GIGABYTES = 5_000_000_000


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "prices.csv")  # nobody writes to it
    return folder / "prices.csv"


def sparse(folder: Path) -> Path:
    path = folder / "sparse.png"
    with path.open("wb") as file:
        file.truncate(GIGABYTES)
    return path


ENDLESS: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a device": (lambda _: Path("/dev/zero"), "it is a device or a pipe, give a file"),
    "another device": (lambda _: Path("/dev/urandom"), "it is a device or a pipe, give a file"),
    "a pipe": (fifo, "it is a device or a pipe, give a file"),
    "a folder": (lambda folder: folder, "it is a folder"),
    "a file of gigabytes": (sparse, "has more than 200 MB; give a smaller file"),
    "a file that is not there": (lambda folder: folder / "none.png", "No such file"),
    "a name that no file can have": (lambda folder: folder / "no\0ne.png", "null byte"),
    "a file that is a folder": (lambda folder: Path(__file__) / "none.png", "Not a directory"),
}
COMMANDS = {  # every command that reads a file
    "warp": "warp FILE --rotation 3 --out out.png",
    "train straighten": "train straighten FILE",
    "train align": "train align FILE",
    "train locate": "train locate FILE",
    "train classify": "train classify FILE",
    "register": "register FILE FILE",
    "apply": "apply RUN FILE --out out",
    "compare": "compare X --source FILE",
    "traps": "traps X --source FILE",
    "sweep": "sweep --tickers FILE",
    "panel": "panel --tickers FILE",
    "start": "start FILE",
    "tasks": "tasks FILE",
}


@pytest.mark.parametrize("what", ENDLESS)
def test_what_is_no_file_of_a_usual_size_is_refused_with_the_reason(what: str, tmp_path: Path) -> None:
    make, reason = ENDLESS[what]
    with pytest.raises(ImageError, match=reason):
        read_file(make(tmp_path), error=ImageError)


def test_a_file_is_read_up_to_its_bound_and_not_beyond(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"12345")
    assert read_file(path, 5) == b"12345"
    with pytest.raises(InvalidRequest, match="has more than 4e-06 MB"):
        read_file(path, 4)


def test_a_file_given_as_standard_input_is_read(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(b"12345")
    code = "from pathlib import Path; from core.system.files import read_file; print(read_file(Path('/dev/stdin')))"
    with path.open("rb") as given:
        done = subprocess.run([sys.executable, "-c", code], stdin=given, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "b'12345'\n"


def test_a_folder_of_too_many_files_is_not_looked_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MOST_ENTRIES", 3)
    for number in range(3):
        (tmp_path / f"{number}").touch()
    assert [path.name for path in files_below(tmp_path)] == ["0", "1", "2"]
    fifo(tmp_path)
    with pytest.raises(InvalidRequest, match="holds more than 3 files and folders"):
        files_below(tmp_path)


@pytest.mark.slow
def test_every_command_ends_that_is_given_what_has_no_end(tmp_path: Path) -> None:
    """One process for all of them, because each takes seconds to start; one that reads on for ever runs into its limit."""
    code = """
import sys
import click
from core.__main__ import main
from core.errors import GridcastError
from core.runs.bundle import examples
from core.runs.lab import lab
straightened = next(run.id for run in examples(lab()) if run.kind == "straighten")
for words in sys.argv[1:]:
    try:
        main(words.replace("RUN", straightened).split(), standalone_mode=False)
    except (GridcastError, click.ClickException) as error:
        print(error if isinstance(error, GridcastError) else error.format_message())
"""
    paths = [Path("/dev/zero"), fifo(tmp_path)]
    given = [words.replace("FILE", str(path)) for words in COMMANDS.values() for path in paths]
    env = os.environ | {"GRIDCAST_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code, *given], capture_output=True, text=True, check=True, cwd=tmp_path, env=env, timeout=300
    )
    answers = done.stdout.splitlines()
    reasons = ("it is a device or a pipe, give a file", "there is no price source")  # only a file is taken for a source
    assert [answer for answer in answers if not any(reason in answer for reason in reasons)] == []
    assert len(answers) == len(given)


def test_folders_that_the_lab_makes_are_for_this_account_alone(tmp_path: Path) -> None:
    private_folder(tmp_path / "a" / "b")
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("a", "a/b")] == [0o700, 0o700]
    private_folder(tmp_path / "a" / "b")  # again
    before = stat.S_IMODE(tmp_path.stat().st_mode)
    private_folder(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == before


def test_a_lab_of_an_earlier_version_is_closed_to_others_and_a_folder_of_other_things_is_not(tmp_path: Path) -> None:
    for name, own in (("lab", True), ("other", False)):
        (tmp_path / name).mkdir()
        (tmp_path / name).chmod(0o755)
        if own:
            (tmp_path / name / "owners").mkdir()
        close_to_others(tmp_path / name, "owners")
    assert [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("lab", "other")] == [0o700, 0o755]
