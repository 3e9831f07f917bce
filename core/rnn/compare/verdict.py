"""The verdict of a comparison: whether recurrent networks beat the best classical model, and what beats the reference.

The first sentence is about the network that is best on the validation days, against the best classical model and the best model
without recurrence of these days; the second about all models against the target's reference. A model beats another when its
mean loss is lower and the test of equal loss gives p < 0.05 after correction: for all models against the same rival (Holm) and,
where their number is given, for every other trial on the ticker (Šidák). So each of these claims is made falsely for at most 1
in 20 unpredictable tickers, however many models are tried.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from core.rnn.evaluation.evidence import Evidence
from core.rnn.evaluation.family import Compared
from core.rnn.evaluation.loss_functions import by_which
from core.rnn.models import MODELS, REFERENCE, in_a_sentence, with_meaning
from core.rnn.words import SMALL, confirmation_in_words, power_in_words, say_p, say_percent

Outcome = Literal["better", "not sure", "worse"]


class Comparison(BaseModel):
    """One model against another."""

    model_config = ConfigDict(frozen=True)

    model: str
    reference: str  # the other
    loss: str
    skill: float | None  # None where the other made no error
    p: float | None  # of equal loss, corrected; None when the two made the same errors
    detectable_skill: float | None  # would show in 4 of 5 cases at the corrected level; None: no gain could have shown
    better: bool  # whether p < 0.05 and the skill is above 0
    origins_to_confirm: float | None = None  # that would show this skill in 4 of 5 cases; None where it is not above 0

    @classmethod
    def of(cls, row: Compared, loss: str) -> Self:
        numbers = (row.skill, row.p, row.detectable_skill, row.origins_to_confirm)
        skill, p, detectable, needed = (_or_none(value) for value in numbers)
        return cls(
            model=row.model,
            reference=row.rival,
            loss=loss,
            skill=skill,
            p=p,
            detectable_skill=detectable,
            better=row.better,
            origins_to_confirm=needed,
        )


class Verdict(BaseModel):
    """The outcome of a comparison. Results of earlier versions lack the fields that have a default."""

    model_config = ConfigDict(frozen=True)

    text: str
    reference: str = ""  # the model that skill is measured against; "": of an earlier version
    loss: str = "squared"
    beats_reference: bool = False
    beats_random_walk: bool
    winners: tuple[str, ...]  # the models that beat the reference, the lowest loss first
    best: str  # the model with the lowest loss, sure or not
    p: float | None  # of `best` against the reference, corrected; None when it is the reference itself
    networks_beat_classical: bool = False  # whether a recurrent network beats the best classical model
    networks_beat_without_recurrence: bool = False
    best_network: str = ""  # this and the next two: on the validation days; "" where there is none
    best_classical: str = ""
    best_without_recurrence: str = ""
    beating_by_loss: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # by loss: networks that beat `best_classical`
    winning_by_loss: dict[str, tuple[str, ...]] = Field(default_factory=dict)  # by loss: models that beat the reference
    comparisons: tuple[Comparison, ...] = ()  # networks with the best of the others, then all models with the reference
    trials: int | None = None  # variants × settings on the ticker: of this comparison, and of others where counted
    spa_p: float | None = None  # that no model is better than the reference, all of them tried (Hansen 2005)

    @property
    def outcome(self) -> Outcome:
        """How recurrent networks do against the best classical model: one beats it; or the network that is best on the
        validation days is more accurate by no more than chance would explain; or it is no more accurate."""
        if self.networks_beat_classical:
            return "better"
        duel = (self.best_network, self.best_classical)
        row = next((row for row in self.comparisons if (row.model, row.reference) == duel), None)
        return "not sure" if row is not None and (row.skill or 0) > 0 else "worse"

    def p_of(self, model: str, reference: str) -> float | None:
        """The corrected p value of one model against another; None where the two were not compared, or cannot be told apart."""
        return next((row.p for row in self.comparisons if (row.model, row.reference) == (model, reference)), None)


def judge(evidence: Evidence, trials: int = 0, bar: str = "day") -> Verdict:
    """The verdict on the forecasts of a comparison; one step of them is a `bar`.

    `trials` is their number on this ticker, this comparison included; 0: judge this comparison alone.
    """
    return _Judgement(evidence, others_of(evidence, trials), bar).verdict


def others_of(evidence: Evidence, trials: int) -> int:
    """How many of so many trials on a ticker are not of this comparison."""
    return max(0, trials - len(evidence.losses.models) + 1)


@dataclass(frozen=True, eq=False)
class _Judgement:
    """The tests behind a verdict, and its sentences."""

    evidence: Evidence
    others: int  # trials on the ticker in other comparisons
    bar: str

    @property
    def verdict(self) -> Verdict:
        evidence, losses = self.evidence, self.evidence.losses
        best = min(losses.models, key=losses.mean)
        rows = [row for duel in self.duels for row in duel] + self.against
        return Verdict(
            text=" ".join(filter(None, [self._case_study, self._against_reference, self._power, self._without_reference])),
            reference=evidence.reference,
            loss=losses.loss.name,
            beats_reference=bool(self.winners),
            beats_random_walk=any(row.better for row in evidence.against(REFERENCE, others=self.others).rows()),
            winners=tuple(row.model for row in self.winners),
            best=best,
            p=next((_or_none(row.p) for row in self.against if row.model == best), None),
            networks_beat_classical=bool(self.duels) and any(row.better for row in self.duels[0]),
            networks_beat_without_recurrence=bool(self.duels) and any(row.better for row in self.duels[-1]),
            best_network=evidence.best("network"),
            best_classical=evidence.best("classical"),
            best_without_recurrence=evidence.best("without-recurrence"),
            beating_by_loss={loss: one.beating for loss, one in self.by_loss.items()},
            winning_by_loss={loss: tuple(row.model for row in one.winners) for loss, one in self.by_loss.items()},
            comparisons=tuple(Comparison.of(row, losses.loss.name) for row in rows),
            trials=len(losses.models) - 1 + self.others,
            spa_p=_or_none(losses.superior_ability),
        )

    @cached_property
    def by_loss(self) -> dict[str, Self]:
        """The same forecasts judged by every loss of the target, the one that leads here first."""
        evidence = self.evidence
        return {loss: self if loss == evidence.losses.loss.name else self._by(loss) for loss in evidence.scores}

    def _by(self, loss: str) -> Self:
        """By another loss, against the same rivals: of results that keep no choice, the best of the leading loss."""
        rivals = {group: self.evidence.best(group) for group in ("classical", "without-recurrence")}
        return replace(self, evidence=replace(self.evidence.by(loss), chosen={**self.evidence.chosen, **rivals}))

    @property
    def beating(self) -> tuple[str, ...]:
        """The networks that beat the best classical model."""
        return tuple(row.model for row in self.duels[0] if row.better) if self.duels else ()

    @cached_property
    def duels(self) -> list[list[Compared]]:
        """All recurrent networks against the best classical model and, where it is another, the best without recurrence."""
        rivals = dict.fromkeys(self.evidence.best(group) for group in ("classical", "without-recurrence"))
        return [self._duel(rival) for rival in rivals if self._networks]

    def _duel(self, rival: str) -> list[Compared]:
        """The networks against a rival; against the reference as all models are, so that two sentences cannot disagree."""
        if rival == self.evidence.reference:
            return [row for row in self.against if row.model in self._networks]
        return self.evidence.against(rival, self._networks, "network", self.others).rows()

    @cached_property
    def _networks(self) -> tuple[str, ...]:
        return tuple(model for model in self.evidence.losses.models if MODELS[model].recurs)

    @cached_property
    def against(self) -> list[Compared]:
        """All models against the reference, the lowest loss first."""
        rows = self.evidence.against(self.evidence.reference, others=self.others).rows()
        return sorted(rows, key=lambda row: self.evidence.losses.mean(row.model))

    @property
    def winners(self) -> list[Compared]:
        """Those that beat the reference."""
        return [row for row in self.against if row.better]

    @property
    def _about(self) -> str:
        return f"at forecasting {self.evidence.target.about(self.evidence.losses.horizon, self.bar)}"

    @property
    def _case_study(self) -> str:
        """Whether a network beats the best classical model, and the best model without recurrence."""
        if not self.duels:
            return ""
        classical, *recurrence = (self._subject(rows) for rows in self.duels)
        rival, about = self._chosen_rival(classical.rival, "classical"), f"{self._about}{self._by_which(classical)}"
        apart = classical.rival != self.evidence.reference
        corrected = self._corrected(*((len(self.duels[0]), "networks") if apart else (len(self.against), "models")))
        named = in_a_sentence(classical.rival)
        if classical.better:
            first = f"{_at_the_start(classical.model)} beats {rival}{self._but_not_the_reference(classical)}, {about}"
            first += f": {self._numbers(classical, named, corrected)}"
        else:
            has = self._has(classical, named, corrected)
            first = f"No recurrent network beats {rival}, {about}: {self._named(classical)} {has}"
        first += self._unlike_the_reference(classical)
        return "; ".join([first, *(self._also(row, classical) for row in recurrence)]) + "."

    def _but_not_the_reference(self, row: Compared) -> str:
        """Of a model that beats its rival, which may be a bad one: that it does not beat the reference."""
        reference = self.evidence.reference
        if row.rival == reference or any(one.model == row.model for one in self.winners):
            return ""
        return f", but not the reference, {in_a_sentence(reference)}"

    def _by_which(self, subject: Compared) -> str:
        """By which losses that holds, where the target has several."""
        beating = {loss: one.beating for loss, one in self.by_loss.items()}
        if len(beating) == 1:
            return ""
        if subject.better:
            return f", {by_which({loss: subject.model in models for loss, models in beating.items()})}"
        models = dict.fromkeys(model for one in beating.values() for model in one)
        named = f"{' and '.join(map(in_a_sentence, models))} {'does' if len(models) == 1 else 'do'}"
        return f", {by_which({loss: bool(models) for loss, models in beating.items()}, named)}"

    def _unlike_the_reference(self, row: Compared) -> str:
        """The skill against the reference, where its sign is another than against the rival of the sentence."""
        if row.rival == self.evidence.reference or math.isnan(row.skill):
            return ""
        skill = next((one.skill for one in self.against if one.model == row.model), math.nan)
        if math.isnan(skill) or (skill > 0) == (row.skill > 0):
            return ""
        return f"; against the reference, {in_a_sentence(self.evidence.reference)}, it has {say_percent(skill)}"

    def _chosen_rival(self, model: str, group: str) -> str:
        """A rival, and which choice it is: "HAR, the best classical model before the test"."""
        when = "before the test" if self.evidence.chosen.get(group) == model else "of the test"
        kind = "classical model" if group == "classical" else "model without recurrence"
        return f"{self._named_rival(model)}, the best {kind} {when}"

    def _also(self, row: Compared, first: Compared) -> str:
        """The same against the best model without recurrence, briefly."""
        rival = self._chosen_rival(row.rival, "without-recurrence")
        if row.model != first.model and not row.better:
            return f"no network beats {rival}: {in_a_sentence(row.model)} {self._has(row)}"
        who = "it" if row.model == first.model else in_a_sentence(row.model)
        better, not_better = (
            (f"{who} also beats", f"{who} does not beat") if first.better else (f"{who} beats", f"nor does {who} beat")
        )
        return f"{better if row.better else not_better} {rival}: {self._numbers(row)}"

    def _subject(self, rows: list[Compared]) -> Compared:
        """The network that a sentence speaks of: a winner where there is one, the expected one first, then the lowest loss."""
        expected = self.evidence.best("network")
        candidates = [row for row in rows if row.better] or rows
        return min(candidates, key=lambda row: (row.model != expected, self.evidence.losses.mean(row.model)))

    def _named_rival(self, model: str) -> str:
        """What others are measured against, with what its forecast of this target is."""
        return with_meaning(in_a_sentence(model), model, self.evidence.target)

    def _named(self, row: Compared) -> str:
        chosen = self.evidence.chosen.get("network") == row.model
        return f"{in_a_sentence(row.model)}, best on the validation {self.bar}s," if chosen else in_a_sentence(row.model)

    def _has(self, row: Compared, rival: str = "it", corrected: str = "") -> str:
        """The numbers as what a model has."""
        if math.isnan(row.p) or math.isnan(row.skill):
            return f"cannot be told from {rival}"
        return f"{'is worse, ' if row.worse else 'has '}{self._numbers(row, rival, corrected)}"

    def _numbers(self, row: Compared, rival: str = "it", corrected: str = "") -> str:
        """How much better than the rival, and how sure after which correction."""
        if math.isnan(row.p) or math.isnan(row.skill):
            return "the two cannot be told apart"
        by = f"by {self.evidence.losses.loss.title}"
        whom = f"{by} against {rival}" if rival.endswith(by) else f"against {rival} {by}"  # HAR by QLIKE is a model
        return f"skill {say_percent(row.skill)} {whom}, {say_p(row.p)}{corrected}"

    def _corrected(self, count: int, noun: str) -> str:
        """ " after correction for 4 networks and 12 other trials on this ticker"; empty for a single test."""
        tests = [f"{count:,} {noun}"] if count > 1 else []
        tests += [f"{self.others:,} other trials on this ticker"] if self.others else []
        return f" after correction for {' and '.join(tests)}" if tests else ""

    @property
    def _against_reference(self) -> str:
        """What beats the reference."""
        reference, about = self._named_rival(self.evidence.reference), "" if self.duels else f" {self._about}"
        if not self.against:
            return f"Only {reference} was to forecast; there is nothing to compare it with."
        first = (self.winners or self.against)[0]
        name, corrected = in_a_sentence(first.model), self._corrected(len(self.against), "models")
        whom = f"the reference, {reference}{',' if about else ''}{about}"
        if not self.winners:
            return f"Nothing beats {whom}: the closest, {name}, {self._has(first, corrected=corrected)}."
        if len(self.winners) == 1:
            chosen = ", the best before the test," if self._is_not_the_most_accurate(first) else ""
            return f"{_at_the_start(first.model)}{chosen} beats {whom}: {self._numbers(first, corrected=corrected)}."
        count = f"{len(self.winners)} of {len(self.against)} models"
        return f"{count} beat {whom}: the best of them, {name}, {self._has(first, corrected=corrected)}."

    def _is_not_the_most_accurate(self, winner: Compared) -> bool:
        """Of the only winner: others had lower losses, but most of the level is for the model that is expected to win."""
        return winner.model == self.evidence.best("all") and winner.model != self.against[0].model

    @property
    def _power(self) -> str:
        """Which skill could have been found, and how long a test would confirm the one that is spoken of first."""
        rows = [self._subject(self.duels[0])] if self.duels else [*self.winners, *self.against][:1]
        if not rows or math.isnan(rows[0].p) or math.isnan(rows[0].skill):
            return ""
        row, days = rows[0], self.evidence.losses.origins
        model, rival = in_a_sentence(row.model), in_a_sentence(row.rival)
        said = [power_in_words(row.detectable_skill, days, self.bar, rival)]
        if not row.better:
            said.append(confirmation_in_words(row.skill, model, rival, row.origins_to_confirm, self.bar))
        elif row.skill < row.detectable_skill:
            said.append(SMALL)
        return " ".join(filter(None, said))

    @property
    def _without_reference(self) -> str:
        """That forecasts of the target's own reference are missing, which earlier versions did not make."""
        evidence = self.evidence
        wanted = evidence.rival or evidence.target.reference
        if evidence.reference == wanted:
            return ""
        return f"As {in_a_sentence(wanted)} is not in this comparison, {in_a_sentence(evidence.reference)} is the reference."


def _at_the_start(model: str) -> str:
    """A model at the start of a sentence: "The random walk"."""
    return in_a_sentence(model)[0].upper() + in_a_sentence(model)[1:]


def _or_none(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
