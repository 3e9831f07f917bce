"""The content of a file as text: packed with gzip or not, in one of the encodings that tables come in."""

from __future__ import annotations

import gzip
import io
import re

from core.errors import PriceError
from core.system.unpacking import refuse_others
from core.system.unreadable import readable

_NO_TABLES = {  # how a file begins that is text, and no table of lines
    re.compile(r"\s*(\{|\[\s*[\[{])"): "JSON",
    re.compile(r"\s*<(!doctype|!--|\?xml|html|head|meta|body|div|table)\b", re.IGNORECASE): "a web page or XML",
}
LIMIT = 20 * 2**20  # bytes of text; a century of daily prices needs 2 MB


def _unpacked(content: bytes) -> bytes:
    with readable("the gzip file is damaged: {reason}", PriceError), gzip.open(io.BytesIO(content)) as file:
        return file.read(LIMIT + 1)


def text_of(content: bytes) -> str:
    """The file as text; PriceError when it is too large, packed otherwise than gzip, or no text."""
    if content[:2] == b"\x1f\x8b":
        content = _unpacked(content)
    refuse_others("the file", content, PriceError)
    if len(content) > LIMIT:
        raise PriceError(f"the file is larger than {LIMIT // 2**20} MB; cut it to the dates and prices you need")
    if content[:2] == b"PK":
        raise PriceError("this is a spreadsheet or an archive; save the sheet as CSV and try again")
    text = _decoded(content)
    for shape, language in _NO_TABLES.items():
        if shape.match(text):
            raise PriceError(f"this is {language}, not lines of a date and a price; save the prices as CSV and try again")
    return text


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    if b"\0" in content:
        raise PriceError("this is not a text file; save the prices as CSV and try again")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
