"""How stored forecasts are traded: a rule and a cost, chosen after the run; nothing is trained again."""

from __future__ import annotations

from core.rnn.dataset.target import Target
from core.rnn.worth.accounts import MOST_COST, RULES, USUAL_COST
from pages.parts import controls


def chosen_rule(target: Target) -> str:
    """One of the rules of a target; the only one without a choice."""
    rules = {RULES[rule].title: rule for rule in target.rules}
    first = next(iter(rules))
    if len(rules) == 1:
        return rules[first]
    chosen = controls.segmented_control("Trading rule", list(rules), default=first, key="rule", required=True)
    return rules[chosen or first]


def chosen_cost() -> float:
    """What a trade costs, in basis points."""
    return controls.number_input(
        "Cost of a trade (basis points)", 0.0, MOST_COST, USUAL_COST, 1.0, key="cost", width=240,
        help="Of what is traded: 5 basis points are 0.05 %. Forecasts stay as they are.",
    )  # fmt: skip
