"""The group Worth: what the forecasts were worth, in words first; then accounts, risk, value at risk, and overfitting."""

from __future__ import annotations

import streamlit as st

from core.rnn.compare.overview_figures import equity_chart
from core.rnn.compare.result import CompareResult
from core.rnn.compare.tables import ADVICE, performance_table, tail_risk_table, targeting_table
from core.rnn.compare.trials import overfitting_on_data_of
from core.rnn.compare.valued_result import risk_paths, speaking_of
from core.rnn.models import TITLES, in_a_sentence
from core.rnn.worth.accounts import RULES
from core.rnn.worth.figures import risk_chart
from core.rnn.worth.overfitting import Overfitting
from core.rnn.worth.performance import PERFORMANCE_METRICS
from core.rnn.worth.report import Worth
from core.rnn.worth.sentences import overfitting_in_words, terms_in_words
from core.rnn.worth.tail_table import TAIL_METRICS
from core.rnn.worth.targeting import TARGETING_METRICS
from core.runs.lab import lab
from core.runs.registry import Run
from pages.parts import controls
from pages.parts.layout import explain, mode, plain, table
from pages.parts.rnn.charts import columns, draw, headline
from pages.parts.rnn.trading import chosen_cost, chosen_rule
from pages.parts.rnn.valuation import as_valued, taken_away_by, worth_valued
from pages.parts.task import report
from pages.parts.words.glossary import explained

_EXPLANATION = """
**Accounts.** A forecast made after one close is traded at the next, at the chosen cost, and earns from then on. Beside each
stands buy-and-hold: an account that is never short earns what the market earns, so what counts is its Sharpe ratio *minus*
that of holding, with the interval of Ledoit and Wolf (2008).

**Risk.** *Volatility targeting* holds less on days that are forecast to be wild, $w_t = \\min(1, \\sigma^* /
\\hat\\sigma_t)$. *Risk utility* (Bollerslev, Hood, Huss & Pedersen 2018) is what an investor with a Sharpe ratio of 0.4 gains
a year from keeping to a volatility by these forecasts: 4 % with the true volatility of every day, less the further they are
from it.

**Value at risk** at 1 % is undercut by one return of a hundred; the **expected shortfall** is the mean of those. Each day's
are the forecast volatility times quantile and tail mean of all standardised returns before it (filtered historical
simulation). Kupiec's test asks whether it is undercut as often as it says, Christoffersen's whether such days come in
clusters; the FZ loss scores both numbers, and is compared with that of the reference.

**Overfitting.** The days are cut into 16 blocks, and halved in every possible way. The account that was best in one half is
ranked in the other: the *probability of backtest overfitting* is how often it is below the median there (Bailey, Borwein,
López de Prado & Zhu 2017). At 50 % the past says nothing about who will do best.
"""


def show(run: Run, result: CompareResult) -> None:
    said = st.container()
    with st.container(horizontal=True, gap="large", vertical_alignment="bottom"):
        rule, cost = chosen_rule(result.target_row), chosen_cost()
    result = as_valued(run, result, result.valuation.model_copy(update={"cost_bp": cost}))
    taken_away_by(run, result.valuation)
    worth = worth_valued(run, result)
    report({"cost": cost, "accounts_ahead": int((worth.performance["gain"] > 0).sum())})
    with said:
        _say(worth)
    _accounts(run, result, rule)
    if len(worth.targeting):
        _risk(run, result, worth)
    if len(worth.tail):
        _tail(run, result, worth)
    _overfitting(run, worth)
    explain(_EXPLANATION, key="why")


def _say(worth: Worth) -> None:
    first, *others = worth.sentences
    headline(plain(first))
    for sentence in others:
        st.markdown(explained(plain(sentence), "recurrent"))


def _accounts(run: Run, result: CompareResult, rule: str) -> None:
    st.subheader(f"{RULES[rule].title}, beside buy-and-hold", anchor=False)
    st.markdown(explained(terms_in_words(rule, result.valuation.cost_bp), "recurrent"))
    draw(run, result, equity_chart(result, rule, mode()), f"Equity by the rule {rule} beside buy-and-hold", "equity")
    table(
        performance_table(result, rule),
        columns=columns(PERFORMANCE_METRICS),
        key=f"performance-{run.id}-{rule}",
    )
    ahead = f"Only the forecasts of the next {result.bar} are traded. " if result.horizon > 1 else ""
    st.caption(
        f"{ahead}Of a network the mean forecast of its seeds is traded. Models are drawn by rank in error, not by gain. "
        f"{ADVICE}"
    )


def _risk(run: Run, result: CompareResult, worth: Worth) -> None:
    model = speaking_of(result)
    st.subheader("Volatility targeting", anchor=False)
    drawn = risk_chart(*risk_paths(result, model), model, mode())
    draw(run, result, drawn, f"Volatility of 22 days of the account by {TITLES[model]} and of a fixed position", "risk")
    table(targeting_table(worth), columns=columns(TARGETING_METRICS), key=f"targeting-{run.id}")
    st.caption(
        f"The reference is {in_a_sentence(worth.reference)}; risk utility is at no cost and without a limit to the position."
    )


def _tail(run: Run, result: CompareResult, worth: Worth) -> None:
    st.subheader("Value at risk and expected shortfall", anchor=False)
    levels = {f"{100 * level:g} %": float(level) for level in worth.tail["level"].unique()}
    chosen = controls.segmented_control(
        "Level", list(levels), default=next(iter(levels)), key="level", label_visibility="collapsed", required=True
    )
    level = levels[chosen or next(iter(levels))]
    table(tail_risk_table(worth, level), columns=columns(TAIL_METRICS), key=f"tail-{run.id}-{level}")
    st.caption(
        f"Daily log returns in %. A small p speaks against a value at risk. The reference is {in_a_sentence(worth.reference)}."
    )


def _overfitting(run: Run, worth: Worth) -> None:
    if worth.overfitting is None:
        return
    st.subheader("Backtest overfitting", anchor=False)
    with st.container(horizontal=True, gap="large"):
        st.metric("Probability of backtest overfitting", f"{100 * worth.overfitting.probability:.0f} %", width=320)
        if worth.overfitting_of_losses:
            st.metric(
                "The same of choosing by past errors", f"{100 * worth.overfitting_of_losses.probability:.0f} %", width=320
            )
    if controls.toggle("Among all accounts on these days in this lab", key="all_accounts"):
        among = _among_all(run.id, run)
        st.markdown(overfitting_in_words(among) if among else "No other comparison has stored accounts on these days.")


@st.cache_data(max_entries=32, show_spinner="Reading the accounts of other comparisons")
def _among_all(run_id: str, _run: Run) -> Overfitting | None:
    return overfitting_on_data_of(lab(), _run)
