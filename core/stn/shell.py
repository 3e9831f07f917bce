"""What the spatial commands share: photos from the command line, read and put into the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.runs.lab import lab
from core.system.files import read_file

if TYPE_CHECKING:
    from core.stn.datasets.decoding.uploads import Upload

brighten_option = click.option(
    "--brighten", is_flag=True, help="Brighten pictures that use few of their levels, as of 12 bits in 16."
)
_SIDE = 384  # pixels: core.stn.datasets.images.STORED_SIDE, which would load what decodes pictures


def read_photos(
    photos: tuple[Path, ...], longest: int | None = _SIDE, every: bool = True, brighten: bool = False, flat: bool = True
) -> Upload:
    """The pictures of some files; of a folder or ZIP those in it, with `every` of a file its pages; without `flat`, none of one
    flat colour.

    What is left out is said on standard error; ImageError where no picture is left.
    """
    from core.stn.datasets.decoding.uploads import read_uploads
    from core.stn.datasets.labels import read_folder

    files, left_out = list[tuple[str, bytes]](), list[str]()
    for path in photos:
        if path.is_dir():
            pictures, others = read_folder(path)
            files += pictures
            left_out += others
        else:
            files.append((path.name, read_file(path)))
    upload = read_uploads(files, longest, every, brighten)
    upload = replace(upload, left_out=(*left_out, *upload.left_out))
    upload = upload if flat else upload.without_flat()
    remarks = [f"{upload.dark}; --brighten shows them brighter" if upload.dark and not brighten else "", upload.first_pages]
    note((*(f"left out: {sentence}" for sentence in upload.left_out), *filter(None, remarks)))
    return upload


def note(sentences: Iterable[str]) -> None:
    """On standard error, a line each."""
    for sentence in sentences:
        click.echo(sentence, err=True)


def store_photos(upload: Upload) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Put the photos of an upload into the store; return their digests and names."""
    from core.stn.datasets.images import to_png

    pictures = upload.pictures
    return tuple(lab().store.put(to_png(picture.pixels)) for picture in pictures), tuple(picture.name for picture in pictures)


def labelled_photos(upload: Upload) -> dict[str, Any]:
    """Put the photos of an upload into the store, the class of each by its folder: fields of a request. Copies are left out."""
    from core.stn.datasets.decoding.folders import by_folder, without_copies
    from core.stn.datasets.images import to_png

    classes = by_folder(upload.pictures)
    note(classes.notes)
    labelled = without_copies(classes.pictures)
    return {
        "images": tuple(lab().store.put(to_png(one.picture.pixels)) for one in labelled),
        "names": tuple(one.picture.name for one in labelled),
        "labels": tuple(one.label for one in labelled),
        "tested": tuple(one.tested for one in labelled) if classes.split else (),
    }
