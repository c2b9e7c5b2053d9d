"""Two vintages of the data compared: figures that were revised, verdicts that flipped."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.claims.ledger import Ledger
from analysis.claims.verdicts import Verdict, check_claims
from analysis.cleaning.revisions import (
    CHANGES,
    compare_queries,
    compare_rows,
    count_added,
    count_rows,
)
from analysis.errors import RequestError
from analysis.sources import in_project, official_tables, raw_tables, read_raw, root
from analysis.vintages import as_of, find_vintage, query_official


def in_state(name: str | Path) -> AbstractContextManager[None]:
    """Read the tables of a state inside a ``with`` block.

    ``name`` is a vintage of this project (its id or the beginning of it, ``embedded``: before
    anything was taken in, or ``latest``), or else a folder of another one, or its ``data/raw``.

    Raises
    ------
    RequestError
        When it is neither.
    """
    if isinstance(name, Path):
        return in_project(name)
    try:
        return as_of(find_vintage(root(), name))
    except RequestError as error:
        if name and Path(name).is_dir():
            return in_project(Path(name))
        raise RequestError(f'no project in "{name}", and no vintage: {error}') from error


def compare_vintages(ledger: Ledger | None, old: str | Path, new: str | Path) -> dict[str, Any]:
    """Compare the figures of two states of the data, and judge the same claims on both.

    Parameters
    ----------
    ledger : Ledger or None
        The claims; None compares figures only.
    old, new : str or pathlib.Path
        See `in_state`.

    Returns
    -------
    dict
        ``tables``: one row a table that differs (``table, change``: changed, added, removed;
        ``old_rows, new_rows, revised, added, gone``: cells); ``cells``: by table one row a cell
        that was revised or is gone (see `analysis.cleaning.revisions.compare_rows`);
        ``verdicts``: one row a claim whose verdict or number differs
        (``id, says, old_verdict, new_verdict, old_found, new_found, unit, flipped, rule``);
        ``errors``: one text a claim that could not be evaluated on one of the two.

    Raises
    ------
    RequestError
        When a name is neither a folder with a project nor a vintage.

    Examples
    --------
    >>> from analysis.claims.ledger import read_ledger
    >>> same = compare_vintages(read_ledger(), "embedded", "latest")
    >>> len(same["tables"]), len(same["verdicts"])
    (0, 0)
    """
    before, old_tables = _judge(ledger, old)
    after, new_tables = _judge(ledger, new)
    rows, errors = [], []
    for one, two in zip(before, after, strict=True):
        errors += [f"{old}: {one.claim.id}: {one.error}"] if one.error else []
        errors += [f"{new}: {two.claim.id}: {two.error}"] if two.error else []
        if (one.verdict, one.found) != (two.verdict, two.found):
            rows.append(_change(one, two))
    tables, cells = _compare_tables(old, new, old_tables, new_tables)
    columns = ["id", "says", "old_verdict", "new_verdict", "old_found", "new_found", "unit"]
    return {
        "tables": tables,
        "cells": cells,
        "verdicts": pd.DataFrame(rows, columns=[*columns, "flipped", "rule"]),
        "errors": errors,
    }


def _judge(
    ledger: Ledger | None, state: str | Path
) -> tuple[list[Verdict], dict[str, dict[str, Any]]]:
    with in_state(state):
        return check_claims(ledger) if ledger else [], raw_tables() | _official()


def _official() -> dict[str, dict[str, Any]]:
    """Give the official tables in force, each with its query and the hashes of its parts."""
    held = {}
    for name, table in official_tables().items():
        if "vintage" in table:
            query = query_official(root(), table)
            held[name] = {**table, "query": query, "rows": count_rows(query)}
    return held


def _change(one: Verdict, two: Verdict) -> dict[str, Any]:
    return {
        "id": one.claim.id,
        "says": one.claim.says,
        "old_verdict": one.verdict or "not evaluated",
        "new_verdict": two.verdict or "not evaluated",
        "old_found": one.found,
        "new_found": two.found,
        "unit": one.claim.unit,
        "flipped": one.verdict != two.verdict,
        "rule": str(two.rule),
    }


def _compare_tables(
    old: str | Path,
    new: str | Path,
    old_tables: dict[str, dict[str, Any]],
    new_tables: dict[str, dict[str, Any]],
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    rows, cells = [], {}
    for name in {**old_tables, **new_tables}:
        was, now = old_tables.get(name, {}), new_tables.get(name, {})
        if was.get("hash") == now.get("hash") and was.get("corrections") == now.get("corrections"):
            continue
        change = "added" if not was else "removed" if not now else "changed"
        row = {"table": name, "change": change, "old_rows": was.get("rows")}
        row["new_rows"] = now.get("rows")
        if change == "changed":
            counts, cells[name] = _compare_table(old, new, was, now)
            row |= counts
        rows.append(row)
    names = ["table", "change", "old_rows", "new_rows", *CHANGES]
    frame = pd.DataFrame(rows, columns=names)
    numbers = dict.fromkeys(names[2:], "Int64")
    return frame.astype(numbers), {name: part for name, part in cells.items() if len(part)}


def _compare_table(
    old: str | Path, new: str | Path, was: dict[str, Any], now: dict[str, Any]
) -> tuple[dict[str, int], pd.DataFrame]:
    """Count what became of a table's cells, and list those revised and gone."""
    key = list(now["schema"]["primaryKey"])
    if "replaces" in now:
        cells = compare_queries(was["query"], now["query"], key, now["measures"])
        counts = cells["change"].value_counts().to_dict()
        new_rows = count_added(was["query"], now["query"], key)
        counts["added"] = counts.get("added", 0) + new_rows * len(now["measures"])
    else:
        frames = []
        for state in (old, new):
            with in_state(state):
                frames.append(read_raw(now["name"]))
        cells = compare_rows(frames[0], frames[1], key)
        counts = cells["change"].value_counts().to_dict()
    listed = cells[cells["change"].ne("added")].reset_index(drop=True)
    return {kind: counts.get(kind, 0) for kind in CHANGES}, listed
