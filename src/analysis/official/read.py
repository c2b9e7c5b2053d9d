"""Read an official file: recognise it, split it, check it, and account for every row."""

import codecs
import math
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from analysis.errors import DataError
from analysis.official.container import open_parts
from analysis.official.encoding import NAMES
from analysis.official.findings import Finding
from analysis.official.formats import Match, nothing_recognised, recognise
from analysis.official.load import Loaded, Sheet, connect, load, peek, prepare, read_lines
from analysis.official.rows import Rows
from analysis.sources import describe


@dataclass
class Reading:
    """What an official file holds.

    ``con`` has ``tidy`` (the columns of ``table``) and ``rejects`` (``line, reason, text``) as
    long as the block of `read_official` lasts. ``account`` says for rows and for figures how
    many came in, went out, were rejected, and were set aside for what reason.
    """

    file: str
    format: str
    table: str
    encoding: str
    packed: str
    rows: int
    con: duckdb.DuckDBPyConnection
    account: dict[str, dict[str, Any]]
    findings: list[Finding] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Give the document of ``analysis data check --json``."""
        return {
            "file": self.file,
            "format": self.format,
            "encoding": self.encoding,
            "rows": self.rows,
            "findings": [finding.to_dict() for finding in self.findings],
            "packed": self.packed,
            "table": self.table,
            "account": self.account,
        }


@contextmanager
def read_official(path: Path, *, as_format: str | None = None, only: str = "") -> Iterator[Reading]:
    """Read an official file of any known format, changing nothing.

    Parameters
    ----------
    path : pathlib.Path
        CSV, XLSX or DBF; plain, zipped or gzipped.
    as_format : str, optional
        The format, where the content is not to be trusted.
    only : str, optional
        The one crime that is wanted; rows of others are counted and set aside.

    Yields
    ------
    Reading
        Usable inside the ``with`` block.

    Raises
    ------
    RequestError
        When the file is none of the known formats, or not readable at all.
    DataError
        When rows or figures do not add up, which is a fault of this program.
    """
    with TemporaryDirectory(prefix="analysis-") as name:
        folder = Path(name)
        sheet, match = _choose(path, folder, as_format)
        with connect(folder) as con:
            loaded = load(sheet, con, match.layout)
            rows = _rows(sheet, match, con, loaded, only)
            rows.findings += match.findings
            _sort_out_lines(rows, match)
            table = _read_nothing(rows, match) if match.lacking else match.format.read(rows)
            rows.write_rejects()
            _tell_rejects(rows, match)
            reading = Reading(
                path.name,
                match.format.name,
                table,
                _encoding(sheet, rows),
                sheet.packed,
                loaded.rows,
                con,
                {},
                rows.findings,
            )
            reading.account = _account(reading, rows)
            yield reading


def _rows(
    sheet: Sheet, match: Match, con: duckdb.DuckDBPyConnection, loaded: Loaded, only: str
) -> Rows:
    layout = match.layout
    return Rows(
        sheet,
        con,
        list(layout.labels),
        list(layout.figures),
        match.producer,
        sheet.heads[layout.sign][: layout.skip],
        loaded.decoded,
        only,
    )


def _sort_out_lines(rows: Rows, match: Match) -> None:
    """Put blank lines, and notes that the producer writes below the rows, aside."""
    lines = rows.query("SELECT line, reason FROM rejects ORDER BY line")
    aside = {line: "blank line" for line, reason in lines if reason == "empty row"}
    if match.format.notes:
        few = iter(line for line, reason in lines if reason == "too few columns")
        note = re.compile(match.format.notes)
        found = (line for line, text in read_lines(rows.sheet, few) if note.match(text))
        aside |= dict.fromkeys(found, "note of the producer")
    for line, reason in aside.items():
        rows.aside.setdefault(reason, {"rows": 0, "figures": 0.0})["rows"] += 1
        rows.con.execute("DELETE FROM rejects WHERE line = ?", [line])


def _choose(path: Path, folder: Path, as_format: str | None) -> tuple[Sheet, Match]:
    """Find the one table of a file, or of an archive, that is an official one."""
    found: list[tuple[Sheet, Match]] = []
    seen: dict[str, list[list[str]]] = {}
    for number, part in enumerate(open_parts(path)):
        heads = peek(part)
        if heads is not None and not recognise(heads, part.name, as_format):
            seen = seen or heads
            continue
        place = folder / str(number)
        place.mkdir()
        for sheet in prepare(part, place):
            if match := recognise(sheet.heads, sheet.name, as_format):
                found.append((sheet, match))
            seen = seen or sheet.heads
    if not found:
        raise nothing_recognised(path.name, seen)
    best = max(match.score for _, match in found)
    likely = [(sheet, match) for sheet, match in found if match.score == best]
    if len(likely) > 1:
        names = ", ".join(sheet.name for sheet, _ in likely)
        raise DataError(f"{path.name} holds several official tables: {names}. Give them one by one")
    return likely[0]


def _read_nothing(rows: Rows, match: Match) -> str:
    """Reject every row of a file without a column that each row needs."""
    named = ", ".join(match.producer[name] for name in match.lacking)
    rows.settle_letters()
    rows.settle_figures(whole=False)
    rows.reject(f"SELECT line, 'the file has no column {named}' FROM raw")
    rows.con.execute("CREATE VIEW tidy AS SELECT 0 AS figure WHERE false")
    return ""


def _tell_rejects(rows: Rows, match: Match) -> None:
    """Tell the lines that could not be split; a cut-off last line by its own kind."""
    kinds = {
        "too few columns": "columns in row",
        "too many columns": "columns in row",
        "broken quotation": "quote",
        "marked as deleted in the dBase file": "empty row",
    }
    last = rows.query(
        "SELECT max(line) FROM (SELECT line FROM raw UNION ALL SELECT line FROM rejects)"
    )
    found = rows.query(
        "SELECT line, reason, text FROM rejects WHERE reason IN (SELECT unnest(?)) ORDER BY line",
        [list(kinds)],
    )
    for kind in ("truncated", *dict.fromkeys(kinds.values())):
        rows.tell_each(
            "error",
            kind,
            [
                (line, None, f'"{text[:80]}"')
                for line, reason, text in found
                if kind == ("truncated" if _cut(line, last, reason) else kinds[reason])
            ],
            f"{match.layout.width} columns",
            "The row was left out and kept among the rejects; get the file again",
        )


def _cut(line: int, last: list[tuple[int]], reason: str) -> bool:
    return line == last[0][0] and reason in ("too few columns", "broken quotation")


def _encoding(sheet: Sheet, rows: Rows) -> str:
    """Name the encoding; a mark at the start is told apart."""
    if sheet.kind == "workbook":
        return "workbook"
    with sheet.path.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
    return NAMES["utf-8-sig" if marked else rows.letters.encoding]


def _account(reading: Reading, rows: Rows) -> dict[str, dict[str, Any]]:
    """Say where every row and every figure went, and refuse an account that is not whole."""
    con = reading.con
    used, rejected = (
        con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]
        for table in ("raw", "rejects")
    )
    aside = {reason: int(part["rows"]) for reason, part in rows.aside.items()}
    account = {
        "rows": {"in": reading.rows, "out": used, "rejected": rejected, "aside": aside},
        "figures": {
            "in": rows.sums["in"],
            "out": _figures_out(reading),
            "rejected": rows.sums["rejected"],
            "aside": {reason: part["figures"] for reason, part in rows.aside.items()},
        },
    }
    for name, part in account.items():
        gone = part["out"] + part["rejected"] + sum(part["aside"].values())
        if not math.isclose(part["in"], gone, rel_tol=1e-9, abs_tol=1e-6):
            raise DataError(
                f"{reading.file}: the {name} do not add up: {part}. This is a fault "
                "of the reader, not of the file; please report it"
            )
    return account


def _figures_out(reading: Reading) -> float:
    if not reading.table:
        return 0.0
    parts = " + ".join(f"coalesce(sum({name}), 0)" for name in describe(reading.table)["measures"])
    return float(reading.con.execute(f"SELECT {parts} FROM tidy").fetchall()[0][0])
