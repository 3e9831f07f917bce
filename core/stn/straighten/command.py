"""`train straighten` and `apply` on the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import InvalidRequest
from core.runs.lab import lab
from core.runs.store import write_atomically
from core.shell import as_json, do, find, names_option, photos_argument, request_of, say, summary, unused_path
from core.stn.shell import brighten_option, read_photos, store_photos

if TYPE_CHECKING:
    import numpy as np

    from core.stn.straighten.predict import Answer
    from core.stn.straighten.result import StraightenResult


def _straighten_result(run: str) -> StraightenResult:
    from core.stn.straighten.result import StraightenResult

    existing = find(run)
    result = lab().result(existing)
    if not isinstance(result, StraightenResult):
        raise InvalidRequest(f"run {existing.id} is a {existing.kind}; only a straighten run straightens photos")
    return result


def _weights(run: str) -> str:
    """The digest of what a straighten run has learned; of one that was interrupted, of its latest checkpoint."""
    from core.runs.result import Origin
    from core.stn.straighten.checkpoint import learned_so_far, to_file
    from core.stn.straighten.curve import Curve
    from core.stn.straighten.request import StraightenRequest

    interrupted = find(run)
    content, request = lab().start_of(interrupted).content, interrupted.request
    origin = Origin(run=interrupted.id, title=interrupted.title)
    if content and isinstance(request, StraightenRequest):
        return lab().store.put(to_file(request.family, learned_so_far(content), origin=origin))
    result = _straighten_result(run)
    return lab().store.put(to_file(result.family, result.weights, result.state, Curve.of(result), origin))


@click.command()
@photos_argument
@names_option("--family", "core.stn.geometry.families:FAMILIES", default="similarity")
@click.option("--max-angle", default=45.0, show_default=True, help="Photos are turned by up to ± this many degrees.")
@click.option("--budget", default=30.0, show_default=True, help="Seconds for everything: reading, learning, testing.")
@click.option(
    "--held-out", default=0.2, show_default=True, help="From five photos on: share that training does not see, 0 to 0.5."
)
@click.option("--start", metavar="RUN", help="Start from what this run has learned, not from nothing.")
@click.option("--seed", default=0, show_default=True)
@brighten_option
@as_json
def straighten(
    photos: tuple[Path, ...], family: str, max_angle: float, budget: float, held_out: float, start: str | None, seed: int,
    brighten: bool, as_json: bool,
) -> None:  # fmt: skip
    """Train on upright PHOTOS (a folder or ZIP counts as the photos in it) until the network straightens them.

    Ctrl+C ends the learning and keeps what was learned; a second Ctrl+C cancels.
    """
    from core.stn.straighten.request import StraightenRequest

    upload = read_photos(photos, brighten=brighten, flat=False)
    digests, names = store_photos(upload)
    fields = {"images": digests, "names": names, "family": family, "max_angle": max_angle, "budget": budget, "seed": seed}
    fields |= {"held_out": held_out, "start": start and _weights(start)}
    run, cached = do(request_of(StraightenRequest, fields))
    words = [f"{run.title}: {run.headline} on distortions it never saw", run.scores.get("not_upright")]
    say(as_json, summary(run, cached) | {"left_out": upload.left_out}, "\n".join(filter(None, words)), run, cached)


PAGES = "pages"  # in place of a run: what comes with the lab


@dataclass(frozen=True)
class _Applied:
    """What a straightener says of one picture."""

    answer: Answer
    details: dict[str, Any] = field(default_factory=dict)  # more of a row in JSON
    by: str = ""  # who says it, in words


def _straightener(run: str) -> Callable[[np.ndarray], _Applied]:
    """What straightens: the network of a run, or that for pages."""
    if run == PAGES:
        from core.stn.straighten.pages.answer import straighten_page

        def of_page(photo: np.ndarray) -> _Applied:
            page = straighten_page(photo)
            return _Applied(page.straight, {"way": page.way, "ways_deg": dict(page.angles_deg)}, f", by {page.words}")

        return of_page
    from core.stn.straighten.predict import straighten as straightened

    result = _straighten_result(run)
    return lambda photo: _Applied(straightened(result, photo))


@click.command()
@click.argument("run", metavar="RUN|pages")
@photos_argument
@click.option(
    "--out", default=".", show_default=True, type=click.Path(path_type=Path, file_okay=False),
    help="Folder into which the images are written, as NAME-straight.png; the current one unless another is named.",
)  # fmt: skip
@names_option(
    "--framing",
    "core.stn.straighten.looking.framing:FRAMINGS",
    default="filled",
    help="What is shown where the photo ends: its edge continued, or nothing, or only what the photo covers; or only turn it.",
)
@click.option("--anyway", is_flag=True, help="Straighten also what is not believed.")
@brighten_option
@as_json
def apply(
    run: str, photos: tuple[Path, ...], out: Path, framing: str, anyway: bool, brighten: bool, as_json: bool
) -> None:  # fmt: skip
    """Straighten PHOTOS with what RUN has learned; a photo whose answer is not believed is left as it is.

    `apply pages` needs no run: pages of text, tables or forms, turned by up to 45°, are straightened by a network that comes
    with the lab, or by their lines, whichever is the likelier to be right.

    Belief is the probability that the error is below 2° (2 % of the short side where the family does not turn), calibrated on
    the run's own trials; an answer is believed from 80 % on. --json gives angle and theta of every answer, believed or not.
    """
    from core.stn.datasets.picture_files import file_of
    from core.stn.geometry.kinds import in_frame
    from core.stn.straighten.predict import made_upright

    straighten_one, name = _straightener(run), run if run == PAGES else find(run).id
    upload, rows = read_photos(photos, longest=None, brighten=brighten), []
    for picture in upload.pictures:
        applied = straighten_one(picture.pixels)
        straight = applied.answer
        turned = straight.believed or anyway
        path = unused_path(out, f"{Path(picture.name).stem}-{'straight' if turned else 'unchanged'}", ".png")
        file = file_of(path.name, made_upright(picture, straight, framing) if turned else picture)
        write_atomically(path, file.content)
        height, width = picture.pixels.shape[:2]
        theta = in_frame(straight.theta, width, height).tolist()
        row = {"image": picture.name, "out": str(path), "angle_deg": straight.angle_deg, "theta": theta}
        belief = {"believed": straight.believed, "belief": straight.belief, "straightened": turned}
        row["framing"] = framing if turned else None
        rows.append((row | belief | {"dropped": list(file.dropped)} | applied.details, applied.by))
    images = [row for row, _ in rows]
    where = ["written into the current folder; --out FOLDER names another"] if out == Path() else []
    words = "\n".join([*(_in_words(*row) for row in rows), *where])
    say(as_json, {"run": name, "images": images, "left_out": upload.left_out}, words)


def _in_words(row: dict[str, Any], by: str) -> str:
    """What became of one photo."""
    without = f", without {', '.join(row['dropped'])}" if row["dropped"] else ""
    answer = f"turned by {row['angle_deg']:.1f}°{by}, believed to {100 * row['belief']:.0f} %"
    if row["straightened"]:
        return f"{row['image']}: {answer}; straightened in {row['out']}{without}"
    return f"{row['image']}: {answer}: not believed; left as it is in {row['out']}{without} (--anyway straightens it)"
