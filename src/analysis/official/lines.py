"""Lines below a header that are no rows, and lines that can not be split into columns."""

import re

from analysis.errors import RequestError
from analysis.official.load import Loaded, read_lines
from analysis.official.recognise import Match
from analysis.official.rows import Rows
from analysis.official.sheets import HEAD


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
        rows.note_aside(reason, len(lines))
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
    last = match.layout.skip + loaded.rows
    expected = f"{match.layout.width} columns"
    fix = "The row was left out and kept among the rejects; get the file again"
    broken = "('too few columns', 'too many columns', 'broken quotation')"
    cut = f"line = {last} AND reason IN {broken} AND NOT {loaded.ended}"
    for kind, condition in (
        ("truncated", cut),
        ("columns in row", f"reason IN ('too few columns', 'too many columns') AND NOT ({cut})"),
        ("quote", f"reason = 'broken quotation' AND NOT ({cut})"),
        ("empty row", "reason = 'marked as deleted in the dBase file'"),
    ):
        query = f"SELECT line, '\"' || text[:80] || '\"' FROM rejects WHERE {condition}"
        rows.tell_lines("error", kind, query, None, expected, fix)
    if not loaded.ended and not rows.query(f"SELECT 1 FROM rejects WHERE {cut}"):
        fix = "Look whether the line is whole, and lines below it are missing: get the file again"
        rows.tell("warning", "truncated", "a last line without an end", "its end", fix, row=last)
