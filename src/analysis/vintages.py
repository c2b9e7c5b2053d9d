"""Vintages of official files: what was taken in, when, and which one each table now rests on.

A vintage is a folder of ``data/imported`` that appears whole or not at all, with its manifest
``import.json``. It holds official tables as Parquet, rejected rows with their reasons, and for
each raw table that it brings up to date a new CSV. The latest vintage is used; with
`as_of` an earlier state is.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

from analysis.errors import DataError, RequestError

FOLDER = "data/imported"
MANIFEST = "import.json"
KEYS = ("id", "taken", "crime", "files", "tables", "raw", "held_back")
# The state before anything was taken in, and the present one.
EMBEDDED, LATEST = "embedded", "latest"

_as_of: ContextVar[str] = ContextVar("as_of", default=LATEST)
_trial: ContextVar[Path | None] = ContextVar("trial", default=None)


def _read(path: Path) -> dict[str, Any]:
    state = path.stat()
    return _read_once(path, state.st_mtime_ns, state.st_size)


@cache
def _read_once(path: Path, changed: int, size: int) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        manifest = None
    named = path.parent.name if path.parent.parent.name == Path(FOLDER).name else None
    whole = isinstance(manifest, dict) and {*KEYS} <= set(manifest)
    # On trial a manifest lies in a folder of another name.
    if not whole or (named and named[0].isdigit() and named != manifest["id"]):
        raise DataError(
            f"{FOLDER}/{path.parent.name} is no vintage as it was made: {MANIFEST} is damaged, or "
            "the folder was copied or renamed. Move it away; if it was the only one, take the "
            "files in again"
        )
    return manifest


def list_vintages(project: Path, *, every: bool = False) -> list[dict[str, Any]]:
    """Give the manifests of the vintages in force, oldest first; ``every`` gives later ones too.

    Each has ``id, taken`` (UTC), ``crime`` (the only one taken, or empty), ``files`` (of each its
    name, SHA-256, date, format, account of rows and figures, findings), ``tables`` (official
    tables: parts with SHA-256, rows, coverage), ``raw`` (what changes in the descriptors of raw
    tables), ``held_back`` (raw tables that it does not feed, with the reason) and ``folder``, seen
    from ``data/raw``.

    Raises
    ------
    DataError
        When a folder of the name of a vintage is none.
    RequestError
        When tables are to be read as of a vintage that there is not.
    """
    home = project / FOLDER
    paths = sorted(home.glob(f"[0-9]*/{MANIFEST}")) if home.is_dir() else []
    found = [{**_read(path), "folder": f"../imported/{path.parent.name}"} for path in paths]
    last = _as_of.get()
    if last == EMBEDDED and not every:
        found = []
    elif last != LATEST and not every:
        if last not in [vintage["id"] for vintage in found]:
            raise RequestError(f'there is no vintage "{last}"; see find_vintage')
        found = [vintage for vintage in found if vintage["id"] <= last]
    if trial := _trial.get():
        found.append({**_read(trial / MANIFEST), "folder": str(trial.resolve())})
    return found


def find_vintage(project: Path, name: str) -> str:
    """Give the id of a vintage by its id, the beginning of it, ``embedded`` or ``latest``.

    Raises
    ------
    RequestError
        When no vintage, or more than one, has that name; the message lists them.
    """
    ids = [vintage["id"] for vintage in list_vintages(project, every=True)]
    if name in (EMBEDDED, LATEST):
        return name
    matching = [known for known in ids if known.startswith(name)]
    if len(matching) != 1 or not name:
        listed = ", ".join([EMBEDDED, *ids, LATEST])
        raise RequestError(f'"{name}" names {len(matching)} vintages; known are {listed}')
    return matching[0]


def chosen_vintage() -> str:
    """Give the vintage that tables are read as of; ``latest`` unless `as_of` says another."""
    return _as_of.get()


@contextmanager
def as_of(vintage: str) -> Iterator[None]:
    """Read tables as they were after a vintage, inside a ``with`` block; see `find_vintage`."""
    before = _as_of.set(vintage)
    try:
        yield
    finally:
        _as_of.reset(before)


@contextmanager
def on_trial(folder: Path) -> Iterator[None]:
    """Read tables as if a vintage that is still being made were in force."""
    before = _trial.set(folder)
    try:
        yield
    finally:
        _trial.reset(before)


def bring_up_to_date(table: dict[str, Any], vintages: list[dict[str, Any]]) -> dict[str, Any]:
    """Give a raw table's descriptor as the vintages in force leave it."""
    for vintage in vintages:
        if change := vintage["raw"].get(table["name"]):
            table = {**table, **_changed(table, change), "imported": vintage["id"]}
            table["path"] = f"{vintage['folder']}/{change['path']}"
    return table


