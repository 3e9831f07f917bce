"""The files of a ZIP or a folder: which are pictures, which nobody has put there, and which are left out and said to be."""

from __future__ import annotations

from collections import Counter
from pathlib import PurePosixPath

from core.stn.datasets.images import SUFFIXES

OF_SYSTEMS = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r", "__macosx"})  # what systems write beside pictures
ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".7z", ".rar", ".xz", ".bz2"})
MOST_SUFFIXES = 5  # that are named


class Entries:
    """Looks at one file after the other, and counts those that are left out. `where` they are from: the name of the ZIP."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._others, self.archives = Counter[str](), list[str]()

    def is_picture(self, path: PurePosixPath) -> bool:
        if any(part.startswith(".") or part.casefold() in OF_SYSTEMS for part in path.parts):
            return False
        suffix = path.suffix.lower()
        if suffix in ARCHIVES:
            self.archives.append(str(path))
        elif suffix not in SUFFIXES:
            self._others[suffix or "without an ending"] += 1
        return suffix in SUFFIXES

    @property
    def left_out(self) -> list[str]:
        """A sentence for each archive, and one for all that are neither."""
        sentences = [f"{name} in {self._where} is packed once more; unpack it and make one ZIP" for name in self.archives]
        if count := self._others.total():
            kinds = ", ".join(f"{number} {suffix}" for suffix, number in self._others.most_common(MOST_SUFFIXES))
            more = "" if len(self._others) <= MOST_SUFFIXES else ", …"
            some = "1 file that is no picture" if count == 1 else f"{count:,} files that are no pictures"
            sentences.append(f"{self._where} holds {some} ({kinds}{more})")
        return sentences
