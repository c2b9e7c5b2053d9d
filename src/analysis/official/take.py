"""Take official files in: every row accounted for, all of it or nothing, as a new vintage."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.cleaning.build import build_tables
from analysis.cleaning.corrections import read_table
from analysis.errors import DataError, RequestError
from analysis.files import hash_file
from analysis.official.feed import bring_up_to_date
from analysis.official.findings import Finding
from analysis.official.formats import find_format
from analysis.official.read import DOCUMENT, read_official
from analysis.official.record import begin_manifest, describe_tables, keep_reading
from analysis.sources import root
from analysis.vintages import FOLDER, list_vintages, on_trial

STAGING = ".part"


def import_files(
    paths: list[Path],
    *,
    as_format: str | None = None,
    crime: str = "",
    accept_faults: bool = False,
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
    accept_faults : bool
        Whether raw tables are brought up to date by files with errors, or that lack figures in
        use; these are missing then. Else such tables are held back: they stay as they are.
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
        When a file is none of the known formats, two files overlap, or a clock is wrong.
    DataError
        When no row can be used, or the tables can not be built with the new figures. Nothing is
        taken in then.
    """
    _check_request(paths, as_format)
    home = root() / FOLDER
    with _alone(home):
        hashes = [hash_file(path) if path.is_file() else "" for path in paths]
        if known := _known(hashes, crime, accept_faults):
            return {**known, "unchanged": True}
        with _staging(home) as folder:
            manifest = begin_manifest(hashes, crime)
            for path, digest in zip(paths, hashes, strict=True):
                tell(f"reading {path.name}")
                for reading in read_official(path, as_format=as_format, only=crime):
                    keep_reading(reading, path, digest, folder, manifest)
            describe_tables(manifest, folder)
            bring_up_to_date(manifest, folder, accept_faults=accept_faults)
            if manifest["raw"]:
                tell("building every table on trial")
                _check_buildable(folder)
            _flush(folder)
            folder.rename(home / manifest["id"])
            _flush(home)
    return {**manifest, "unchanged": False}


def check_file(path: Path, *, as_format: str | None = None) -> dict[str, Any]:
    """Read an official file and say what is wrong with it; nothing is changed.

    Returns
    -------
    dict
        The document of ``analysis data check --json``: ``file, format, encoding, rows,
        findings``, with ``packed``, ``table`` and ``account`` (rows and figures in, out, rejected
        and set aside) beside. Of an archive with several tables each finding names its ``file``,
        and ``tables`` has such a document a table.

    Raises
    ------
    RequestError
        When the file is none of the known formats.
    """
    _check_request([path], as_format)
    with TemporaryDirectory(prefix="analysis-") as name:
        folder, digest = Path(name), hash_file(path) if path.is_file() else ""
        manifest = begin_manifest([digest])
        lacking = []
        for reading in read_official(path, as_format=as_format):
            if reading.table and reading.account["rows"]["out"]:
                keep_reading(reading, path, digest, folder, manifest)
            else:
                lacking.append(reading.to_dict())
        if manifest["files"]:
            _check_figures(manifest, folder)
    return _join(path, [*lacking, *manifest["files"]])


def _check_figures(manifest: dict[str, Any], folder: Path) -> None:
    """Hold what was read against the figures in use, as an import would."""
    describe_tables(manifest, folder)
    bring_up_to_date(manifest, folder)
    try:
        with on_trial(folder):
            for table in manifest["raw"]:
                read_table(table)
    except DataError as error:
        fix = "analysis data import would take nothing in"
        found = Finding("error", "differs", str(error), "figures that can be used", fix)
        manifest["files"][0]["findings"].append(found.to_dict())


def _join(path: Path, found: list[dict[str, Any]]) -> dict[str, Any]:
    """Give the document of a file: of an archive with several tables one for all of them."""
    found = [{key: item[key] for key in DOCUMENT} for item in found]
    if len(found) == 1:
        return found[0]
    return {
        "file": path.name,
        **{key: ", ".join({item[key]: "" for item in found}) for key in ("format", "encoding")},
        "rows": sum(item["rows"] for item in found),
        "findings": [{**one, "file": item["file"]} for item in found for one in item["findings"]],
        "tables": found,
    }


def _check_request(paths: list[Path], as_format: str | None) -> None:
    """Refuse an unknown format and names that can not be written down."""
    if as_format:
        find_format(as_format)
    for path in paths:
        try:
            str(path).encode()
        except UnicodeEncodeError as error:
            shown = str(path).encode("utf-8", "replace").decode()
            raise RequestError(f"the name {shown} is not in UTF-8; rename the file") from error


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


def _flush(folder: Path) -> None:
    """Bring a folder and its files to the disk, so that a power cut leaves no half vintage."""
    for path in [*(file for file in folder.iterdir() if file.is_file()), folder]:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


def _known(hashes: list[str], crime: str, accept_faults: bool) -> dict[str, Any] | None:
    """Find the same files in force, where no later vintage holds the same tables."""
    later: set[str] = set()
    for vintage in reversed(list_vintages(root())):
        # An archive may hold several.
        held = list(dict.fromkeys(file["sha256"] for file in vintage["files"]))
        same = held == hashes and vintage["crime"] == crime
        same = same and not (accept_faults and vintage["held_back"])
        if same and not later & set(vintage["tables"]):
            return vintage
        later |= set(vintage["tables"])
    return None


def _check_buildable(folder: Path) -> None:
    """Build every table with the new figures: no report is ever to meet what can not be built."""
    try:
        with on_trial(folder):
            build_tables()
    except DataError as error:
        raise DataError(
            f"nothing was taken in, since the tables can not be built: {error}"
        ) from error
