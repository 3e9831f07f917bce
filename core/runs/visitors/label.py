"""Label: what one visitor calls a run, and what they have noted of it. Nobody else sees it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

LONGEST_LABEL, LONGEST_NOTE = 80, 2_000  # letters


@dataclass(frozen=True)
class Label:
    """Empty where nothing was written."""

    name: str = ""
    note: str = ""
    pinned: bool = False  # first in this visitor's own lists

    def called(self, title: str) -> str:
        """The title of its run, behind the name of one's own."""
        return f"{self.name} · {title}" if self.name else title

    @classmethod
    def of(cls, name: str, note: str, pinned: bool = False) -> Label:
        """As it is kept: a name is one line, a note keeps its lines; nothing that cannot be seen, cut to their lengths."""
        lines = (" ".join(_visible(line).split()) for line in note.splitlines())
        return cls(" ".join(_visible(name).split())[:LONGEST_LABEL].strip(), "\n".join(lines).strip()[:LONGEST_NOTE], pinned)


NONE = Label()


def _visible(text: str) -> str:
    return "".join(one if unicodedata.category(one)[0] != "C" else " " for one in unicodedata.normalize("NFC", text))
