"""The words of a state's report; every title or subtitle names the state."""

import pandas as pd

from analysis.geography import find_state, states
from analysis.modelling.harms import date_register
from analysis.parameters import check_period
from analysis.reporting.captions.common import covered, last_months
from analysis.reporting.figures.homicides import SOURCE_NAMES
from analysis.reporting.parts import Caption, Point, Title
from analysis.reporting.text import (
    listing,
    month,
    months,
    number,
    percent,
)
from analysis.reporting.text import translate as _


def title_state(state: str, source: str, start: str, end: str) -> Title:
    """Give the head of a state's report.

    Examples
    --------
    >>> title_state("GTO", "sesnsp", "2019-07", "").title
    'Guanajuato: homicides, Guard and perception'
    """
    first, last = check_period(start, end, source)
    place, (begin, until) = find_state(state), covered("panel")
    return Title(
        title=_("{state}: homicides, Guard and perception").format(state=place.name),
        question=_(
            "How many people are killed in {state}, is the rate rising or falling, and how does the "
            "state compare?"
        ).format(state=place.name),
        period=months(begin, max(pd.Timestamp(until), date_register())),
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
    """Say when the state's twelve-month rate was highest and where it is now.

    Examples
    --------
    >>> from analysis import load_panel, select_state, select_twelve_months
    >>> rows = select_twelve_months(select_state(load_panel(), "Colima"))
    >>> caption_state_rates(rows, "Colima").title
    'Colima: 94.0 SESNSP victims per 100,000 in the year to June 2025, 118.2 at their peak, ...
    """
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
    """Say how far the two sources were apart in the last year both are complete.

    Examples
    --------
    >>> from analysis import load_panel, select_years
    >>> years = select_years(load_panel(), "Colima")
    >>> caption_state_years(years, "Colima").title
    'Colima, 2022: 868 victims by SESNSP, 797 deaths by INEGI'
    """
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


def caption_state_marks(marks: pd.DataFrame, state: str) -> Caption:
    """Say how many kinds of marks the state's figures carry.

    Examples
    --------
    >>> from analysis import load_panel, select_marks, select_state
    >>> marks = select_marks(select_state(load_panel(), "Oaxaca"))
    >>> caption_state_marks(marks, "Oaxaca").title
    '5 kinds of marks stand in the figures of Oaxaca'
    """
    facts = {"state": find_state(state).name, "kinds": number(marks["flag"].nunique())}
    return Caption(
        title=_("{kinds} kinds of marks stand in the figures of {state}").format(**facts),
        subtitle=_("Flagged and corrected cells of the panel"),
        alt=_("Table of marks: what, where, from when to when, how many cells."),
        notes=(_("Corrections are recorded with reason and proof in data/raw/datapackage.json."),),
    )


def point_state_sources(years: pd.DataFrame, state: str) -> Point:
    """Give both sources' counts in the last year both are complete.

    Examples
    --------
    >>> from analysis import load_panel, select_years
    >>> years = select_years(load_panel(), "Colima")
    >>> point_state_sources(years, "Colima").text
    "In 2022 INEGI's monthly table holds 797 deaths and SESNSP 868 victims, 109% of them: ...
    """
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
    """Say how sure we are of a state's report.

    Examples
    --------
    >>> len(say_state_sureness())
    3
    """
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
