"""What a report was written with."""

from __future__ import annotations

import platform
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from core.system.files import read_file

PROJECT = Path(__file__).parents[3] / "pyproject.toml"
PACKAGES = ("torch", "numpy", "pandas", "statsmodels", "arch", "scikit-learn", "plotly")


@cache
def gridcast_version() -> str:
    """As pyproject.toml says it, which lies beside the code; that of the installed package where it does not."""
    if PROJECT.is_file() and (found := re.search(r'^version = "(.+)"', read_file(PROJECT).decode(), re.MULTILINE)):
        return found[1]
    return _version("gridcast")


def versions() -> dict[str, str]:
    """By name: Gridcast, Python and what computes; "none" for what is not installed."""
    return {"Gridcast": gridcast_version(), "Python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
