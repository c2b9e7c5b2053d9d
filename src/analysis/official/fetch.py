"""Official files from their addresses: a good file gives way to a better one, never to a bad one.

pooch (https://www.fatiando.org/pooch) keeps the download apart until it is whole; `Transfer` gets
the bytes; here it is decided whether what came is the file, and what becomes of the one in place.
"""

import json
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pooch

from analysis.errors import AnalysisError, RequestError
from analysis.files import hash_file, written_beside
from analysis.official.download import Limits, Transfer
from analysis.official.examine import examine

try:
    import fcntl
except ImportError:  # not on Windows, where two commands at a time are not kept apart
    fcntl = None  # type: ignore[assignment]

LIMITS = Limits()
RECORD = "downloads.json"
ROOM = ".fetch"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
HASH = re.compile(r"sha256:[0-9a-f]{64}")
SUFFIXES = {".csv", ".zip", ".gz", ".xlsx", ".dbf", ".txt"}
OWN = (".part", ".part.json", ".previous")


@dataclass(frozen=True)
class _Means:
    """What every file is fetched with."""

    limits: Limits
    wait: Callable[[float], None]
    recognise: Callable[[Path], str | None] | None
    tell: Callable[[str], None]
    verify: Path | None


def fetch_files(
    files: Sequence[dict[str, Any]],
    folder: Path,
    *,
    limits: Limits = LIMITS,
    wait: Callable[[float], None] = time.sleep,
    recognise: Callable[[Path], str | None] | None = None,
    tell: Callable[[str], None] | None = None,
    verify: Path | None = None,
) -> list[dict[str, Any]]:
    """Download files into a folder, each whole, checked, or not at all.

    A descriptor has ``name``; ``path``, the address of the file, or ``page``, where people find
    it, or both; and where known ``format``, ``hash`` (``sha256:…``), ``bytes`` (least and most)
    and ``file`` (the name on disk, else ``name`` with the ending of the address).

    What differs from the file in place depends on what is known of it. With a recorded checksum
    another content is an error: somebody compared that file, and results rest on it. Without one
    it is new data, since producers revise: it takes the place, and the old file stays beside as
    ``FILE.previous``. Less than half the size of the old one it is taken for a cut or a different
    file and refused, unless ``bytes`` allows the size. A table that its server announces shorter
    than it is looks whole; only ``bytes``, ``hash`` or the format tell, of an archive its end.

    Parameters
    ----------
    files : sequence of dict
        The descriptors.
    folder : pathlib.Path
        Where the files go, with ``downloads.json``, which keeps the last outcome of each.
    limits : Limits
        Times, sizes, tries.
    wait : callable
        Takes the seconds between two tries.
    recognise : callable, optional
        Names the official format of a file, which must be that of the descriptor.
    tell : callable, optional
        Takes lines on the progress.
    verify : pathlib.Path, optional
        The authorities to trust, in place of the usual ones.

    Returns
    -------
    list of dict
        One a file, in order: ``name, status, path, bytes, sha256, fetched, address, error``, and
        ``previous``, the SHA-256 of the file that was replaced. ``status`` is ``new``,
        ``changed``, ``unchanged``, ``failed`` or ``by hand`` (there is only a page; ``error`` says
        what to do). ``path, bytes, sha256`` are of the file that is in place, also after a
        failure, ``fetched`` the time when it last was what the address gives.

    Raises
    ------
    RequestError
        When a descriptor is wrong or another command is at work in the folder; nothing was
        started.
    """
    targets = [folder / _file_name(file) for file in files]
    for names in ([file["name"] for file in files], [target.name for target in targets]):
        if doubles := {name for name in names if names.count(name) > 1}:
            raise RequestError(f"two descriptors are called or fill {', '.join(sorted(doubles))}")
    means = _Means(limits, wait, recognise, tell or (lambda line: None), verify)
    outcomes = []
    with _room(folder) as room:
        record = _read_record(folder / RECORD)
        for file, target in zip(files, targets, strict=True):
            outcome, validator = _fetch(file, target, room, record.get(file["name"], {}), means)
            record[file["name"]] = outcome | {"path": target.name, "validator": validator}
            # After each file, so that an interruption loses no outcome.
            with written_beside(folder / RECORD) as path:
                text = json.dumps({"files": record}, indent=1, ensure_ascii=False)
                path.write_text(text + "\n", "utf-8")
            outcomes.append(outcome)
    return outcomes


