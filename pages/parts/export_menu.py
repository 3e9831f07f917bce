"""The export menu of a finished run. Where what was made differs from the run, the menu says so."""

from __future__ import annotations

import io
import zipfile
from threading import Event

import streamlit as st

from core.errors import ExportDiffers
from core.runs.export import Format, check, export, formats_of
from core.runs.kinds import kind_named
from core.runs.lab import lab
from core.runs.registry import Run
from core.runs.result import Result
from core.runs.visitors.visitor import COMMAND_LINE
from pages.parts import controls
from pages.parts.as_shown import AsShown, as_shown
from pages.parts.serving.fragments import fragment
from pages.parts.visitors.me import my_id

LONGEST = 120  # seconds that the menu waits for a file


@fragment
def export_menu(run: Run, result: Result) -> None:
    """A download button for each format; a file is made when its button is pressed, and comes in a ZIP if there are several."""
    with controls.area("export"), controls.menu("Export this run", key="exports", icon=":material/download:") as unfolded:
        for name, form in formats_of(kind_named(run.kind), result).items() if unfolded else ():
            _one(run, name, form)


class Download:
    """One format of a run for one visitor. Streamlit makes the file in a thread of its own; the menu waits for it there."""

    def __init__(self, run: Run, name: str, visitor: str = COMMAND_LINE, shown: AsShown | None = None) -> None:
        self._run, self._name, self._visitor, self._shown = run, name, visitor, shown or AsShown()
        self.alone = False  # whether the one file comes as it is
        self.pressed, self.ended, self.differs = False, Event(), ""

    def press(self) -> None:
        self.pressed = True

    def file(self) -> bytes:
        """The ZIP, or the one file. The result is read for it, so that nothing keeps it in memory."""
        try:
            result = self._shown.of(lab().corrected(self._run))
            label = lab().registry.labels.of(self._run.id, self._visitor)
            files = export(self._run, result, self._name, lab().store, label)
            check(self._run, result, self._name, files)
        except ExportDiffers as error:
            self.differs = str(error)
        finally:
            self.ended.set()
        return next(iter(files.values())) if self.alone else zipped(files)


@st.fragment
def _one(run: Run, name: str, form: Format) -> None:
    """The button of one format; below it, once it was pressed, whether what was made differs from the run."""
    download = st.session_state.setdefault(f"download {name} {run.id}", Download(run, name, my_id(), as_shown(run)))
    ending, mime = (form.single or "zip application/zip").split()
    download.alone = bool(form.single)
    controls.download_button(
        form.label,
        data=download.file,
        file_name=f"gridcast-{run.id}-{name}.{ending}",
        mime=mime,
        on_click=download.press if form.check else "ignore",
        key=f"export-{name}-{run.id}",
        width="stretch",
    )
    if form.note:
        st.caption(form.note)
    if download.pressed:
        with st.spinner("Making it, and comparing it with the run"):
            download.ended.wait(LONGEST)
        if download.differs:
            st.error(f"{download.differs[0].upper()}{download.differs[1:]}.", icon=":material/error:")


def zipped(files: dict[str, bytes]) -> bytes:
    """Files by name as one ZIP."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()
