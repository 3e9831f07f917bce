"""Pictures from an upload or from the shipped samples."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
import streamlit as st

from core.errors import ImageError
from core.made_once import made_once
from core.runs.lab import lab
from core.runs.store import digest_of
from core.stn.datasets.decoding.uploads import Upload, read_bounded, steps
from core.stn.datasets.images import FORMATS_IN_WORDS, LARGEST_AREA, SUFFIXES, Picture, read_image, to_png
from core.stn.datasets.samples import sample, sample_names
from core.system.bounded.reading import prepare
from pages.parts import controls
from pages.parts.links.kept_uploads import files_of, has_files
from pages.parts.plain_text import plain
from pages.parts.routes.upload_limits import IN_WORDS
from pages.parts.visitors.words import upload_note

UPLOAD_TYPES = [*sorted(suffix.removeprefix(".") for suffix in SUFFIXES), "zip"]
BOUNDS = f"Each up to {LARGEST_AREA // 1_000_000} million pixels, {IN_WORDS}."
LIMITS = f"{FORMATS_IN_WORDS}, or a ZIP of them; each of at most {LARGEST_AREA // 1_000_000} million pixels"
LONGEST = 2048  # pixels: longest side of a photo that is straightened in the browser
PHOTOS = "photos"  # the key of the control that takes photos to learn from
PROBLEMS = "uploads that cannot be used"  # in a session: why, by the keys of their fields
LISTED = 5  # files that are left out and shown at once


@st.cache_resource(ttl=900, max_entries=4, show_spinner=False)
def read(
    files: tuple[tuple[str, bytes], ...], longest: int | None, every: bool, flat: bool = True, brighten: bool = False
) -> Upload:
    upload = read_bounded(files, longest, every, brighten, _still_here)
    return upload if flat else upload.without_flat()


def _still_here() -> bool:
    """True; Streamlit ends the script at this line when its visitor has left, or has asked for something else meanwhile."""
    st.session_state.get("visitor", None)
    return True


def stored(pixels: np.ndarray) -> str:
    """The digest under which pixels are in the store as PNG, where they are put unless they are there."""
    digest = _digest(pixels)
    return digest if lab().store.use(digest) else lab().store.put(to_png(pixels))


@made_once
def _digest(pixels: np.ndarray) -> str:
    return digest_of(to_png(pixels))


@st.cache_resource(max_entries=32, show_spinner=False)
def shipped(name: str, longest: int) -> Picture:
    """A sample, no side longer than `longest`. Leave its pixels as they are."""
    return read_image(name, to_png(sample(name).pixels), longest)


@contextmanager
def problems() -> Iterator[dict[str, str]]:
    """Around fields for pictures: why what each of them holds cannot be used, by their keys, once they are drawn."""
    reasons: dict[str, str] = {}
    st.session_state[PROBLEMS] = reasons
    yield reasons


def uploaded(
    label: str, key: str, longest: int | None, *, many: bool = True, every: bool = True, flat: bool = True, caption: str = ""
) -> list[Picture]:
    """Pictures that the visitor uploads; none yet, or where none can be read: an empty list.

    What is left out is said below the field, each file with its reason, and what could be brighter: the form goes on. With
    `every`, pages and frames of one file are pictures; without `flat`, those of one flat colour are left out.
    """
    files = controls.file_uploader(label, UPLOAD_TYPES, accept_multiple_files=many, key=key, help=LIMITS)
    files = files if isinstance(files, list) else [files] if files else []
    prepare(steps)
    if caption:
        if files:
            st.caption(caption)
    elif many:
        st.caption(f"{upload_note()} {controls.NOT_IN_A_LINK}" if files else f"{BOUNDS} {upload_note()}")
    if not files:
        return []
    contents = tuple((file.name, file.getvalue()) for file in files)
    try:
        upload = read(contents, longest, every, flat)
    except ImageError as error:
        st.error(plain(str(error)), icon=":material/error:")
        st.session_state.setdefault(PROBLEMS, {})[key] = str(error)
        return []
    if upload.dark and controls.toggle("Brighten dark pictures", key=f"{key}_brighten", help=plain(f"{upload.dark}.")):
        upload = read(contents, longest, every, flat, brighten=True)
    elif upload.dark:
        st.warning(plain(f"{upload.dark}."), icon=":material/brightness_4:")
    if many:
        remarks(upload)
    return upload.pictures


def remarks(upload: Upload) -> None:
    """What is left out, each file with its reason, and of which files the first page alone is used."""
    if upload.first_pages:
        st.caption(plain(f"{upload.first_pages[0].upper()}{upload.first_pages[1:]}."))
    if not upload.left_out:
        return
    shown = [f"- {plain(sentence)}" for sentence in upload.left_out]
    st.warning("\n".join(["Left out, the others are used:\n", *shown[:LISTED]]), icon=":material/warning:")
    if shown[LISTED:]:
        with controls.expander(f"{len(shown) - LISTED:,} more", key="left_out"):
            st.markdown("\n".join(shown[LISTED:]))


def readable(label: str, key: str, longest: int) -> list[Picture]:
    """The pictures of an upload that no run is made of."""
    return uploaded(label, key, longest, caption="These pictures are yours alone: a link does not have them.")


def one_picture(key: str, longest: int) -> Picture:
    """One picture: a sample, or an upload in its place; drawn side by side where the place is."""
    name = controls.selectbox("Image", sample_names(), key="image", width=180)
    own: list[Picture] = []
    own_picture = controls.menu("Use your own", key=f"{key}_own", icon=":material/upload:", width="content")
    with controls.area("uploads"), own_picture as unfolded:
        if unfolded or has_files(f"{key}_upload"):  # what is uploaded stays
            own = uploaded("Your image", f"{key}_upload", longest, many=False, every=False)
        if own:
            st.caption("A link shows the chosen sample in place of your picture.")
            if own[0].beyond_pixels:
                st.caption(f"Shown and saved without {', '.join(own[0].beyond_pixels)}.")
    if not own and not unfolded and has_files(f"{key}_upload"):  # where it has been said folds away
        st.error(plain(st.session_state.get(PROBLEMS, {}).get(f"{key}_upload", "")), icon=":material/error:")
    return own[0] if own else shipped(name, longest)


def at_full_size(key: str, shown: Picture) -> Callable[[], Picture]:
    """What reads the picture that `one_picture` has shown once more, in its own size; it may be called in any thread."""
    uploads = files_of(f"{key}_upload")
    if not uploads:
        return lambda: sample(shown.name)
    files = tuple((file.name, file.getvalue()) for file in uploads)
    brighten = bool(st.session_state.get(f"{key}_upload_brighten"))
    return lambda: read_bounded(files, None, brighten=brighten).pictures[0]


def chosen_pictures() -> list[Picture]:
    """The photos to learn from: uploads where there are any, readable or not, else the chosen samples."""
    own = uploaded("Your photos, upright", PHOTOS, longest=384, flat=False)
    names = controls.pills(
        "Or samples", sample_names(), selection_mode="multi", default=["astronaut"], key="samples",
        disabled=has_files(PHOTOS),
    )  # fmt: skip
    return own if has_files(PHOTOS) else [sample(name) for name in names]
