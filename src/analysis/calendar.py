"""Months, administrations, events and exposure."""

import re
from dataclasses import dataclass

import pandas as pd

from analysis.errors import RequestError


@dataclass(frozen=True)
class Administration:
    """A presidential term; ``first`` and ``last`` are the first and last month that count."""

    term: str
    president: str
    first: pd.Timestamp
    last: pd.Timestamp


def _terms() -> tuple[Administration, ...]:
    starts = [
        ("fox", "Fox", "2000-12"),
        ("calderon", "Calderón", "2006-12"),
        ("pena_nieto", "Peña Nieto", "2012-12"),
        ("lopez_obrador", "López Obrador", "2018-12"),
        ("sheinbaum", "Sheinbaum", "2024-10"),
        ("", "", "2030-10"),
    ]
    first = [pd.Timestamp(start) for _, _, start in starts]
    month = pd.DateOffset(months=1)
    return tuple(
        Administration(term, president, first[i], first[i + 1] - month)
        for i, (term, president, _) in enumerate(starts[:-1])
    )


# A term counts from the first of the month in which the president takes office.
ADMINISTRATIONS = _terms()
PRESIDENTS = {term.term: term.president for term in ADMINISTRATIONS}

# Rates are per this many person-years.
PER = 100_000

# Law creating the Guard (DOF 2019-03-26), official deployment (2019-06-30), transfer of the
# operational control to the Army (DOF 2022-09-09).
EVENTS = {
    "created": pd.Timestamp("2019-03"),
    "deployed": pd.Timestamp("2019-07"),
    "army": pd.Timestamp("2022-09"),
}


def parse_month(text: str) -> pd.Timestamp:
    """Read a month written ``YYYY-MM``.

    Raises
    ------
    RequestError
        When the text is not a month.

    Examples
    --------
    >>> parse_month("2019-07")
    Timestamp('2019-07-01 00:00:00')
    """
    if not re.fullmatch(r"(19|20)\d\d-(0[1-9]|1[0-2])", str(text)):
        raise RequestError(f'"{text}" is not a month; write it as YYYY-MM, for example 2019-07')
    return pd.Timestamp(str(text))


def month_text(month: pd.Timestamp) -> str:
    """Write a month as ``YYYY-MM``.

    Examples
    --------
    >>> month_text(pd.Timestamp("2019-07-01"))
    '2019-07'
    """
    return f"{month:%Y-%m}"


def month_span(months: pd.Series | pd.DatetimeIndex) -> tuple[str, str]:
    """Write the first and the last of some months.

    Examples
    --------
    >>> month_span(pd.Series(pd.to_datetime(["2019-07", "2015-01", "2017-03"])))
    ('2015-01', '2019-07')
    """
    return month_text(months.min()), month_text(months.max())


def person_years(population: pd.Series, month: pd.Series) -> pd.Series:
    """Give the exposure of a month: mid-year population x days in the month / 365.25.

    Examples
    --------
    >>> person_years(pd.Series([365_250]), pd.Series(pd.to_datetime(["2023-02"]))).tolist()
    [28000.0]
    """
    return population * month.dt.days_in_month / 365.25


def administration_of(month: pd.Series) -> pd.Series:
    """Give the term each month belongs to, missing before Fox.

    Examples
    --------
    >>> administration_of(pd.Series(pd.to_datetime(["2018-11", "2018-12"]))).tolist()
    ['pena_nieto', 'lopez_obrador']
    """
    term = pd.Series(pd.NA, index=month.index, dtype="str")
    for administration in ADMINISTRATIONS:
        term[month.between(administration.first, administration.last)] = administration.term
    return term


def find_repeats(months: pd.DataFrame) -> pd.Series:
    """Find months that repeat an earlier month in every state.

    Parameters
    ----------
    months : pandas.DataFrame
        One row a month, one column a state, any figure.

    Returns
    -------
    pandas.Series
        The latest earlier month with the same figures, by month.

    Examples
    --------
    >>> find_repeats(pd.DataFrame({"01": [5, 5, 6, 5]}, index=[1, 2, 3, 4])).to_dict()
    {2: 1, 4: 2}
    """
    last: dict[tuple, object] = {}
    repeats = {}
    for month, values in zip(months.index, months.itertuples(index=False, name=None), strict=True):
        if values in last:
            repeats[month] = last[values]
        last[values] = month
    return pd.Series(repeats)
