"""The raw tables: where they are, what their descriptors say, and whether they are whole.

``data/raw/datapackage.json`` (Frictionless) describes every raw table; beside this module,
``derived.json`` describes every table that is built from them and ``official.json`` every table
that official files can hold. Nothing else names a table.
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.columns import column_dtype
from analysis.descriptors import DESCRIPTORS, read_package
from analysis.errors import DataError, RequestError, unknown
from analysis.files import hash_file
from analysis.reads import note_read
from analysis.vintages import (
    LATEST,
    bring_up_to_date,
    chosen_vintage,
    describe_official,
    list_vintages,
)

# What to do about a raw table that is missing, and about one that has changed.
RESTORE = (
    "restore it, for example with git",
    "Raw tables are never edited: restore the file, or, for a new vintage, record its hash, rows "
    "and date there",
)
# The code of the nation, which some tables have beside the states.
NATION = "00"
_project: ContextVar[Path | None] = ContextVar("project", default=None)


@contextmanager
def in_project(folder: Path) -> Iterator[None]:
    """Read another project's tables inside a ``with`` block: its folder, or its ``data/raw``.

    Raises
    ------
    RequestError
        When the folder holds no project.
    """
    place = folder.resolve()
    if (place / Path(DESCRIPTORS).name).is_file() and len(place.parents) > 1:
        place = place.parents[1]
    if not (place / DESCRIPTORS).is_file():
        raise RequestError(f"no project in {folder}; expected a folder that holds {DESCRIPTORS}")
    before = _project.set(place)
    try:
        yield
    finally:
        _project.reset(before)


@cache
def _places(folder: Path) -> list[tuple[Path, Path]]:
    """Give the folders that may be the project, and where their descriptors would be."""
    places = (folder, *folder.parents, Path(__file__).resolve().parents[2])
    return [(place, place / DESCRIPTORS) for place in places]


def root() -> Path:
    """Give the project folder: the nearest above the working folder, else this checkout.

    Raises
    ------
    RequestError
        When no folder holds ``data/raw/datapackage.json``.
    """
    if chosen := _project.get():
        return chosen
    for place, descriptors in _places(Path.cwd()):
        if descriptors.is_file():
            return place
    raise RequestError(f"no project here: {DESCRIPTORS} was not found in {Path.cwd()} or above it")


def raw_folder() -> Path:
    """Give the folder of the raw tables."""
    return root() / "data" / "raw"


def processed_folder() -> Path:
    """Give the folder of the built tables; those of an earlier vintage have one of their own."""
    folder, vintage = root() / "data" / "processed", chosen_vintage()
    return folder if vintage == LATEST else folder / f"as-of-{vintage}"


def raw_tables() -> dict[str, dict[str, Any]]:
    """Give the descriptor of every raw table by name, as the vintages in force leave it."""
    package, vintages = read_package(root() / DESCRIPTORS), list_vintages(root())
    return {table["name"]: bring_up_to_date(table, vintages) for table in package["resources"]}


def derived_tables() -> dict[str, dict[str, Any]]:
    """Give the descriptor of every built table by name."""
    raw = raw_tables()
    return {name: _reaching(table, raw) for name, table in _own_tables("derived.json").items()}


def _reaching(table: dict[str, Any], raw: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Let the coverage of a monthly table follow the raw tables by month that it is built from."""
    if "month" not in table["schema"]["primaryKey"]:
        return table
    lasts = [raw[name]["coverage"]["last"] for name in table["built_from"]]
    last = max(text for text in lasts if len(text) == len("2000-01"))
    return {**table, "coverage": {**table["coverage"], "last": last}}


def official_tables() -> dict[str, dict[str, Any]]:
    """Give the descriptor of every table that official files can hold, by name.

    One that files were taken in for has ``coverage`` (of all of them), ``vintage``, ``hash`` (of
    its parts) and, where there is one vintage only, ``rows``.
    """
    return describe_official(_own_tables("official.json"), list_vintages(root()))


def _own_tables(file: str) -> dict[str, dict[str, Any]]:
    package = read_package(Path(__file__).with_name(file))
    tables = {resource["name"]: resource for resource in package["resources"]}
    return {name: {**tables[table.get("same_as", name)], **table} for name, table in tables.items()}


def describe(name: str) -> dict[str, Any]:
    """Give the descriptor of a raw, built or official table.

    Raises
    ------
    RequestError
        When there is no such table; the message lists the names.

    Examples
    --------
    >>> describe("guard_deployment_state_month")["row"]
    'a state and month'
    """
    tables = raw_tables()
    for others in (derived_tables, official_tables):
        if name not in tables:
            tables = tables | others()
    if name not in tables:
        raise unknown("table", name, tables)
    note_read("about", name)
    return tables[name]


def has_states(name: str) -> bool:
    """Tell whether a table has rows by state."""
    return "cve_ent" in (field["name"] for field in describe(name)["schema"]["fields"])


