"""Vintages of official files: what was taken in, when, and which one each table now rests on.

A vintage is a folder of ``data/imported`` that appears whole or not at all, with its manifest
``import.json``. It holds official tables as Parquet, rejected rows with their reasons, and for
each raw table that it brings up to date a new CSV. The latest vintage is used; with
`as_of` an earlier state is.
"""

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
    except json.JSONDecodeError as error:
        raise DataError(
            f"{FOLDER}/{path.parent.name}/{MANIFEST} is not valid JSON ({error}); the vintage can "
            "not be used. Delete its folder and take the files in again"
        ) from error
    return manifest


def list_vintages(project: Path, *, every: bool = False) -> list[dict[str, Any]]:
    """Give the manifests of the vintages in force, oldest first; ``every`` gives later ones too.

    Each has ``id, taken`` (UTC), ``crime`` (the only one taken, or empty), ``files`` (of each its
    name, SHA-256, date, format, account of rows and figures, findings), ``tables`` (official
    tables: parts, rows, coverage), ``raw`` (what changes in the descriptors of raw tables) and
    ``folder``, seen from ``data/raw``.
    """
    home = project / FOLDER
    paths = sorted(home.glob(f"[0-9]*/{MANIFEST}")) if home.is_dir() else []
    found = [{**_read(path), "folder": f"../imported/{path.parent.name}"} for path in paths]
    last = _as_of.get()
    if last == EMBEDDED and not every:
        found = []
    elif last != LATEST and not every:
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
    new = change.get("flags", [])
    names = {flag["flag"] for flag in new}
    flags = [flag for flag in table.get("flags", []) if flag["flag"] not in names]
    return {**change, "schema": {**table["schema"], "fields": fields}, "flags": flags + new}


def query_official(project: Path, descriptor: dict[str, Any]) -> str:
    """Write the query for an official table in force: of each part, the newest that holds it.

    What one vintage replaces as a whole (a year of a crime, a cell of the Guard) are the
    ``replaces`` expressions of the descriptor.

    Raises
    ------
    DataError
        When no file of that table was taken in.
    """
    name, keys = descriptor["name"], descriptor["replaces"]
    groups: list[list[Path]] = []
    for vintage in reversed(list_vintages(project)):
        home = project / "data/raw" / vintage["folder"]
        if parts := vintage["tables"].get(name, {}).get("parts"):
            groups.append([home / part for part in parts])
    if not groups:
        raise DataError(
            f"{name} is empty: no file of it was taken in. Get one ({descriptor['title']}) and "
            "run: analysis data import FILE"
        )
    sources = [f"read_parquet([{', '.join(_literal(path) for path in group)}])" for group in groups]
    named = ", ".join(f"{key} AS part{i}" for i, key in enumerate(keys))
    same = ", ".join(f"part{i}" for i in range(len(keys)))
    pieces = []
    for number, source in enumerate(sources):
        newer = " UNION ".join(f"SELECT {named} FROM {other}" for other in sources[:number])
        rest = f" ANTI JOIN ({newer}) USING ({same})" if newer else ""
        pieces.append(f"SELECT * EXCLUDE ({same}) FROM (SELECT *, {named} FROM {source}){rest}")
    return " UNION ALL ".join(pieces)


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
