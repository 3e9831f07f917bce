"""`python -m benchmarks [NAME…]`: measure, and keep what was found in benchmarks/results.

Without names it measures what the README says in numbers, in about an hour; `all` is everything that stands below.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.claims import CLAIMS

RESULTS = Path(__file__).parent / "results"
NAMES = (
    "truth",
    "panel_truth",
    "memory_truth",
    "belief",
    "health",
    "register",
    "strangers",
    "pages",
    "parts",
    "cluster",
    "case_study",
    "panel",
    "sweep",
    "scale",
    "classroom",
    "engine",
    "checkpoints",
    "first_convolution",
    "tutorial",
    "inside_a_network",
    "training_loop",  # from here on the machine should do nothing else
    "startup",
    "first_paint",
    "slider",
    "compare",
    "load",
    "claims",  # reads the others
)


ALL = "all"


def chosen(names: Sequence[str]) -> tuple[str, ...]:
    """Which measurements are made."""
    if ALL in names:
        return NAMES
    return tuple(names) or tuple(name for name in NAMES if name in {"claims", *(claim.by for claim in CLAIMS)})


def machine() -> dict[str, str | int | None]:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False).stdout.strip()
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "cores": os.cpu_count(),
        "processor": platform.machine(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 2),
    }


def main(names: Sequence[str]) -> None:
    RESULTS.mkdir(exist_ok=True)
    for name in chosen(names):
        told = machine() | {"figures": import_module(f"benchmarks.{name}").measure()}
        (RESULTS / f"{name}.json").write_text(json.dumps(told, indent=2) + "\n")
        print(name, json.dumps(told["figures"], indent=2), flush=True)


if __name__ == "__main__":
    for thread in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(thread, "1")
    main(sys.argv[1:])
