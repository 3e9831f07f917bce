"""The lock file: that it fits the ranges, and whether anything in it has a known vulnerability.

`python -m tests.lock` compares requirements.lock with requirements.txt; `--audit` also asks the advisory service, which needs
the internet: without it that is said in one line. `--write` makes the lock anew from what pip would install here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
RANGES, LOCK = ROOT / "requirements.txt", ROOT / "requirements.lock"
HEAD = """\
# What requirements.txt resolves to, with the SHA-256 of every file: pip install --require-hashes -r requirements.lock
# For Python {python} on Linux, x86-64; torch is the build for processors. Written by `python -m tests.lock --write`.
"""
_PINNED = re.compile(r"^([\w.-]+)==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", re.MULTILINE)
AWAY = "the advisory service cannot be reached from here: known vulnerabilities were not looked for"


@dataclass(frozen=True)
class Pinned:
    """One line of the lock."""

    name: str
    version: str
    hashes: tuple[str, ...]


def pinned(text: str) -> dict[str, Pinned]:
    """The lines of a lock by canonical name."""
    found = (
        Pinned(canonicalize_name(name), number, tuple(re.findall("[0-9a-f]{64}", hashes)))
        for name, number, hashes in _PINNED.findall(text)
    )
    return {one.name: one for one in found}


def ranges(text: str) -> list[Requirement]:
    """The requirements of a file of ranges."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line]


def misfits(wanted: str, locked: str) -> list[str]:
    """Where a lock does not do what the ranges ask for, a sentence each."""
    have = pinned(locked)
    said = []
    for one in ranges(wanted):
        lock = have.get(canonicalize_name(one.name))
        if lock is None:
            said.append(f"{one.name} is not in the lock")
        elif not one.specifier.contains(lock.version, prereleases=True):
            said.append(f"{one.name} is locked at {lock.version}, which {one.specifier} does not allow")
    lines = [line for line in locked.splitlines() if line and not line.startswith(("#", " "))]
    said += [f"{line} has no hash" for line in lines if canonicalize_name(line.partition("==")[0]) not in have]
    return said


def installed_otherwise(locked: str) -> list[str]:
    """What is installed here in another version than the lock's: "name 1.2, locked 1.1"."""
    others = []
    for one in pinned(locked).values():
        try:
            here = version(one.name)
        except PackageNotFoundError:
            continue
        if here != one.version:
            others.append(f"{one.name} {here}, locked {one.version}")
    return others


def write() -> None:
    """The lock anew, from what pip would install."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        asked = ["install", "--dry-run", "--ignore-installed", "--quiet", "--report", str(report), "-r", str(RANGES)]
        subprocess.run([sys.executable, "-m", "pip", *asked], check=True)
        LOCK.write_text(locked_from(json.loads(report.read_text())))


def locked_from(report: dict[str, Any]) -> str:
    """A lock from pip's report of an installation."""
    lines = []
    for one in sorted(report["install"], key=lambda one: canonicalize_name(one["metadata"]["name"])):
        digest = one["download_info"]["archive_info"]["hashes"]["sha256"]
        lines.append(
            f"{canonicalize_name(one['metadata']['name'])}=={one['metadata']['version']} \\\n    --hash=sha256:{digest}\n"
        )
    python = ".".join(report["environment"]["python_version"].split(".")[:2])
    return HEAD.format(python=python) + "".join(lines)


def audit() -> int:
    """Ask for known vulnerabilities of what is locked; 1 where there are some."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "locked.txt"  # a build such as 1.0+cpu is known by its public version
        plain.write_text("".join(f"{one.name}=={one.version.partition('+')[0]}\n" for one in pinned(LOCK.read_text()).values()))
        asked = ["--requirement", str(plain), "--no-deps", "--disable-pip", "--progress-spinner", "off", "--timeout", "5"]
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *asked, "--format", "json"], capture_output=True, text=True, check=False
        )
    return judged(done.stdout)


def judged(said: str) -> int:
    """Say what the audit's answer in JSON comes to; 1 where something has a known vulnerability."""
    looked_at = [one for one in json.loads(said)["dependencies"] if "vulns" in one] if said.startswith("{") else []
    if not looked_at:
        print(AWAY)
        return 0
    found = [f"{one['name']} {one['version']}: {vuln['id']}" for one in looked_at for vuln in one["vulns"]]
    print("\n".join(found) or f"none of {len(looked_at)} locked packages has a known vulnerability")
    return 1 if found else 0


def main(words: list[str]) -> int:
    if "--write" in words:
        write()
    locked = LOCK.read_text()
    if said := misfits(RANGES.read_text(), locked):
        print("\n".join([*said, "python -m tests.lock --write makes the lock anew"]), file=sys.stderr)
        return 1
    if others := installed_otherwise(locked):
        print(f"the lock fits the ranges; installed here: {'; '.join(others)}")
    return audit() if "--audit" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
