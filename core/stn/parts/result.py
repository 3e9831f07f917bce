"""The result of a parts run: every network's answers, where its transformers looked, and whether that is the same part."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from core.runs.conclusion import Conclusion
from core.runs.result import Result
from core.runs.standing import Standing, of_scores
from core.stn.learning.comparing import Answered, learned_little, outcome
from core.stn.learning.diagnosis import SAME, Diagnosis
from core.stn.learning.scoring import accuracy, better_than_always, largest_share
from core.stn.learning.trials import TRAINED_ONCE, judged, learned_on, notes_of
from core.stn.networks.stored import of_model, parameters_in
from core.stn.parts.boxes import holds
from core.stn.parts.looking import of_cues, of_places
from core.stn.parts.looks import LOOKS, LooksName, most_looks
from core.stn.parts.looks import TITLES as _TITLES


class PartsResult(Result):
    """Every network's answers, boxes and crops on N pictures of the test. n transformers, S stages."""

    scenes: bool  # or uploads
    side: int  # pixels
    crop: float  # side of a box by that of the picture
    classes: tuple[str, ...]
    models: tuple[LooksName, ...]
    learned_from: int | None  # pictures; None: scenes without end
    own_split: bool
    by_steps: bool  # as many for each, in place of a time
    seconds: float
    model_seconds: dict[LooksName, float]  # of learning
    model_steps: dict[LooksName, int]
    truth: np.ndarray  # int16 (N,)
    names: list[str]
    answers: dict[str, np.ndarray]  # by network: int16 (N,)
    losses: pd.DataFrame  # model, step, seconds, value
    errors: pd.DataFrame  # model, step, seconds, value (% of the first pictures of the test)
    images: np.ndarray  # uint8 (at most N, h, h, 3): of the test, to be looked at
    boxes: dict[str, np.ndarray]  # by network: (N, n, 3), see `boxes`
    crops: dict[str, np.ndarray]  # by network: uint8 (SHOWN, n, C, POINTS, POINTS)
    cues: np.ndarray  # (N, 2, 2) of scenes, (0, 2, 2) of uploads
    parts: pd.DataFrame  # model, transformer, place_sd (half sides), alike, alike_still, sure
    cue_table: pd.DataFrame  # of scenes: model, transformer, cue, held, still, offset_sd, see `boxes.table_of_cues`
    films: dict[str, np.ndarray]  # by network: (S, SHOWN, n, 3)
    film_steps: dict[str, list[int]]
    weights: dict[str, np.ndarray]  # "model/name of the weight"
    device: str = ""  # that the networks learned on, in words; of the processor none

    @property
    def scores(self) -> list[dict[str, Any]]:
        """A row a network: errors and their standard errors in %, seconds and steps of learning, shares from 0 to 1."""
        return [self._score(name) for name in self.models]

    def _score(self, name: LooksName) -> dict[str, Any]:
        measured = accuracy(self.answers[name][None], self.truth)
        return {
            "model": name,
            "error": 100 * measured.error,
            "error_se": 100 * measured.se,
            "baseline": 100 * self.guessing,
            "baseline_is": "always the largest class",
            "health": self.judgement[name].word,
            "transformers": self.boxes[name].shape[1] if name in self.boxes else 0,
            "all_cues_held": self.all_cues_held(name),
            "parameters": self.parameters_of(name),
            "seconds": self.model_seconds[name],
            "steps": self.model_steps[name],
            "images": len(self.truth),
        }

    @property
    def standing(self) -> Standing:
        reasons = {name: one.health[1] for name, one in self.judgement.items()}
        return of_scores(self.scores, "% of the pictures are wrong", reasons)

    @property
    def guessing(self) -> float:
        """The error, 0 to 1, of always naming the class that most pictures of the test are of."""
        return 1 - largest_share(self.truth)

    def parameters_of(self, name: LooksName) -> int:
        return parameters_in(of_model(self.weights, name))

    def all_cues_held(self, name: LooksName) -> float | None:
        """The share of the scenes, 0 to 1, in which the middle of each cue lies in some box; None where this cannot be said."""
        if not len(self.cues) or name not in self.boxes:
            return None
        return float(np.all(holds(self.boxes[name], self.cues).any(axis=1), axis=1).mean())

    @cached_property
    def judgement(self) -> dict[LooksName, Diagnosis]:
        """The health of every network by its test."""
        return {name: self._judged(name) for name in self.models}

    @cached_property
    def no_better(self) -> list[LooksName]:
        """The networks that are not surely better than always naming the largest class."""
        return [name for name in self.models if not better_than_always(self.answers[name][None], self.truth)]

    def _judged(self, name: LooksName) -> Diagnosis:
        error = f"{_TITLES[name]}: {100 * accuracy(self.answers[name][None], self.truth).error:.0f} % are wrong"
        than = f"{error} where always naming the largest class errs on {100 * self.guessing:.0f} %"
        return judged(None, name not in self.no_better, than, learned_little(self.answers[name][None], self.truth))

    @property
    def what(self) -> str:
        return f"{len(self.truth):,} {'scenes' if self.scenes else 'pictures'} of the test"

    @property
    def contender(self) -> LooksName:
        """The network that the others are compared to: that with most transformers, if there is one."""
        with_transformers = any(LOOKS[name].transformers for name in self.models)
        return most_looks(self.models) if with_transformers else self.models[0]

    @cached_property
    def conclusion(self) -> Conclusion:
        """Of the network with most transformers against the best of the others."""
        others = sorted((name for name in self.models if name != self.contender), key=self._error)
        said = outcome([self._answered(name) for name in (self.contender, *others)], self.truth)
        learned = ", ".join(
            f"{_TITLES[name]} {self.model_steps[name]:,} steps in {self.model_seconds[name]:.0f} s" for name in self.models
        )
        tested = f"Tested on {self.what}; guessing is always naming the largest class"
        notes = TRAINED_ONCE, *learned_on(self.device), *notes_of(self.judgement, self.no_better)
        support = (*self.looked_at, tested, f"Learning: {learned}", *notes)
        return Conclusion(said.finding, said.headline, support, said.next_step)

    @property
    def looked_at(self) -> tuple[str, ...]:
        """What the transformers of the contender look at, in sentences; none of one that has learned nothing."""
        name = self.contender
        if name not in self.boxes or name in self.no_better:
            return ()
        if not self.scenes:
            return of_places(self.parts[self.parts.model == name], self.side)
        cues = self.cue_table[self.cue_table.model == name]
        return of_cues(cues, len(self.truth), self.side, self.all_cues_held(name))

    def _answered(self, name: LooksName) -> Answered:
        film = self.films.get(name)
        still = film is not None and bool(np.abs(film[-1] - film[0]).max() < SAME)
        plural = LOOKS[name].transformers > 1
        return Answered(_TITLES[name], self.answers[name][None], self.model_steps[name], still, plural)

    def _error(self, name: LooksName) -> float:
        return accuracy(self.answers[name][None], self.truth).error

    @property
    def headline(self) -> str:
        return self.conclusion.headline

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        return {"scores": pd.DataFrame(self.scores)} | super().tables | {"boxes": self.box_table}

    @property
    def box_table(self) -> pd.DataFrame:
        """A row a picture and transformer: model, picture, transformer, x, y (middle of the box, pixels), side (pixels)."""
        rows = []
        for name, boxes in self.boxes.items():
            pictures, transformers = np.indices(boxes.shape[:2]).reshape(2, -1)
            middles = (boxes[..., 1:].reshape(-1, 2) + 1) * self.side / 2
            rows.append(
                pd.DataFrame(
                    {
                        "model": name,
                        "picture": [self.names[n] for n in pictures] if self.names else pictures + 1,
                        "transformer": transformers + 1,
                        "x": middles[:, 0],
                        "y": middles[:, 1],
                        "side": self.crop * self.side,
                    }
                )
            )
        return pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
