"""The group Trading: equity of trading on the forecasts, after costs, beside buy-and-hold."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.overview_figures import equity_chart
from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import ADVICE, performance_table
from core.rnn.compare.valuation import MOST_COST, USUAL_COST
from core.rnn.worth.accounts import RULES
from core.rnn.worth.performance import PERFORMANCE_METRICS
from core.runs.registry import Run
from pages.parts.layout import mode
from pages.parts.rnn.charts import columns, draw
from pages.parts.rnn.valuation import as_valued


def show(run: Run, result: CompareResult) -> None:
    rule = _rule(result)
    result = as_valued(run, result, cost_bp=_cost())
    st.subheader(f"{rule.replace('-', ' ').capitalize()}, beside buy-and-hold", anchor=False)
    cost = f"{result.valuation.cost_bp:g} basis points a trade"
    st.markdown(f"{RULES[rule].text.capitalize()}, at {cost}; traded one day after the forecast.")
    draw(run, result, equity_chart(result, rule, mode()), f"Equity by the rule {rule} beside buy-and-hold", "equity")
    st.dataframe(
        performance_table(result, rule),
        hide_index=True,
        column_config=columns(PERFORMANCE_METRICS),
        key=f"performance-{run.id}-{rule}",
    )
    st.caption(f"Mean over the seeds. Models are drawn by their rank in error, not by what they earned. {ADVICE}")


def _rule(result: CompareResult) -> str:
    rules = {RULES[rule].title: rule for rule in result.target_row.rules}
    first = next(iter(rules))
    if len(rules) == 1:
        return rules[first]
    chosen = st.segmented_control(
        "Rule", list(rules), default=first, key="rule", bind="query-params", label_visibility="collapsed", required=True
    )
    return rules[chosen or first]


def _cost() -> float:
    """What a trade costs; needs no new run."""
    return st.number_input(
        "Cost of a trade (basis points)", 0.0, MOST_COST, USUAL_COST, 1.0, key="cost", bind="query-params", width=240,
        help="Of what is traded: 5 basis points are 0.05 %. Forecasts stay as they are.",
    )  # fmt: skip
