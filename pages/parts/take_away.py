"""The export menu of a finished run."""

from __future__ import annotations

import io
import zipfile

import streamlit as st

from core.runs.export import FORMATS, export
from core.runs.registry import Run
from core.runs.request import Result

LABELS = {"csv": "Tables (CSV)", "json": "Request and scores (JSON)", "safetensors": "Weights and arrays (safetensors)"}


def take_away(run: Run, result: Result) -> None:
    """Buttons that make each export when they are pressed; several files come as one ZIP."""
    with st.popover("Take it away", icon=":material/download:"):
        for form in FORMATS:
            st.download_button(
                LABELS[form],
                data=lambda form=form: zipped(export(run, result, form)),
                file_name=f"gridcast-{run.id}-{form}.zip",
                mime="application/zip",
                on_click="ignore",
                key=f"export-{form}-{run.id}",
                width="stretch",
            )


def zipped(files: dict[str, bytes]) -> bytes:
    """Files by name as one ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
