"""The command line, `python -m core`: the same requests, store and registry as the screens.

With --json one JSON object goes to standard output and nothing else; progress goes to standard error. A user's mistake ends
with status 2 and one readable line, a failed run with status 1. Rooms are imported by the command that needs them.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from core.errors import GridcastError, InvalidRequest, RunFailed
from core.runs import local
from core.runs.export import FORMATS, export, write
from core.runs.lab import follow, lab
from core.runs.registry import Run, State
from core.runs.request import Progress as Step
from core.runs.request import Request, key_of
from core.runs.store import write_atomically
from core.settings import settings

if TYPE_CHECKING:
    from core.stn.rectify import RectifyResult

for name, value in local.ONE_THREAD.items():  # before torch is imported: two threads on busy cores cost a factor of ten
    os.environ.setdefault(name, value)

errors = Console(stderr=True)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object, and nothing else, on standard output.")
photos_argument = click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Gridcast: train spatial transformers on your images and recurrent networks on market data."""


@main.command()
@click.argument("photo", type=click.Path(path_type=Path))
@click.option("--theta", required=True, help='The six numbers of A_θ, "a b c d e f": output to input, normalised coordinates.')
@click.option(
    "--out", required=True, type=click.Path(path_type=Path), help="Where to write the warped image (PNG keeps it exact)."
)
@as_json
def warp(photo: Path, theta: str, out: Path, as_json: bool) -> None:
    """Bend one image by hand, at its full size."""
    from core.stn.families import parse_theta
    from core.stn.images import encode, read_image
    from core.stn.sampling import warp as bend

    matrix = parse_theta(theta)
    picture = read_image(photo.name, _content(photo), longest=None)
    write_atomically(out, encode(out.name, bend(picture.pixels, matrix)))
    _say(as_json, {"out": str(out), "theta": matrix.tolist()}, f"wrote {out}")


@main.group()
def train() -> None:
    """Train a spatial transformer."""


@train.command()
@photos_argument
@click.option("--family", default="similarity", show_default=True, help="similarity or affine")
@click.option("--max-angle", default=45.0, show_default=True, help="Photos are turned by up to ± this many degrees.")
@click.option("--budget", default=30.0, show_default=True, help="Seconds for everything: reading, learning, testing.")
@click.option("--seed", default=0, show_default=True)
@as_json
def rectify(photos: tuple[Path, ...], family: str, max_angle: float, budget: float, seed: int, as_json: bool) -> None:
    """Train on upright PHOTOS (a ZIP counts as the photos inside it) until the network straightens them."""
    from core.stn.images import read_uploads, to_png
    from core.stn.rectify import RectifyRequest

    pictures = read_uploads([(path.name, _content(path)) for path in photos])
    digests = tuple(lab().store.put(to_png(picture.pixels)) for picture in pictures)
    names = tuple(picture.name for picture in pictures)
    fields = {"images": digests, "names": names, "family": family, "max_angle": max_angle, "budget": budget, "seed": seed}
    run, cached = _do(_request(RectifyRequest, fields))
    _say(as_json, _told(run, cached), f"{run.title}: {run.headline} on distortions it never saw", run, cached)


@main.command()
@click.argument("run")
@photos_argument
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for the straightened images."
)
@as_json
def apply(run: str, photos: tuple[Path, ...], out: Path, as_json: bool) -> None:
    """Straighten PHOTOS with what RUN has learned."""
    from core.stn.images import read_uploads, to_png
    from core.stn.straighten import straighten

    result = _rectified(run)
    rows = []
    for picture in read_uploads([(path.name, _content(path)) for path in photos], longest=None):
        straight = straighten(result, picture.pixels)
        path = _free(out, Path(picture.name).stem)
        write_atomically(path, to_png(straight.image))
        rows.append(
            {"image": picture.name, "out": str(path), "angle_deg": straight.angle_deg, "theta": straight.theta.tolist()}
        )
    text = "\n".join(f"{row['image']}: turned by {row['angle_deg']:.1f}°, straightened in {row['out']}" for row in rows)
    _say(as_json, {"run": _find(run).id, "images": rows}, text)


@main.command()
@click.argument("ticker")
@click.option(
    "--source", default="sample", show_default=True, help="sample, yahoo, or a CSV file with a date and a price column"
)
@click.option("--target", default="return", show_default=True, help="return (next-day log return) or volatility (|return|)")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), help="First day to use.")
@click.option("--end", type=click.DateTime(["%Y-%m-%d"]), help="Last day to use.")
@click.option("--test-days", default=500, show_default=True, help="The last so many days are scored once and never trained on.")
@click.option("--seeds", default=3, show_default=True, help="Networks trained per variant.")
@click.option("--cells", default="rnn,birnn,lstm,gru", show_default=True)
@click.option("--classical", default="drift,mean,ar,har", show_default=True, help="The random walk is always in it.")
@as_json
def compare(
    ticker: str, source: str, target: str, start: datetime | None, end: datetime | None, test_days: int, seeds: int,
    cells: str, classical: str, as_json: bool,
) -> None:  # fmt: skip
    """Compare recurrent variants and classical models on TICKER against a random walk."""
    from core.rnn.compare import CompareRequest
    from core.rnn.prices import source_of

    prices = source_of(source).fetch(ticker)
    fields = {
        "symbol": prices.symbol, "source": prices.source, "prices": lab().store.put(prices.to_bytes()), "target": target,
        "start": start.date() if start else None, "end": end.date() if end else None, "test_days": test_days, "seeds": seeds,
        "cells": _listed(cells), "classical": _listed(classical),
    }  # fmt: skip
    run, cached = _do(_request(CompareRequest, fields))
    result: Any = lab().result(run)
    verdict = result.verdict.model_dump(mode="json")
    _say(as_json, _told(run, cached) | {"verdict": verdict}, result.verdict.text, run, cached)


