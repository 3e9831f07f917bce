"""JSON from strangers: bounded in size, depth and digits before anything is made of it."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from core.errors import GridcastError
from core.system.unreadable import readable

MOST_BYTES = 20_000_000
MOST_DEPTH = 32
MOST_DIGITS = 18  # of a whole number: more do not fit into 64 bits
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_SURROGATES = re.compile("[\ud800-\udfff]")


def parse_json(text: str | bytes, error: type[GridcastError], sentence: str = "this is no JSON: {reason}") -> Any:
    """The value of a JSON text; `error` with the sentence where there is none within the bounds."""
    with readable(sentence, error):
        if len(text) > MOST_BYTES:
            raise ValueError(f"it has more than {MOST_BYTES // 1_000_000} MB")
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        if _depth(text) > MOST_DEPTH:
            raise ValueError(f"it is nested more than {MOST_DEPTH} deep")
        value = json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_refuse)
        _check_letters(text)
    return value


def _depth(text: str) -> int:
    """How deeply lists and objects are nested; at most one more than there are brackets that open."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", _STRINGS.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _whole(digits: str) -> int:
    if len(digits.lstrip("-")) > MOST_DIGITS:
        raise ValueError(f"a whole number has more than {MOST_DIGITS} digits")
    return int(digits)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is no number of JSON")


def _check_letters(text: str) -> None:
    r"""Halves of a letter (\ud800) and the letter \u0000 cannot be stored as text."""
    if "\\u0000" in text or "\0" in text:
        raise ValueError("a text in it holds the letter 0")
    if "\\u" in text and _SURROGATES.search(json.dumps(json.loads(text), ensure_ascii=False)):
        raise ValueError("a text in it holds half a letter")
