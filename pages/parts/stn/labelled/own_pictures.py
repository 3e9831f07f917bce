"""An upload with the class of each picture: the name of its folder, or what is typed beside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from core.errors import ImageError
from core.runs.store import digest_of
from core.stn.datasets.decoding.folders import LabelledPicture, LabelledPictures, by_folder
from core.stn.datasets.images import Picture, to_jpeg
from core.stn.datasets.labels import classes_of
from core.system.data_address import data_address
from pages.parts import controls
from pages.parts.layout import plain
from pages.parts.uploads import uploaded


def own_pictures(kind: str) -> LabelledPictures:
    """The labelled pictures of one kind's form; none yet, or where their folders are no classes: an empty list."""
    pictures = uploaded("A ZIP with one folder a class, or pictures", f"{kind}_photos", longest=384)
    if not pictures:
        return LabelledPictures([])
    if any(len(PurePosixPath(one.name).parts) > 1 for one in pictures):
        try:
            return by_folder(pictures)
        except ImageError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return LabelledPictures([])
    return LabelledPictures(_typed(kind, pictures))


def _typed(kind: str, pictures: Sequence[Picture]) -> list[LabelledPicture]:
    """Pictures with the classes that are typed into a table beside them."""
    table = pd.DataFrame(
        {
            "picture": [_thumbnail(one.pixels) for one in pictures],
            "class": [PurePosixPath(one.name).parent.name for one in pictures],
            "name": [one.name for one in pictures],
        }
    )
    columns = {"picture": st.column_config.ImageColumn(""), "class": st.column_config.TextColumn("Class (type it)")}
    names = digest_of("/".join(one.name for one in pictures).encode())[:12]
    edited = controls.data_editor(
        table, column_config=columns, hide_index=True, disabled=["picture", "name"], key=f"{kind}_classes_{names}"
    )
    labels = edited["class"].fillna("").str.strip()
    return [LabelledPicture(label, one) for label, one in zip(labels, pictures, strict=True)]


def _thumbnail(pixels: np.ndarray) -> str:
    """A picture of 64 pixels as an address that holds it."""
    small = Image.fromarray(pixels)
    small.thumbnail((64, 64))
    return data_address(to_jpeg(np.asarray(small)), "image/jpeg")


def counted(given: LabelledPictures, side: int) -> str:
    """How many pictures there are of which class, and what was done to sort them."""
    counts = Counter(one.label for one in given.pictures)
    numbers = [f"{plain(name) or 'no class yet'}: {counts[name]}" for name in classes_of(list(counts))]
    notes = "".join(f" {plain(note)}" for note in given.notes)
    return f"Your pictures, cut to squares of {side} pixels. {', '.join(numbers)}.{notes}"
