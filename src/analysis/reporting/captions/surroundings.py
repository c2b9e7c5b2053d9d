"""The words of a state's report on Guard, weapons, perception and disappeared persons."""

import pandas as pd

from analysis.geography import find_state
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import interval, listing, month, number, percent
from analysis.reporting.text import translate as _


def caption_deployment(months_: pd.DataFrame, state: str) -> Caption:
    """Say how many guards per 100,000 the state had in the last month, against the nation.

    Examples
    --------
    >>> from analysis import load_panel, select_deployment
    >>> rows = select_deployment(load_panel(), "Colima")
    >>> caption_deployment(rows, "Colima").title
    'Colima: 133 guards per 100,000 in July 2021, nation 77'
    """
    facts = _deployment_facts(months_, state)
    return Caption(
        title=_("{state}: {guards} guards per 100,000 in {last}, nation {nation}").format(**facts),
        subtitle=_("National Guard deployed per 100,000 inhabitants, {state} and Mexico").format(
            **facts
        ),
        alt=_("Two step lines by month. {state} {guards}, Mexico {nation} in {last}.").format(
            **facts
        ),
        notes=(
            _(
                "No figures by state and month after {last}: the series ends, the Guard does not."
            ).format(**facts),
            _("Hollow: repeated from an earlier month. Square: corrected cell."),
            *_break_notes(months_),
        ),
    )


def _break_notes(months_: pd.DataFrame) -> list[str]:
    """Say from when on a state's figure counts something else."""
    broken = months_.loc[months_["flags"].str.contains("guards_break"), "month"]
    text = _("From {month} the figure includes command and specialised units: a break.")
    return [text.format(month=month(broken.min()))] if len(broken) else []


def _deployment_facts(months_: pd.DataFrame, state: str) -> dict[str, str]:
    last = months_[months_["month"] == months_["month"].max()].set_index("place")
    return {
        "state": find_state(state).name,
        "guards": number(last.loc["state", "guards_per_100k"]),
        "count": number(last.loc["state", "guards"]),
        "nation": number(last.loc["nation", "guards_per_100k"]),
        "last": month(months_["month"].max()),
    }


def caption_weapons(years: pd.DataFrame, state: str) -> Caption:
    """Say which share of victims was killed with a firearm in the last full year.

    Examples
    --------
    >>> from analysis import load_table, select_weapons
    >>> years = select_weapons(load_table("sesnsp_victims_state_month"), "Colima")
    >>> caption_weapons(years, "Colima").title
    'Colima, 2024: 91% of victims with known means were shot, 75% in Mexico'
    """
    facts = _weapon_facts(years, state)
    return Caption(
        title=_(
            "{state}, {year}: {share} of victims with known means were shot, {nation} in Mexico"
        ).format(**facts),
        subtitle=_("Firearm share of homicide victims with known means, {state} and Mexico").format(
            **facts
        ),
        alt=_("Two lines by year with bands. {state} {share} in {year} ({interval}).").format(
            **facts
        ),
        notes=(
            _(
                "Victims with unspecified means are left out: {unspecified} in {state} in {year}."
            ).format(**facts),
            _("The last year is January to June."),
            *_weapon_gaps(years, state),
        ),
    )


def _weapon_gaps(years: pd.DataFrame, state: str) -> list[str]:
    """Say which years rest on fewer months than they have, of the state and of all states."""
    short = years[years["months"] < years["months_due"]]
    own, nation = (short[short["place"] == place] for place in ("state", "nation"))
    texts = [
        _("{state} in {year}: {months} of {due} months have figures.").format(
            state=find_state(state).name,
            year=row["year"],
            months=row["months"],
            due=row["months_due"],
        )
        for __, row in own.iterrows()
    ]
    lacking = (nation["months_due"] - nation["months"]).sum()
    text = _("Of Mexico {lacking} months of states have no figures, in {years}.")
    found = text.format(
        lacking=number(lacking), years=listing([str(year) for year in nation["year"]])
    )
    return [*texts, *([found] if lacking else [])]


