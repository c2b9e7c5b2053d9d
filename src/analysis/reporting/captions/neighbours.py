"""The words of a state among the others: rank, trend, neighbours."""

import pandas as pd

from analysis.calendar import PER
from analysis.geography import find_state
from analysis.modelling.result import ModelResult
from analysis.parameters import SOURCES
from analysis.reporting.captions.common import trend_notes
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import (
    change,
    interval,
    months,
    name_value,
    number,
)
from analysis.reporting.text import translate as _


def caption_ranking(rates: pd.DataFrame, state: str) -> Caption:
    """Say which rank the state has over the last twelve months.

    Examples
    --------
    >>> from analysis import load_panel, select_recent_rates
    >>> rates = select_recent_rates(load_panel())
    >>> caption_ranking(rates, "Colima").title
    'Colima has rank 1 of 32 with 94.0 per 100,000'
    """
    facts = _rank_facts(rates, state)
    return Caption(
        title=_("{state} has rank {rank} of 32 with {rate} per 100,000").format(**facts),
        subtitle=_("Homicide rate by state, {period}, with 95% interval").format(**facts),
        alt=_("Dot chart of 32 states in order of their rate; {state} is at {rate}.").format(
            **facts
        ),
        notes=(
            _("Exact Poisson intervals: chance alone, months taken as independent."),
            _recent_note(rates),
        ),
    )


def _rank_facts(rates: pd.DataFrame, state: str) -> dict[str, str]:
    row = rates.set_index("cve_ent").loc[find_state(state).cve_ent]
    nation = rates["homicides"].sum() / rates["person_years"].sum() * PER
    return {
        "state": row["state"],
        "rank": number(row["rank"]),
        "rate": number(row["rate"], 1),
        "homicides": number(row["homicides"]),
        "interval": interval(row["conf_low"], row["conf_high"]),
        "nation": number(nation, 1),
        "period": months(row["first"], row["last"]),
        "source": _(SOURCE_NAMES[_source_of(rates)]),
    }


def _source_of(rates: pd.DataFrame) -> str:
    return next(source for source, table in SOURCES.items() if table in rates.attrs["sources"])


def _recent_note(rates: pd.DataFrame) -> str:
    """Say which of the last twelve months are not final."""
    notes = {
        "sesnsp": _("SESNSP's months of 2025 are preliminary."),
        "inegi": _("INEGI's last year lacks late registrations: rates are too low."),
    }
    return notes[_source_of(rates)]


def caption_state_trend(trend: ModelResult, early: ModelResult, state: str) -> Caption:
    """Say whether the rate is rising, falling or unclear, and what an earlier start does.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel
    >>> panel = load_panel()
    >>> trend, early = fit_state_trend(panel), fit_state_trend(panel, start="")
    >>> caption_state_trend(trend, early, "Colima").title
    'Colima: no clear trend of the homicide rate, +3.4% a year (95% interval −2.2 to 9.3)'
    """
    facts = _state_trend_facts(trend, state)
    facts |= {f"early_{key}": value for key, value in _state_trend_facts(early, state).items()}
    titles = {
        "rising": _("{state}: the homicide rate rises by {size}% a year ({interval})"),
        "falling": _("{state}: the homicide rate falls by {size}% a year ({interval})"),
        "unclear": _("{state}: no clear trend of the homicide rate, {change} a year ({interval})"),
    }
    other = _("Over {early_period} the trend is {early_change} a year ({early_interval}).")
    return Caption(
        title=titles[facts["direction"]].format(**facts),
        subtitle=_("Monthly rate and fitted trend without season, {state}, {period}").format(
            **facts
        ),
        alt=_("Dots of monthly rates with a fitted line and its band: {change} a year.").format(
            **facts
        ),
        notes=(
            _("{q}, allowing for 32 states; band: interval of the fitted mean.").format(**facts),
            *([other.format(**facts)] if facts["early_period"] != facts["period"] else []),
            *trend_notes(trend),
        ),
    )


def _state_trend_facts(trend: ModelResult, state: str) -> dict[str, str]:
    place = find_state(state)
    row, pooled = trend.row(place.cve_ent), trend.row("pooled")
    return {
        "state": place.name,
        "direction": row["direction"],
        "change": change(row["estimate"]),
        "size": number(abs(row["estimate"]), 1),
        "interval": interval(row["conf_low"], row["conf_high"]),
        "q": name_value("q", row["q_value"]),
        "pooled": change(pooled["estimate"]),
        "pooled_interval": interval(pooled["conf_low"], pooled["conf_high"]),
        "period": months(*trend.period),
    }


