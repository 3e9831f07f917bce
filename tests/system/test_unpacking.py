"""What comes packed from strangers is bounded before it is unpacked, and every trick is told in one sentence."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from core.errors import InvalidRequest
from core.system.json_text import MOST_DEPTH, parse_json
from core.system.unpacking import MOST_ENTRIES, Bounds, gunzip, unpack

BOUNDS = Bounds(1_000_000, most_entries=10, most_packed=100, free_bytes=100_000)


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)  # without the time of now
    return buffer.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    return dict(unpack("x.zip", content, BOUNDS, InvalidRequest))


def longer_than_it_says() -> bytes:
    content = bytearray(packed({"a": b"12345678"}, zipfile.ZIP_STORED))
    entry = content.index(b"PK\x01\x02")
    content[entry + 24 : entry + 28] = (4).to_bytes(4, "little")  # the size of what is unpacked
    return bytes(content)


def test_an_ordinary_zip_is_unpacked() -> None:
    files = {"a.txt": b"1", "b/c.txt": b"2" * 1000}
    assert unpacked(packed(files)) == unpacked(packed(files, zipfile.ZIP_STORED)) == files


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (packed({"a": b"x"}, zipfile.ZIP_LZMA), "packed in an unusual way"),
        (packed({"a": b"x"}, zipfile.ZIP_BZIP2), "packed in an unusual way"),
        (packed({"a": b"\0" * 1_000_001}), "unpacks to more than 1 MB"),
        (packed({f"{n}": b"\0" * 200_000 for n in range(6)}), "unpacks to more than 1 MB"),
        (packed({"a": b"\0" * 900_000}), "unpacks to more than 100 times its size"),
        (packed({f"{n}": b"" for n in range(11)}), "holds 11 files, more than 10"),
        (b"PK\x03\x04" + b"PK\x01\x02" * (MOST_ENTRIES + 1), f"more than {MOST_ENTRIES:,} files"),
        (packed({"a": b"x" * 1000})[:-30], "cannot be unpacked"),
        (longer_than_it_says(), "cannot be unpacked"),
        (b"PK\x03\x04", "cannot be unpacked"),
    ],
)
def test_a_zip_with_a_trick_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words):
        unpacked(content)


def test_a_byte_changed_inside_is_found_out() -> None:
    content = bytearray(packed({"a": b"1234567890" * 50}))
    content[45] ^= 0xFF
    with pytest.raises(InvalidRequest, match="cannot be unpacked"):
        unpacked(bytes(content))


def test_gzip_is_bounded_and_told_where_it_ends_early() -> None:
    assert gunzip("x", gzip.compress(b"1" * 1000), 1000, InvalidRequest) == b"1" * 1000
    assert gunzip("x", b"plain", 1000, InvalidRequest) == b"plain"
    for content in (gzip.compress(b"1" * 1001), gzip.compress(b"1" * 1000)[:-4], b"\x1f\x8b", b"\x1f\x8bnonsense"):
        with pytest.raises(InvalidRequest, match=r"x (cannot be unpacked|is cut short or unpacks to more)"):
            gunzip("x", content, 1000, InvalidRequest)


def test_json_within_the_bounds_is_read() -> None:
    nested = "[" * MOST_DEPTH + "]" * MOST_DEPTH
    assert (
        parse_json(b'\xef\xbb\xbf{"a": [1, -2.5e3, "[[[{\\"", null, "\\ud83d\\ude00"]}', InvalidRequest)["a"][4] == "\U0001f600"
    )
    assert parse_json(nested, InvalidRequest) is not None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 100_000, "nested more than"),
        ('{"a":' * 100_000, "nested more than"),
        ("[" * (MOST_DEPTH + 1) + "]" * (MOST_DEPTH + 1), "nested more than"),
        ("9" * 5_000, "more than 18 digits"),
        ("[-" + "9" * 19 + "]", "more than 18 digits"),
        ("[1e999]", "too large a number"),
        ("[NaN]", "NaN is no number of JSON"),
        ("-Infinity", "is no number of JSON"),
        ('"\\ud800"', "half a letter"),
        ('"a\\u0000"', "the letter 0"),
        ("{", "this is no JSON"),
        ("", "this is no JSON"),
        (b"\xff\xfe", "this is no JSON"),
    ],
)
def test_json_beyond_the_bounds_is_refused_in_one_sentence(text: str | bytes, words: str) -> None:
    with pytest.raises(InvalidRequest, match=words) as refused:
        parse_json(text, InvalidRequest)
    assert "\n" not in str(refused.value)
