"""Versions: what a front, a scheduler and a worker must have alike, and the sentence where they have not."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.system.files import read_file

CORE = Path(__file__).parents[2]
CODE = "Gridcast"
PACKAGES = ("dask", "distributed")  # of everybody
OF_WORKERS = ("torch",)
SAME_CODE = "check out the same commit there, install its requirements.txt, and start it again"
NO_CODE = "{who} cannot load this lab's code: start it in a checkout of the same commit, by the lines of docs/DEPLOY.md"


def _code() -> str:
    digest = hashlib.sha256()
    for path in sorted(CORE.rglob("*.py")):
        digest.update(path.relative_to(CORE).as_posix().encode() + b"\0" + read_file(path) + b"\0")
    return digest.hexdigest()[:12]


DIGEST = _code()  # of what this process has loaded: a checkout may change while it runs


def versions(packages: tuple[str, ...] = PACKAGES) -> dict[str, str]:
    """Of this process, by name. Of Gridcast it is a digest of its code, because a checkout may be of any commit."""
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python} | {name: _version(name) for name in packages} | {CODE: DIGEST}


def difference(there: object, here: Mapping[str, str], who: str) -> str:
    """What `who` has to change before it may work with us; "" where nothing. `there` is an exception where it cannot tell."""
    if not isinstance(there, Mapping):
        return NO_CODE.format(who=who)
    for name, ours in here.items():
        theirs = there.get(name, "none")
        if theirs == ours:
            continue
        if name == CODE:
            return f"{who} has other code of Gridcast than this server; {SAME_CODE}"
        return f"{who} has {name} {theirs}, and this server {ours}; install the same there, and start it again"
    return ""


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
