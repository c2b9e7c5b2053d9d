"""What a measure gives: a number, its arithmetic, and the raw rows it stands on."""

from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.calendar import month_text
from analysis.cleaning.corrections import read_table
from analysis.descriptors import DESCRIPTORS
from analysis.errors import AnalysisError, DataError, unknown
from analysis.modelling.result import Note
from analysis.reads import note_read
from analysis.sources import describe, raw_path, raw_tables, root

# The columns that date a row, the first that a table has.
DATES = ("date", "month", "year", "reference_year", "period")


class NoDataError(AnalysisError):
    """No figure is held for what a measure was asked."""

    def __init__(self, reason: Note) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True)
class Evidence:
    """Rows of one raw table from one source.

    Attributes
    ----------
    table, column : str
        Name of the raw table, and of its column with the figures; empty where rows are counted
        or the figure is derived.
    rows : tuple of int
        Line numbers in the table's file, ``describe(table)["path"]``; the header is line 1.
    figure : float
        What these rows contribute: their sum, or how many they are where rows are counted.
    source, date, status : str
        Who published the figures, the time they are of, and how far they are settled.
    """

    table: str
    column: str
    rows: tuple[int, ...]
    figure: float
    source: str
    date: str
    status: str


@dataclass(frozen=True)
class Measurement:
    """A measured number with how it was made.

    Attributes
    ----------
    value : float
        In ``unit``.
    arithmetic : Note
        How the value follows from the evidence.
    evidence : tuple of Evidence
        Empty only where the document's own printed figures are all that enters.
    low, high : float or None
        Ends of what rounding of printed inputs leaves open.
    label : str
        Which series or source this is, where a measure has several.
    internal : bool
        Whether figures printed by the document itself enter.
    notes : tuple of Note
        What a reader must know of the figures: missing, corrected or flagged cells.
    """

    value: float
    unit: str
    arithmetic: Note
    evidence: tuple[Evidence, ...] = ()
    low: float | None = None
    high: float | None = None
    label: str = ""
    internal: bool = False
    notes: tuple[Note, ...] = ()


def plain(value: float) -> str:
    """Write a number for arithmetic: separators, and four significant decimals at most.

    Examples
    --------
    >>> plain(31062.0), plain(93.69387), plain(10060522220.0), plain(0.69123)
    ('31,062', '93.69', '10,060,522,220', '0.6912')
    """
    digits = 0 if float(value).is_integer() else 4 if abs(value) < 1 else 2
    text = f"{value:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if digits else text
    return text.replace("-", "−")


def held(table: str) -> pd.DataFrame:
    """Give a raw table, corrected and flagged; the index leads to the line in the file.

    The frame is shared: it is not to be changed.

    Raises
    ------
    DataError
        When there is no such table, or it is not what its descriptor says.
    """
    if table not in raw_tables():
        raise DataError(f"there is no table {table} among the raw tables")
    path = raw_path(table)
    note_read("raw", table)
    return _held(table, path, (root() / DESCRIPTORS).stat().st_mtime_ns, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _held(table: str, path: Path, described: int, changed: int) -> pd.DataFrame:
    return read_table(table)


def matching(table: str, where: dict[str, str]) -> tuple[pd.DataFrame, dict[str, str | None]]:
    """Give the rows of a raw table that have these texts, and the unit of each column.

    Raises
    ------
    RequestError
        For a table or column that is not there.
    """
    if table not in raw_tables():
        raise unknown("table", table, raw_tables())
    fields = {item["name"]: item.get("unit") for item in raw_tables()[table]["schema"]["fields"]}
    rows = held(table)
    for name, wanted in where.items():
        if name not in fields:
            raise unknown(f"column of {table}", name, fields)
        values = rows[name]
        if pd.api.types.is_datetime64_any_dtype(values):
            values = values.dt.strftime("%Y-%m")
        rows = rows[values.astype("str") == wanted]
    return rows, fields


def cite(rows: pd.DataFrame, table: str, column: str) -> tuple[Evidence, ...]:
    """Give the evidence of chosen rows of `held`, one entry a source and status."""
    titles = "; ".join(source["title"] for source in describe(table)["sources"][:1])
    source = rows["source"] if "source" in rows else pd.Series(titles, index=rows.index)
    status = rows["status"] if "status" in rows else pd.Series("", index=rows.index)
    dates = next(name for name in (*DATES, "") if name in rows or not name)
    own = {field["name"] for field in describe(table)["schema"]["fields"]}
    listed = []
    for (who, state), group in rows.groupby([source, status.fillna("")], sort=False):
        listed.append(
            Evidence(
                table,
                column if column in own else "",
                tuple(int(line) + 2 for line in group.index),
                float(group[column].sum()),
                str(who),
                _span(group[dates]) if dates else "",
                str(state),
            )
        )
    return tuple(listed)


def _span(values: pd.Series) -> str:
    is_month = pd.api.types.is_datetime64_any_dtype(values)
    texts = sorted({month_text(value) if is_month else str(value) for value in values.unique()})
    return texts[0] if len(texts) == 1 else f"{texts[0]}/{texts[-1]}"


def note_cells(rows: pd.DataFrame, column: str, table: str) -> tuple[Note, ...]:
    """Say how many chosen cells are missing, corrected or flagged."""
    notes = [
        Note("{note}", note=text)
        for name in ("note", "unit_or_note")
        if name in rows and len(rows) <= 5
        for text in rows[name].dropna().unique()
        if " " in text
    ]
    if missing := int(rows[column].isna().sum()):
        notes.append(
            Note("{n} cells are missing in {table} and not counted", n=missing, table=table)
        )
    flags = rows["flags"].str.split(";").explode()
    for flag, count in flags[flags.ne("")].value_counts().sort_index().items():
        notes.append(Note("{n} cells are flagged {flag}", n=count, flag=flag))
    return tuple(notes)


def measured(
    rows: pd.DataFrame, table: str, column: str, unit: str, *, label: str = ""
) -> Measurement:
    """Give the sum of a column over chosen rows as a measurement with its evidence.

    Raises
    ------
    NoDataError
        When no row is chosen, or none holds a figure.
    """
    if rows[column].notna().sum() == 0:
        raise NoDataError(Note("{table} holds no such figure", table=table))
    value = float(rows[column].sum())
    one, several = "{value}, one row of {table}", "{value}, sum of {n} rows of {table}"
    text = one if len(rows) == 1 else several
    arithmetic = Note(text, value=plain(value), n=plain(len(rows)), table=table)
    return Measurement(
        value,
        unit,
        arithmetic,
        cite(rows, table, column),
        label=label,
        notes=note_cells(rows, column, table),
    )


def measured_each(
    rows: pd.DataFrame, table: str, column: str, unit: str, *, named: str = ""
) -> list[Measurement]:
    """Give every chosen row as a measurement of its own, labelled by its column ``named``."""
    return [
        measured(rows.loc[[i]], table, column, unit, label=str(rows.loc[i, named]) if named else "")
        for i in rows.index
    ]


def over(
    top: Measurement, divisor: float, unit: str, arithmetic: Note, more: tuple[Evidence, ...] = ()
) -> Measurement:
    """Give a measurement divided by a number, its evidence joined with that of the divisor."""
    ends: dict[str, Any] = {
        name: None if end is None else end / divisor
        for name, end in (("low", top.low), ("high", top.high))
    }
    evidence = (*top.evidence, *more)
    value = top.value / divisor
    return replace(top, value=value, unit=unit, arithmetic=arithmetic, evidence=evidence, **ends)
