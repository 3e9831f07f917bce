"""`train align` on the command line."""

from __future__ import annotations

from pathlib import Path

import click

from core.shell import as_json, do, names_option, photos_argument, request_of, say, summary
from core.stn.shell import brighten_option, read_photos, store_photos


@click.command()
@photos_argument
@names_option("--family", "core.stn.align.freedoms:FREEDOMS", default="similarity")
@click.option("--max-angle", default=45.0, show_default=True, help="Images are turned by up to ± this many degrees.")
@click.option("--budget", default=20.0, show_default=True, help="Seconds for everything, at most.")
@click.option("--seed", default=0, show_default=True)
@brighten_option
@as_json
def align(
    photos: tuple[Path, ...], family: str, max_angle: float, budget: float, seed: int, brighten: bool, as_json: bool
) -> None:
    """Find how 5 to 100 PHOTOS of one kind (a folder or ZIP counts as the photos in it) lie on top of each other."""
    from core.stn.align.request import AlignRequest

    upload = read_photos(photos, brighten=brighten, flat=False)
    digests, names = store_photos(upload)
    fields = {"images": digests, "names": names, "family": family, "max_angle": max_angle, "budget": budget, "seed": seed}
    run, cached = do(request_of(AlignRequest, fields))
    say(as_json, summary(run, cached) | {"left_out": upload.left_out}, f"{run.title}: {run.headline}", run, cached)
