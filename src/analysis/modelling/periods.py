"""Series of figures as sources print them: periods, marks, and which of them a line may join."""

import re

import pandas as pd

from analysis.calendar import ADMINISTRATIONS
from analysis.columns import credit
from analysis.errors import ModelError

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
YEAR = 12
# The fiscal year of the United States begins in October of the year before.
FISCAL = 10
# Quoted by newspapers, one figure at a time: points, never a line.
QUOTED = ("press-report", "preliminary")
COLUMNS = (
    *("panel", "series", "period", "first", "last", "value", "unit", "status", "mark", "run"),
    *("source", "source_url", "note"),
)


def read_period(text: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Give the first and last month of a period as a source writes it.

    Read are years and spans of years, parts of a year, US fiscal years and their parts, months,
    days, years up to a date, and presidential terms that name the president.

    Raises
    ------
    ModelError
        When the text holds no year, or two months of which only one is known.

    Examples
    --------
    >>> [f"{month:%Y-%m}" for month in read_period("FY2025 Oct-Apr")]
    ['2024-10', '2025-04']
    >>> [f"{month:%Y-%m}" for month in read_period("2018 Jan-Sep")]
    ['2018-01', '2018-09']
    """
    for term in ADMINISTRATIONS:
        if f"({term.president})" in text:
            return term.first, term.last
    if until_date := re.fullmatch(r"(\d{4}) to (\d{4}-\d{2})(?:-\d{2})?", text):
        return pd.Timestamp(until_date[1]), pd.Timestamp(until_date[2])
    found = re.match(r"(?:FY)?(\d{4})(?:-(\d{4}))?(?:-(\d{2}))?(?!\d)", text)
    if found is None:
        raise ModelError(
            f'no period can be read in "{text}"; expected a year, month or fiscal year'
        )
    year, until, month = (int(part) if part else None for part in found.groups())
    assert year is not None
    if month:
        return (pd.Timestamp(year, month, 1),) * 2
    part = re.search(r"\b([A-Z][a-z]{2})-([A-Z][a-z]{2})\b", text)
    if part and not set(part.groups()) <= set(MONTHS):
        raise ModelError(f'the months of "{text}" are not known; expected for example Jan-Sep')
    start = FISCAL if text.startswith("FY") else 1
    first, last = (MONTHS.index(name) + 1 for name in part.groups()) if part else (start, 0)
    last = last or (start + YEAR - 2) % YEAR + 1
    begins = year - 1 if start == FISCAL and first >= FISCAL else year
    return pd.Timestamp(begins, first, 1), pd.Timestamp(until or year, last, 1)


def count_months(rows: pd.DataFrame) -> pd.Series:
    """Count the months from ``first`` to ``last``, both included."""
    first, last = rows["first"].dt, rows["last"].dt
    return (last.year - first.year) * YEAR + last.month - first.month + 1


def find_runs(rows: pd.DataFrame) -> pd.Series:
    """Number the runs of figures that one line may join, in a frame sorted by series and time.

    A run goes on while the next figure is of the same series and source, covers as many months
    and begins twelve months later: no line crosses a missing year or joins a part of a year to a
    whole one. A series with figures that the press quotes or that are preliminary is not joined
    at all, for a line that follows its sources would end where one does and look like a gap.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``panel, series, source, status, first, last``.
    """
    same = rows[["panel", "series", "source"]].eq(rows[["panel", "series", "source"]].shift())
    start = rows["first"].dt.year * YEAR + rows["first"].dt.month
    length = count_months(rows)
    joined = same.all(axis=1) & start.diff().eq(YEAR) & length.diff().eq(0) & length.le(YEAR)
    quoted = rows["status"].isin(QUOTED).groupby([rows["panel"], rows["series"]]).transform("any")
    joined &= ~quoted
    return (~joined).cumsum()


def split_units(units: pd.Series) -> pd.DataFrame:
    """Split units as sources write them into ``unit`` and ``note``, a reservation or nothing.

    Examples
    --------
    >>> split_units(pd.Series(["% of all victims (Jan-Jun)", "pounds"])).to_numpy().tolist()
    [['% of all victims', 'Jan-Jun'], ['pounds', '']]
    """
    pieces = units.str.extract(r"^([^(;,]*?)\s*([(;,].*)?$")
    reserved = pieces[1].fillna("").str.replace(r"^\((.*)\)$", r"\1", regex=True)
    return pd.DataFrame({"unit": pieces[0], "note": reserved.str.lstrip(";, ")})


def tidy_series(rows: pd.DataFrame, *tables: str) -> pd.DataFrame:
    """Make figures a tidy series: periods read, reservations split from units, parts marked.

    Parameters
    ----------
    rows : pandas.DataFrame
        ``panel, series`` (keys; what is in different panels is never put on one scale),
        ``period, value, unit, status, source, source_url``, and ``mark`` or ``note`` where a
        figure has one of its own. A reservation in the unit's brackets becomes the note.
    *tables : str
        The raw tables, for ``attrs["sources"]``.

    Returns
    -------
    pandas.DataFrame
        In order of panel, series and time: ``panel, series, period`` (as written), ``first, last``
        (months), ``value, unit, status, mark`` (``preliminary``; ``part`` of a year; ``average``,
        also of more than a year; ``unverified``; ``nil``, a zero that stands for nothing; or the
        frame's own),
        ``run`` (see `find_runs`), ``source, source_url, note``.
    """
    out = rows.assign(period=rows["period"].astype("str"), value=rows["value"].astype("float64"))
    spans = pd.DataFrame(
        [read_period(text) for text in out["period"]], index=out.index, columns=["first", "last"]
    )
    out = out.assign(first=spans["first"], last=spans["last"])
    pieces = split_units(out["unit"])
    out["unit"] = pieces["unit"]
    out["note"] = out["note"] if "note" in out else pieces["note"]
    length = count_months(out)
    found = pd.Series("", index=out.index)
    found = found.mask(out["status"] == "preliminary", "preliminary")
    found = found.mask(length.between(2, YEAR - 1), "part")
    found = found.mask((length > YEAR) | out["period"].str.contains("average"), "average")
    given = out["mark"] if "mark" in out else pd.Series("", index=out.index)
    out["mark"] = given.where(given != "", found)
    order = out["panel"].map({panel: place for place, panel in enumerate(out["panel"].unique())})
    names = out["series"].map({name: place for place, name in enumerate(out["series"].unique())})
    out = out.assign(order=order, names=names)
    out = out.sort_values(["order", "names", "first", "last"], kind="stable", ignore_index=True)
    out["run"] = find_runs(out)
    out = out[list(COLUMNS)]
    return credit(out, tables, value="see the column unit")
