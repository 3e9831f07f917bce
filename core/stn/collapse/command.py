"""`train collapse` on the command line: the same small training in up to four settings, and why those break that do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from core.errors import InvalidRequest
from core.runs.lab import lab
from core.shell import as_json, do, names_option, request_of, say, summary
from core.stn.shell import read_photos, store_photos

if TYPE_CHECKING:
    from core.stn.collapse.result import CollapseResult


@click.command()
@click.argument("photo", type=click.Path(path_type=Path))
@names_option("--preset", "core.stn.collapse.settings:PRESETS", default="four", help="What the panels differ in: {names}.")
@click.option(
    "--panel", "panels", multiple=True,
    help="In place of a preset, two to four times: what differs, such as rate=0.3,start=outside,padding=zeros,kernel=bilinear.",
)  # fmt: skip
@names_option("--family", "core.stn.geometry.families:FAMILIES", default="similarity")
@click.option("--max-angle", default=45.0, show_default=True, help="The photo is turned by up to ± this, in degrees.")
@click.option("--steps", default=200, show_default=True, help="Of every panel: equal seeds then give equal results.")
@click.option("--seed", default=0, show_default=True)
@as_json
def collapse(photo: Path, preset: str, panels: tuple[str, ...], as_json: bool, **fields: Any) -> None:
    """Train one small straightener on PHOTO in up to four settings at once, until some break, and say why."""
    from core.stn.collapse import settings
    from core.stn.collapse.request import CollapseRequest

    chosen = [request_of_panel(text) for text in panels] or [one.model_dump() for one in settings.preset(preset)]
    [digest, *_], [name, *_] = store_photos(read_photos((photo,), every=False))
    run, cached = do(request_of(CollapseRequest, fields | {"image": digest, "name": name, "panels": tuple(chosen)}))
    result = cast("CollapseResult", lab().result(run))
    lines = [f"{row['panel']} ({result.settings[row['panel']].words}): {row['reason']}" for row in result.scores]
    say(as_json, summary(run, cached), "\n".join([f"{run.title}: {run.headline}", *lines]), run, cached)


def request_of_panel(text: str) -> dict[str, Any]:
    """The fields of a setting from "rate=0.3,start=outside"; InvalidRequest says what is wrong."""
    fields: dict[str, Any] = {}
    for part in text.split(","):
        name, equals, value = part.strip().partition("=")
        if not equals or name not in ("rate", "start", "padding", "kernel"):
            raise InvalidRequest(
                f"--panel {text!r} will not do at {part!r}; write rate=, start=, padding= or kernel= and a value"
            )
        fields[name] = value
    return fields
