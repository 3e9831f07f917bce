"""Table 1 of the spatial transformer paper on full MNIST: `python -m benchmarks.paper_table --mnist FOLDER`.

One network after another, every finished one kept at once, so that it goes on where it stopped. Runs on a CPU and on CUDA.
`--report` only writes docs/RESULTS.md from what is there.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import click
import torch
from filelock import FileLock

from benchmarks.__main__ import machine
from benchmarks.paper_report import entry
from benchmarks.paper_report import report as text_of
from benchmarks.results_page import PAGE, sections_of, with_sections
from core.drive import relayed, returned
from core.runs.request import Progress
from core.runs.store import write_atomically
from core.stn.datasets.digits import mnist as digits_of
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.mnist import read
from core.stn.learning.digit_recipes import recipe_for
from core.stn.learning.recipe import answers, learn
from core.stn.networks.classifiers import build
from core.stn.paper import table as paper
from core.stn.paper.table import PAPER, RUNS, SETS, Row, SetName

TESTS = 10_000  # seed of the first test draw; training draws from small seeds


def _print_progress(name: str, row: Row, seed: int, progress: Progress) -> Progress:
    left, loss = progress.seconds_left or 0.0, progress.numbers["loss"]
    words = f"{name} {row[0]} {row[1] or ''} seed {seed}: {progress.fraction:.0%}, {left:.0f} s left, loss {loss:.4f}"
    click.echo(f"\r{words}   ", nl=False, err=True)
    return progress


def measure(name: SetName, row: Row, seed: int, train: Labelled, test: Labelled, epochs: float, draws: int) -> dict[str, Any]:
    """Train and test one network of one cell."""
    device = train.images.device
    model = build(paper.spec_of(name, *row), seed).to(device)
    began = time.monotonic()
    training = learn(model, train, name, epochs=epochs, bend=recipe_for(name).bend, seed=seed)
    history = returned(relayed(training, partial(_print_progress, name, row, seed)))
    seconds = time.monotonic() - began
    labels = test.labels.cpu().numpy()
    click.echo("", err=True)
    errors = [round(100 * float((given != labels).mean()), 3) for given in answers(model, test, name, draws, TESTS)]
    measured = {"errors": errors, "epochs": epochs, "steps": history.steps, "seconds": round(seconds, 1)}
    where = torch.cuda.get_device_name() if device.type == "cuda" else "cpu"
    return measured | {"loss": history.loss[-1]} | machine() | {"device": where, "threads": torch.get_num_threads()}


def keep(entry: dict[str, Any], path: Path) -> None:
    """Add one run to the file; several processes may write to it."""
    with FileLock(Path(tempfile.gettempdir()) / "gridcast-paper-table.lock"):
        measured = paper.runs(path)
        write_atomically(path, (json.dumps({"runs": [*measured, entry]}, indent=1) + "\n").encode())


def done(name: SetName, row: Row, seed: int, epochs: float, path: Path) -> bool:
    """Whether this network is there already, trained at least as long."""
    wanted = (name, *row, seed)
    return any((e["set"], e["model"], e["family"], e["seed"]) == wanted and e["epochs"] >= epochs for e in paper.runs(path))


def rows_of(models: str) -> list[Row]:
    """The rows of the table whose model, or model-family, is listed: "cnn,st-cnn-affine"."""
    wanted = models.split(",")
    return [row for row in PAPER if not models or row[0] in wanted or f"{row[0]}-{row[1]}" in wanted]


@click.command()
@click.option("--mnist", type=click.Path(path_type=Path, file_okay=False), help="Folder with the four IDX files.")
@click.option("--sets", default=",".join(SETS), show_default=True)
@click.option("--models", default="", help="cnn,st-cnn-affine,…; default: all")
@click.option("--seeds", default="0,1,2", show_default=True)
@click.option("--epochs", default=60.0, show_default=True)
@click.option("--draws", default=5, show_default=True, help="Random distortions of the whole test set.")
@click.option("--device", default="cuda" if torch.cuda.is_available() else "cpu", show_default=True)
@click.option("--out", default=RUNS, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--report", is_flag=True, help="Only write docs/RESULTS.md from what is there.")
def main(
    mnist: Path | None, sets: str, models: str, seeds: str, epochs: float, draws: int, device: str, out: Path, report: bool
) -> None:
    """Train what is missing, then write the report."""
    if not report:
        if mnist is None:
            raise click.UsageError("--mnist names the folder with the four IDX files")
        digits = digits_of(read(mnist))
        train, test = (Labelled.of(part).to(device) for part in (digits.train, digits.test))
        wanted = [
            (name, row, int(seed))
            for seed in seeds.split(",")
            for name in SETS
            if name in sets.split(",")
            for row in rows_of(models)
        ]
        for name, row, seed in wanted:
            if not done(name, row, seed, epochs, out):
                keep(entry(name, row, seed, measure(name, row, seed, train, test, epochs, draws)), out)
    others = sections_of(PAGE.read_text(encoding="utf-8"))
    write_atomically(PAGE, with_sections(text_of(paper.runs(out)), others).encode())


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    main()
