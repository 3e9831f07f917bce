"""`train classify` on the command line: pictures in folders, or digits, become one request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.errors import InvalidRequest
from core.runs.lab import lab
from core.settings import settings
from core.shell import as_json, comma_separated, do, names_option, request_of, say, summary
from core.stn.shell import brighten_option, labelled_photos, read_photos


def _digits(digits: str, folder: Path | None) -> dict[str, Any]:
    if digits == "shipped":
        return {"digits": digits}
    from core.stn.datasets.mnist import fetch, read

    def fetching(name: str) -> None:
        click.echo(f"fetching {name}", err=True)

    files = read(folder) if folder else fetch(settings().home / "mnist", settings().mnist_url, fetching)
    return {"digits": digits, "mnist": tuple(map(lab().store.put, files))}


@click.command()
@click.argument("pictures", required=False, type=click.Path(path_type=Path))
@click.option("--digits", type=click.Choice(["shipped", "mnist"]), help="Digits in place of PICTURES.")
@click.option("--mnist", "folder", type=click.Path(path_type=Path), help="Folder with MNIST's four files; default: fetch them.")
@names_option(
    "--distortion",
    "core.stn.datasets.distortions:DISTORTIONS",
    default="R",
    help="One of {names}; R to TC are the paper's, photo is gentle.",
)
@names_option("--models", "core.stn.networks.spec:TITLES", default="cnn,st-cnn", help="Of {names}.")
@names_option("--family", "core.stn.geometry.families:FAMILIES", default="affine")
@names_option("--kernel", "core.stn.geometry.kernels:KERNELS", default="bilinear")
@click.option("--transformers", default=1, show_default=True, help="How many, 1 to 3.")
@click.option("--arrangement", default="parallel", show_default=True, help="parallel or deep")
@click.option("--match/--same-width", default=True, show_default=True, help="Equal parameter counts, or equal widths.")
@click.option("--budget", default=20.0, show_default=True, help="Seconds for each model: learning and test.")
@click.option("--steps", type=int, help="Steps of each model, in place of a time to learn: equal seeds give equal results.")
@click.option("--folds", default=0, show_default=True, help="Parts of a cross-validation; 1: one split, 0: by the number.")
@click.option("--side", default=32, show_default=True, help="Pictures become squares of so many pixels, 28 to 64.")
@click.option("--seed", default=0, show_default=True)
@brighten_option
@as_json
def classify(
    pictures: Path | None, digits: str | None, folder: Path | None, models: str, match: bool, brighten: bool, as_json: bool,
    **fields: Any,
) -> None:  # fmt: skip
    """Compare networks with and without spatial transformers on PICTURES (folder or ZIP, one sub-folder a class) or digits."""
    from core.stn.classify.request import ClassifyRequest

    digits = digits or ("mnist" if folder else None)
    if (pictures is None) == (digits is None):
        raise InvalidRequest("give either a folder or ZIP of pictures or --digits shipped or mnist")
    upload = read_photos((pictures,), brighten=brighten) if pictures else None
    fields |= {"models": comma_separated(models), "match_parameters": match}
    fields |= labelled_photos(upload) if upload else _digits(digits or "", folder)
    run, cached = do(request_of(ClassifyRequest, fields))
    say(
        as_json,
        summary(run, cached) | ({"left_out": upload.left_out} if upload else {}),
        f"{run.title}: {run.headline}",
        run,
        cached,
    )