def _file_name(file: dict[str, Any]) -> str:
    """Give the name on disk after looking whether the descriptor is one."""
    name = str(file.get("name", ""))
    where = f'descriptor "{name[:80]}"'
    try:
        ending = Path(urlsplit(file.get("path") or "").path).suffix.lower()
    except ValueError as error:
        raise RequestError(f"{where}: {file['path']} is no address ({error})") from error
    target = str(file.get("file") or name + (ending if ending in SUFFIXES else ""))
    for text in (name, target):
        if not NAME.fullmatch(text) or text.endswith(OWN) or text == RECORD:
            raise RequestError(
                f'{where}: "{text[:80]}" can not name a file in the folder; expected letters, '
                "digits, dots, hyphens and underlines"
            )
    if not (file.get("path") or file.get("page")):
        raise RequestError(f'{where} has neither "path" nor "page"; expected an address')
    if "hash" in file and not HASH.fullmatch(file["hash"]):
        raise RequestError(f'{where}: hash "{file["hash"]}"; expected sha256: and 64 digits')
    size = file.get("bytes", [1, 1])
    if len(size) != 2 or not 0 < size[0] <= size[1]:
        raise RequestError(f"{where}: bytes {size}; expected the least and the most")
    return target


@contextmanager
def _room(folder: Path) -> Iterator[Path]:
    """Give a place for what is not finished, to one command at a time.

    Two that append to the same part would splice it.
    """
    # Whole, since pooch takes a leading tilde for the home of a user.
    home = (folder / ROOM).resolve()
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            if fcntl:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RequestError(
                f"another command is fetching into {folder}; wait until it has finished"
            ) from error
        for left in home.iterdir():
            if left.is_dir():
                shutil.rmtree(left)
        with tempfile.TemporaryDirectory(dir=home) as room:
            yield Path(room)


def _read_record(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8"))["files"])
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError) as error:
        raise RequestError(f"{path} is not the record of downloads; delete it") from error


def _fetch(
    file: dict[str, Any], target: Path, room: Path, last: dict[str, Any], means: _Means
) -> tuple[dict[str, Any], str]:
    """Fetch one file; give the outcome, and what the server said of the file in place."""
    before = hash_file(target) if target.is_file() else None
    # The record counts as long as the file in place is the one that it is about.
    kept = last if before and last.get("sha256") == before else {}
    validator, fetched, error = kept.get("validator", ""), kept.get("fetched"), None
    if not file.get("path"):
        status = "by hand"
        error = f"{file['name']} has no lasting address: {_by_hand(file)}"
    elif before and file.get("hash") == f"sha256:{before}":
        status = "unchanged"
    else:
        known = validator if kept.get("address") == file["path"] and "hash" not in file else ""
        transfer = _transfer(file, target, known, means)
        try:
            status = _take(file, target, before, room, transfer, means)
            validator, fetched = transfer.validator or validator, _now()
        except (AnalysisError, OSError) as fault:
            status, error = "failed", _tell_fault(file, target, fault, transfer)
    there = target.is_file()
    outcome = {
        "name": file["name"],
        "status": status,
        "path": str(target) if there else None,
        "bytes": target.stat().st_size if there else None,
        "sha256": hash_file(target) if there else None,
        "fetched": fetched,
        "address": file.get("path") or file["page"],
        "error": error,
        "previous": before if status == "changed" else None,
    }
    means.tell(error or f"{file['name']}: {status}, {outcome['bytes']:,} bytes")
    return outcome, validator


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _by_hand(file: dict[str, Any]) -> str:
    return (
        f"download it in a browser from {file['page']} and take it in with "
        "`analysis data import FILE`"
    )


def _tell_fault(file: dict[str, Any], target: Path, fault: Exception, transfer: Transfer) -> str:
    """Say in one line what happened and what to do."""
    if isinstance(fault, OSError):
        where = fault.filename or target
        text = f"{where} can not be written ({fault.strerror or fault}); make room and run it again"
    else:
        text = str(fault)
    if transfer.notes.is_file() and transfer.part.stat().st_size:
        text += ". What came is kept, and the next run goes on from there"
    if file.get("page"):
        text += f". Or {_by_hand(file)}"
    return f"{file['name']} from {file['path']}: {text}"


def _transfer(file: dict[str, Any], target: Path, known: str, means: _Means) -> Transfer:
    return Transfer(
        target.with_name(f"{target.name}.part"),
        means.limits,
        means.wait,
        lambda line: means.tell(f"{file['name']}: {line}"),
        verify=means.verify,
        known=known,
        checked="hash" in file,
    )


def _take(
    file: dict[str, Any],
    target: Path,
    before: str | None,
    room: Path,
    transfer: Transfer,
    means: _Means,
) -> str:
    """Get the file, look at it, and move it into place."""
    # pooch would print the hash of every file that has none recorded, and praise it.
    pooch.get_logger().setLevel("WARNING")
    transfer.tell(f"from {file['path']}")
    got = pooch.retrieve(
        file["path"], known_hash=None, fname=target.name, path=room, downloader=transfer
    )
    staged = Path(got)
    if transfer.unchanged:
        return "unchanged"
    try:
        examine(staged, file, target, means.recognise)
        if hash_file(staged) == before:
            return "unchanged"
        if before:
            # A copy, so that there is a good file in place at every moment.
            with written_beside(target.with_name(f"{target.name}.previous")) as beside:
                shutil.copy2(target, beside)
        staged.replace(target)
    finally:
        staged.unlink(missing_ok=True)
    return "changed" if before else "new"
