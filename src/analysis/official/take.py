"""Take official files in: every row accounted for, all of it or nothing, as a new vintage."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from analysis.cleaning.build import build_tables
from analysis.errors import DataError, RequestError
from analysis.official.findings import Finding
from analysis.official.read import read_official
from analysis.official.record import (
    begin_manifest,
    bring_up_to_date,
    describe_tables,
    keep_reading,
    key_of,
)
from analysis.sources import hash_file, root
from analysis.vintages import FOLDER, list_vintages, on_trial

STAGING = ".part"


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
            manifest = begin_manifest(hashes, crime)
            for path, digest in zip(paths, hashes, strict=True):
                tell(f"reading {path.name}")
                with read_official(path, as_format=as_format, only=crime) as reading:
                    keep_reading(reading, path, digest, folder, manifest)
            describe_tables(manifest, folder)
            for name, cells in bring_up_to_date(manifest, folder).items():
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
        folder, digest = Path(name), hash_file(path)
        manifest = begin_manifest([digest])
        keep_reading(reading, path, digest, folder, manifest)
        describe_tables(manifest, folder)
        differences = bring_up_to_date(manifest, folder)
    entry = manifest["files"][0]
    found = [item for table in differences.items() for item in _tell_differences(*table)]
    entry["findings"] += [item.to_dict() for item in found]
    return {key: entry[key] for key in reading.to_dict()}


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


def _known(hashes: list[str], crime: str) -> dict[str, Any] | None:
    """Find the same files in force, where no later vintage holds the same tables."""
    later: set[str] = set()
    for vintage in reversed(list_vintages(root())):
        held = [file["sha256"] for file in vintage["files"]]
        same = held == hashes and vintage["crime"] == crime
        if same and not later & set(vintage["tables"]):
            return vintage
        later |= set(vintage["tables"])
    return None


def _refuse_gaps(name: str, cells: pd.DataFrame, accepted: bool) -> None:
    gone = cells[cells["change"].eq("gone")]
    if len(gone) and not accepted:
        raise DataError(
            f"{name} would lose {len(gone)} figures in use, the first {_cell(name, gone)}; "
            "nothing was taken in. Get the whole file, or say --accept-gaps if the producer has "
            "withdrawn them"
        )


def _cell(name: str, cells: pd.DataFrame) -> str:
    """Say which is the first cell of a comparison."""
    first = cells.iloc[0]
    key = ", ".join(first[key_of(name)])
    figures = " to ".join(text for text in (first["old"], first["new"]) if pd.notna(text))
    return f"{key} ({first['column']} {figures})"


def _check_buildable(folder: Path) -> None:
    """Build every table with the new figures: no report is ever to meet what can not be built."""
    try:
        with on_trial(folder):
            build_tables()
    except DataError as error:
        raise DataError(
            f"nothing was taken in, since the tables can not be built: {error}"
        ) from error
