"""Measures of homicide by time and population: a year, a day, 100,000 person-years."""

import pandas as pd

from analysis.calendar import PER, person_years
from analysis.claims.evidence import (
    Evidence,
    Measurement,
    NoDataError,
    cite,
    held,
    over,
    plain,
)
from analysis.claims.measures.homicides import (
    Source,
    Vintage,
    Years,
    measure_homicides_total,
    read_span,
)
from analysis.claims.units import in_units
from analysis.geography import find_state
from analysis.modelling.result import Note


def _each_total(
    source: Source, vintage: Vintage, years: Years, start: str, end: str, state: str
) -> list[Measurement]:
    given = measure_homicides_total(
        source=source, vintage=vintage, years=years, start=start, end=end, state=state
    )
    return given if isinstance(given, list) else [given]


@in_units("deaths per year", "victims per year", "homicides per year")
def measure_homicides_per_year(
    *, source: Source, vintage: Vintage, years: Years, start: str, end: str, state: str = ""
) -> list[Measurement]:
    """Homicides of a period divided by its years; arguments as `measure_homicides_total`.

    Examples
    --------
    >>> five = {"years": "as_stated", "start": "2018-12", "end": "2023-11"}
    >>> found = measure_homicides_per_year(source="sesnsp", vintage="final", **five)
    >>> found[0].value, found[0].unit
    (32784.2, 'victims per year')
    """
    totals = _each_total(source, vintage, years, start, end, state)
    first, last = read_span(years, start, end)
    span = ((last.year - first.year) * 12 + last.month - first.month + 1) / 12
    text = "{total}; divided by {years} years"
    return [
        over(
            total,
            span,
            f"{total.unit} per year",
            Note(text, total=total.arithmetic, years=plain(span)),
        )
        for total in totals
    ]


@in_units("deaths per day", "victims per day", "homicides per day", "persons per day")
def measure_homicides_per_day(
    *, source: Source, vintage: Vintage, years: Years, start: str, end: str, state: str = ""
) -> list[Measurement]:
    """Homicides of a period divided by its days; arguments as `measure_homicides_total`.

    Examples
    --------
    >>> five = {"years": "as_stated", "start": "2018-12", "end": "2023-11"}
    >>> found = measure_homicides_per_day(source="sesnsp", vintage="final", **five)
    >>> round(found[0].value, 1), found[0].unit
    (89.8, 'victims per day')
    """
    totals = _each_total(source, vintage, years, start, end, state)
    first, last = read_span(years, start, end)
    days = (last + pd.DateOffset(months=1) - first).days
    text = "{total}; divided by {days} days"
    return [
        over(
            total,
            days,
            f"{total.unit} per day",
            Note(text, total=total.arithmetic, days=plain(days)),
        )
        for total in totals
    ]


@in_units("per 100k")
def measure_homicide_rate(
    *, source: Source, vintage: Vintage, years: Years, start: str, end: str, state: str = ""
) -> list[Measurement]:
    """Homicides per 100,000 person-years; arguments as `measure_homicides_total`.

    Exposure is CONAPO's mid-year population x days / 365.25, as everywhere in this package.

    Examples
    --------
    >>> year = {"years": "as_stated", "start": "2024-01", "end": "2024-12"}
    >>> found = measure_homicide_rate(source="sesnsp", vintage="final", state="Colima", **year)
    >>> round(found[0].value, 1)
    109.7
    """
    totals = _each_total(source, vintage, years, start, end, state)
    exposure, cited = exposure_of(*read_span(years, start, end), state)
    text, persons = (
        "{total}; x 100,000 / {exposure} person-years (population x days / 365.25)",
        plain(round(exposure)),
    )
    return [
        over(
            total,
            exposure / PER,
            "per 100k",
            Note(text, total=total.arithmetic, exposure=persons),
            cited,
        )
        for total in totals
    ]


def exposure_of(
    first: pd.Timestamp, last: pd.Timestamp, state: str
) -> tuple[float, tuple[Evidence, ...]]:
    """Give the person-years of a period and place, and the rows of CONAPO they come from."""
    table = "conapo_population_state_year"
    frame = held(table)
    rows = frame[frame["year"].between(first.year, last.year)]
    if state:
        rows = rows[rows["cve_ent"] == find_state(state).cve_ent]
    if set(rows["year"]) != set(range(first.year, last.year + 1)):
        raise NoDataError(Note("{table} does not cover the period", table=table))
    months = pd.Series(pd.date_range(first, last, freq="MS"))
    population = rows.groupby("year")["population"].sum()
    exposure = person_years(months.dt.year.map(population), months).sum()
    return float(exposure), cite(rows, table, "population")
