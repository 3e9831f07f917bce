"""Diagnosis: what is right or wrong with a spatial transformer in training, in words. A value; the rules are in `health`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.runs.standing import WORDS, Level

PATIENCE = 300  # steps after which a transformer should have begun to look: fewer are little learning
SAME = 0.02  # half sides: thetas that differ by less from image to image, or from the identity, are taken for the same


@dataclass(frozen=True)
class Diagnosis:
    """The symptom, why it is there, and what to change: a sentence each; the last two are empty where all is well."""

    level: Level
    symptom: str
    why: str = ""
    change: str = ""

    @property
    def word(self) -> str:
        """In one word."""
        return WORDS[self.level]

    @property
    def words(self) -> str:
        """In one line."""
        return " ".join(filter(None, (self.symptom, self.why, self.change)))

    @property
    def health(self) -> tuple[str, str]:
        """The word, and the line as what follows a colon."""
        return self.word, f"{self.words[:1].lower()}{self.words[1:].removesuffix('.')}"


def without_gradient(kernel: str) -> Diagnosis:
    """Of a transformer whose sampler has a kernel that is flat between its jumps."""
    return Diagnosis(
        "bad",
        f"The {kernel} kernel has no gradient: a transformer cannot learn through it.",
        "It is flat between its jumps, so the derivative with respect to θ (eq. 7) is 0 everywhere.",
        "Choose another kernel, such as bilinear.",
    )


def worst(diagnoses: Iterable[Diagnosis]) -> Diagnosis:
    """The most serious of the diagnoses of several transformers; the first of equal ones."""
    levels: tuple[Level, ...] = ("good", "watch", "bad")
    return max(diagnoses, key=lambda diagnosis: levels.index(diagnosis.level))
