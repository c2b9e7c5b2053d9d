"""The words of the register of disappeared persons."""

import pandas as pd

from analysis.reporting.captions.context import pick, series_notes
from analysis.reporting.parts import Caption, Point
from analysis.reporting.text import day, month, number
from analysis.reporting.text import translate as _


def _consulted(text: str) -> str:
    """Write the date of a consultation: a day where it is known, else a month."""
    return day(text) if len(text) > len("2026-07") else month(text)


def _missing_facts(rows: pd.DataFrame) -> dict[str, str]:
    first, second = sorted(rows["series"].unique())
    year = rows[(rows["series"] == first) & (rows["mark"] == "")]["period"].iloc[-1]
    before, after = (pick(rows, series, year)["value"] for series in (first, second))
    return {
        "year": year,
        "before": number(before),
        "after": number(after),
        "first": _consulted(first),
        "second": _consulted(second),
    }


def caption_missing(rows: pd.DataFrame) -> Caption:
    """Say how many are still missing from one year by two consultations of the register.

    Examples
    --------
    >>> from analysis import load_table, select_missing
    >>> rows = select_missing(load_table("disappeared_national_year"))
    >>> caption_missing(rows).title
    'Still missing from 2024: 7,963 as consulted on May 1, 2025, 12,619 as consulted in ...
    """
    facts = _missing_facts(rows)
    return Caption(
        title=_(
            "Still missing from {year}: {before} as consulted on {first}, {after} as consulted in {second}"
        ).format(**facts),
        subtitle=_(
            "Persons still missing by year of the event, register consulted {first} and {second}"
        ).format(**facts),
        alt=_(
            "Two lines by year of the event, one a consultation. {year}: {before} on {first}, {after} in {second}."
        ).format(**facts),
        notes=series_notes(
            rows,
            _(
                "A living register: persons are added, dated and found long after. The first consultation leaves confidential records out and was read from a chart, so the difference is not growth alone."
            ),
        ),
    )


def caption_register(register: pd.DataFrame) -> Caption:
    """Say how many are missing, found alive and found dead, and how many have no date.

    Examples
    --------
    >>> from analysis import load_table, select_register
    >>> register = select_register(load_table("disappeared_state_year"))
    >>> caption_register(register).title
    '128,992 still missing, 22,470 found dead, 238,660 found alive, as the register of July ...
    """
    sums = register.groupby("category")["persons"].sum()
    undated = register[register["year"] == "undated"].set_index("category")["persons"]
    facts = {
        "missing": number(sums["missing"]),
        "dead": number(sums["found_dead"]),
        "alive": number(sums["found_alive"]),
        "undated": number(undated.sum()),
        "undated_missing": number(undated["missing"]),
        "undated_dead": number(undated["found_dead"]),
        "undated_alive": number(undated["found_alive"]),
        "consulted": month(register["consulted"].iloc[0]),
        "first": register["year"].min(),
        "last": register.loc[register["year"] != "undated", "year"].max(),
    }
    return Caption(
        title=_(
            "{missing} still missing, {dead} found dead, {alive} found alive, as the register of {consulted} has events from {first} on or undated; {undated} have no date"
        ).format(**facts),
        subtitle=_(
            "Persons in the register by year of the event, {first} to {last}, consulted {consulted}"
        ).format(**facts),
        alt=_(
            "Stacked bars by year of the event: still missing, found dead, found alive; the hatched bar is {last} to {consulted}. {undated} undated persons are not drawn."
        ).format(**facts),
        notes=(
            _(
                "Not drawn, for they have no date: {undated_missing} missing, {undated_dead} found dead, {undated_alive} found alive."
            ).format(**facts),
            _(
                "As the register stood in {consulted}; the hatched bar, {last}, is a part of a year. Years before {first} are not in this table."
            ).format(**facts),
        ),
    )


def point_missing(rows: pd.DataFrame) -> Point:
    """Give how the count of one year depends on the consultation.

    Examples
    --------
    >>> from analysis import load_table, select_missing
    >>> rows = select_missing(load_table("disappeared_national_year"))
    >>> point_missing(rows).text
    'Of persons who disappeared in 2024, 7,963 were still missing as the register stood on ...
    """
    text = _(
        "Of persons who disappeared in {year}, {before} were still missing as the register stood on {first}, read by eye from a "
        "chart without confidential records, and {after} of all public records as it stood in {second}: counts of two kinds, so "
        "their difference is not growth alone."
    )
    return Point(text.format(**_missing_facts(rows)), "missing")
