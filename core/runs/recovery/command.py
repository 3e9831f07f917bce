"""What `python -m core runs` does for a lab's folder: verify every checksum, prune what nobody needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from core.runs.lab import Lab
from core.runs.recovery import upkeep


def verify(lab: Lab) -> tuple[dict[str, Any], str]:
    """As JSON, and in words."""
    verification = upkeep.verify(lab)
    return asdict(verification), verification.sentence


def prune(lab: Lab) -> tuple[dict[str, Any], str]:
    """As JSON, and in words."""
    pruned = upkeep.prune(lab)
    return asdict(pruned), pruned.sentence


OF_FOLDER: dict[str, Callable[[Lab], tuple[dict[str, Any], str]]] = {"verify": verify, "prune": prune}