def caption_state_trends(trend: ModelResult, state: str) -> Caption:
    """Place the state's trend among the others.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel
    >>> trend = fit_state_trend(load_panel())
    >>> caption_state_trends(trend, "Colima").title
    "Colima's trend is number 25 of 32 from the steepest fall up"
    """
    rows = trend.tidy()
    rows = rows[rows["term"] != "pooled"].sort_values("estimate", ignore_index=True)
    place = int(rows.index[rows["cve_ent"] == find_state(state).cve_ent][0]) + 1
    facts = _state_trend_facts(trend, state) | {"place": number(place)}
    return Caption(
        title=_("{state}'s trend is number {place} of 32 from the steepest fall up").format(
            **facts
        ),
        subtitle=_("Trend of the homicide rate by state, % a year, {period}").format(**facts),
        alt=_("Dots with intervals for 32 states and the pooled trend of {pooled}.").format(
            **facts
        ),
        notes=(_("Coloured and shaped by the evidence: rising or falling where q < 0.05."),),
    )


def caption_neighbours(rates: pd.DataFrame, trend: ModelResult, state: str) -> Caption:
    """Compare the state's rate with those around it on the tile grid.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel, select_neighbours, select_recent_rates
    >>> panel = load_panel()
    >>> trend = fit_state_trend(panel)
    >>> near = select_neighbours(select_recent_rates(panel), trend.tidy(), "Colima")
    >>> caption_neighbours(near, trend, "Colima").title
    "States with a higher rate than Colima's 94.0: 0 of the 2 beside it on the grid"
    """
    place = find_state(state)
    own = rates.set_index("cve_ent").loc[place.cve_ent]
    above = int((rates["rate"] > own["rate"]).sum())
    facts = {"state": place.name, "rate": number(own["rate"], 1), "above": number(above)}
    facts |= {"near": number(len(rates) - 1), "period": months(own["first"], own["last"])}
    facts["trend"] = months(*trend.period)
    return Caption(
        title=_(
            "States with a higher rate than {state}'s {rate}: {above} of the {near} beside it on the grid"
        ).format(**facts),
        subtitle=_(
            "Homicides per 100,000 person-years, {period}, with the direction of the trend of {trend}"
        ).format(**facts),
        alt=_("Tiles of {state} and its neighbours with rate and direction of change.").format(
            **facts
        ),
        notes=(
            _(
                "Beside it on the tile grid, a drawing: some of these states share no border with it."
            ),
        ),
    )


def caption_neighbour_table(rates: pd.DataFrame, trend: ModelResult, state: str) -> Caption:
    """Head the table of neighbours with the highest rate among them.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel, select_neighbours, select_recent_rates
    >>> panel = load_panel()
    >>> trend = fit_state_trend(panel)
    >>> near = select_neighbours(select_recent_rates(panel), trend.tidy(), "Colima")
    >>> caption_neighbour_table(near, trend, "Colima").title
    'Colima and the states beside it on the grid: highest is Colima with 94.0'
    """
    top = rates.loc[rates["rate"].idxmax()]
    facts = {
        "state": find_state(state).name,
        "top": top["state"],
        "rate": number(top["rate"], 1),
        "period": months(top["first"], top["last"]),
        "trend": months(*trend.period),
    }
    return Caption(
        title=_(
            "{state} and the states beside it on the grid: highest is {top} with {rate}"
        ).format(**facts),
        subtitle=_("Homicides per 100,000 person-years, {period}, and trend of {trend}").format(
            **facts
        ),
        alt=_("Table of rate, rank and trend of {state} and its neighbours.").format(**facts),
        notes=(_("Rates have exact Poisson intervals, trends Newey-West intervals."),),
    )


def point_state_rank(rates: pd.DataFrame, state: str) -> Point:
    """Give the state's twelve-month rate with interval, rank and the nation's.

    Examples
    --------
    >>> from analysis import load_panel, select_recent_rates
    >>> rates = select_recent_rates(load_panel())
    >>> point_state_rank(rates, "Colima").text
    'July 2024 to June 2025, SESNSP victims: 718 in Colima, 94.0 per 100,000 person-years ...
    """
    text = _(
        "{period}, {source}: {homicides} in {state}, {rate} per 100,000 person-years ({interval}), "
        "rank {rank} of 32; Mexico {nation}."
    ).format(**_rank_facts(rates, state))
    return Point(text, "ranking")


def point_state_trend(trend: ModelResult, state: str) -> Point:
    """Give the state's trend with interval, its clarity, and the pooled trend.

    Examples
    --------
    >>> from analysis import fit_state_trend, load_panel
    >>> trend = fit_state_trend(load_panel())
    >>> point_state_trend(trend, "Colima").text
    "July 2019 to June 2025: homicide rate +3.4% a year (95% interval −2.2 to 9.3), unclear ...
    """
    facts = _state_trend_facts(trend, state)
    words = {"rising": _("rising"), "falling": _("falling"), "unclear": _("unclear")}
    text = _(
        "{period}: homicide rate {change} a year ({interval}), {direction} ({q}); mean of "
        "the 32 states' trends {pooled} ({pooled_interval})."
    ).format(**(facts | {"direction": words[facts["direction"]]}))
    return Point(text, "trend")
