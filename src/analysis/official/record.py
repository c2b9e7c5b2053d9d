"""A vintage while it is made: its files, and what its manifest says of them."""

import json
import math
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from analysis.cleaning.revisions import CHANGES, compare_rows
from analysis.errors import DataError, RequestError
from analysis.official.adopt import Adopted, adopt, find_adoptions
from analysis.official.check import find_faults
from analysis.official.read import Reading, sum_figures
from analysis.sources import describe, hash_file, raw_tables
from analysis.vintages import MANIFEST, on_trial

# A table's vintage names so many files.
NAMED = 3
PARQUET = "(FORMAT parquet, COMPRESSION zstd)"


def begin_manifest(hashes: list[str], crime: str = "") -> dict[str, Any]:
    """Begin the manifest of a vintage: its id from the time and the first file's SHA-256."""
    now = datetime.now(UTC)
    # Two imports within a second would else have no order.
    name = f"{now:%Y-%m-%dT%H%M%S}.{now.microsecond // 1000:03d}Z-{hashes[0][:8]}"
    taken = now.isoformat(timespec="seconds")
    return {"id": name, "taken": taken, "crime": crime, "files": [], "tables": {}, "raw": {}}


def keep_reading(
    reading: Reading, path: Path, digest: str, folder: Path, manifest: dict[str, Any]
) -> None:
    """Write what a file holds into the folder, look at what was written, and enter it.

    Raises
    ------
    DataError
        When no row can be used, or not all was written.
    """
    rows = reading.account["rows"]
    if not reading.table or not rows["out"]:
        first = next((str(item) for item in reading.findings if item.level == "error"), "no rows")
        raise DataError(f"{reading.file}: no row can be used, nothing was taken in. {first}")
    number = len(manifest["files"])
    part, rejects = f"{reading.table}-{number}.parquet", f"rejects-{number}.csv"
    _copy(reading.con, "tidy", folder / part, PARQUET)
    _copy(reading.con, "rejects", folder / rejects, "(FORMAT csv, HEADER)")
    # From here on what is on disk is looked at, which is also faster than to make it again.
    written = str(folder / part).replace("'", "''")
    reading.con.execute(f"CREATE OR REPLACE VIEW tidy AS FROM read_parquet('{written}')")
    kept, expected = sum_figures(reading), reading.account["figures"]["out"]
    if not math.isclose(kept, expected, rel_tol=1e-9, abs_tol=1e-6):
        raise DataError(f"{reading.file}: {kept} written, {expected} read; is the disk full?")
    table = manifest["tables"].setdefault(reading.table, {"parts": []})
    table["parts"].append(part)
    findings = [*reading.findings, *find_faults(reading)]
    entry = reading.to_dict() | {"findings": [item.to_dict() for item in findings]}
    entry |= {"part": part, "rejects": rejects, "sha256": digest, "date": _date(path)}
    manifest["files"].append(entry)


def _copy(con: duckdb.DuckDBPyConnection, table: str, path: Path, options: str) -> None:
    con.execute(f"COPY (FROM {table}) TO '{str(path).replace(chr(39), chr(39) * 2)}' {options}")


def describe_tables(manifest: dict[str, Any], folder: Path) -> None:
    """Count each table's rows and say what they cover.

    Raises
    ------
    RequestError
        When two files hold the same part of a table.
    """
    for name, table in manifest["tables"].items():
        descriptor = describe(name)
        files = [str(folder / part) for part in table["parts"]]
        keys = ", ".join(descriptor["replaces"])
        with duckdb.connect() as con:
            both = con.execute(
                f"SELECT {keys}, min(filename), max(filename) "
                "FROM read_parquet(?, filename = true) "
                f"GROUP BY {keys} HAVING count(DISTINCT filename) > 1 ORDER BY ALL LIMIT 1",
                [files],
            ).fetchone()
            if both:
                *part, one, two = both
                names = [manifest["files"][_number(file)]["file"] for file in (one, two)]
                raise RequestError(
                    f"{names[0]} and {names[1]} both hold {', '.join(map(str, part))} of {name}; "
                    "give one of them, or both one after the other. Nothing was taken in"
                )
            time = next(c for c in ("month", "year") if c in _columns(descriptor))
            text = "strftime(month, '%Y-%m')" if time == "month" else "CAST(year AS VARCHAR)"
            rows, first, last = con.execute(
                f"SELECT count(*), min({text}), max({text}) FROM read_parquet(?)", [files]
            ).fetchall()[0]
        table |= {"rows": rows, "coverage": {"first": first, "last": last}}


