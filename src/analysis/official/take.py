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
from analysis.official.feed import bring_up_to_date
from analysis.official.findings import Finding
from analysis.official.formats import find_format
from analysis.official.read import read_official
from analysis.official.record import begin_manifest, describe_tables, keep_reading
from analysis.sources import hash_file, root
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
                with read_official(path, as_format=as_format, only=crime) as reading:
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
        and set aside) beside.

    Raises
    ------
    RequestError
        When the file is none of the known formats.
    """
    _check_request([path], as_format)
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
        bring_up_to_date(manifest, folder)
        entry = manifest["files"][0]
        try:
            with on_trial(folder):
                for table in manifest["raw"]:
                    read_table(table)
        except DataError as error:
            fix = "analysis data import would take nothing in"
            found = Finding("error", "differs", str(error), "figures that can be used", fix)
            entry["findings"].append(found.to_dict())
    return {key: entry[key] for key in reading.to_dict()}


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
        held = [file["sha256"] for file in vintage["files"]]
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
