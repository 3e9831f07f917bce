"""What parsers and decompressors raise when they are given what nobody has foreseen: that a file cannot be read."""

from __future__ import annotations

import lzma
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import GridcastError

UNREADABLE = (
    ValueError, TypeError, LookupError, AttributeError, ArithmeticError, AssertionError, RuntimeError, MemoryError, EOFError,
    OSError, SyntaxError, struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile,
)  # fmt: skip  # RuntimeError holds RecursionError and NotImplementedError
LONGEST_NAME = 300  # letters of a file's name
LONGEST = 120  # characters of what a parser says


@contextmanager
def readable(sentence: str, error: type[GridcastError]) -> Iterator[None]:
    """Around parsing what comes from strangers: whatever it stumbles over becomes `error` with this sentence, in which
    {reason} is what the parser said. Our own errors pass as they are."""
    try:
        yield
    except GridcastError:
        raise
    except UNREADABLE as problem:
        raise error(sentence.replace("{reason}", reason_of(problem))) from problem


def reason_of(problem: BaseException) -> str:
    """In a few words, without line breaks."""
    if isinstance(problem, RecursionError):
        return "it is nested too deeply"
    if isinstance(problem, MemoryError):
        return "it needs too much memory"
    words = " ".join(str(problem).split())
    return words[:LONGEST] if words else type(problem).__name__


def printable(name: str) -> str:
    """A file name that can be shown and stored as JSON: names that are not UTF-8 arrive with lone surrogates."""
    decodable = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())
    shown = "".join(letter for letter in decodable[:LONGEST_NAME] if unicodedata.category(letter) != "Cc")
    return shown or "a file without a name"
