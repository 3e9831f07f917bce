"""`register` on the command line: one picture laid over another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.errors import InvalidRequest
from core.shell import as_json, do, names_option, request_of, say, summary
from core.stn.shell import brighten_option, read_photos, store_photos


@click.command()
@click.argument("moving", type=click.Path(path_type=Path))
@click.argument("fixed", type=click.Path(path_type=Path))
@names_option("--family", "core.stn.geometry.families:FAMILIES", default="similarity")
@names_option("--measure", "core.stn.register.measures:MEASURES", default="ncc", help="What makes them alike: one of {names}.")
@click.option("--max-angle", default=45.0, show_default=True, help="One is turned against the other by up to ± this.")
@click.option("--start", help="A theta to begin with, as `warp --theta` takes it, in place of many starts.")
@click.option("--out", type=click.Path(path_type=Path), help="Where to write MOVING as it lies over FIXED (PNG).")
@brighten_option
@as_json
def register(
    moving: Path, fixed: Path, start: str | None, out: Path | None, brighten: bool, as_json: bool, **fields: Any
) -> None:
    """Find the theta by which `warp MOVING --theta` lies over FIXED, and say whether to believe it."""
    from core.runs.lab import lab
    from core.runs.store import write_atomically
    from core.stn.datasets.images import to_png
    from core.stn.geometry.kinds import in_square
    from core.stn.geometry.theta import parse_theta
    from core.stn.register.request import RegisterRequest
    from core.stn.register.result import RegisterResult

    uploads = [read_photos((path,), every=False, brighten=brighten) for path in (moving, fixed)]
    for path, upload in zip((moving, fixed), uploads, strict=True):
        if len(upload.pictures) != 1:
            raise InvalidRequest(f"{path.name} holds {len(upload.pictures)} pictures; give one picture for each of both")
    both = [store_photos(upload) for upload in uploads]
    fields |= {"images": tuple(one[0][0] for one in both), "names": tuple(one[1][0] for one in both)}
    if start is not None:
        height, width = uploads[0].pictures[0].pixels.shape[:2]
        fields["start"] = tuple(in_square(parse_theta(start), width, height).ravel().tolist())
    run, cached = do(request_of(RegisterRequest, fields))
    result = lab().result(run)
    assert isinstance(result, RegisterResult)
    if out is not None:
        write_atomically(out, to_png(result.laid))
    theta = result.frame_theta.tolist()
    answer = {
        "theta": theta,
        "believed": result.believed,
        "belief": result.belief,
        "in_words": result.in_words,
        "out": str(out) if out else None,
    }
    lines = [f"{run.title}: {run.headline}", f"theta {' '.join(f'{number:.8g}' for row in theta for number in row)}"]
    say(as_json, summary(run, cached) | answer, "\n".join([*lines, *([f"wrote {out}"] if out else [])]), run, cached)
