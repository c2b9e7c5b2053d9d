"""Measures of homicide: totals, averages, rates and the order of administrations."""

from typing import Literal

import pandas as pd

from analysis.calendar import PER, month_span, month_text, person_years
from analysis.claims.evidence import (
    Evidence,
    Measurement,
    NoDataError,
    cite,
    held,
    measured,
    measured_each,
    over,
    plain,
)
from analysis.claims.units import DEATHS, in_units
from analysis.errors import RequestError
from analysis.geography import find_state
from analysis.modelling.result import Note

Source = Literal["sesnsp", "sesnsp_with_femicide", "inegi"]
Vintage = Literal["final", "preliminary"]
Years = Literal["as_stated", "calendar"]
CRIMES = {
    "sesnsp": ["intentional_homicide"],
    "sesnsp_with_femicide": ["intentional_homicide", "femicide"],
}


@in_units(*DEATHS)
def measure_homicides_total(
    *, source: Source, vintage: Vintage, years: Years, start: str, end: str, state: str = ""
) -> Measurement | list[Measurement]:
    """Homicides of a period, in Mexico or a state.

    Parameters
    ----------
    source : {"sesnsp", "sesnsp_with_femicide", "inegi"}
        Victims in investigation files, without or with femicide, or deaths certified.
    vintage : {"final", "preliminary"}
        The latest figure, or the one first published.
    years : {"as_stated", "calendar"}
        The months as stated, or the calendar years that stand for them.
    start, end : str
        First and last month, ``YYYY-MM``; in a ledger ``from`` and ``to``, where a year will do.
    state : str
        Name, code or abbreviation; empty for Mexico.

    Returns
    -------
    Measurement or list of Measurement
        Victims or deaths; several where several publications hold a state's figure.

    Raises
    ------
    NoDataError
        When the figures do not cover the period.

    Examples
    --------
    >>> measure_homicides_total(source="sesnsp", vintage="final", years="as_stated",
    ...                         start="2018-12", end="2023-11").value
    163921.0
    """
    first, last = _period(years, start, end)
    whole = first.month == 1 and last.month == 12
    span = list(range(first.year, last.year + 1))
    if source == "inegi":
        if not whole:
            return _inegi_months(first, last, vintage, state)
        return _inegi_state(span, vintage, state) if state else sum_inegi_years(span, vintage)
    if vintage == "preliminary":
        return _first_published(source, first, last, state)
    return _sesnsp(source, first, last, state)


