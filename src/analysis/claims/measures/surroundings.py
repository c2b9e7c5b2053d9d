"""Measures of what surrounds homicide: money, troops, surveys, arms, other crimes, any table."""

import re
from dataclasses import replace
from typing import Literal

import numpy as np
import pandas as pd

from analysis.claims.evidence import (
    DATES,
    Measurement,
    NoDataError,
    cite,
    held,
    matching,
    measured,
    measured_each,
    note_cells,
    plain,
)
from analysis.claims.measures.dates import check_date
from analysis.claims.measures.series import SUBJECTS, Series, Subject
from analysis.claims.units import in_units
from analysis.claims.words import speak
from analysis.errors import RequestError, unknown
from analysis.modelling.result import Note, join_notes

Indicator = Literal[
    "main_problem", "unsafe_in_state", "not_reported", "reported", "positive_outcome"
]
INDICATORS = {
    "main_problem": "insecurity named a main problem (18+)",
    "unsafe_in_state": "state perceived unsafe (18+), headline",
    "not_reported": "cifra negra (not reported or no investigation)",
    "reported": "crimes reported",
    "positive_outcome": "crimes with a positive outcome for the victim (share of all crimes)",
}
Arms = Literal["sesnsp", "sesnsp_known_means", "inegi"]
ARMS = {
    "sesnsp": "SESNSP share of homicide victims by firearm",
    "sesnsp_known_means": "SESNSP share by firearm, known means",
    "inegi": "INEGI share of homicides by firearm",
}


def _each(rows: pd.DataFrame, table: str, column: str, unit: str, why: Note) -> list[Measurement]:
    """Give every chosen row as a reading of its own, named by what sets it apart."""
    if rows.empty:
        raise NoDataError(why)
    name = next((column for column in ("unit", *DATES, "status") if column in rows), "")
    return measured_each(rows, table, column, unit, named=name)


@in_units("USD")
def measure_military_expenditure(*, year: int) -> list[Measurement]:
    """Military expenditure of Mexico in a year, current USD, every vintage held.

    Parameters
    ----------
    year : int
        Calendar year.

    Examples
    --------
    >>> [round(found.value / 1e9, 2) for found in measure_military_expenditure(year=2022)]
    [10.06, 8.54]
    """
    table = "military_expenditure"
    frame = held(table)
    dollars = frame["unit"].str.startswith("current USD") & frame["indicator"].str.startswith(
        "military expenditure"
    )
    why = Note("no military expenditure in USD is held for {year}", year=year)
    return _each(frame[dollars & (frame["year"] == year)], table, "value", "USD", why)


@in_units("persons", "troops")
def measure_troops(
    *, forces: Literal["total", "army", "navy", "army_and_navy"], date: str
) -> list[Measurement]:
    """Soldiers, marines or all federal forces deployed in public security at a date.

    Parameters
    ----------
    forces : {"total", "army", "navy", "army_and_navy"}
        All forces as a source totals them, or its parts; the two parts are added where the same
        source gives both.
    date : str
        The table's period, or how it begins, for example ``2024`` or ``2024-06``.

    Examples
    --------
    >>> [found.value for found in measure_troops(forces="army_and_navy", date="2024")]
    [73029.0]
    """
    check_date(date)
    table = "troops_public_security"
    frame = held(table)
    names = {"total": ["total deployed"], "army": ["SEDENA deployed"], "navy": ["SEMAR deployed"]}
    wanted = names.get(forces, ["SEDENA deployed", "SEMAR deployed"])
    rows = frame[frame["series"].isin(wanted) & frame["period"].str.startswith(date)]
    why = Note("no {forces} deployment is held for {date}", forces=speak(forces), date=date)
    if forces != "army_and_navy":
        return _each(rows, table, "value", "persons", why)
    both = [part for _, part in rows.groupby(["period", "source"]) if len(part) == 2]
    if not both:
        raise NoDataError(why)
    return [
        measured(part, table, "value", "persons", label=part["period"].iloc[0]) for part in both
    ]


@in_units("percent", "percent of adults", "percent of crimes", subject="indicator")
def measure_survey(*, indicator: Indicator, year: int) -> list[Measurement]:
    """Result of the victimisation survey (ENVIPE) of a year, percent.

    Parameters
    ----------
    indicator : str
        ``main_problem`` and ``unsafe_in_state`` in percent of adults; ``not_reported, reported,
        positive_outcome`` in percent of crimes.
    year : int
        Year of the survey; crimes are those of the year before.

    Examples
    --------
    >>> [found.value for found in measure_survey(indicator="positive_outcome", year=2024)]
    [1.2]
    """
    table = "envipe_national"
    frame = held(table)
    rows = frame[(frame["indicator"] == INDICATORS[indicator]) & (frame["survey_year"] == year)]
    words = {"year": year, "indicator": speak(indicator)}
    why = Note("the survey of {year} is not held for {indicator}", **words)
    return _each(rows, table, "value_pct", "percent", why)


@in_units("percent", "percent of homicides", "percent of victims")
def measure_firearm_share(*, source: Arms, year: int) -> list[Measurement]:
    """Share of homicides committed with any firearm, percent.

    Parameters
    ----------
    source : {"sesnsp", "sesnsp_known_means", "inegi"}
        Share of all victims, of victims with known means, or of INEGI's homicides.
    year : int
        Calendar year.

    Examples
    --------
    >>> [found.value for found in measure_firearm_share(source="inegi", year=2020)]
    [66.9]
    """
    table = "homicide_firearm_share"
    frame = held(table)
    rows = frame[(frame["series"] == ARMS[source]) & (frame["year"] == year)]
    why = Note("no share of {source} is held for {year}", source=speak(source), year=year)
    return _each(rows, table, "value", "percent", why)


