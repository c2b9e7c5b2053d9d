"""What a report rests on, and its seal: data it reads, code it imports, packages, parameters."""

import hashlib
import json
from functools import cache
from typing import Any

from analysis.cleaning.build import read_manifest
from analysis.errors import RequestError
from analysis.files import hash_file
from analysis.reads import Read
from analysis.reporting.imports import hash_files
from analysis.reporting.notebooks import Request, read_defaults
from analysis.sources import describe, fingerprint, read_text, root

LOCK = "requirements.lock"
# Beside each report's notebook: its basis.
FILE = "seal.json"
# What of a descriptor is no word about the table, but follows its figures.
OF_FIGURES = ("hash", "bytes", "rows", "stats")

Basis = dict[str, dict[str, str]]


def find_basis(request: Request, reads: list[Read], *, seen: dict[Any, Any] | None = None) -> Basis:
    """Give the SHA-256 of everything that a report rests on, as it is now.

    Parameters
    ----------
    request : Request
        Report, language and parameters; a ledger of claims counts by what stands in it.
    reads : list of Read
        What the report has read; of a table read for one state only that state's rows count.
    seen : dict, optional
        Keeps what many reports of one moment have in common, so that it is looked at once.

    Returns
    -------
    dict
        ``data`` (by what was read), ``code`` (by file, the notebook among them), ``lock`` and
        ``parameters`` (by name).

    Raises
    ------
    RequestError
        When something that was read is no longer there.
    """
    seen = {} if seen is None else seen
    notebook = root() / "notebooks" / f"{request.report}.ipynb"
    for key, look in (("data", fingerprint), (notebook, lambda: hash_files(notebook))):
        if key not in seen:
            seen[key] = look()
    asked = {"report": request.report, "lang": request.lang, **request.parameters}
    parameters = {name: str(value) for name, value in asked.items()}
    _, default = read_defaults(request.report).get("ledger", (str, ""))
    if ledger := request.parameters.get("ledger", default):
        parameters["ledger"] = f"{ledger} {hash_file(root() / ledger)}"
    return {
        "data": {" ".join(read).strip(): _hash_read(read, seen["data"]) for read in sorted(reads)},
        "code": seen[notebook],
        "lock": {LOCK: hash_file(root() / LOCK)},
        "parameters": parameters,
    }


def make_seal(basis: Basis) -> dict[str, str]:
    """Give one SHA-256 for data, code, lock and parameters each; that of the lock is its file's.

    Examples
    --------
    >>> make_seal({"data": {}, "code": {}, "lock": {LOCK: "5c1e"}, "parameters": {}})["lock"]
    '5c1e'
    """
    named = {part: _hash(json.dumps(found, sort_keys=True)) for part, found in basis.items()}
    return named | {"lock": basis["lock"][LOCK]}


def list_changes(old: Basis, new: Basis) -> list[str]:
    """Say what is different between two bases, each thing by its part and name.

    Examples
    --------
    >>> list_changes({"data": {"table panel": "a"}}, {"data": {"table panel": "b"}})
    ['data: table panel']
    """
    return [
        f"{part}: {name}"
        for part in old
        for name in sorted({*old[part], *new.get(part, {})})
        if old[part].get(name) != new.get(part, {}).get(name)
    ]


def list_reads(basis: Basis) -> list[Read]:
    """Give back what was read from the basis that it led to."""
    return [Read(*(f"{name}  ".split(" ")[:3])) for name in basis["data"]]


@cache
def _hash_read(read: Read, state: str) -> str:
    if read.kind == "table":
        built: dict[str, Any] = (read_manifest() or {"tables": {}})["tables"]
        found = built.get(read.name, {}).get("content", {}).get(read.part)
        if not found:
            raise RequestError(f"{read.name} {read.part} is not built; run analysis data build")
        return found
    if read.kind == "raw":
        return _hash(read_text(read.name, state=read.part).to_csv(index=False, lineterminator="\n"))
    table = describe(read.name)
    if read.kind == "official":
        return str(table.get("hash", ""))
    return _hash(json.dumps({k: v for k, v in table.items() if k not in OF_FIGURES}, default=str))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
