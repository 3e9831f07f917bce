"""Diagnosis: what is right or wrong with a spatial transformer in training, in words. A value; the rules are in `health`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["good", "watch", "bad"]


@dataclass(frozen=True)
class Diagnosis:
    """The symptom, why it is there, and what to change: a sentence each; the last two are empty where all is well."""

    level: Level
    symptom: str
    why: str = ""
    change: str = ""

    @property
    def words(self) -> str:
        """In one line."""
        return " ".join(filter(None, (self.symptom, self.why, self.change)))


def worst(diagnoses: Iterable[Diagnosis]) -> Diagnosis:
    """The most serious of the diagnoses of several transformers; the first of equal ones."""
    levels: tuple[Level, ...] = ("good", "watch", "bad")
    return max(diagnoses, key=lambda diagnosis: levels.index(diagnosis.level))
