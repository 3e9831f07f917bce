"""`train add` on the command line: networks with one, two or no transformers learn to add two distorted digits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.runs.lab import lab
from core.shell import as_json, comma_separated, do, names_option, request_of, say, summary


@click.command()
@names_option("--models", "core.stn.add.adders:TITLES", default="fcn,st-fcn,2xst-fcn", help="Of {names}.")
@names_option("--family", "core.stn.geometry.families:FAMILIES", default="affine")
@click.option("--mnist", "folder", type=click.Path(path_type=Path), help="Folder with MNIST's four files; else 5,000 digits.")
@click.option("--budget", default=60.0, show_default=True, help="Seconds for each model: learning and test.")
@click.option("--steps", type=int, help="Steps of learning in place of a time: equal seeds then give equal results.")
@click.option("--seed", default=0, show_default=True)
@as_json
def add(models: str, folder: Path | None, as_json: bool, **fields: Any) -> None:
    """Compare networks that learn to add two digits, each turned, scaled and shifted by itself."""
    from core.stn.add.request import AddRequest
    from core.stn.datasets.mnist import read

    files = read(folder) if folder else []
    fields |= {"models": comma_separated(models), "mnist": tuple(map(lab().store.put, files))}
    run, cached = do(request_of(AddRequest, fields))
    say(as_json, summary(run, cached), f"{run.title}: {run.headline}", run, cached)
