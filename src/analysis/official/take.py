"""Take official files in: every row accounted for, all of it or nothing, as a new vintage."""

import fcntl
import json
import math
import os
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd

from analysis.cleaning.build import build_tables
from analysis.cleaning.revisions import CHANGES, compare_rows
from analysis.errors import DataError, RequestError
from analysis.official.adopt import Adopted, adopt, find_adoptions
from analysis.official.check import find_faults
from analysis.official.findings import Finding
from analysis.official.read import Reading, read_official, sum_figures
from analysis.sources import describe, hash_file, raw_tables, root
from analysis.vintages import FOLDER, MANIFEST, list_vintages, on_trial

STAGING = ".part"
# A table's vintage names so many files.
NAMED = 3
PARQUET = "(FORMAT parquet, COMPRESSION zstd)"


def import_files(
    paths: list[Path],
    *,
    as_format: str | None = None,
    crime: str = "",
    accept_gaps: bool = False,
    tell: Callable[[str], None] = lambda text: None,
) -> dict[str, Any]:
    """Take official files in as one vintage.

    Parameters
    ----------
    paths : list of pathlib.Path
        Files of any known format; of one table only parts that do not overlap.
    as_format : str, optional
        The format, where the content is not to be trusted.
    crime : str
        Only this crime (``subtype``); rows of others are counted and set aside.
    accept_gaps : bool
        Whether a raw table may lose figures that are in use.
    tell : callable
        Gets a line of text at each step.

    Returns
    -------
    dict
        The vintage's manifest (see `analysis.vintages.list_vintages`), with ``unchanged`` true,
        and nothing written, where the same files are already in force.

    Raises
    ------
    RequestError
        When a file is none of the known formats, or two files overlap.
    DataError
        When no row can be used, figures in use would be lost, or the tables can not be built with
        the new figures. Nothing is taken in then.
    """
    home = root() / FOLDER
    with _alone(home):
        hashes = [hash_file(path) if path.is_file() else "" for path in paths]
        if known := _known(hashes, crime):
            return {**known, "unchanged": True}
        with _staging(home) as folder:
            manifest = _begin(hashes)
            for number, (path, digest) in enumerate(zip(paths, hashes, strict=True)):
                tell(f"reading {path.name}")
                with read_official(path, as_format=as_format, only=crime) as reading:
                    entry = _keep(reading, folder, number, manifest)
                entry |= {"sha256": digest, "date": _date(path), "crime": crime}
                manifest["files"].append(entry)
            _describe_tables(manifest, folder)
            for name, cells in _adopt(manifest, folder).items():
                _refuse_gaps(name, cells, accept_gaps)
            if manifest["raw"]:
                tell("building every table on trial")
                _check_buildable(folder)
            folder.rename(home / manifest["id"])
    return {**manifest, "unchanged": False}


def check_file(path: Path, *, as_format: str | None = None) -> dict[str, Any]:
    """Read an official file and say what is wrong with it; nothing is changed.

    Returns
    -------
    dict
        The document of ``analysis data check --json``: ``file, format, encoding, rows,
        findings``, with ``packed``, ``table`` and ``account`` (rows and figures in, out, rejected
        and set aside) beside.

    Raises
    ------
    RequestError
        When the file is none of the known formats.
    """
    with (
        TemporaryDirectory(prefix="analysis-") as name,
        read_official(path, as_format=as_format) as reading,
    ):
        if not reading.table or not reading.account["rows"]["out"]:
            return reading.to_dict()
        folder = Path(name)
        manifest = _begin([hash_file(path)])
        document = _keep(reading, folder, 0, manifest)
        manifest["files"].append(document | {"sha256": hash_file(path), "date": _date(path)})
        _describe_tables(manifest, folder)
        differences = _adopt(manifest, folder)
        found = [item for table in differences.items() for item in _tell_differences(*table)]
    unknown_keys = ("part", "rejects")
    kept = {key: value for key, value in document.items() if key not in unknown_keys}
    return kept | {"findings": [*document["findings"], *(item.to_dict() for item in found)]}


def _tell_differences(name: str, cells: pd.DataFrame) -> list[Finding]:
    """Tell of figures in use that the file revises, or lacks."""
    revised, gone = (cells[cells["change"].eq(kind)] for kind in ("revised", "gone"))
    findings = []
    if len(revised):
        text = f"{len(revised)} figures of {name} that differ, the first {_cell(name, revised)}"
        fix = "A new edition revises; a damaged file differs too. To see each: analysis diff"
        findings.append(Finding("note", "differs", text, "the figures in use", fix))
    if len(gone):
        text = f"{len(gone)} figures of {name} that the file lacks, the first {_cell(name, gone)}"
        fix = "Get the whole file; analysis data import takes it only with --accept-gaps"
        findings.append(Finding("error", "missing row", text, "the figures in use", fix))
    return findings


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the only import; the lock goes with the process, however it ends."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RequestError("another import is running here; wait until it is done") from error
        yield


