"""What the columns of the recurrent bench's tables say (columns.txt, a line a column), and what their cells are called."""

from __future__ import annotations

from pathlib import Path

from core.rnn.evaluation.loss_functions import LOSS_FUNCTIONS
from core.rnn.evaluation.metrics import METRICS
from core.rnn.models import TITLES
from core.rnn.panel.models import panel_models
from core.rnn.worth.accounts import HOLD, RULES
from core.rnn.worth.performance import PERFORMANCE_METRICS
from core.rnn.worth.tail_table import TAIL_METRICS
from core.rnn.worth.targeting import TARGETING_METRICS
from core.runs.report.columns import Heading, Words, headings

IN_GENERAL = {"reference": "the reference", "loss": "the loss that judges", "classical": "the rival"}
UNITS = {"%": "share", "p": "0 to 1", "yes or no": "yes or no", "count": "", "": ""}  # files hold values as they are computed


def _of_metrics() -> dict[str, Heading]:
    rows = METRICS | PERFORMANCE_METRICS | TARGETING_METRICS | TAIL_METRICS
    return {
        name: Heading(metric.title or _title(name), metric.said(IN_GENERAL), _unit(name, metric.unit))
        for name, metric in rows.items()
    }


def _unit(name: str, unit: str) -> str:
    """Of a skill none: it is a share of the reference's loss by some losses, by QLIKE a difference."""
    return "" if name.startswith("skill") else UNITS[unit]


def _title(name: str) -> str:
    """Of a mean loss or the skill by it: `loss_qlike`."""
    of, _, loss = name.partition("_")
    return f"{of.capitalize()}, {LOSS_FUNCTIONS[loss].title}" if loss in LOSS_FUNCTIONS else name


def model_title(name: str) -> str:
    """What a model is called, of a comparison or a panel; the name itself of what is none."""
    if name in TITLES:
        return TITLES[name]
    return panel_models()[name].title if name in panel_models() else name


def _account(name: str) -> Heading | None:
    """The column of an account: "lstm long-short"."""
    model, _, rule = name.rpartition(" ")
    if not model or (rule not in RULES and model != HOLD):
        return None
    title = "Buy-and-hold" if model == HOLD else f"{model_title(model)}, {RULES[rule].title.lower()}"
    return Heading(title, "What an account of 1 has become, costs taken off", "of the first day")


WORDS = Words(
    headings=_of_metrics() | headings(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")),
    cells={
        "model": model_title,
        "reference": model_title,
        "best": model_title,
        "line": model_title,
        "rule": lambda name: RULES[name].title if name in RULES else name,
    },
    of_others=_account,
)
