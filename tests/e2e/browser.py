"""A Chromium for the browser tests: the one here, else playwright's download, else the distribution's package (as root).

`python tests/e2e/browser.py` makes sure that there is one and prints where.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_SECONDS = 300


def find() -> str | None:
    """The path of a Chromium on this machine: the system's, or the one playwright has downloaded."""
    for name in NAMES:
        if path := shutil.which(name):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> None:
    """Try playwright's download, then the distribution's package."""
    _try([sys.executable, "-m", "playwright", "install", "chromium"])
    if find() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        _try(["apt-get", "update", "-qq"])
        _try(["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-liberation"])


def _try(command: list[str]) -> None:
    print("+", " ".join(command), flush=True)
    try:
        subprocess.run(command, timeout=DOWNLOAD_SECONDS, check=False, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})
    except subprocess.TimeoutExpired:
        print(f"gave up after {DOWNLOAD_SECONDS} s", flush=True)


def main() -> int:
    if find() is None:
        install()
    path = find()
    print("browser:", path or "none was found or could be installed; install Chromium")
    return 0 if path or os.environ.get("CI") != "true" else 1


if __name__ == "__main__":
    sys.exit(main())
