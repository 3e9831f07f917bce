"""Table 1 of the spatial transformer paper on full MNIST: `python -m benchmarks.paper_table --mnist FOLDER`.

One network after another, every finished one kept at once with its answers, so that it goes on where it stopped. Runs on a CPU
and on CUDA, there with `--workers 12`: digits, distortions and answers stay on the device, and a step of these networks is so
small that one process leaves it idle. `--held-out` compares recipes without a look at the test digits. `--report` only writes
docs/RESULTS.md from what is there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from filelock import FileLock

from benchmarks.__main__ import machine
from benchmarks.paper_report import entry
from benchmarks.paper_report import report as text_of
from benchmarks.results_page import PAGE, sections_of, with_sections
from core.drive import relayed, returned
from core.runs.request import Progress
from core.runs.store import write_atomically
from core.stn.datasets.digits import Digits
from core.stn.datasets.digits import mnist as digits_of
from core.stn.datasets.labelled import Labelled
from core.stn.datasets.mnist import read
from core.stn.learning.recipe import BATCH, answers, learn
from core.stn.networks.classifiers import build
from core.stn.paper import table as paper
from core.stn.paper.answers import ANSWERS, kept, network_of, wrong_answers
from core.stn.paper.answers import keep as keep_answers
from core.stn.paper.table import EPOCHS, PAPER, RECIPE, RUNS, SETS, Entry, Row, SetName

TESTS = 10_000  # seed of the first test draw; training draws from small seeds
HELD_OUT = 10_000  # the last training digits, by which a recipe is chosen


@dataclass(frozen=True)
class Job:
    """One network of one cell, and how long it is trained: equal for all of a table."""

    name: SetName
    row: Row
    seed: int
    epochs: float | None
    minutes: float | None

    def is_done(self, measured: list[Entry]) -> bool:
        """Whether this very training is there already."""
        wanted = {"set": self.name, "model": self.row[0], "family": self.row[1], "seed": self.seed, "recipe": RECIPE}
        length = {"minutes": self.minutes} if self.minutes else {"epochs": self.epochs, "minutes": None}
        return any(all(e.get(key) == value for key, value in (wanted | length).items()) for e in measured)


@dataclass(frozen=True)
class Task:
    """What is learned and what is tested."""

    train: Labelled
    test: Labelled
    draws: int


def _print_progress(job: Job, progress: Progress) -> Progress:
    left, loss = progress.seconds_left or 0.0, progress.numbers["loss"]
    network = f"{job.name} {job.row[0]} {job.row[1] or ''} seed {job.seed}"
    click.echo(f"\r{network}: {progress.fraction:.0%}, {left:.0f} s left, loss {loss:.4f}   ", nl=False, err=True)
    return progress


def measure(job: Job, task: Task) -> tuple[dict[str, Any], np.ndarray]:
    """Train and test one network: what was measured, and its wrong answers (K, 3)."""
    device = task.train.images.device
    model = build(paper.spec_of(job.name, *job.row), job.seed).to(device)
    began, used = time.monotonic(), time.process_time()
    seconds = 60 * job.minutes if job.minutes else None
    training = learn(model, task.train, job.name, seconds=seconds, epochs=job.epochs, seed=job.seed)
    history = returned(relayed(training, partial(_print_progress, job)))
    click.echo("", err=True)
    took = {"seconds": time.monotonic() - began, "processor_seconds": time.process_time() - used}
    given, labels = answers(model, task.test, job.name, task.draws, TESTS), task.test.labels.cpu().numpy()
    measured = {
        "errors": [round(100 * float((answer != labels).mean()), 3) for answer in given],
        "epochs": job.epochs or round(history.steps * BATCH / len(task.train), 2),
        "minutes": job.minutes,
        "steps": history.steps,
        "loss": history.loss[-1],
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "threads": torch.get_num_threads(),
    }
    return measured | {name: round(value, 1) for name, value in took.items()} | machine(), wrong_answers(given, labels)


def keep(entry: Entry, wrong: np.ndarray, out: Path, answered: Path) -> None:
    """Add one network to the files; several processes may write to them."""
    with FileLock(Path(tempfile.gettempdir()) / "gridcast-paper-table.lock"):
        keep_answers(network_of(entry), wrong, answered)
        write_atomically(out, (json.dumps({"runs": [*paper.runs(out), entry]}, indent=1) + "\n").encode())


def rows_of(models: str) -> list[Row]:
    """The rows of the table whose model, or model-family, is listed: "cnn,st-cnn-affine"."""
    wanted = models.split(",")
    return [row for row in PAPER if not models or row[0] in wanted or f"{row[0]}-{row[1]}" in wanted]


def task_of(digits: Digits, held_out: bool, draws: int, device: str) -> Task:
    """All training digits and the test digits; or, to choose a recipe, the first training digits and the last of them."""
    train, test = (Labelled.of(part).to(device) for part in (digits.train, digits.test))
    if held_out:
        train, test = (Labelled(train.images[part], train.labels[part]) for part in (slice(-HELD_OUT), slice(-HELD_OUT, None)))
    return Task(train, test, draws)


def _start_workers(count: int) -> None:
    """As many processes of this command, each for its part of the networks; a failed one ends this with its status."""
    arguments = [sys.executable, "-m", "benchmarks.paper_table", *sys.argv[1:]]
    running = [subprocess.Popen([*arguments, "--workers", "1", "--part", str(part), str(count)]) for part in range(count)]
    failed = [process.returncode for process in running if process.wait()]
    if failed:
        sys.exit(failed[0])


@click.command()
@click.option("--mnist", type=click.Path(path_type=Path, file_okay=False), help="Folder with the four IDX files.")
@click.option("--sets", default=",".join(SETS), show_default=True)
@click.option("--models", default="", help="cnn,st-cnn-affine,…; default: all")
@click.option("--seeds", default="0,1,2", show_default=True)
@click.option("--epochs", type=float, help="Passes over the training digits, equal for all networks.  [default: 20]")
@click.option("--minutes", type=float, help="In place of epochs: minutes of training, equal for all networks.")
@click.option("--draws", default=5, show_default=True, help="Random distortions of the whole test set.")
@click.option("--device", default="cuda" if torch.cuda.is_available() else "cpu", show_default=True)
@click.option("--workers", default=1, show_default=True, help="Processes side by side; small networks leave a GPU idle: 12.")
@click.option("--part", type=int, nargs=2, default=(0, 1), hidden=True, help="Every so manieth network, from which on.")
@click.option(
    "--held-out", is_flag=True, help="Learn without 10,000 training digits, test on those, keep nothing: for recipes."
)
@click.option("--out", default=RUNS, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--answers", "answered", default=ANSWERS, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--page", default=PAGE, type=click.Path(path_type=Path, dir_okay=False), help="What the report is written to.")
@click.option("--report", is_flag=True, help="Only write docs/RESULTS.md from what is there.")
def main(
    mnist: Path | None, sets: str, models: str, seeds: str, epochs: float | None, minutes: float | None, draws: int,
    device: str, workers: int, part: tuple[int, int], held_out: bool, out: Path, answered: Path, page: Path, report: bool,
) -> None:  # fmt: skip
    """Train what is missing, then write the report."""
    if epochs and minutes:
        raise click.UsageError("training ends after --epochs or after --minutes; give one of them")
    if not report:
        if mnist is None:
            raise click.UsageError("--mnist names the folder with the four IDX files")
        if workers > 1:
            _start_workers(workers)
        else:
            length = (None if minutes else epochs or EPOCHS, minutes)
            names, rows = [name for name in SETS if name in sets.split(",")], rows_of(models)
            jobs = [Job(name, row, int(seed), *length) for seed in seeds.split(",") for name in names for row in rows]
            task = task_of(digits_of(read(mnist)), held_out, draws, device)
            for job in jobs[part[0] :: part[1]]:
                if held_out or not job.is_done(paper.runs(out)):
                    measured, wrong = measure(job, task)
                    if held_out:
                        click.echo(f"{job.name} {job.row} seed {job.seed}: {measured['errors']}")
                    else:
                        keep(entry(job.name, job.row, job.seed, measured), wrong, out, answered)
    if not held_out and part == (0, 1):
        others = sections_of(page.read_text(encoding="utf-8")) if page.exists() else {}
        write_atomically(page, with_sections(text_of(paper.runs(out), kept(answered)), others).encode())


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    main()
