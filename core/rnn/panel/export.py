"""What a panel says of itself in a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.panel.day_figures import accounts_together, gain_chart
from core.rnn.panel.models import panel_model
from core.rnn.panel.overview_figures import regime_chart, skill_chart
from core.rnn.panel.result import PanelResult
from core.rnn.panel.risk.worth import worth_of
from core.rnn.panel.tables import answer, standing_table, trials_in_words
from core.rnn.panel.ticker_figures import heat_map, unseen_chart
from core.rnn.panel.views import drawn_together, gains, references, ticker_references
from core.rnn.worth.accounts import RULES
from core.rnn.worth.sentences import terms_in_words
from core.runs.lab import lab
from core.runs.registry import Run
from core.runs.report.parts import Report, Shown


def _shown(result: PanelResult) -> Iterator[Shown]:
    reference, loss = references(result)[0], result.verdict.loss
    rival = panel_model(reference).in_sentence
    yield Shown(f"Skill against {rival}", skill_chart(result, reference, loss), "Over all tickers, with 95 % intervals.")
    of_tickers = ticker_references(result)[0]
    read = f"Blue is better than {panel_model(of_tickers).in_sentence}, orange worse; ● after control of false discoveries."
    yield Shown("Every model on every ticker", heat_map(result, of_tickers), read)
    summed = gains(result, drawn_together(result, reference), reference, loss)
    yield Shown("When the gain was made", gain_chart(summed, reference, LOSS_FUNCTIONS[loss].title), "Shaded: wild days.")
    yield Shown("Calm and wild days apart", regime_chart(result, reference))
    if len(result.unseen):
        yield Shown("Tickers it never saw", unseen_chart(result))
    worth = worth_of(result)
    for rule in result.target_row.rules:
        title = f"{RULES[rule].title}, all tickers together, beside buy-and-hold"
        yield Shown(title, accounts_together(worth, rule), terms_in_words(rule, result.cost_bp))


def _worth(result: PanelResult) -> Mapping[str, tuple[str, ...]]:
    """What the forecasts were worth, as the group Worth of the screen says it."""
    at = f"A trade costs {result.cost_bp:g} basis points of what is traded."
    return {"What the forecasts were worth": (*worth_of(result).sentences, at)}


def _tables(result: PanelResult) -> Mapping[str, pd.DataFrame]:
    reference = references(result)[0]
    return {f"Every model against {panel_model(reference).in_sentence}": standing_table(result, reference, result.verdict.loss)}


def _corrected(run: Run, result: PanelResult) -> PanelResult:
    """For the other tests that had been made on its data when it ended."""
    return result.corrected_for(lab().other_tests_until(run))


REPORT = Report(
    _shown,
    _tables,
    limits=(
        "Not investment advice.",
        "The tickers move together: a gain on all of them is one piece of evidence, not as many as there are tickers.",
        "Which network and which rival the verdict speaks of was chosen on the validation days; what holds for other pairs of "
        "them is not corrected for the choice.",
    ),
    words=lambda result: "\n".join(
        filter(None, [answer(result.verdict), result.verdict.text, trials_in_words(result.verdict)])
    ),
    said=_worth,
    valued=_corrected,
)