def _changed(table: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """Let limits of time follow the coverage, and computed flags replace those of their name."""
    first, last = change["coverage"]["first"], change["coverage"]["last"]
    fields = []
    for field in table["schema"]["fields"]:
        limits = field.get("constraints", {})
        if field["type"] in ("yearmonth", "year") and {"minimum", "maximum"} & set(limits):
            ends = (
                (first, last) if field["type"] == "yearmonth" else (int(first[:4]), int(last[:4]))
            )
            limits = {**limits, "minimum": ends[0], "maximum": ends[1]}
        fields.append({**field, **({"constraints": limits} if limits else {})})
    name = change.get("flag")
    was = table.get("coverage", {}).get("last")
    flags = [_follow(flag, was, last) for flag in table.get("flags", []) if flag["flag"] != name]
    corrections = [
        item for item in table.get("corrections", []) if item["id"] not in change["withdrawn"]
    ]
    return {
        **change,
        "schema": {**table["schema"], "fields": fields},
        "flags": flags + change.get("flags", []),
        "corrections": corrections,
    }


def _follow(flag: dict[str, Any], was: str | None, last: str) -> dict[str, Any]:
    """Let a flag that runs to the end of a table run to its new end."""
    month = flag["where"].get("month")
    if not isinstance(month, dict) or month["to"] != was:
        return flag
    return {**flag, "where": {**flag["where"], "month": {**month, "to": last}}}


def describe_official(
    tables: dict[str, dict[str, Any]], vintages: list[dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Give the descriptors of official tables with what the vintages in force say of each."""
    tables = dict(tables)
    for vintage in vintages:
        for name, new in vintage["tables"].items():
            files = [file["file"] for file in vintage["files"] if file["table"] == name]
            text = f"{', '.join(files)}, taken in on {vintage['taken'][:10]} as {vintage['id']}"
            known = tables[name]
            ends = [known.get("coverage", new["coverage"]), new["coverage"]]
            first, last = min(end["first"] for end in ends), max(end["last"] for end in ends)
            tables[name] = {
                **known,
                "coverage": {"first": first, "last": last},
                "rows": None if "vintage" in known else new["rows"],
                "vintage": "; ".join(filter(None, [text, known.get("vintage")])),
                "hash": known.get("hash", "") + "".join(new["parts"].values()),
            }
    return tables


def official_pieces(
    project: Path, descriptor: dict[str, Any], *, feeding: str = ""
) -> dict[str, str]:
    """Write the query for what each vintage gives to an official table, newest first.

    Of each part the newest vintage that holds it counts; what one replaces as a whole (a year of
    a crime, a cell of the Guard) are the ``replaces`` expressions of the descriptor. ``feeding``
    leaves out vintages that are held back from that raw table.

    Raises
    ------
    DataError
        When a file of a vintage is missing or has changed.
    """
    keys, pieces = descriptor["replaces"], {}
    newer: list[str] = []
    named = ", ".join(f"{key} AS part{i}" for i, key in enumerate(keys))
    same = ", ".join(f"part{i}" for i in range(len(keys)))
    for vintage in reversed(list_vintages(project)):
        parts = vintage["tables"].get(descriptor["name"], {}).get("parts")
        if not parts or feeding in vintage["held_back"]:
            continue
        home = project / "data/raw" / vintage["folder"]
        files = ", ".join(_literal(_whole(home / part, sha)) for part, sha in parts.items())
        source = f"read_parquet([{files}])"
        rest = f" ANTI JOIN ({' UNION '.join(newer)}) USING ({same})" if newer else ""
        pieces[vintage["id"]] = (
            f"SELECT * EXCLUDE ({same}) FROM (SELECT *, {named} FROM {source}){rest}"
        )
        newer.append(f"SELECT {named} FROM {source}")
    return pieces


def query_official(project: Path, descriptor: dict[str, Any], *, feeding: str = "") -> str:
    """Write the query for an official table in force; see `official_pieces`.

    Raises
    ------
    DataError
        When no file of that table was taken in, or one of a vintage is missing or has changed.
    """
    pieces = official_pieces(project, descriptor, feeding=feeding)
    if not pieces:
        raise DataError(
            f"{descriptor['name']} is empty: no file of it was taken in. Get one "
            f"({descriptor['title']}) and run: analysis data import FILE"
        )
    return " UNION ALL ".join(pieces.values())


def _whole(path: Path, expected: str) -> Path:
    """Give a file of a vintage back when it is the one that was written."""
    state = path.stat() if path.is_file() else None
    if not state or _hash(path, state.st_mtime_ns, state.st_size) != expected:
        raise DataError(
            f"{path.parent.name}/{path.name} is missing or has changed. Files of a vintage are "
            "never edited: delete its folder and take the official file in again"
        )
    return path


@cache
def _hash(path: Path, changed: int, size: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
