"""Build every table as Parquet with a manifest, and load what was built."""

import hashlib
import json
import time
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from analysis.calendar import month_span
from analysis.cleaning.corrections import read_table
from analysis.cleaning.official import load_official
from analysis.cleaning.panel import build_national_month, build_national_year, build_panel
from analysis.columns import list_units
from analysis.errors import DataError, RequestError, unknown
from analysis.files import hash_code, hash_file, written_beside
from analysis.geography import find_state
from analysis.reads import note_read
from analysis.sources import (
    NATION,
    derived_tables,
    describe,
    fingerprint,
    has_states,
    official_tables,
    processed_folder,
    raw_tables,
)

MANIFEST = "manifest.json"
# The code that the built tables depend on, below ``analysis``.
BUILDERS = ("*.py", "cleaning/*.py")


def build_data() -> dict[str, Any]:
    """Build all tables into ``data/processed/`` and give the manifest.

    Returns
    -------
    dict
        ``data`` and ``code`` (hashes of what went in), ``built`` (time), ``seconds`` and
        ``tables``: by name ``kind, sha256, rows_in, rows_out, corrected`` (each correction with
        its rows), ``flags`` (rows by flag) and ``content`` (SHA-256 of the rows, of all under the
        empty name and by state).

    Raises
    ------
    DataError
        When a raw table is not what its descriptor says, or a correction no longer fits. The
        tables built before stay as they were.
    """
    start = time.perf_counter()
    state = fingerprint()
    tables = build_tables()
    for name, table in tables.items():
        with written_beside(processed_folder() / f"{name}.parquet") as path:
            table.to_parquet(path, index=False)
    manifest = {
        "data": state,
        "code": hash_code(BUILDERS),
        "built": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(time.perf_counter() - start, 2),
        "tables": {name: _account(name, table) for name, table in tables.items()},
    }
    with written_beside(processed_folder() / MANIFEST) as path:
        path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return manifest


def build_tables() -> dict[str, pd.DataFrame]:
    """Build all tables, checked, without writing any: by name, as ``describe(name)``.

    Raises
    ------
    DataError
        As `build_data`.
    """
    from analysis.schemas import validate  # as in `read_table`

    tables = {name: read_table(name) for name in raw_tables()}
    panel = build_panel()
    national_month = build_national_month(panel)
    tables |= {
        "panel": panel,
        "panel_as_found": build_panel(corrected=False),
        "national_month": national_month,
        "national_year": build_national_year(national_month),
    }
    for name in derived_tables():
        validate(tables[name], name)
    for name, table in tables.items():
        _check_coverage(name, table)
    return tables


def _check_coverage(name: str, table: pd.DataFrame) -> None:
    """Refuse a monthly table by state that lacks a state or the months its descriptor claims."""
    if not {"cve_ent", "month"} <= set(table):
        return
    coverage, months = describe(name)["coverage"], table["month"]
    first, last = month_span(months)
    if (first, last) != (coverage["first"], coverage["last"]) or table["cve_ent"].nunique() != 32:
        raise DataError(
            f"{name} holds {table['cve_ent'].nunique()} states from {first} to {last}; expected 32 "
            f"from {coverage['first']} to {coverage['last']} as its descriptor says"
        )


def _account(name: str, table: pd.DataFrame) -> dict[str, Any]:
    """Say what went in, what came out and what was changed or marked on the way."""
    descriptor = describe(name)
    flags = table["flags"].str.split(";").explode()
    rows_in = descriptor.get("rows")
    if rows_in is None:
        built_from = (name_in for name_in in descriptor["built_from"] if name_in in raw_tables())
        rows_in = sum(raw_tables()[name_in]["rows"] for name_in in built_from)
    return {
        "kind": "raw" if name in raw_tables() else "built",
        "file_sha256": hash_file(processed_folder() / f"{name}.parquet"),
        "sha256": descriptor.get("hash", "").removeprefix("sha256:") or None,
        "rows_in": rows_in,
        "rows_out": len(table),
        "corrected": [
            {key: correction[key] for key in ("id", "column", "found", "right", "rows", "reason")}
            for correction in descriptor.get("corrections", [])
        ],
        "flags": flags[flags.ne("")].value_counts().sort_index().to_dict(),
        "content": _hash_rows(table),
    }


def _hash_rows(table: pd.DataFrame) -> dict[str, str]:
    """Give the SHA-256 of all rows as CSV under the empty name, and of what a state is given."""
    parts = {"": table}
    for code in table["cve_ent"].unique() if "cve_ent" in table else []:
        parts[str(code)] = table[table["cve_ent"].isin([NATION, code])]
    texts = ((code, part.to_csv(index=False, lineterminator="\n")) for code, part in parts.items())
    return {code: hashlib.sha256(text.encode()).hexdigest() for code, text in texts}


