"""Measures of the National Guard: strength by definition, growth, origin, dates."""

from typing import Literal

import pandas as pd

from analysis.claims.evidence import (
    Measurement,
    NoDataError,
    held,
    measured,
    measured_each,
    plain,
)
from analysis.claims.measures.dates import check_date
from analysis.claims.units import GUARDS, in_units
from analysis.claims.words import speak
from analysis.errors import unknown
from analysis.modelling.result import Note

Concept = Literal[
    "force_strength",
    "deployed",
    "operational",
    "assigned_inegi",
    "assigned_inegi_including_heads",
    "planned",
]
STRENGTH = "guard_strength_national"


def _dated(frame: pd.DataFrame, date: str, column: str = "date") -> pd.DataFrame:
    """Give rows of a day, month or year; a row that names only its month covers its days."""
    check_date(date)
    covers = [
        text.startswith(date) or (date.startswith(text) and len(text) >= 7)
        for text in frame[column]
    ]
    return frame[covers]


@in_units(*GUARDS)
def measure_guards(*, concept: Concept, date: str) -> list[Measurement]:
    """Members of the National Guard on a date under one definition.

    Parameters
    ----------
    concept : str
        ``force_strength, deployed, operational`` (the Guard's own reports), ``assigned_inegi``
        (INEGI's census of assigned persons at year end, with or without heads of units), or
        ``planned`` (the plan of June 2019).
    date : str
        ``YYYY-MM-DD``, or a month or year: every dated total inside it.

    Returns
    -------
    list of Measurement
        Persons; one a published total.

    Raises
    ------
    NoDataError
        When no total of this definition is held for the date.

    Examples
    --------
    >>> [found] = measure_guards(concept="assigned_inegi", date="2023-12-31")
    >>> found.value
    126203.0
    """
    frame = held(STRENGTH)
    rows = _dated(frame[frame["concept"] == concept], date)
    if rows.empty:
        why = Note("no {concept} total is held for {date}", concept=speak(concept), date=date)
        raise NoDataError(why)
    return measured_each(rows, STRENGTH, "guards", "guards", named="date")


@in_units("percent")
def measure_guards_change(*, concept: Concept, from_date: str, to_date: str) -> list[Measurement]:
    """Change in the Guard's members between two dates under one definition, in percent.

    Parameters
    ----------
    concept : str
        As in `measure_guards`.
    from_date, to_date : str
        Dates as in `measure_guards`.

    Returns
    -------
    list of Measurement
        Percent of the earlier total; one a pair of published totals.

    Examples
    --------
    >>> [found] = measure_guards_change(concept="assigned_inegi",
    ...                                 from_date="2022-12-31", to_date="2023-12-31")
    >>> round(found.value, 1)
    21.1
    """
    return [
        Measurement(
            value=(last.value / first.value - 1) * 100,
            unit="percent",
            arithmetic=Note(
                "{last} / {first} − 1", last=plain(last.value), first=plain(first.value)
            ),
            evidence=(*first.evidence, *last.evidence),
            notes=(*first.notes, *last.notes),
        )
        for first in measure_guards(concept=concept, date=from_date)
        for last in measure_guards(concept=concept, date=to_date)
    ]


def _by_origin(component: str, date: str, unit: str) -> list[Measurement]:
    """Give the figures of a component that are persons, or percent."""
    table = "guard_origin"
    frame = held(table)
    if component not in set(frame["component"]):
        raise unknown("component", component, sorted(set(frame["component"])))
    kind = "persons" if unit == "guards" else "percent"
    chosen = (frame["component"] == component) & frame["unit"].str.startswith(kind)
    rows = _dated(frame[chosen], date)
    if rows.empty:
        text = "no figure of {component} in {kind} is held for {date}"
        raise NoDataError(Note(text, component=component, kind=kind, date=date))
    return measured_each(rows, table, "value", unit, named="date")


@in_units(*GUARDS)
def measure_guards_by_origin(*, component: str, date: str) -> list[Measurement]:
    """Members of the Guard of one origin or kind on a date, as counted or planned.

    Parameters
    ----------
    component : str
        As the table ``guard_origin`` names it, for example ``SEDENA`` or ``veterans``.
    date : str
        As in `measure_guards`.

    Returns
    -------
    list of Measurement
        Persons; one a figure held.

    Raises
    ------
    RequestError
        When no date has such a component.
    NoDataError
        When this date has none.

    Examples
    --------
    >>> [found] = measure_guards_by_origin(component="SEDENA", date="2019")
    >>> found.value, found.evidence[0].date
    (51915.0, '2019 (plan)')
    """
    return _by_origin(component, date, "guards")


@in_units("percent", "percent of guards", "percent of members")
def measure_guards_share_by_origin(*, component: str, date: str) -> list[Measurement]:
    """Share of the Guard's members of one origin on a date; as `measure_guards_by_origin`.

    Parameters
    ----------
    component, date : str
        As in `measure_guards_by_origin`.

    Returns
    -------
    list of Measurement
        Percent of all members; one a figure held.

    Examples
    --------
    >>> [found] = measure_guards_share_by_origin(component="SEDENA", date="2020-12-31")
    >>> found.value
    62.1
    """
    return _by_origin(component, date, "percent")


@in_units("year")
def measure_year_of(*, milestone: str) -> Measurement:
    """Year of an event of the strategy timeline, for example ``guard_created``.

    Parameters
    ----------
    milestone : str
        The event's ``key`` in the table ``strategy_timeline``, for example ``guard_created``.

    Returns
    -------
    Measurement
        A year.

    Raises
    ------
    RequestError
        For an event that the table ``strategy_timeline`` does not hold.

    Examples
    --------
    >>> measure_year_of(milestone="guard_created").value
    2019.0
    """
    table = "strategy_timeline"
    frame = held(table)
    if milestone not in set(frame["key"]):
        raise unknown("milestone", milestone, sorted(frame["key"]))
    rows = frame[frame["key"] == milestone].assign(
        year=lambda found: found["date"].str[:4].astype("int64")
    )
    found = measured(rows, table, "year", "year", label=rows["date"].iloc[0])
    return Measurement(
        value=found.value,
        unit="year",
        arithmetic=Note("{date}: {event}", date=found.label, event=rows["event"].iloc[0]),
        evidence=found.evidence,
    )
