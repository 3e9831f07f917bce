"""The lock fits the ranges, and the check says where one does not."""

from __future__ import annotations

import re
from importlib.metadata import distributions, requires

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.import_graph import ROOT
from tests.lock import AWAY, LOCK, RANGES, judged, locked_from, misfits, pinned, ranges

HASH = "0" * 64


NOTHING = "locked packages has a known vulnerability"


def entry(name: str, number: str) -> str:
    return f"{name}=={number} \\\n    --hash=sha256:{HASH}\n"


def test_every_range_is_locked_with_a_hash() -> None:
    assert misfits(RANGES.read_text(), LOCK.read_text()) == []
    assert len(pinned(LOCK.read_text())) > len(ranges(RANGES.read_text()))


def test_what_locked_packages_need_is_locked_too() -> None:
    locked, here = pinned(LOCK.read_text()), installed()
    needed = {
        canonicalize_name(one.name)
        for name in locked
        if name in here
        for one in map(Requirement, requires(name) or ())
        if one.marker is None or one.marker.evaluate({"extra": ""})
    }
    assert needed - locked.keys() == set()


def installed() -> set[str]:
    return {canonicalize_name(one.metadata["Name"]) for one in distributions()}


def test_what_does_not_fit_is_said() -> None:
    locked = "# a comment\n" + entry("one", "1.0") + entry("two", "3.0") + "four==1.0\n"
    said = misfits("one>=1  # yes\ntwo<3\nthree\n", locked)
    assert [line.split()[0] for line in said] == ["two", "three", "four==1.0"]
    assert pinned(locked)["one"].hashes == (HASH,)


def test_a_lock_is_made_from_what_pip_reports() -> None:
    found = [
        {"metadata": {"name": name, "version": "1.0"}, "download_info": {"archive_info": {"hashes": {"sha256": HASH}}}}
        for name in ("Zope.One", "a_b")
    ]
    text = locked_from({"install": found, "environment": {"python_version": "3.11"}})
    assert list(pinned(text)) == ["a-b", "zope-one"]
    assert misfits("a-b\nZope-One==1.0", text) == []


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ("", 0, AWAY),
        ('{"dependencies": [{"name": "a", "skip_reason": "not found"}]}', 0, AWAY),
        (
            '{"dependencies": [{"name": "a", "version": "1", "vulns": []}]}',
            0,
            "none of 1 locked packages has a known vulnerability",
        ),
        ('{"dependencies": [{"name": "a", "version": "1", "vulns": [{"id": "CVE-1"}]}]}', 1, "a 1: CVE-1"),
    ],
    ids=["no answer", "nothing looked at", "nothing found", "one found"],
)
def test_an_audit_fails_only_on_what_it_found(said: str, status: int, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert judged(said) == status
    assert capsys.readouterr().out.strip() == words


def test_the_lock_names_no_place_to_fetch_from() -> None:
    assert re.findall(r"https?://|--index|--find|file:/", LOCK.read_text()) == []


def test_the_workflow_runs_what_make_test_runs_on_the_oldest_python() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "test.yml").read_text())
    job = workflow["jobs"]["test"]
    assert any(step.get("run", "").startswith("make test") for step in job["steps"])
    oldest = re.search(r'requires-python = ">=([\d.]+)"', (ROOT / "pyproject.toml").read_text())
    assert oldest
    assert job["strategy"]["matrix"]["python"][0] == oldest[1]


def test_the_hooks_are_the_checks_of_make_lint() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert lint
    commands = {" ".join(line.replace("$(VENV)/bin/", "").split()[:2]).rstrip(".").strip() for line in lint[1].splitlines()}
    entries = {" ".join(hook["entry"].removeprefix(".venv/bin/").split()[:2]) for hook in hooks}
    assert commands <= entries
