"""Official tables in force, and the municipal panel that comes out of them."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from analysis.calendar import PER, person_years
from analysis.columns import RATE, credit, list_units
from analysis.errors import RequestError
from analysis.reads import note_read
from analysis.sources import describe, official_tables, root
from analysis.vintages import list_vintages, query_official

MUNICIPAL = "sesnsp_files_municipality"
POPULATION = "conapo_population_municipality"


def load_official(name: str, *, where: dict[str, Any] | None = None) -> pd.DataFrame:
    """Load a table taken from official files, or some of its rows.

    Parameters
    ----------
    name : str
        An official table, see ``analysis data list``.
    where : dict, optional
        By column a value, several values, or ``{"from": first, "to": last}``, of the column's
        type; a month is a date or ``YYYY-MM``. A municipal table has tens of millions of rows:
        ask for those needed.

    Returns
    -------
    pandas.DataFrame
        Columns and units as ``describe(name)``; ``attrs`` hold ``sources``, ``units`` and
        ``vintages`` (those in force for it).

    Raises
    ------
    RequestError
        When there is no such table or column, or a value is not of the column's type.
    DataError
        When no file of the table was taken in.

    Examples
    --------
    >>> from analysis.errors import DataError
    >>> try:
    ...     frame = load_official("world_bank", where={"country": "MEX"})
    ... except DataError as error:
    ...     print(str(error)[:19])
    world_bank is empty
    """
    descriptor = describe(name)
    if name not in official_tables():
        raise RequestError(f"{name} is not taken from an official file; use load_table")
    note_read("official", name)
    query = query_official(root(), descriptor)
    condition, values = _condition(descriptor, where or {})
    columns = ", ".join(field["name"] for field in descriptor["schema"]["fields"])
    key = ", ".join(descriptor["schema"]["primaryKey"])
    with duckdb.connect() as con:
        frame = con.execute(
            f"SELECT {columns} FROM ({query}) WHERE {condition} ORDER BY {key}", values
        ).df()
    held = [vintage["id"] for vintage in list_vintages(root()) if name in vintage["tables"]]
    frame.attrs = {"sources": [name], "units": list_units(descriptor), "vintages": held}
    return _typed(frame, descriptor)


def export_official(name: str, path: Path, options: str) -> None:
    """Write a whole official table, of any size, by DuckDB's ``COPY`` with these options.

    Raises
    ------
    DataError
        When no file of the table was taken in.
    """
    descriptor = describe(name)
    key = ", ".join(descriptor["schema"]["primaryKey"])
    query = query_official(root(), descriptor)
    target = str(path).replace("'", "''")
    with duckdb.connect() as con:
        con.execute(f"COPY (FROM ({query}) ORDER BY {key}) TO '{target}' (FORMAT {options})")


def _typed(frame: pd.DataFrame, descriptor: dict[str, Any]) -> pd.DataFrame:
    kinds = {"integer": "Int64", "year": "Int64", "string": "str", "yearmonth": "datetime64[us]"}
    kinds |= {"number": "float64", "boolean": "boolean"}
    return frame.astype({f["name"]: kinds[f["type"]] for f in descriptor["schema"]["fields"]})


def _condition(descriptor: dict[str, Any], where: dict[str, Any]) -> tuple[str, list[Any]]:
    """Write a condition out of ``where``, with the values apart."""
    fields = {field["name"]: field["type"] for field in descriptor["schema"]["fields"]}
    if strange := set(where) - set(fields):
        raise RequestError(
            f"{descriptor['name']} has no column {', '.join(sorted(strange))}; it has "
            f"{', '.join(fields)}"
        )
    parts: list[str] = ["true"]
    values: list[Any] = []
    for column, wanted in where.items():
        kind = fields[column]
        if isinstance(wanted, dict):
            if set(wanted) != {"from", "to"}:
                raise RequestError(f'{column}: a range is {{"from": first, "to": last}}')
            parts.append(f"{column} BETWEEN ? AND ?")
            values += [_value(column, kind, wanted[end]) for end in ("from", "to")]
        else:
            alone = isinstance(wanted, str) or not isinstance(wanted, Iterable)
            listed = [wanted] if alone else list(wanted)
            parts.append(f"{column} IN (SELECT unnest(?))")
            values.append([_value(column, kind, value) for value in listed])
    return " AND ".join(parts), values


def _value(column: str, kind: str, value: Any) -> Any:
    """Give a value of ``where`` the type of its column."""
    try:
        if kind == "yearmonth":
            return pd.Timestamp(value).to_period("M").start_time.date()
        if kind == "boolean" and isinstance(value, bool | np.bool_):
            return bool(value)
        if kind in ("integer", "year") and float(value) == int(value):
            return int(value)
        if kind == "number":
            return float(value)
    except (TypeError, ValueError) as error:
        raise RequestError(f'{column}: "{value}" is no {kind}') from error
    if kind == "string" and isinstance(value, str):
        return value
    example = {"string": '"09"', "boolean": "True"}.get(kind, "2024")
    raise RequestError(f"{column}: {value!r} is no {kind}; write it like {example}")


def load_municipal_panel(*, crime: str = "Homicidio doloso") -> pd.DataFrame:
    """Load investigation files by municipality and month with exposure, ready for the models.

    Files and population are those taken in last. What has no population (files of "other" or "not
    specified" municipalities, years outside of the projections) is not in the panel: its files
    stand by code in ``attrs["without_population"]``.

    Parameters
    ----------
    crime : str
        A ``subtype`` of SESNSP, all its modalities together.

    Returns
    -------
    pandas.DataFrame
        One row a municipality and month: ``cve_ent, cve_mun, municipality, month, files``
        (investigation files), ``population`` (persons at mid-year), ``person_years``
        (= population x days in month / 365.25), ``rate`` (files per 100,000 person-years).

    Raises
    ------
    RequestError
        When the files have no such crime.
    DataError
        When no municipal files or populations were taken in; the message says which.
    """
    note_read("official", MUNICIPAL)
    note_read("official", POPULATION)
    files = query_official(root(), describe(MUNICIPAL))
    people = query_official(root(), describe(POPULATION))
    with duckdb.connect() as con:
        con.execute(f"CREATE VIEW official AS {files}")
        # Where a modality lacks that other municipalities have in the month, the sum is unknown.
        con.execute(
            "CREATE TABLE held AS SELECT * REPLACE (CASE WHEN n = max(n) OVER (PARTITION BY month) "
            "THEN files END AS files) FROM (SELECT cve_mun, month, year(month) AS year, "
            "any_value(municipality) AS municipality, count(files) AS n, sum(files) AS files "
            "FROM official WHERE subtype = ? GROUP BY ALL)",
            [crime],
        )
        if not con.execute("SELECT count(*) FROM held").fetchall()[0][0]:
            known = con.execute("SELECT DISTINCT subtype FROM official ORDER BY 1").fetchall()
            names = ", ".join(name for (name,) in known)
            raise RequestError(f'there is no crime "{crime}" in {MUNICIPAL}; it has {names}')
        both = con.execute(
            "SELECT cve_mun[:2] AS cve_ent, cve_mun, municipality, month, files, population "
            "FROM held LEFT JOIN (SELECT cve_mun, year, coalesce("
            "sum(population) FILTER (sex = 'both'), CASE WHEN count(population) = 2 "
            f"THEN sum(population) END) AS population FROM ({people}) GROUP BY ALL) "
            "USING (cve_mun, year) ORDER BY cve_mun, month"
        ).df()
    both = both.astype({"files": "Int64", "month": "datetime64[us]"})
    lost = both[both["population"].isna()].groupby("cve_mun")["files"].sum()
    panel = both.dropna(subset="population").astype({"population": "Int64"}).reset_index(drop=True)
    exposure = person_years(panel["population"].astype("float64"), panel["month"])
    panel = panel.assign(person_years=exposure, rate=panel["files"] / exposure * PER)
    panel = panel.astype({"rate": "float64"})
    panel.attrs = {"without_population": lost.to_dict()}
    rate = f"investigation files {RATE}"
    return credit(panel, [MUNICIPAL, POPULATION], files="investigation files", rate=rate)
