"""Lines below a header that are no rows, and lines that can not be split into columns."""

import re

from analysis.errors import RequestError
from analysis.official.formats import Match
from analysis.official.load import HEAD, Loaded, read_lines
from analysis.official.rows import Rows


def sort_out_lines(rows: Rows, match: Match) -> None:
    """Put aside what is no row: blank lines, the header again, notes below the rows.

    Raises
    ------
    RequestError
        When there is no row.
    """
    empty = " AND ".join(f"coalesce(trim(\"{name}\", E' \\t'), '') = ''" for name in rows.labels)
    bare = " AND ".join(f'"{name}" IS NULL' for name in rows.figures) or "true"
    odd = "trim(coalesce(list_aggregate(odd, 'string_agg', ''), ''), E' \\t') = ''"
    _discard(rows, "raw", f"{empty} AND {bare} AND {odd}", "blank line")
    _discard(rows, "rejects", "reason = 'empty row'", "blank line")
    if rows.sheet.kind != "dbase":
        _discard_headers(rows, match.layout.labels)
    if match.format.notes:
        note = re.compile(match.format.notes)
        for table, like in (("rejects", "reason = 'too few columns'"), ("raw", bare)):
            query = f"SELECT line FROM {table} WHERE {like} ORDER BY line DESC LIMIT {HEAD}"
            wanted = iter(sorted(line for (line,) in rows.query(query)))
            found = [line for line, text in read_lines(rows.sheet, wanted) if note.match(text)]
            listed = ", ".join(map(str, found)) or "NULL"
            _discard(rows, table, f"line IN ({listed})", "note of the producer")
    if not rows.query("SELECT 1 FROM raw UNION ALL SELECT 1 FROM rejects LIMIT 1"):
        raise RequestError(
            f"{rows.sheet.name} has the header of an official file and no rows below it; get it "
            "from its producer again"
        )


def _discard(
    rows: Rows, table: str, condition: str, reason: str, values: list[str] | None = None
) -> list[int]:
    """Take lines out that are no rows and hold no figures; give their numbers."""
    lines = [line for (line,) in rows.query(f"SELECT line FROM {table} WHERE {condition}", values)]
    if lines:
        rows.con.execute(f"DELETE FROM {table} WHERE {condition}", values or [])
        rows.aside.setdefault(reason, {"rows": 0, "figures": 0.0})["rows"] += len(lines)
    return sorted(lines)


def _discard_headers(rows: Rows, labels: dict[str, int]) -> None:
    """Put the header aside where it stands again among the rows."""
    cells = {name: rows.head[-1][place] for name, place in labels.items()}
    if rows.decoded:
        cells = {name: cell.encode("latin-1").decode() for name, cell in cells.items()}
    same = " AND ".join(f"coalesce(\"{name}\", '') = ?" for name in cells)
    lines = _discard(rows, "raw", same, "header again", [*cells.values()])
    cases = [(line, None, "the header again") for line in lines]
    fix = "Put aside; where files were joined, rows may be lost or doubled"
    rows.tell_each("warning", "repeated header", cases, "a row", fix)


def tell_rejects(rows: Rows, match: Match, loaded: Loaded) -> None:
    """Tell the lines that could not be split; a last line that breaks off by its own kind."""
    kinds = {
        "too few columns": "columns in row",
        "too many columns": "columns in row",
        "broken quotation": "quote",
        "marked as deleted in the dBase file": "empty row",
    }
    found = rows.query(
        "SELECT line, reason, text FROM rejects WHERE reason IN (SELECT unnest(?)) ORDER BY line",
        [list(kinds)],
    )
    last = match.layout.skip + loaded.rows
    cut = [case for case in found if case[0] == last and case[1] in kinds and not loaded.ended]
    expected = f"{match.layout.width} columns"
    fix = "The row was left out and kept among the rejects; get the file again"
    for kind in dict.fromkeys(kinds.values()):
        cases = [
            (line, None, f'"{text[:80]}"')
            for line, reason, text in found
            if kinds[reason] == kind and (line, reason, text) not in cut
        ]
        rows.tell_each("error", kind, cases, expected, fix)
    if cut:
        rows.tell("error", "truncated", f'"{cut[0][2][:80]}"', expected, fix, row=last)
    elif not loaded.ended:
        fix = "Look whether the line is whole, and lines below it are missing: get the file again"
        rows.tell("warning", "truncated", "a last line without an end", "its end", fix, row=last)
