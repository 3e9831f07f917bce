"""The result of a collapse run: what was measured of every panel by step, what it saw, and whether and why it broke."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from core.runs.conclusion import Conclusion
from core.runs.result import Result, rows_of
from core.runs.standing import Standing
from core.stn.collapse.settings import Setting
from core.stn.geometry.families import FamilyName
from core.stn.learning.diagnosis import Diagnosis, worst
from core.stn.learning.trials import learned_on


class CollapseResult(Result):
    """Panels by their letters. S measurements of each; one that ended early has fewer."""

    name: str  # of the photo
    family: FamilyName
    settings: dict[str, Setting]
    measures: pd.DataFrame  # panel and the fields of `gradient_flow.Flow`
    empty: float  # the loss of an output that shows nothing
    health: dict[str, Diagnosis]
    broke_at: dict[str, int]  # the step from which on it was broken; of those alone that are
    given: np.ndarray  # uint8 (SIDE, SIDE): one bent photo
    frames: dict[str, np.ndarray]  # uint8 (S, SIDE, SIDE): what the network sees of it
    thetas: dict[str, np.ndarray]  # (S, *theta)
    device: str = ""  # that the networks learned on, in words; of the processor none
    planned_steps: int = 0  # of a run that was stopped before they were done; else 0

    @property
    def unfinished(self) -> str:
        if not self.planned_steps:
            return ""
        taken = ", ".join(f"{letter} {int(self.of(letter)['step'].max()):,}" for letter in self.settings)
        return f"It was stopped before the {self.planned_steps:,} steps of each panel were done: {taken}."

    def of(self, letter: str) -> pd.DataFrame:
        """The measurements of a panel."""
        return self.measures[self.measures["panel"] == letter].reset_index(drop=True)

    @property
    def scores(self) -> list[dict[str, Any]]:
        """A row a panel: its settings, its last measurement, and why it broke, if it did."""
        rows = []
        for letter, setting in self.settings.items():
            table = self.of(letter)
            [last], [first] = rows_of(table.tail(1)), rows_of(table.head(1))
            health = self.health[letter]
            about = {"broke_at": self.broke_at.get(letter), "health": health.word, "reason": health.words}
            rows.append({"panel": letter} | setting.model_dump() | last | {"error_before": first["error"]} | about)
        return rows

    @property
    def standing(self) -> Standing:
        """Of one panel, the least healthy, of equally unhealthy ones that which is off most, where all are healthy that which
        learned best: how far it is off, beside doing nothing, and why."""
        level = worst(self.health[row["panel"]] for row in self.scores).level
        alike = [row for row in self.scores if self.health[row["panel"]].level == level]
        measured = sorted((row for row in alike if np.isfinite(row["error"])), key=lambda row: row["error"])
        shown = (measured or alike)[0 if level == "good" else -1]
        word, reason = self.health[shown["panel"]].health
        return Standing(
            shown["error"], f"half sides off, panel {shown['panel']}",
            shown["error_before"], "half sides off before the first step", word, f"panel {shown['panel']}: {reason}",
        )  # fmt: skip

    @property
    def headline(self) -> str:
        if not self.broke_at:
            return f"none of {len(self.settings)} settings broke"
        broken = ", ".join(
            f"{letter} after {step} steps" if step else f"{letter} from the start" for letter, step in self.broke_at.items()
        )
        return f"{len(self.broke_at)} of {len(self.settings)} settings broke: {broken}"

    @property
    def conclusion(self) -> Conclusion:
        """Which panels broke, and how far the one that learned best is off."""
        steps = int(self.measures["step"].max())
        least = min(self.scores, key=lambda row: (np.isnan(row["error"]), row["error"]))
        best = f"The least error is {least['error']:.2f} half sides, of panel {least['panel']}"
        best += f"; before the first step {least['error_before']:.2f}"
        learned = f"At most {steps:,} steps of each panel, once, on the same images in the same order"
        return Conclusion(
            "measured", self.headline, (best, learned, *learned_on(self.device)), None if self.broke_at else "longer"
        )

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {"scores": pd.DataFrame(self.scores)} | super().tables
