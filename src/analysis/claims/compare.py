"""Two vintages of the data compared: which tables changed, which verdicts flipped."""

from pathlib import Path
from typing import Any

import pandas as pd

from analysis.claims.ledger import Ledger
from analysis.claims.verdicts import Verdict, check_claims
from analysis.sources import in_project, raw_tables


def compare_vintages(ledger: Ledger, old: Path, new: Path) -> dict[str, Any]:
    """Judge the same claims on two vintages of the raw tables.

    Parameters
    ----------
    ledger : Ledger
        The claims.
    old, new : pathlib.Path
        Folders of two projects, or their ``data/raw``.

    Returns
    -------
    dict
        ``tables``: one row a raw table that differs (``table, change``: changed, added, removed;
        ``old_rows, new_rows``); ``verdicts``: one row a claim whose verdict or number differs
        (``id, says, old_verdict, new_verdict, old_found, new_found, unit, flipped, rule``);
        ``errors``: one text a claim that could not be evaluated on one of the two.

    Raises
    ------
    RequestError
        When a folder holds no project.

    Examples
    --------
    >>> from analysis.claims.ledger import read_ledger
    >>> from analysis.sources import root
    >>> same = compare_vintages(read_ledger(), root(), root())
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
    columns = ["id", "says", "old_verdict", "new_verdict", "old_found", "new_found", "unit"]
    return {
        "tables": _changed(old_tables, new_tables),
        "verdicts": pd.DataFrame(rows, columns=[*columns, "flipped", "rule"]),
        "errors": errors,
    }


def _judge(ledger: Ledger, folder: Path) -> tuple[list[Verdict], dict[str, dict[str, Any]]]:
    with in_project(folder):
        return check_claims(ledger), raw_tables()


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


def _changed(old: dict[str, dict[str, Any]], new: dict[str, dict[str, Any]]) -> pd.DataFrame:
    rows = []
    for name in {**old, **new}:
        was, now = old.get(name, {}), new.get(name, {})
        if was.get("hash") != now.get("hash") or was.get("corrections") != now.get("corrections"):
            change = "added" if not was else "removed" if not now else "changed"
            rows.append((name, change, was.get("rows"), now.get("rows")))
    frame = pd.DataFrame(rows, columns=["table", "change", "old_rows", "new_rows"])
    return frame.astype({"old_rows": "Int64", "new_rows": "Int64"})
