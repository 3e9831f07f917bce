"""Visitor: somebody who asks for runs, known by an id that is a hash of a secret which only their browser has."""

from __future__ import annotations

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass

# Who is no person. No hash is equal to one of these.
LAB = "lab"  # has a share of each run that comes with the lab, which nobody can take away
PINNED = "pinned"  # has one of each run that a lecturer has pinned
COMMAND_LINE = "command-line"
NOBODY = "nobody"  # has the share of a run of an earlier version, whose visitors are not known, once it has been deleted
NAMES = {LAB: "the lab", PINNED: "pinned", COMMAND_LINE: "the command line", NOBODY: "nobody"}
RESERVED = {*NAMES.values(), "you", "lecturer", "the lecturer", "everybody"}

LONGEST_NAME = 32
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32,64}")


@dataclass(frozen=True)
class Visitor:
    """Who asks, and what they have chosen."""

    id: str
    name: str
    private: bool = False  # keeps their runs out of the lists of others
    lecturer: bool = False  # has given the lecturer's key


def new_token() -> str:
    """A secret for a new visitor's browser."""
    return secrets.token_urlsafe(24)


def is_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def id_of(token: str) -> str:
    """The id of whoever has this token; from the id nobody learns the token."""
    return _hash("token", token)


def id_of_person(issuer: str, subject: str) -> str:
    """The id of whoever has signed in, by who vouches for them and what they are called there."""
    return _hash("person", issuer, subject)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(("gridcast", *parts)).encode()).hexdigest()[:20]


def usual_name(visitor_id: str) -> str:
    """What a visitor is called who has given no name: "Guest 4821"."""
    return NAMES.get(visitor_id) or f"Guest {1000 + int(visitor_id, 16) % 9000}"


def clean_name(text: str) -> str:
    """A name as it is kept: one line of visible characters; "" where nothing is left or it is reserved."""
    visible = "".join(one if unicodedata.category(one)[0] != "C" else " " for one in unicodedata.normalize("NFKC", text))
    name = " ".join(visible.split())[:LONGEST_NAME].strip()
    return "" if name.casefold() in RESERVED else name
