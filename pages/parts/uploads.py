"""Pictures from an upload or from the shipped samples."""

from __future__ import annotations

import streamlit as st

from core.errors import ImageError
from core.stn.datasets.decoding.uploads import read_bounded, steps
from core.stn.datasets.images import FORMATS, SUFFIXES, Picture, read_image, to_png
from core.stn.datasets.samples import sample, sample_names
from core.system.bounded.reading import prepare
from pages.parts import controls
from pages.parts.plain_text import plain
from pages.parts.visitors.words import upload_note

UPLOAD_TYPES = [*sorted(suffix.removeprefix(".") for suffix in SUFFIXES), "zip"]
FORMATS_IN_WORDS = f"{', '.join(FORMATS)}, or a ZIP of them"


@st.cache_resource(ttl=900, max_entries=4, show_spinner=False)
def read(files: tuple[tuple[str, bytes], ...], longest: int | None) -> list[Picture]:
    return read_bounded(files, longest, _still_here)


def _still_here() -> bool:
    """True; Streamlit ends the script at this line when its visitor has left, or has asked for something else meanwhile."""
    st.session_state.get("visitor", None)
    return True


@st.cache_resource(max_entries=32, show_spinner=False)
def shipped(name: str, longest: int) -> Picture:
    """A sample, no side longer than `longest`. Leave its pixels as they are."""
    return read_image(name, to_png(sample(name).pixels), longest)


def uploaded(label: str, key: str, longest: int | None, many: bool = True) -> list[Picture]:
    """Pictures that the visitor uploads; none yet: an empty list. Raises ImageError."""
    files = controls.file_uploader(label, UPLOAD_TYPES, accept_multiple_files=many, key=key, help=FORMATS_IN_WORDS)
    files = files if isinstance(files, list) else [files] if files else []
    prepare(steps)
    if many:
        st.caption(f"{upload_note()} {controls.NOT_IN_A_LINK}" if files else upload_note())
    return read(tuple((file.name, file.getvalue()) for file in files), longest) if files else []


def readable(label: str, key: str, longest: int) -> list[Picture]:
    """The pictures of an upload that can be read; for the others an error is shown."""
    pictures: list[Picture] = []
    files = controls.file_uploader(label, UPLOAD_TYPES, accept_multiple_files=True, key=key, help=FORMATS_IN_WORDS)
    prepare(steps)
    if files:
        st.caption("These pictures are yours alone: a link does not have them.")
    for file in files:
        try:
            pictures += read(((file.name, file.getvalue()),), longest)
        except ImageError as error:
            st.error(plain(str(error)), icon=":material/error:")
    return pictures


def one_picture(key: str, longest: int) -> Picture:
    """One picture: a sample, or an upload in its place."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = controls.selectbox("Image", sample_names(), key="image", width=200)
        upload = st.container(width="content")
    with upload, controls.area("uploads"), st.popover("Use your own", icon=":material/upload:"):
        own = uploaded("Your image", f"{key}_upload", longest, many=False)
        if own:
            st.caption("A link shows the chosen sample in place of your picture.")
            if own[0].beyond_pixels:
                st.caption(f"Shown and saved without {', '.join(own[0].beyond_pixels)}.")
    return own[0] if own else shipped(name, longest)


def chosen_pictures() -> list[Picture]:
    """The photos to learn from: uploads where there are any, else the chosen samples. Raises ImageError."""
    own = uploaded("Your photos, upright", "photos", longest=384)
    names = controls.pills(
        "Or samples", sample_names(), selection_mode="multi", default=["astronaut"], key="samples",
        disabled=bool(own),
    )  # fmt: skip
    return own or [sample(name) for name in names]
