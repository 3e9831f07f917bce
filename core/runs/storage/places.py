"""Which place GRIDCAST_STORE names: a folder, or what a URL of fsspec names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from core.runs.storage.folder import Folder
from core.runs.storage.place import Place


def place_at(store: str | None, home: Path, name: str = "store") -> Place:
    """The place of this name that a setting names; by default a folder in the lab's own, where copies lie, too."""
    if store is None:
        return Folder(home / name)
    if store.startswith("file://"):
        store = unquote(urlsplit(store).path)
    if "://" not in store:
        return Folder(Path(store).expanduser() / name)
    from core.runs.storage.bucket import Bucket  # here, because it is asked for by few

    return Bucket(f"{store.rstrip('/')}/{name}", Folder(home / "copies" / name))
