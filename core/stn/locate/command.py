"""`train locate` on the command line: a digit, or the object on given pictures, found in cluttered scenes without labels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.runs.lab import lab
from core.shell import as_json, do, request_of, say, summary
from core.stn.shell import brighten_option, read_photos


@click.command()
@click.argument("pictures", nargs=-1, type=click.Path(path_type=Path))
@click.option("--digit", default=7, show_default=True, help="What to find where no PICTURES are given, 0 to 9.")
@click.option("--clutter/--no-clutter", default=True, show_default=True, help="Amid 16 pieces of other images, or alone.")
@click.option("--voting/--no-voting", default=True, show_default=True, help="Random crops say where to begin, or not.")
@click.option("--images", default=100, show_default=True, help="How many images are made, 5 to 500.")
@click.option("--steps", type=int, help="Steps of learning in place of a time: equal seeds then give equal results.")
@click.option("--budget", default=60.0, show_default=True, help="Seconds for everything, at most.")
@click.option("--seed", default=0, show_default=True)
@brighten_option
@as_json
def locate(pictures: tuple[Path, ...], brighten: bool, as_json: bool, **fields: Any) -> None:
    """Find the digit, or the thing on PICTURES, that many images have in common, without labels and boxes.

    A folder or ZIP counts as the pictures in it; every fourth is held back for the test.
    """
    from core.stn.locate.cut_out import png_of
    from core.stn.locate.request import LocateRequest

    upload = read_photos(pictures, every=False, brighten=brighten, flat=False) if pictures else None
    read = upload.pictures if upload else []
    fields |= {"objects": tuple(lab().store.put(png_of(one)) for one in read), "names": tuple(one.name for one in read)}
    run, cached = do(request_of(LocateRequest, fields))
    left_out = {"left_out": upload.left_out} if upload else {}
    say(as_json, summary(run, cached) | left_out, f"{run.title}: {run.headline}", run, cached)
