"""Words from outside stay letters where Streamlit reads Markdown. The oracle: what its readers look for in a text."""

from __future__ import annotations

import re

import pytest

from pages.parts.plain_text import JOINER, plain

ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")  # CommonMark: a backslash takes the meaning of a mark, and goes
ADDRESSES = (  # mdast-util-gfm-autolink-literal, which looks at the text when the backslashes have gone; then Streamlit's icons
    re.compile(r"(https?://|www(?=\.))([-.\w]+)([^ \t\r\n]*)", re.IGNORECASE),
    re.compile(r"(?:^|[\s!-/:-@\[-`{-~])([-.\w+]+)@([-\w]+(?:\.[-\w]+)+)", re.ASCII),
    re.compile(r":(material/\w+|\w+):"),
)


@pytest.mark.parametrize(
    "text",
    ["http://evil.example", "see https://evil.example/a?b=1", "HTTP://EVIL.example", "www.evil.example", "WWW.evil.example/x",
     "ann@evil.example", "mailto:ann@evil.example", ":material/home:", ":smile:", "a :red[b] c"],
)  # fmt: skip
def test_an_address_or_an_icon_is_none_any_more(text: str) -> None:
    assert any(one.search(text) for one in ADDRESSES) or "red" in text  # so the oracle sees it
    read = ESCAPED.sub(r"\1", plain(text))
    assert not any(one.search(read) for one in ADDRESSES)
    assert read.replace(JOINER, "") == text


@pytest.mark.parametrize(
    "text", ["**b**", "[l](http://x)", "`c`", "$x$", "<b>", "# h", "- a", "~~s~~", "a|b", "_i_", "1. a", "!x"]
)
def test_no_mark_of_markdown_stays_without_a_backslash(text: str) -> None:
    assert not re.search(r"(?<!\\)[*_`\[\]$<>#~|]", plain(text))
    assert ESCAPED.sub(r"\1", plain(text)).replace(JOINER, "") == text


def test_ordinary_names_look_as_before() -> None:
    for name in ("AAPL", "^GSPC", "BRK.B", "photo 12.jpg", "café", "a:1"):
        assert ESCAPED.sub(r"\1", plain(name)) == name


def test_a_name_of_two_lines_is_one() -> None:
    assert plain("a\n\n# b") == r"a  \# b"
