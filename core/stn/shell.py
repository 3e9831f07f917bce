"""What the spatial commands share: photos from the command line into the store."""

from __future__ import annotations

from pathlib import Path

from core.runs.lab import lab
from core.system.files import read_file


def files_in(photos: tuple[Path, ...]) -> list[tuple[str, bytes]]:
    """Names and contents; of a folder, those of the pictures in it."""
    from core.stn.datasets.labels import read_folder

    return [file for path in photos for file in (read_folder(path) if path.is_dir() else [(path.name, read_file(path))])]


def store_photos(photos: tuple[Path, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Put the photos of some files into the store; return their digests and names. A folder or ZIP counts as what is in it."""
    from core.stn.datasets.decoding.uploads import read_uploads
    from core.stn.datasets.images import to_png

    pictures = read_uploads(files_in(photos))
    return tuple(lab().store.put(to_png(picture.pixels)) for picture in pictures), tuple(picture.name for picture in pictures)
