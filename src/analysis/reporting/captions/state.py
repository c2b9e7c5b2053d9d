"""The words of a state's report; every title or subtitle names the state."""

import pandas as pd

from analysis.calendar import PER
from analysis.geography import find_state, states
from analysis.modelling.result import ModelResult
from analysis.parameters import SOURCES, check_period
from analysis.reporting.captions.common import last_months, trend_notes
from analysis.reporting.exhibits import Caption, Point, Title
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.text import (
    change,
    interval,
    listing,
    month,
    months,
    name_value,
    number,
    percent,
)
from analysis.reporting.text import translate as _


def title_state(state: str, source: str, start: str, end: str) -> Title:
    """Give the head of a state's report."""
    first, last = check_period(start, end, source)
    place = find_state(state)
    return Title(
        title=_("{state}: homicides, Guard and perception").format(state=place.name),
        question=_(
            "How many people are killed in {state}, is the rate rising or falling, and how does the "
            "state compare?"
        ).format(state=place.name),
        period=months("2000-01", "2025-06"),
        sources=(
            "panel",
            "envipe_state_perception",
            "disappeared_state_year",
        ),
        words={
            _("State"): f"{place.name} ({place.cve_ent})",
            _("Homicide source of trend and rank"): _(SOURCE_NAMES[source]),
            _("Straight trend"): months(first, last),
        },
    )


def caption_state_rates(rows: pd.DataFrame, state: str) -> Caption:
    """Say when the state's twelve-month rate was highest and where it is now."""
    mean = rows.set_index("month")["year_rate_sesnsp"].dropna()
    facts = {
        "state": find_state(state).name,
        "high": number(mean.max(), 1),
        "peak": month(mean.idxmax()),
        "low": number(mean.iloc[-1], 1),
        "last": month(mean.index[-1]),
    }
    return Caption(
        title=_(
            "{state}: {low} SESNSP victims per 100,000 in the year to {last}, {high} at their peak, the year to {peak}"
        ).format(**facts),
        subtitle=_(
            "Homicides per 100,000 person-years, {state}: months (dots) and twelve months (lines)"
        ).format(**facts),
        alt=_(
            "Dots and two lines over time. SESNSP's rate of twelve months was highest in {peak} at "
            "{high} and is {low} in {last}."
        ).format(**facts),
        notes=(
            _("Hollow dots: SESNSP preliminary; INEGI in years whose monthly table is incomplete."),
        ),
    )


def caption_state_years(years: pd.DataFrame, state: str) -> Caption:
    """Say how far the two sources were apart in the last year both are complete."""
    both = years.dropna(subset=["homicides_sesnsp", "homicides_inegi"]).iloc[-1]
    facts = {
        "state": find_state(state).name,
        "year": both["year"],
        "sesnsp": number(both["homicides_sesnsp"]),
        "inegi": number(both["homicides_inegi"]),
    }
    return Caption(
        title=_("{state}, {year}: {sesnsp} victims by SESNSP, {inegi} deaths by INEGI").format(
            **facts
        ),
        subtitle=_("Homicides, rate per 100,000 person-years and rank among 32 states by year"),
        alt=_("Table of yearly homicides, rates and ranks from both sources."),
        notes=(
            _("Rank 1 is the highest rate. A year with a missing month is left out."),
            *(
                _("In {years} {source} ranks are among fewer states: others lack a month.").format(
                    years=listing(list(years.loc[few, "year"].astype("str"))),
                    source=name,
                )
                for source, name in (("sesnsp", "SESNSP"), ("inegi", "INEGI"))
                if (few := years[f"ranked_{source}"].between(1, len(states()) - 1)).any()
            ),
        ),
    )


def caption_ranking(rates: pd.DataFrame, state: str) -> Caption:
    """Say which rank the state has over the last twelve months."""
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
    """Say whether the rate is rising, falling or unclear, and what an earlier start does."""
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
    """Place the state's trend among the others."""
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
    """Compare the state's rate with those around it on the tile grid."""
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
    """Head the table of neighbours with the highest rate among them."""
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


def caption_state_marks(marks: pd.DataFrame, state: str) -> Caption:
    """Say how many kinds of marks the state's figures carry."""
    facts = {"state": find_state(state).name, "kinds": number(marks["flag"].nunique())}
    return Caption(
        title=_("{kinds} kinds of marks stand in the figures of {state}").format(**facts),
        subtitle=_("Flagged and corrected cells of the panel"),
        alt=_("Table of marks: what, where, from when to when, how many cells."),
        notes=(_("Corrections are recorded with reason and proof in data/raw/datapackage.json."),),
    )


def point_state_rank(rates: pd.DataFrame, state: str) -> Point:
    """Give the state's twelve-month rate with interval, rank and the nation's."""
    text = _(
        "{period}, {source}: {homicides} in {state}, {rate} per 100,000 person-years ({interval}), "
        "rank {rank} of 32; Mexico {nation}."
    ).format(**_rank_facts(rates, state))
    return Point(text, "ranking")


def point_state_trend(trend: ModelResult, state: str) -> Point:
    """Give the state's trend with interval, its clarity, and the pooled trend."""
    facts = _state_trend_facts(trend, state)
    words = {"rising": _("rising"), "falling": _("falling"), "unclear": _("unclear")}
    text = _(
        "{period}: homicide rate {change} a year ({interval}), {direction} ({q}); mean of "
        "the 32 states' trends {pooled} ({pooled_interval})."
    ).format(**(facts | {"direction": words[facts["direction"]]}))
    return Point(text, "trend")


def point_state_sources(years: pd.DataFrame, state: str) -> Point:
    """Give both sources' counts in the last year both are complete."""
    both = years.dropna(subset=["homicides_sesnsp", "homicides_inegi"]).iloc[-1]
    text = _(
        "In {year} INEGI's monthly table holds {inegi} deaths and SESNSP {sesnsp} victims, {share} "
        "of them: counts, not a sample; INEGI's table of that year lacks late registrations."
    ).format(
        year=both["year"],
        inegi=number(both["homicides_inegi"]),
        sesnsp=number(both["homicides_sesnsp"]),
        share=percent(both["homicides_sesnsp"] / both["homicides_inegi"]),
    )
    return Point(text, "years")


def say_state_sureness() -> tuple[list[str], list[str], list[str]]:
    """Say how sure we are of a state's report."""
    strengths = [
        _("Two official sources stand side by side; where they part, both are shown."),
        _("The trend allows for season, overdispersion and neighbouring months that resemble."),
        _("q-values allow for looking at 32 states at once."),
    ]
    limitations = [
        _("A straight trend is a summary: a state that first rose and then fell has none."),
        _("Deployment by state ends in {guard}; INEGI's months end in {inegi_year}.").format(
            **last_months()
        ),
        _("Rank differences inside the intervals mean nothing."),
    ]
    changes = [
        _("Another start of the window changes the trend: run with another start."),
        _("The other source can change level and rank: run with source=inegi."),
        _("Disappeared persons found dead later may enter the count of homicides."),
    ]
    return strengths, limitations, changes