def read_manifest() -> dict[str, Any] | None:
    """Give the manifest of the last build, or None where nothing readable was built."""
    path = processed_folder() / MANIFEST
    try:
        return json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def ensure_built() -> dict[str, Any]:
    """Give the manifest of the built tables, built anew where raw tables or code have changed.

    Raises
    ------
    DataError
        As `build_data`.
    """
    known = read_manifest()
    current = {"data": fingerprint(), "code": hash_code(BUILDERS)}
    if known is None or any(known.get(key) != value for key, value in current.items()):
        return build_data()
    return known


def load_table(name: str, *, state: str = "") -> pd.DataFrame:
    """Load a table as built, building first when the raw tables have changed.

    Parameters
    ----------
    name : str
        Any name of the catalogue.
    state : str
        Only the rows of this state, by name, code or abbreviation, and of the nation: a report
        that asks for no more need not be run again when figures of another state change.

    Returns
    -------
    pandas.DataFrame
        Columns and units as ``describe(name)``; ``attrs`` hold ``sources`` and ``units``.

    Raises
    ------
    RequestError
        When there is no such table or state, or the table has no states.

    Examples
    --------
    >>> load_table("guard_strength_national")["concept"].nunique()
    7
    >>> load_table("envipe_state_perception", state="GTO")["cve_ent"].unique().tolist()
    ['00', '11']
    """
    descriptor = describe(name)
    code = find_state(state).cve_ent if state else ""
    if code and not has_states(name):
        raise RequestError(f"{name} has no rows by state; load it without state")
    if name in official_tables():
        return load_official(name, where={"cve_ent": [NATION, code]} if code else None)
    note_read("table", name, code)
    path = processed_folder() / f"{name}.parquet"
    recorded = ensure_built()["tables"].get(name, {}).get("file_sha256")
    if not path.is_file() or hash_file(path) != recorded:
        build_data()
    table = pd.read_parquet(path)
    if code:
        table = table[table["cve_ent"].isin([NATION, code])].reset_index(drop=True)
    table.attrs = {
        "sources": descriptor.get("built_from", [name]),
        "units": list_units(descriptor),
    }
    return table


def load_panel(*, corrections: str = "on") -> pd.DataFrame:
    """Load the state-month panel.

    Parameters
    ----------
    corrections : {"on", "off"}
        ``off`` gives the figures as found, faults included.

    Returns
    -------
    pandas.DataFrame
        One row a state and month: ``cve_ent, state, month, homicides_sesnsp`` (victims),
        ``homicides_inegi`` (deaths), ``femicides, negligent_homicides`` (victims),
        ``population`` (persons), ``person_years, guards, guards_per_100k, rate_sesnsp,
        rate_inegi`` (per 100,000 person-years), ``flags``.

    Raises
    ------
    RequestError
        When ``corrections`` is neither ``on`` nor ``off``.

    Examples
    --------
    >>> panel = load_panel()
    >>> int(panel.query("month.dt.year == 2015")["homicides_sesnsp"].sum())
    17884
    """
    if corrections not in ("on", "off"):
        raise unknown("value of corrections", corrections, ["on", "off"])
    return load_table("panel" if corrections == "on" else "panel_as_found")


def _last_rows(descriptor: dict[str, Any]) -> pd.DataFrame:
    """Load the end of an official table, which may have tens of millions of rows."""
    if "vintage" not in descriptor:
        return pd.DataFrame()
    names = [field["name"] for field in descriptor["schema"]["fields"]]
    time = next(name for name in ("month", "year") if name in names)
    return load_official(descriptor["name"], where={time: descriptor["coverage"]["last"]})


def describe_table(name: str) -> dict[str, Any]:
    """Give a table's descriptor with its columns and the last known value of its figures.

    Raises
    ------
    RequestError
        When there is no such table.

    Examples
    --------
    >>> describe_table("guard_strength_national")["last value"]["date"]
    '2025-12-31'
    """
    descriptor = describe(name)
    columns = [
        {key: field.get(key) for key in ("name", "type", "unit", "description")}
        for field in descriptor["schema"]["fields"]
    ]
    table = _last_rows(descriptor) if name in official_tables() else load_table(name)
    time_columns = [c for c in ("month", "year", "date", "period") if c in table]
    last = table.sort_values(time_columns, kind="stable").iloc[-1] if time_columns else None
    shown = {} if last is None else {k: str(v) for k, v in last.items() if k != "flags"}
    return {**descriptor, "columns": columns, "last value": shown}
