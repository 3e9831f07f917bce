"""The verdict of a panel: do recurrent networks beat the best classical model, and the best model without recurrence?

Classical are the statistical models, each on its own ticker, as a comparison of that ticker has them. Without recurrence are
these and all others that have no state: regressions and trees over all tickers, feed-forward networks. Who is best is
chosen on the validation days, so each question is one test, on days that the choice has not seen. The second is asked only if
the first is answered with yes, so that both can be tested at 5 % (fixed sequence, Maurer et al. 1995); its p is the larger of
the two. A network's row is its committee. The second sentence says which models beat the target's reference, corrected for
their number (Holm).
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS, by_which
from core.rnn.evaluation.significance import ALPHA, holm, sidak
from core.rnn.models import REFERENCE
from core.rnn.panel.losses import Choice, PanelLosses, holm_better
from core.rnn.panel.models import panel_model
from core.rnn.words import SMALL, confirmation_in_words, power_in_words, say_p, say_percent


class Duel(BaseModel):
    """One comparison that the verdict speaks of."""

    model_config = ConfigDict(frozen=True)

    model: str
    reference: str
    loss: str
    skill: float
    p: float | None  # corrected; None where the two cannot be told apart
    detectable_skill: float | None  # found in 4 of 5 cases at the corrected level; None where no gain could have been found
    better_on: int
    tickers: int
    better: bool  # whether p < 0.05 and the skill is above 0

    def text(self, choice: str = "", by: str = "") -> str:
        """The outcome after "the pooled GRU": which choice the rival is, and by which losses it holds."""
        rival = panel_model(self.reference).in_sentence
        if self.p is None:
            return f"cannot be told from {rival}{choice}"
        how = "beats" if self.better else "is no better than" if self.skill <= 0 else "is not surely better than"
        share = f"better on {self.better_on} of {self.tickers} tickers"
        return f"{how} {rival}{choice}{by}: skill {say_percent(self.skill)} against it ({say_p(self.p)}, {share})"

    def power(self, days: int) -> str:
        """Which skill so many days could show, and how many would confirm this one; a detectable gain falls with their root."""
        model, rival = (panel_model(name).in_sentence for name in (self.model, self.reference))
        said = power_in_words(self.detectable_skill, days, "day", rival)
        if not self.skill > 0 or self.detectable_skill is None:
            return said
        if self.better:
            return f"{said} {SMALL}" if self.skill < self.detectable_skill else said
        needed = days * (self.detectable_skill / self.skill) ** 2
        return f"{said} {confirmation_in_words(self.skill, model, rival, needed, 'day')}"


class Verdict(BaseModel):
    """The outcome of a panel."""

    model_config = ConfigDict(frozen=True)

    text: str
    reference: str  # what every skill is measured against
    loss: str
    networks_beat_classical: bool
    networks_beat_without_recurrence: bool
    beats_reference: bool
    winners: tuple[str, ...]  # that beat the reference, the highest skill first
    best_network: str  # chosen on the validation days, as the next two; empty where there is none
    best_classical: str
    best_without_recurrence: str
    comparisons: tuple[Duel, ...]  # those of the first sentence, then every model against the reference
    beats_random_walk: bool = False  # whether any model does, corrected as against the reference
    trials: int | None = None  # on these tickers, where they were counted
    beating_by_loss: dict[str, bool] = Field(default_factory=dict)  # by loss: whether the best network beats the best classical

    @property
    def duels(self) -> tuple[Duel, ...]:
        """The best network against the best classical model, and against the best without recurrence."""
        rivals = {self.best_classical, self.best_without_recurrence} - {""} if self.best_network else {}
        return self.comparisons[: len(rivals)]

    def p_of(self, model: str, reference: str) -> float | None:
        """The p value of a model against the reference, corrected for all models; None where the two cannot be told apart."""
        against = self.comparisons[len(self.duels) :]
        return next((row.p for row in against if (row.model, row.reference) == (model, reference)), None)

    def _choice(self, duel: Duel) -> str:
        """What a rival is the best of: ", the best classical model before the test"."""
        kinds = {self.best_without_recurrence: "model without recurrence", self.best_classical: "classical model"}
        return f", the best {kinds[duel.reference]} before the test"

    def _by(self, duel: Duel) -> str:
        """By which losses the best network beats the best classical model, where the target has several."""
        several = len(self.beating_by_loss) > 1 and duel.reference == self.best_classical
        return f", {by_which(self.beating_by_loss, 'it does')}" if several else ""

    def in_words(self, days: int) -> str:
        """What was found on so many test days: the duels, what a test of this length could find, and what beats the reference.

        `text` is the same, of stored results in the words of their time.
        """
        against, reference = self.comparisons[len(self.duels) :], panel_model(self.reference).in_sentence
        said = []
        if self.duels:
            subject, tickers = panel_model(self.duels[0].model).in_sentence, self.duels[0].tickers
            outcomes = ", and ".join(one.text(self._choice(one), self._by(one)) for one in self.duels)
            said = [f"On {tickers} tickers and {days:,} test days, {subject} {outcomes}."]
            said += [next((one for one in self.duels if not one.better), self.duels[0]).power(days)]
        if not self.winners:
            return " ".join([*said, f"Nothing beats {reference} after correction for {len(against)} models."])
        best = next(one for one in against if one.model == self.winners[0])
        skill = f"skill {say_percent(best.skill)} against it ({say_p(best.p or 0.0)})"
        gain = f"most of all {panel_model(best.model).in_sentence}, {skill}"
        return " ".join([*said, f"{len(self.winners)} of {len(against)} models beat {reference} after correction, {gain}."])


@dataclass(frozen=True)
class Chosen:
    """The best models of the validation days."""

    network: str
    classical: str
    without_recurrence: str

    @classmethod
    def by(cls, choice: Choice, unfit: Collection[str] = ()) -> Chosen:
        """The `unfit`, whose parameters are for some ticker those of a search that did not converge, are never chosen."""
        rows = [panel_model(name) for name in choice.losses.points if name not in unfit]
        recurrent = [one.name for one in rows if one.group == "recurrent"]
        classical = [one.name for one in rows if one.group == "classical" and not one.pooled]
        others = [one.name for one in rows if one.group in ("classical", "without recurrence")]
        return cls(*map(choice.best, (recurrent, classical, others)))


def judge(losses: PanelLosses, chosen: Chosen, trials: int = 0) -> Verdict:
    """The verdict of test losses; `trials` other tests on the same tickers are corrected for."""
    reference = losses.outcomes.target.reference
    rivals = tuple(dict.fromkeys(filter(None, (chosen.classical, chosen.without_recurrence)))) if chosen.network else ()
    duels = _duels(losses, [(chosen.network, rival) for rival in rivals], trials, in_sequence)
    others = [model for model in losses.points if model != reference]
    against = _duels(losses, [(model, reference) for model in others], trials, holm)
    walkers = [(model, REFERENCE) for model in losses.points if model != REFERENCE] if REFERENCE in losses.points else []
    winners = tuple(one.model for one in sorted(against, key=lambda one: -one.skill) if one.better)
    verdict = Verdict(
        text="",
        reference=reference,
        loss=losses.loss.name,
        networks_beat_classical=any(one.better for one in duels if one.reference == chosen.classical),
        networks_beat_without_recurrence=any(one.better for one in duels if one.reference == chosen.without_recurrence),
        beats_reference=bool(winners),
        winners=winners,
        best_network=chosen.network,
        best_classical=chosen.classical,
        best_without_recurrence=chosen.without_recurrence,
        comparisons=(*duels, *against),
        beats_random_walk=any(one.better for one in _duels(losses, walkers, trials, holm)),
        trials=trials or None,
        beating_by_loss=by_loss(losses, chosen, trials),
    )
    return verdict.model_copy(update={"text": verdict.in_words(len(losses.outcomes.actual))})


def by_loss(losses: PanelLosses, chosen: Chosen, trials: int = 0) -> dict[str, bool]:
    """By every loss of the target, the one that leads here first: whether the chosen network beats the chosen classical model.

    Empty where there are not both.
    """
    if not chosen.network or not chosen.classical:
        return {}
    names, pair = dict.fromkeys((losses.loss.name, *losses.outcomes.target.scores)), [(chosen.network, chosen.classical)]
    others = {name: replace(losses, loss=LOSS_FUNCTIONS[name]) for name in names}
    return {name: _duels(one, pair, trials, in_sequence)[0].better for name, one in others.items()}


Correction = Callable[[np.ndarray], np.ndarray]


def in_sequence(p_values: np.ndarray) -> np.ndarray:
    """P values (tests,) of tests in a fixed order, each made only if those before it were significant."""
    return np.fmax.accumulate(p_values)


def _duels(losses: PanelLosses, pairs: list[tuple[str, str]], trials: int, correct: Correction) -> list[Duel]:
    """Comparisons, their p corrected for each other and for other trials (Šidák)."""
    results = [losses.compare(*pair) for pair in pairs]
    corrected = correct(np.array([one.test.p for one in results])) if results else np.empty(0)
    level = ALPHA / (1 if correct is in_sequence else max(1, len(pairs))) / (1 + trials)
    duels = list[Duel]()
    for (model, reference), result, p in zip(pairs, results, corrected, strict=True):
        p = p if np.isnan(p) or not trials else sidak(float(p), trials + 1)
        detectable = losses.relative(result.test.detectable(level), reference)
        duels.append(
            Duel(
                model=model,
                reference=reference,
                loss=losses.loss.name,
                skill=result.skill,
                p=None if np.isnan(p) else float(p),
                detectable_skill=float(detectable) if 0 < detectable < 1 else None,
                better_on=result.over.better_on,
                tickers=result.over.tickers,
                better=holm_better(p, result.skill),
            )
        )
    return duels
