"""`train parts` on the command line: networks that look at several small crops, on scenes with two cues or on own pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.shell import as_json, comma_separated, do, names_option, request_of, say, summary
from core.stn.shell import brighten_option, labelled_photos, read_photos


@click.command()
@click.argument("pictures", required=False, type=click.Path(path_type=Path))
@names_option("--models", "core.stn.parts.looks:LOOKS", default="cnn,1xst,2xst", help="Of {names}.")
@click.option("--side", default=224, show_default=True, help="Pictures become squares of so many pixels: 56, 112 or 224.")
@click.option("--budget", default=60.0, show_default=True, help="Seconds for each network: learning and test.")
@click.option("--steps", type=int, help="Steps of learning in place of a time: equal seeds then give equal results.")
@click.option("--seed", default=0, show_default=True)
@brighten_option
@as_json
def parts(pictures: Path | None, models: str, brighten: bool, as_json: bool, **fields: Any) -> None:
    """Compare networks that look at 1, 2 or 4 small crops of a picture with such that see all of it.

    PICTURES is a folder or ZIP with one sub-folder a class; without it the class of a scene is told by two small cues.
    """
    from core.stn.parts.request import PartsRequest

    upload = read_photos((pictures,), brighten=brighten) if pictures else None
    fields |= {"models": comma_separated(models)} | (labelled_photos(upload) if upload else {})
    run, cached = do(request_of(PartsRequest, fields))
    left_out = {"left_out": upload.left_out} if upload else {}
    say(as_json, summary(run, cached) | left_out, f"{run.title}: {run.headline}", run, cached)
