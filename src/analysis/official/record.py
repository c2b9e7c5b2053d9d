"""A vintage while it is made: its files, and what its manifest says of them."""

import json
import math
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from analysis.errors import DataError, RequestError
from analysis.files import hash_file
from analysis.official.check import find_faults
from analysis.official.read import Reading, sum_figures
from analysis.sources import describe, root
from analysis.vintages import MANIFEST, list_vintages

PARQUET = "(FORMAT parquet, COMPRESSION zstd)"


def begin_manifest(hashes: list[str], crime: str = "") -> dict[str, Any]:
    """Begin the manifest of a vintage: its id from the time and the first file's SHA-256.

    Raises
    ------
    RequestError
        When a vintage is from a later time than now.
    """
    now = datetime.now(UTC)
    # Two imports within a second would else have no order.
    name = f"{now:%Y-%m-%dT%H%M%S}.{now.microsecond // 1000:03d}Z-{hashes[0][:8]}"
    later = [item["id"] for item in list_vintages(root(), every=True) if item["id"] >= name]
    if later:
        raise RequestError(
            f"the vintage {later[-1]} is later than now, {name[:21]}: a clock is wrong. "
            "Set it, or the new figures would not be the latest"
        )
    taken = now.isoformat(timespec="seconds")
    parts: dict[str, Any] = {"files": [], "tables": {}, "raw": {}, "held_back": {}}
    return {"id": name, "taken": taken, "crime": crime, **parts}


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
    if not math.isclose(kept, expected, rel_tol=1e-12):
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
        table["parts"] = {part: hash_file(folder / part) for part in table["parts"]}
        table |= {"rows": rows, "coverage": {"first": first, "last": last}}


def _number(part: str) -> int:
    return int(Path(part).stem.rpartition("-")[2])


def _columns(descriptor: dict[str, Any]) -> list[str]:
    return [field["name"] for field in descriptor["schema"]["fields"]]


def _date(path: Path) -> str:
    """Give the day a file is from: that of its newest member in an archive, else its own."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            times = [info.date_time for info in archive.infolist() if info.date_time[0] > 1980]
        # A workbook is a zip file too, whose members are often of no date.
        if times and path.suffix.lower() == ".zip":
            return "{:04d}-{:02d}-{:02d}".format(*max(times)[:3])
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()


def write_manifest(manifest: dict[str, Any], folder: Path) -> None:
    """Write the manifest of a vintage into its folder."""
    text = json.dumps(manifest, indent=1, ensure_ascii=False, default=str) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8")