def _period(years: str, start: str, end: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give a period's first and last month, as stated or of the calendar years for it."""
    first, last = pd.Timestamp(start), pd.Timestamp(end)
    if first > last:
        raise RequestError(f"from {start} to {end} ends before it begins")
    return _calendar_years(first, last) if years == "calendar" else (first, last)


def _calendar_years(first: pd.Timestamp, last: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the calendar years that stand for a period: as many, half a year at most apart."""
    begin = first.year + (first.month > 7)
    end = last.year - (last.month < 6)
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if abs((end - begin + 1) * 12 - months) >= 6:
        raise NoDataError(Note("no calendar years stand for {months} months", months=months))
    return pd.Timestamp(begin, 1, 1), pd.Timestamp(end, 12, 1)


def _refuse_outside(table: str, first: str, last: str, asked_first: str, asked_last: str) -> None:
    if asked_first < first or asked_last > last:
        raise NoDataError(
            Note(
                "{table} covers {first} to {last}; asked is {asked_first} to {asked_last}",
                table=table,
                first=first,
                last=last,
                asked_first=asked_first,
                asked_last=asked_last,
            )
        )


def _months(table: str, first: pd.Timestamp, last: pd.Timestamp, state: str) -> pd.DataFrame:
    """Give a monthly table's rows of a period and place, which it must cover."""
    frame = held(table)
    months = frame["month"]
    _refuse_outside(table, *month_span(months), month_text(first), month_text(last))
    rows = frame[months.between(first, last)]
    return rows[rows["cve_ent"] == find_state(state).cve_ent] if state else rows


def _sesnsp(source: str, first: pd.Timestamp, last: pd.Timestamp, state: str) -> Measurement:
    table = "sesnsp_victims_state_month"
    rows = _months(table, first, last, state)
    rows = rows[rows["crime"].isin(CRIMES[source])]
    return measured(rows, table, "victims", "victims")


def _first_published(
    source: str, first: pd.Timestamp, last: pd.Timestamp, state: str
) -> list[Measurement]:
    """Give SESNSP's and SSPC's totals as announced at the time: single years and one term."""
    table = "sesnsp_national_bridge"
    frame = held(table)
    year = f"{first.year}" if last == pd.Timestamp(first.year, 12, 1) and first.month == 1 else ""
    announced = (frame["measure"] == "victims intentional homicide") & (frame["status"] != "final")
    quoted = frame["measure"] == "murders (SSPC, Reforma)"
    term = frame["period"] == f"{first:%Y-%m}..{last:%Y-%m}"
    rows = frame[(announced & (frame["period"] == year)) | (quoted & term)]
    if source != "sesnsp" or state or rows.empty:
        text = "figures of prosecutors as first announced are held for single years of the nation"
        raise NoDataError(Note(text))
    return measured_each(rows, table, "value", "victims", named="source")


def sum_inegi_years(span: list[int], vintage: str) -> Measurement:
    """Give INEGI's published totals of some calendar years, added; each must be held."""
    table = "inegi_homicides_national"
    frame = held(table)
    rows = frame[frame["year"].isin(span) & (frame["period"] == "year")]
    rows = rows[rows["status"] == vintage]
    if missing := sorted(set(span) - set(rows["year"])):
        raise NoDataError(
            Note(
                "{table} has no {vintage} total of {years}",
                table=table,
                vintage=vintage,
                years=", ".join(map(str, missing)),
            )
        )
    return measured(rows, table, "homicides", "deaths")


def _inegi_months(first: pd.Timestamp, last: pd.Timestamp, vintage: str, state: str) -> Measurement:
    if vintage == "preliminary":
        raise NoDataError(Note("INEGI's preliminary figures are held by calendar year only"))
    table = "inegi_homicides_state_month"
    rows = _months(table, first, last, state)
    return measured(rows, table, "homicides", "deaths", label=Note("by month of occurrence"))


def _inegi_state(span: list[int], vintage: str, state: str) -> list[Measurement]:
    code = find_state(state).cve_ent
    found = []
    for table, label in (
        ("inegi_homicides_state_year", Note("by year of registration")),
        ("inegi_homicides_state_press", Note("as the press quotes INEGI")),
    ):
        frame = held(table)
        rows = frame[(frame["cve_ent"] == code) & frame["year"].isin(span)]
        if "status" in rows:
            rows = rows[rows["status"] == vintage].dropna(subset=["homicides"])
        elif vintage == "preliminary":
            continue
        if sorted(rows["year"]) == span:
            found.append(measured(rows, table, "homicides", "deaths", label=label))
        elif len(span) == 1:
            found += [
                measured(rows.loc[[i]], table, "homicides", "deaths", label=label)
                for i in rows.index
            ]
    if vintage == "final" and span[0] >= 2000 and span[-1] <= 2022:
        begin, end = pd.Timestamp(span[0], 1, 1), pd.Timestamp(span[-1], 12, 1)
        found.append(_inegi_months(begin, end, vintage, state))
    if not found:
        raise NoDataError(
            Note(
                "no {vintage} figure of INEGI is held for {state} in {first} to {last}",
                vintage=vintage,
                state=find_state(state).name,
                first=span[0],
                last=span[-1],
            )
        )
    return found


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
    """Homicides of a period divided by its years; arguments as `measure_homicides_total`."""
    totals = _each_total(source, vintage, years, start, end, state)
    first, last = _period(years, start, end)
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
    """Homicides of a period divided by its days; arguments as `measure_homicides_total`."""
    totals = _each_total(source, vintage, years, start, end, state)
    first, last = _period(years, start, end)
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
    """
    totals = _each_total(source, vintage, years, start, end, state)
    exposure, cited = exposure_of(*_period(years, start, end), state)
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