def _number(part: str) -> int:
    return int(Path(part).stem.rpartition("-")[2])


def _columns(descriptor: dict[str, Any]) -> list[str]:
    return [field["name"] for field in descriptor["schema"]["fields"]]


def bring_up_to_date(manifest: dict[str, Any], folder: Path) -> dict[str, pd.DataFrame]:
    """Bring the raw tables that the new figures concern up to date, as files of the vintage.

    Gives the cells that differ from those in use, by table; see `compare_rows`.
    """
    _write(manifest, folder)
    changes, differences = {}, {}
    with on_trial(folder):
        for item in [item for name in manifest["tables"] for item in find_adoptions(name)]:
            adopted = adopt(item)
            cells = compare_rows(adopted.before, adopted.after, key_of(item.raw))
            differences[item.raw] = cells
            if adopted.new:
                changes[item.raw] = _change(item.raw, adopted, cells, manifest, folder)
    manifest["raw"] = changes
    _write(manifest, folder)
    return differences


def _date(path: Path) -> str:
    """Give the day a file is from: that of its newest member in an archive, else its own."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            times = [info.date_time for info in archive.infolist() if info.date_time[0] > 1980]
        # A workbook is a zip file too, whose members are often of no date.
        if times and path.suffix.lower() == ".zip":
            return "{:04d}-{:02d}-{:02d}".format(*max(times)[:3])
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()


def _change(
    name: str, adopted: Adopted, cells: pd.DataFrame, manifest: dict[str, Any], folder: Path
) -> dict[str, Any]:
    """Write a raw table's new file, and what its descriptor says of it."""
    path, after = folder / f"{name}.csv", adopted.after
    after.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    time = after["month"] if "month" in after else after["year"]
    table = raw_tables()[name]
    counts = cells["change"].value_counts().to_dict()
    change = {
        "path": path.name,
        "rows": len(after),
        "bytes": path.stat().st_size,
        "hash": f"sha256:{hash_file(path)}",
        "coverage": {"first": time.min(), "last": time.max()},
        "cells": {kind: int(counts.get(kind, 0)) for kind in CHANGES},
    }
    flags = {"flags": adopted.flags} if adopted.flags else {}
    return change | flags | _name_vintage(table, manifest, adopted.kept)


def _name_vintage(table: dict[str, Any], manifest: dict[str, Any], kept: int) -> dict[str, Any]:
    """Say which files a raw table rests on, newest first, and on what its other rows do."""
    taken = manifest["taken"][:10]
    files = [
        f"{file['file']} ({file['date']}, sha256 {file['sha256'][:8]}), taken in on {taken}"
        for file in manifest["files"]
    ]
    rest = table.get("rest", table["vintage"]) if kept else ""
    files += table.get("rests_on", []) if kept else []
    shown = files[:NAMED] + ([f"{len(files) - NAMED} more files"] if len(files) > NAMED else [])
    text = "; ".join([*shown, *([f"the rest: {rest}"] if rest else [])])
    return {"rests_on": files, "rest": rest, "vintage": text}


def key_of(table: str) -> list[str]:
    """Give the columns that name a row of a raw table."""
    return list(raw_tables()[table]["schema"]["primaryKey"])


def _write(manifest: dict[str, Any], folder: Path) -> None:
    text = json.dumps(manifest, indent=1, ensure_ascii=False, default=str) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8")
