"""The group Worth: what trading on the forecasts gained, by the rule and at the cost that the visitor chooses; of volatility
also what the forecasts were worth to whoever must know the risk."""

from __future__ import annotations

import streamlit as st

from core.rnn.panel.day_figures import accounts_together
from core.rnn.panel.models import panel_model
from core.rnn.panel.result import PanelResult
from core.rnn.panel.risk.worth import PanelWorth, worth_of
from core.rnn.panel.tables import ADVICE, performance_table, tail_risk_table, targeting_table
from core.rnn.worth.accounts import RULES
from core.rnn.worth.many_tickers import TickersWorth
from core.rnn.worth.performance import PERFORMANCE_METRICS
from core.rnn.worth.sentences import terms_in_words
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.as_shown import as_shown
from pages.parts.layout import mode, plain, table
from pages.parts.rnn.charts import columns, headline
from pages.parts.rnn.panel_parts.shared import as_file, draw
from pages.parts.rnn.trading import chosen_cost, chosen_rule
from pages.parts.words.glossary import explained


def show(run: Run, result: PanelResult) -> None:
    said = st.container()
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        rule, cost = chosen_rule(result.target_row), chosen_cost()
    with st.spinner("Trading on the stored forecasts", show_time=True):
        worth = worth_of(result.at_cost(cost))
    as_shown(run).of = lambda stored: stored.at_cost(cost)
    with said:
        first, *others = worth.sentences
        headline(plain(first))
        for sentence in others:
            st.markdown(explained(plain(sentence), "recurrent"))
    _accounts(run, worth, rule)
    if worth.risk:
        _targeting(run, worth.risk, cost)
        if len(worth.risk.tail):
            _tail(run, worth.risk)


def _accounts(run: Run, worth: PanelWorth, rule: str) -> None:
    st.subheader(f"{RULES[rule].title}, beside buy-and-hold", anchor=False)
    st.markdown(explained(terms_in_words(rule, worth.terms.cost_bp), "recurrent"))
    draw(run, accounts_together(worth, rule, mode()), f"Accounts by the rule {rule} beside buy-and-hold", "equity")
    table(performance_table(worth, rule), columns=columns(PERFORMANCE_METRICS), key=f"performance-{run.id}-{rule}")
    st.caption(
        "One account in equal parts of all tickers, made equal again every day at no cost; buy-and-hold is held in the same "
        f"parts. {ADVICE}"
    )
    as_file(run, worth.performance, "performance")


def _targeting(run: Run, worth: TickersWorth, cost: float) -> None:
    st.subheader("Volatility targeting, ticker by ticker", anchor=False)
    table(targeting_table(worth), key=f"targeting-{run.id}")
    reference = panel_model(worth.reference).in_sentence
    st.caption(
        f"Means over the tickers; Sharpe ratios after costs of {cost:g} basis points a trade. Risk utility is what keeping to "
        "a volatility by these forecasts is worth, before costs and without a limit to the position: 4 % a year with the true "
        "volatility of every day (Bollerslev et al. 2018); "
        f"its gain is over that of {reference}, and tested on the mean over the tickers of each day."
    )
    as_file(run, worth.targeting, "targeting")


def _tail(run: Run, worth: TickersWorth) -> None:
    st.subheader("Value at risk and expected shortfall", anchor=False)
    levels = {f"{100 * level:g} %": float(level) for level in worth.tail["level"].unique()}
    first = next(iter(levels))
    chosen = controls.segmented_control(
        "Level", list(levels), default=first, key="level", label_visibility="collapsed", required=True
    )
    level = levels[chosen or first]
    table(tail_risk_table(worth, level), key=f"tail-{run.id}-{level}")
    st.caption(
        "By filtered historical simulation from each model's forecasts. Rejected: Christoffersen's conditional coverage, false "
        "discoveries held at 5 %. FZ: the loss of Patton, Ziegel & Chen 2019; its gain is over that of "
        f"{panel_model(worth.reference).in_sentence}."
    )
    as_file(run, worth.tail, "tail_risk")