@in_units("trend", subject="of")
def measure_trend(
    *, of: Subject, start: str, end: str, by: str = ""
) -> list[Measurement | NoDataError]:
    """Change of a yearly series from its first to its last year, in percent, by every series held.

    A series counts as rising or falling when its change from first to last year and its
    least-squares slope have the same sign; else its direction is open: ``low`` and ``high`` are
    the two with their signs.

    Parameters
    ----------
    of : {"kidnapping", "fuel_theft", "military_expenditure", "homicides"}
        The subject.
    start, end : str
        First and last year.
    by : str
        One series of the subject; empty for all.

    Examples
    --------
    >>> [found] = measure_trend(of="kidnapping", by="sesnsp_victims", start="2019", end="2021")
    >>> round(found.value, 1)
    -49.9
    """
    first, last = int(start[:4]), int(end[:4])
    if first >= last:
        raise RequestError(f"a trend needs two years, not {first} to {last}")
    accepted = SUBJECTS[of]
    if by and by not in accepted:
        raise unknown(f"series of {of}", by, accepted)
    found: list[Measurement | NoDataError] = []
    for name in [by] if by else accepted:
        try:
            found.append(_follow(name, accepted[name], first, last))
        except NoDataError as absent:
            found.append(absent)
    return found


def _follow(name: str, series: Series, first: int, last: int) -> Measurement:
    rows, _ = matching(series.table, series.where)
    dates = rows[series.dated].astype("str")
    rows = rows[dates.str.fullmatch(r"\d{4}" + re.escape(series.ending))]
    rows = rows.assign(year=rows[series.dated].astype("str").str[:4].astype("int64"))
    rows = rows[rows["year"].between(first, last)]
    # Where two sources give a year, their mean.
    yearly = rows.groupby("year")[series.column].mean()
    if lacking := sorted({first, last} - set(yearly.index)):
        words = {"name": speak(name), "years": join_notes([*map(str, lacking)], ", ")}
        raise NoDataError(Note("no figure of {name} is held for {years}", **words))
    change = (yearly.loc[last] / yearly.loc[first] - 1) * 100
    slope = np.polyfit(yearly.index - first, yearly, 1)[0]
    each = [
        Note("{value} in {year}", value=plain(value), year=year) for year, value in yearly.items()
    ]
    listed = join_notes(each, ", ") if len(each) <= 10 else Note("{n} years", n=len(each))
    return Measurement(
        value=float(change),
        unit="trend",
        low=float(min(change, np.copysign(abs(change), slope))),
        high=float(max(change, np.copysign(abs(change), slope))),
        notes=note_cells(rows, series.column, series.table),
        arithmetic=Note(
            "{listed}: {change}% from {first} to {last}",
            listed=listed,
            change=("+" if change > 0 else "") + plain(round(float(change), 1)),
            first=first,
            last=last,
        ),
        evidence=cite(rows, series.table, series.column),
        label=name,
    )


@in_units()
def measure_figure(*, table: str, column: str, **where: str) -> list[Measurement]:
    """Figures of any raw table as they stand, every matching row a reading of its own.

    Parameters
    ----------
    table, column : str
        A raw table and the column with the figure; see ``analysis data show TABLE``.
    **where : str
        Columns and the text each must have.

    Returns
    -------
    list of Measurement
        In the unit of the column's descriptor, or of the row where it names one.

    Examples
    --------
    >>> [found] = measure_figure(table="envipe_national", column="value_pct",
    ...                          indicator="crimes reported", survey_year="2025")
    >>> found.value, found.unit[:7]
    (9.6, 'percent')
    """
    rows, fields = matching(table, where)
    if column not in fields:
        raise unknown(f"column of {table}", column, fields)
    if not pd.api.types.is_numeric_dtype(rows[column]):
        raise RequestError(f"{table}.{column} holds no numbers")
    rows = rows.dropna(subset=[column])
    found = _each(rows, table, column, "", Note("{table} holds no such row", table=table))
    unit = fields[column] or "number"
    # A table of several measures says in its unit which column names them.
    told = re.match(r"see (\w+)", unit)
    units = rows[told[1]] if told else [unit] * len(rows)
    return [
        replace(item, unit=re.sub("^% ?", "percent ", str(unit)).strip())
        for item, unit in zip(found, units, strict=True)
    ]


@in_units("count", "rows")
def measure_rows(*, table: str, **where: str) -> Measurement:
    """How many rows of a raw table match.

    Parameters
    ----------
    table : str
        A raw table.
    **where : str
        Columns and the text each must have.

    Examples
    --------
    >>> measure_rows(table="states").value
    32.0
    """
    rows, _ = matching(table, where)
    if rows.empty:
        raise NoDataError(Note("{table} holds no such row", table=table))
    counted = rows.assign(one=1)
    arithmetic = Note("{n} rows of {table}", n=len(rows), table=table)
    evidence = cite(counted, table, "one")
    return Measurement(float(len(rows)), "count", arithmetic, evidence)