def raw_path(name: str) -> Path:
    """Give the path of a raw table after checking that the file is the described one.

    Raises
    ------
    DataError
        When the file is missing or its SHA-256 is not the recorded one.
    """
    return _check_file(raw_tables()[name])


def _check_file(table: dict[str, Any]) -> Path:
    path = raw_folder() / table["path"]
    shown, restore, mend = f"data/raw/{table['path']}", *RESTORE
    if vintage := table.get("imported"):
        shown = f"data/imported/{vintage}/{path.name}"
        restore = f"delete the folder data/imported/{vintage} and take the official file in again"
        mend = f"Files of a vintage are never edited: {restore}"
    if not path.is_file():
        raise DataError(f"{shown} is missing; {restore}")
    found, expected = hash_file(path), table["hash"].removeprefix("sha256:")
    if found != expected:
        record = f"data/imported/{vintage}/import.json" if vintage else DESCRIPTORS
        raise DataError(
            f"{shown} has changed: sha256 {found[:12]}…, expected {expected[:12]}… as recorded in "
            f"{record}. {mend}"
        )
    return path


def read_rows(name: str, *, state: str = "") -> list[dict[str, str]]:
    """Read a raw table, or its rows of one state and the nation, as text without checks."""
    return read_text(name, state=state).to_dict("records")


def read_text(name: str, *, state: str = "") -> pd.DataFrame:
    """Read a raw table, or its rows of one state and the nation, as text in a frame."""
    path = raw_path(name)
    note_read("raw", name, state)
    return _read_text(path, path.stat().st_mtime_ns, state)


@cache
def _read_text(path: Path, changed: int, state: str) -> pd.DataFrame:
    if state:
        frame = _read_text(path, changed, "")
        return frame[frame["cve_ent"].isin([NATION, state])]
    # Objects: Python's own text, which goes into rows fastest.
    return pd.read_csv(path, dtype="object", keep_default_na=False)


def read_raw(name: str) -> pd.DataFrame:
    """Read a raw table with the types of its descriptor, as found, faults included.

    Raises
    ------
    DataError
        When the file is not the described one, or a column or value has the wrong type.

    Examples
    --------
    >>> read_raw("guard_deployment_state_month").dtypes.astype(str).to_dict()
    {'cve_ent': 'str', 'month': 'datetime64[us]', 'guards': 'int64'}
    """
    fields = raw_tables()[name]["schema"]["fields"]
    note_read("raw", name)
    try:
        frame = pd.read_csv(
            raw_path(name), dtype="str", keep_default_na=False, na_values=[""], index_col=False
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeError) as error:
        raise DataError(f"data/raw/{name}.csv can not be read as CSV: {error}") from error
    expected = [field["name"] for field in fields]
    if list(frame.columns) != expected:
        raise DataError(
            f"data/raw/{name}.csv has columns {list(frame.columns)}; expected {expected}"
        )
    if len(frame) != raw_tables()[name]["rows"]:
        raise DataError(
            f"data/raw/{name}.csv has {len(frame)} rows; expected {raw_tables()[name]['rows']} as "
            "recorded in data/raw/datapackage.json"
        )
    for field in fields:
        frame[field["name"]] = _typed(frame[field["name"]], field, name)
    frame.attrs["sources"] = [name]
    return frame


def _typed(column: pd.Series, field: dict[str, Any], table: str) -> pd.Series:
    dtype = column_dtype(field)
    if dtype == "str":
        return column
    if dtype.startswith("datetime"):
        typed = pd.to_datetime(column, format="%Y-%m", errors="coerce").astype(dtype)
    else:
        typed = pd.to_numeric(column, errors="coerce")
    wrong = column.notna() & typed.isna()
    if dtype in ("int64", "Int64"):
        wrong |= typed.notna() & typed.mod(1).ne(0)
    if field.get("constraints", {}).get("required"):
        wrong |= column.isna()
    if wrong.any():
        row = wrong.idxmax()
        found = "empty" if pd.isna(column[row]) else f'"{column[row]}"'
        raise DataError(
            f"data/raw/{table}.csv row {row + 2}: {field['name']} is {found}; expected "
            f"{field['type']} ({wrong.sum()} such rows)"
        )
    return typed.astype(dtype)


def fingerprint() -> str:
    """Give one SHA-256 over every file and descriptor in force: the state of the data.

    Of official files taken in it holds their own hashes, not when they were taken in: the same
    files give the same state anywhere.

    Raises
    ------
    DataError
        When a raw file is not the described one.
    """
    digest = hashlib.sha256()
    own = (Path(__file__).with_name(name) for name in ("derived.json", "official.json"))
    for path in (root() / DESCRIPTORS, *own):
        digest.update(hash_file(path).encode())
    for vintage in list_vintages(root()):
        for file in vintage["files"]:
            digest.update(f"{file['sha256']} {vintage['crime']}".encode())
    for table in raw_tables().values():
        digest.update(hash_file(_check_file(table)).encode())
    return digest.hexdigest()
