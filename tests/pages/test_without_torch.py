"""What torch is not loaded for: it takes 200 MB and 2 s, and whoever only looks at what is stored needs none of it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pages.conftest import PAGES

COMPUTES = ("warp", "stn", "memory")
LOOK = f"""
import sys
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest
from core.runs.export import export
from core.runs.lab import lab
from pages.parts.navigation import ROWS

components = manifest_scanner.scan_component_manifests()
manifest_scanner.scan_component_manifests = lambda: components  # read once

def opened(page, **query):
    app = AppTest.from_file({str(PAGES / "frame.py")!r}, default_timeout=120)
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(f"{{page}}.py").run()
    assert not app.exception, (page, query, app.exception)
    assert "torch" not in sys.modules, (page, query)

for row in ROWS:
    if row.file not in {COMPUTES} and not row.hidden:
        opened(row.file)
for run in lab().registry.runs(parts=False):
    opened("run", id=run.id)
    assert export(run, lab().result(run), "csv"), run.title
    assert "torch" not in sys.modules, run.title
print(len(lab().registry.runs(parts=False)), "runs")
"""


@pytest.mark.slow
def test_stored_runs_are_opened_drawn_and_taken_away_without_it(with_examples: Path, tmp_path: Path) -> None:
    shutil.copytree(with_examples, tmp_path, dirs_exist_ok=True)
    env = {**os.environ, "GRIDCAST_HOME": str(tmp_path), "GRIDCAST_WARM": "false"}
    done = subprocess.run([sys.executable, "-c", LOOK], env=env, cwd=PAGES.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) >= 10