@contextmanager
def _staging(home: Path) -> Iterator[Path]:
    """Give a folder that is nobody's vintage; what a killed import left of one is removed."""
    for left in home.glob(f"{STAGING}-*"):
        shutil.rmtree(left)
    folder = home / f"{STAGING}-{os.getpid()}"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _begin(hashes: list[str]) -> dict[str, Any]:
    now = datetime.now(UTC)
    # Two imports within a second would else have no order.
    name = f"{now:%Y-%m-%dT%H%M%S}.{now.microsecond // 1000:03d}Z-{hashes[0][:8]}"
    taken = now.isoformat(timespec="seconds")
    return {"id": name, "taken": taken, "files": [], "tables": {}, "raw": {}}


def _known(hashes: list[str], crime: str) -> dict[str, Any] | None:
    """Find the same files in force, where no later vintage holds the same tables."""
    later: set[str] = set()
    for vintage in reversed(list_vintages(root())):
        held = [(file["sha256"], file["crime"]) for file in vintage["files"]]
        if held == [(digest, crime) for digest in hashes] and not later & set(vintage["tables"]):
            return vintage
        later |= set(vintage["tables"])
    return None


def _date(path: Path) -> str:
    """Give the day a file is from: that of its newest member in an archive, else its own."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            times = [info.date_time for info in archive.infolist() if info.date_time[0] > 1980]
        # A workbook is a zip file too, whose members are often of no date.
        if times and path.suffix.lower() == ".zip":
            return "{:04d}-{:02d}-{:02d}".format(*max(times)[:3])
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()


def _keep(reading: Reading, folder: Path, number: int, manifest: dict[str, Any]) -> dict[str, Any]:
    """Write what a file holds, and look at what was written."""
    rows = reading.account["rows"]
    if not reading.table or not rows["out"]:
        first = next((str(item) for item in reading.findings if item.level == "error"), "no rows")
        raise DataError(f"{reading.file}: no row can be used, nothing was taken in. {first}")
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
    document = reading.to_dict() | {"findings": [item.to_dict() for item in findings]}
    return document | {"part": part, "rejects": rejects}


def _copy(con: duckdb.DuckDBPyConnection, table: str, path: Path, options: str) -> None:
    con.execute(f"COPY (FROM {table}) TO '{str(path).replace(chr(39), chr(39) * 2)}' {options}")


def _describe_tables(manifest: dict[str, Any], folder: Path) -> None:
    """Count each table's rows, and refuse files that hold the same part of it."""
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


def _adopt(manifest: dict[str, Any], folder: Path) -> dict[str, pd.DataFrame]:
    """Bring the raw tables that the new figures concern up to date, as files of the vintage.

    Gives the cells that differ from those in use, by table; see `compare_rows`.
    """
    _write(manifest, folder)
    changes, differences = {}, {}
    with on_trial(folder):
        for item in [item for name in manifest["tables"] for item in find_adoptions(name)]:
            adopted = adopt(item)
            cells = compare_rows(adopted.before, adopted.after, _key(item.raw))
            differences[item.raw] = cells
            if adopted.new:
                changes[item.raw] = _change(item.raw, adopted, cells, manifest, folder)
    manifest["raw"] = changes
    _write(manifest, folder)
    return differences


def _refuse_gaps(name: str, cells: pd.DataFrame, accepted: bool) -> None:
    gone = cells[cells["change"].eq("gone")]
    if len(gone) and not accepted:
        raise DataError(
            f"{name} would lose {len(gone)} figures in use, the first {_cell(name, gone)}; "
            "nothing was taken in. Get the whole file, or say --accept-gaps if the producer has "
            "withdrawn them"
        )


def _key(table: str) -> list[str]:
    return list(raw_tables()[table]["schema"]["primaryKey"])


def _cell(name: str, cells: pd.DataFrame) -> str:
    """Say which is the first cell of a comparison."""
    first = cells.iloc[0]
    key = ", ".join(first[_key(name)])
    figures = " to ".join(text for text in (first["old"], first["new"]) if pd.notna(text))
    return f"{key} ({first['column']} {figures})"


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


def _check_buildable(folder: Path) -> None:
    """Build every table with the new figures: no report is ever to meet what can not be built."""
    try:
        with on_trial(folder):
            build_tables()
    except DataError as error:
        raise DataError(
            f"nothing was taken in, since the tables can not be built: {error}"
        ) from error


def _write(manifest: dict[str, Any], folder: Path) -> None:
    text = json.dumps(manifest, indent=1, ensure_ascii=False, default=str) + "\n"
    (folder / MANIFEST).write_text(text, "utf-8")
