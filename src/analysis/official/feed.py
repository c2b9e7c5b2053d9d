"""Raw tables brought up to date by a vintage, or held back from it with the reason."""

from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from analysis.cleaning.corrections import select_cells
from analysis.cleaning.revisions import CHANGES, compare_rows
from analysis.files import hash_file
from analysis.official.adopt import Adopted, Adoption, adopt, find_adoptions, times
from analysis.official.findings import Finding, Level
from analysis.official.record import write_manifest
from analysis.sources import describe, raw_tables, root
from analysis.vintages import EMBEDDED, as_of, list_vintages, official_pieces, on_trial

# A table's vintage names so many files.
NAMED = 3


def bring_up_to_date(
    manifest: dict[str, Any], folder: Path, *, accept_faults: bool = False
) -> None:
    """Bring the raw tables that the new figures concern up to date, as files of the vintage.

    A raw table is held back when a file that feeds it has errors or lacks figures in use: it then
    stays as it was, and ``manifest["held_back"]`` says why. What differs from the figures in use
    is told among the findings of the first file that feeds it.
    """
    write_manifest(manifest, folder)
    with on_trial(folder):
        for item in [item for name in manifest["tables"] for item in find_adoptions(name)]:
            adopted = adopt(item)
            cells = compare_rows(adopted.before, adopted.after, key_of(item.raw))
            reason = "" if accept_faults else _doubt(item, cells, manifest)
            _tell(item, adopted, cells, manifest)
            if reason:
                manifest["held_back"][item.raw] = reason
            elif adopted.new:
                manifest["raw"][item.raw] = _change(item, adopted, cells, folder)
    write_manifest(manifest, folder)


def _doubt(item: Adoption, cells: pd.DataFrame, manifest: dict[str, Any]) -> str:
    """Say why a raw table can not be brought up to date unasked; empty where it can."""
    gone = cells[cells["change"].eq("gone")]
    if len(gone):
        return f"{len(gone)} figures in use would be lost, the first {say_cell(item.raw, gone)}"
    errors = [
        f"{file['file']}: {finding['kind']}"
        for file in manifest["files"]
        for finding in file["findings"]
        if file["table"] == item.official and finding["level"] == "error"
    ]
    return f"{len(errors)} errors in what feeds it, the first in {errors[0]}" if errors else ""


def _tell(item: Adoption, adopted: Adopted, cells: pd.DataFrame, manifest: dict[str, Any]) -> None:
    """Tell of figures in use that the files revise, or lack."""
    revised, gone = (cells[cells["change"].eq(kind)] for kind in ("revised", "gone"))
    findings, last = [], times(adopted.before).max()
    if len(revised):
        older = adopted.last < last
        text = f"{len(revised)} figures of {item.raw} that differ, the first "
        text += say_cell(item.raw, revised)
        expected = "the figures in use" + (f", which go to {last}" if older else "")
        fix = "A new edition revises; a damaged file differs too"
        if older:
            fix = f"The file ends in {adopted.last}: an older edition should not be the last word"
        level: Level = "warning" if older else "note"
        findings.append(Finding(level, "differs", text, expected, f"{fix}. See: analysis diff"))
    if len(gone):
        text = f"{len(gone)} figures of {item.raw} that are not there, the first "
        text += say_cell(item.raw, gone)
        fix = "Get the whole file; without --accept-faults the table is held back"
        findings.append(Finding("error", "missing row", text, "the figures in use", fix))
    first = next(file for file in manifest["files"] if file["table"] == item.official)
    first["findings"] += [finding.to_dict() for finding in findings]


def key_of(table: str) -> list[str]:
    """Give the columns that name a row of a raw table."""
    return list(raw_tables()[table]["schema"]["primaryKey"])


def say_cell(table: str, cells: pd.DataFrame) -> str:
    """Say which is the first cell of a comparison, and its figures."""
    first = cells.iloc[0]
    key = ", ".join(first[key_of(table)])
    figures = " to ".join(text for text in (first["old"], first["new"]) if pd.notna(text))
    return f"{key} ({first['column']} {figures})"


def _change(item: Adoption, adopted: Adopted, cells: pd.DataFrame, folder: Path) -> dict[str, Any]:
    """Write a raw table's new file, and what its descriptor says of it."""
    path, after = folder / f"{item.raw}.csv", adopted.after
    after.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    counts = cells["change"].value_counts().to_dict()
    change = {
        "path": path.name,
        "rows": len(after),
        "bytes": path.stat().st_size,
        "hash": f"sha256:{hash_file(path)}",
        "coverage": {"first": times(after).min(), "last": times(after).max()},
        "cells": {kind: int(counts.get(kind, 0)) for kind in CHANGES},
        "withdrawn": _withdraw(item.raw, after),
        "vintage": _name_vintage(item, adopted.kept),
    }
    return change | ({"flag": item.flag, "flags": adopted.flags} if item.flag else {})


def _withdraw(table: str, after: pd.DataFrame) -> list[str]:
    """List the recorded corrections of faults that the producer has repaired.

    A figure that is the recorded right one, or where none was known another than the faulty one,
    is taken for repaired; any other makes the build fail, as it should.
    """
    repaired = []
    for correction in raw_tables()[table].get("corrections", []):
        cells = after.loc[select_cells(after, correction["where"]), correction["column"]]
        right = correction["right"]
        same = cells.eq(str(correction["found"]))
        if len(cells) and not same.all() and (right is None or cells.eq(str(right)).all()):
            repaired.append(correction["id"])
    return repaired


def _name_vintage(item: Adoption, kept: int) -> str:
    """Say which files a raw table rests on, newest first, and on what its other rows do."""
    by_id = {vintage["id"]: vintage for vintage in list_vintages(root())}
    official, files = describe(item.official), []
    with duckdb.connect() as con:
        for name, piece in official_pieces(root(), official, feeding=item.raw).items():
            if con.execute(f"SELECT 1 FROM ({piece}) LIMIT 1").fetchone():
                taken = by_id[name]["taken"][:10]
                files += [
                    f"{file['file']} (of {file['date']}, sha256 {file['sha256'][:8]}, "
                    f"taken in on {taken})"
                    for file in by_id[name]["files"]
                    if file["table"] == item.official
                ]
    shown = files[:NAMED] + ([f"{len(files) - NAMED} more files"] if len(files) > NAMED else [])
    with as_of(EMBEDDED):
        rest = [f"the rest: {describe(item.raw)['vintage']}"] if kept else []
    return "; ".join([*shown, *rest])
