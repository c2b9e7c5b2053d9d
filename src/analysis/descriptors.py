"""Files of descriptors (Frictionless): what each must say of a table, checked when it is read."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from analysis.errors import DataError

DESCRIPTORS = "data/raw/datapackage.json"
# What every descriptor must say.
TABLE_KEYS = (
    *("name", "path", "title", "description", "row", "rows", "hash", "coverage", "vintage"),
    *("sources", "licenses", "schema"),
)
CORRECTION_KEYS = ("id", "where", "column", "found", "right", "flag", "rows", "reason", "proof")
FIELD_TYPES = ("string", "integer", "number", "boolean", "year", "yearmonth")
FLAG_KEYS = ("flag", "where", "reason", "proof")


@cache
def _read_json(path: Path, changed: int) -> dict[str, Any]:
    return _check_keys(json.loads(path.read_text(encoding="utf-8")), path)


def read_package(path: Path) -> dict[str, Any]:
    """Read a file of descriptors and check that it says what is relied on.

    Raises
    ------
    DataError
        When it is not valid JSON, or a table, correction or flag lacks a key.
    """
    try:
        return _read_json(path, path.stat().st_mtime_ns)
    except json.JSONDecodeError as error:
        raise DataError(f"{path.name} line {error.lineno}: not valid JSON ({error.msg})") from error


def _check_keys(package: dict[str, Any], path: Path) -> dict[str, Any]:
    """Refuse descriptors that lack what is relied on, naming the table and the key."""
    if not isinstance(package, dict) or not isinstance(package.get("resources"), list):
        raise DataError(f"{path.name}: expected an object with a list of resources")
    every = TABLE_KEYS if path.name == Path(DESCRIPTORS).name else ("name",)
    for number, table in enumerate(package["resources"]):
        parts: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [("", table, every)]
        parts += [("a correction", item, CORRECTION_KEYS) for item in table.get("corrections", [])]
        parts += [("a flag", item, FLAG_KEYS) for item in table.get("flags", [])]
        for part, item, keys in parts:
            if missing := [key for key in keys if key not in item]:
                where = " ".join([str(table.get("name", f"table {number + 1}")), part]).strip()
                raise DataError(f"{path.name}: {where} lacks {', '.join(missing)}")
        for field in table.get("schema", {}).get("fields", []):
            if field.get("type") not in FIELD_TYPES:
                kind, name = field.get("type"), field.get("name")
                raise DataError(f"{path.name}: {table['name']}.{name} has the unknown type {kind}")
    return package
