"""The parity report: how far an exported network is from the run itself, on the run's own images, measured at the export."""

from __future__ import annotations

import json
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from core.errors import ExportDiffers
from core.runs.export import Files
from core.runs.registry import Run

if TYPE_CHECKING:
    from torch import Tensor

TOLERANCE = 1e-4  # of thetas, of brightness from 0 to 1, and of probabilities
_PACKAGES = ("torch", "onnx", "onnxruntime", "onnxscript")


@dataclass(frozen=True)
class Compared:
    """One image through onnxruntime and through the run: the largest absolute differences. Brightness runs from 0 to 1."""

    network: str  # the file
    image: str
    theta: float
    pixels: float
    probabilities: float | None = None  # of the classes, or the belief

    @property
    def worst(self) -> float:
        return max(self.theta, self.pixels, self.probabilities or 0.0)


def largest_difference(first: Tensor, second: Tensor) -> float:
    return (first - second).abs().max().item()


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.1e}"


def _in_words(run: Run, rows: Sequence[Compared], summary: dict[str, object], usage: str) -> str:
    verdict = "agree" if summary["agrees"] else "DO NOT AGREE"
    lines = [
        f"| {row.network} | {row.image} | {row.theta:.1e} | {row.pixels:.1e} | {_number(row.probabilities)} |" for row in rows
    ]
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    return "\n".join(
        [
            f"# {run.title}",
            "",
            f"The exported networks and run {run.id} {verdict} to {TOLERANCE:.0e} on these images of the run "
            f"(worst difference {summary['worst']:.1e}).",
            "",
            "| network | image | theta | pixels (0 to 1) | probabilities |",
            "|---|---|---|---|---|",
            *lines,
            "",
            f"Measured with {versions} on {platform.platform()}, Python {platform.python_version()}, one thread.",
            "",
            usage,
        ]
    )


def report(run: Run, rows: Sequence[Compared], usage: str) -> Files:
    """parity.json, and PARITY.md with the same in words and how to use the networks."""
    summary = {
        "run": run.id,
        "title": run.title,
        "agrees": all(row.worst <= TOLERANCE for row in rows),
        "tolerance": TOLERANCE,
        "worst": max(row.worst for row in rows),
        "images": [asdict(row) for row in rows],
        "machine": {"system": platform.platform(), "processor": platform.machine(), "python": platform.python_version()},
        "versions": {name: version(name) for name in _PACKAGES},
    }
    return {"parity.json": json.dumps(summary, indent=2).encode(), "PARITY.md": _in_words(run, rows, summary, usage).encode()}


def check(files: Files) -> None:
    """ExportDiffers where the report among the files says that the networks do not agree with the run."""
    summary = json.loads(files["parity.json"])
    if summary["agrees"]:
        return
    images = ", ".join(row["image"] for row in summary["images"] if Compared(**row).worst > TOLERANCE)
    differ = f"the exported network and the run differ by {summary['worst']:.2g} on {images}"
    raise ExportDiffers(f"{differ}; do not use this export there (PARITY.md has the numbers)")
