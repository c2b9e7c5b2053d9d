"""Measures of homicide: totals of a period, in Mexico or a state."""

from typing import Literal

import pandas as pd

from analysis.calendar import month_span, month_text
from analysis.claims.evidence import (
    Measurement,
    NoDataError,
    held,
    measured,
    measured_each,
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
    first, last = read_span(years, start, end)
    whole = first.month == 1 and last.month == 12
    span = list(range(first.year, last.year + 1))
    if source == "inegi":
        if not whole:
            return _inegi_months(first, last, vintage, state)
        return _inegi_state(span, vintage, state) if state else sum_inegi_years(span, vintage)
    if vintage == "preliminary":
        return _first_published(source, first, last, state)
    return _sesnsp(source, first, last, state)


def read_span(years: str, start: str, end: str) -> tuple[pd.Timestamp, pd.Timestamp]:
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
