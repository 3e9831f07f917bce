"""The export menu of a finished run."""

from __future__ import annotations

import io
import zipfile

import streamlit as st

from core.runs.export import export, formats_of
from core.runs.kinds import kind_named
from core.runs.lab import lab
from core.runs.registry import Run
from core.runs.result import Result
from pages.parts import controls


def export_menu(run: Run, result: Result) -> None:
    """A download button for each format; a file is made when its button is pressed, and comes in a ZIP."""
    with controls.area("export"), st.popover("Export this run", icon=":material/download:"):
        for name, form in formats_of(kind_named(run.kind), result).items():
            controls.download_button(
                form.label,
                data=lambda name=name: zipped(export(run, lab().result(run), name, lab().store)),  # keeps no result in memory
                file_name=f"gridcast-{run.id}-{name}.zip",
                mime="application/zip",
                on_click="ignore",
                key=f"export-{name}-{run.id}",
                width="stretch",
            )
            if form.note:
                st.caption(form.note)


def zipped(files: dict[str, bytes]) -> bytes:
    """Files by name as one ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