@main.command()
@click.argument("run", required=False)
@click.option("--delete", is_flag=True, help="Forget RUN and its result.")
@as_json
def runs(run: str | None, delete: bool, as_json: bool) -> None:
    """List all runs, or show RUN."""
    if delete:
        if run is None:
            raise InvalidRequest("--delete needs a run: python -m core runs RUN --delete")
        lab().delete(found := _find(run))
        _say(as_json, {"deleted": found.id}, f"deleted {found.id}")
        return
    listed = [_find(run)] if run else lab().runs()
    if as_json:
        _say(True, {"runs": [_row(row) for row in listed]}, "")
    else:
        Console().print(_table(listed) if listed else "No runs yet. Try: python -m core train rectify PHOTO")


@main.command("export")
@click.argument("run")
@click.option("--format", "form", required=True, help=f"one of {', '.join(FORMATS)}")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False))
@as_json
def export_(run: str, form: str, folder: Path, as_json: bool) -> None:
    """Write what RUN found out into a folder."""
    found = _find(run)
    paths = write(export(found, lab().result(found), form), folder)
    _say(as_json, {"run": found.id, "files": [str(path) for path in paths]}, "\n".join(f"wrote {path}" for path in paths))


# -- doing a run ---------------------------------------------------------------------------------------


def _do(request: Request) -> tuple[Run, bool]:
    """Do a request here, or on the cluster that GRIDCAST_SCHEDULER names; the flag says whether it was in the store already."""
    known = lab().look(key_of(request))
    if known and known.state is State.DONE and known.result and known.result in lab().store:
        return known, True
    run = _watch(request.title, _on_cluster(request) if settings().scheduler else lab().iterate(request))
    if run.state is not State.DONE:
        raise RunFailed(run.error or f"The run was {run.state}.")
    return run, False


def _on_cluster(request: Request) -> Generator[Step, None, Run]:
    from core.runs.engine import engine

    run = engine().submit(request)
    yield from follow(lab(), run.id)
    return _find(run.id)


def _watch(title: str, doing: Generator[Step, None, Run]) -> Run:
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.fields[loss]}"),
        TimeRemainingColumn(),
    )
    try:
        step = next(doing)  # a mistake found at the door leaves no trace of a progress bar
        with Progress(*columns, console=errors, transient=True) as bar:
            task = bar.add_task(title, total=None, loss="")
            while True:
                loss = f"loss {step.numbers['loss']:.4f}" if "loss" in step.numbers else ""
                bar.update(task, description=f"{title}: {step.phase}", completed=step.step, total=step.total or None, loss=loss)
                step = next(doing)
    except StopIteration as end:
        return end.value


# -- helpers -------------------------------------------------------------------------------------------


def _request(kind: type[Request], fields: dict[str, Any]) -> Request:
    """A checked request; what pydantic finds wrong becomes one sentence."""
    from pydantic import ValidationError

    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"--{part}".replace("_", "-") for part in first["loc"][:1])
        raise InvalidRequest(f"{where} {first['input']!r} will not do: {first['msg']}".strip()) from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidRequest(f"{path} cannot be read: {error.strerror}") from error


def _find(run: str) -> Run:
    found = lab().look(lab().registry.find(run).id)
    if found is None:
        raise InvalidRequest(f"run {run} was deleted")
    return found


def _rectified(run: str) -> RectifyResult:
    from core.stn.rectify import RectifyResult

    found = _find(run)
    result = lab().result(found)
    if not isinstance(result, RectifyResult):
        raise InvalidRequest(f"run {found.id} is a {found.kind}; only a rectify run straightens photos")
    return result


def _free(folder: Path, stem: str) -> Path:
    """A path in the folder that is not taken yet."""
    numbered = (folder / f"{stem}-straight{'' if n == 1 else f'-{n}'}.png" for n in range(1, 10_000))
    return next(path for path in numbered if not path.exists())


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip().lower() for part in text.split(","))))


def _told(run: Run, cached: bool) -> dict[str, Any]:
    return {"run": run.id, "seconds": run.seconds, "cached": cached, "scores": run.scores}


def _row(run: Run) -> dict[str, Any]:
    kept = ("id", "kind", "title", "state", "seconds", "headline", "error", "created", "finished")
    return {name: getattr(run, name) for name in kept}


def _table(listed: list[Run]) -> Table:
    table = Table("run", "what", "state", "outcome", "seconds", box=None, header_style="bold")
    for run in listed:
        seconds = f"{run.seconds:.1f}" if run.seconds is not None else ""
        table.add_row(*map(Text, (run.id, run.title, run.state, run.headline or run.error, seconds)))
    return table


def _say(as_json: bool, told: dict[str, Any], text: str, run: Run | None = None, cached: bool = False) -> None:
    if as_json:
        click.echo(json.dumps(told))
        return
    click.echo(text)
    if run is not None:
        click.echo(f"run {run.id}, {'trained before' if cached else 'trained'} in {run.seconds:.1f} s")


def run_main() -> None:
    """Run the command line and turn errors into one line and a status."""
    try:
        main(standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"error: {' '.join(error.format_message().split())}", err=True)
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        errors.print("cancelled")
        sys.exit(130)
    except RunFailed as error:
        click.echo(f"failed: {error}", err=True)
        sys.exit(1)
    except GridcastError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2)
    finally:
        if lab.cache_info().currsize:
            lab().registry.close()


if __name__ == "__main__":
    run_main()