def _weapon_facts(years: pd.DataFrame, state: str) -> dict[str, str]:
    year = int(years["year"].max()) - 1
    rows = years[years["year"] == year].set_index("place")
    own = rows.loc["state"]
    return {
        "state": find_state(state).name,
        "year": str(year),
        "share": percent(own["share"]),
        "interval": interval(own["conf_low"] * 100, own["conf_high"] * 100, 0),
        "nation": percent(rows.loc["nation", "share"]),
        "unspecified": number(own["unspecified"]),
    }


def caption_perception(years: pd.DataFrame, state: str) -> Caption:
    """Say which share of adults feels unsafe in the last survey.

    Examples
    --------
    >>> from analysis import load_table, select_perception
    >>> years = select_perception(load_table("envipe_state_perception"), "Colima")
    >>> caption_perception(years, "Colima").title
    'Colima: 86.0% of adults felt unsafe in 2025, 79.4% in Mexico'
    """
    last = years[years["year"] == years["year"].max()].set_index("place")["unsafe"]
    facts = {
        "state": find_state(state).name,
        "year": years["year"].max(),
        "unsafe": number(last["state"], 1),
        "nation": number(last["nation"], 1),
    }
    return Caption(
        title=_("{state}: {unsafe}% of adults felt unsafe in {year}, {nation}% in Mexico").format(
            **facts
        ),
        subtitle=_("Adults who consider their state unsafe, {state} and Mexico").format(**facts),
        alt=_("Two lines by survey year; {state} ends at {unsafe}%.").format(**facts),
        notes=(
            _("A survey estimate; INEGI's sampling intervals are not in the source table."),
            _("The national line is this table's own; INEGI's headline is 2 to 4 points lower."),
        ),
    )


def caption_disappeared(years: pd.DataFrame, state: str) -> Caption:
    """Say how many persons of the register are still missing.

    Examples
    --------
    >>> from analysis import load_table, select_disappeared
    >>> years = select_disappeared(load_table("disappeared_state_year"), "Colima")
    >>> caption_disappeared(years, "Colima").title
    'Colima: 1,509 persons of the register who went missing from 2010 on, or without a ...
    """
    missing = years.loc[years["category"] == "missing", "persons"].sum()
    undated = years[(years["year"] == "undated") & (years["category"] == "missing")]
    facts = {
        "state": find_state(state).name,
        "missing": number(missing),
        "undated": number(undated["persons"].sum()),
    }
    return Caption(
        title=_(
            "{state}: {missing} persons of the register who went missing from 2010 on, or without a date, are still missing"
        ).format(**facts),
        subtitle=_("Registered disappeared persons by year of the facts from 2010, {state}").format(
            **facts
        ),
        alt=_("Stacked bars by year: still missing, found dead, found alive.").format(**facts),
        notes=(
            _(
                "A living register, consulted in July 2026: past years change, 2026, hatched, is half a year."
            ),
            _("{undated} of them have no date: counted here, not drawn.").format(**facts),
        ),
    )


def point_state_weapons(years: pd.DataFrame, state: str) -> Point:
    """Give the firearm share with interval against the nation's.

    Examples
    --------
    >>> from analysis import load_table, select_weapons
    >>> years = select_weapons(load_table("sesnsp_victims_state_month"), "Colima")
    >>> point_state_weapons(years, "Colima").text
    'In 2024 91% of the victims with known means were killed with a firearm (95% interval ...
    """
    text = _(
        "In {year} {share} of the victims with known means were killed with a firearm ({interval}), "
        "against {nation} in Mexico."
    ).format(**_weapon_facts(years, state))
    return Point(text, "weapons")


def point_state_guard(months_: pd.DataFrame, state: str) -> Point:
    """Give the guards deployed in the last month against the nation.

    Examples
    --------
    >>> from analysis import load_panel, select_deployment
    >>> rows = select_deployment(load_panel(), "Colima")
    >>> point_state_guard(rows, "Colima").text
    'In July 2021, the last month known by state, 992 guards were deployed: 133 per 100,000 ...
    """
    text = _(
        "In {last}, the last month known by state, {count} guards were deployed: {guards} per 100,000 "
        "inhabitants, {nation} in Mexico (a count, no interval)."
    ).format(**_deployment_facts(months_, state))
    return Point(" ".join([text, *_break_notes(months_)]), "deployment")
