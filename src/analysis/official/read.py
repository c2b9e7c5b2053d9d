"""Read an official file: recognise it, split it, check it, and account for every row."""

import codecs
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from analysis.errors import DataError, RequestError
from analysis.official.container import Part, open_parts
from analysis.official.encoding import NAMES
from analysis.official.figures import settle_figures
from analysis.official.findings import Finding
from analysis.official.lines import sort_out_lines, tell_rejects
from analysis.official.load import Loaded, connect, load
from analysis.official.recognise import Match, nothing_recognised, recognise
from analysis.official.rows import TOLD, Rows
from analysis.official.sheets import Sheet, peek, prepare
from analysis.sources import describe

DOCUMENT = ("file", "format", "encoding", "rows", "findings", "packed", "table", "account")


@dataclass
class Reading:
    """What an official file holds.

    ``con`` has ``tidy`` (the columns of ``table``) and ``rejects`` (``line, reason, text``) until
    `read_official` goes on, and for tables of series by state ``starts``: the
    first ``line`` of a ``series`` by ``cve_ent`` and ``time`` (year or month). ``columns`` names
    the producer's column of each month, or of a year's figure under 0. ``account`` says for rows
    and for figures how many came in, went out, were rejected, and were set aside for what reason.
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
    columns: dict[int, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Give the document of ``analysis data check --json``."""
        held = {key: getattr(self, key) for key in DOCUMENT}
        return held | {"findings": [finding.to_dict() for finding in self.findings]}


def read_official(path: Path, *, as_format: str | None = None, only: str = "") -> Iterator[Reading]:
    """Read an official file of any known format, changing nothing: every table in it.

    Parameters
    ----------
    path : pathlib.Path
        CSV, XLSX or DBF; plain, zipped or gzipped. An archive may hold several.
    as_format : str, optional
        The format, where the content is not to be trusted.
    only : str, optional
        The one crime that is wanted; rows of others are counted and set aside.

    Yields
    ------
    Reading
        One a table, usable until the next one is asked for.

    Raises
    ------
    RequestError
        When the file is none of the known formats, or not readable at all.
    DataError
        When rows or figures do not add up, which is a fault of this program.
    """
    with TemporaryDirectory(prefix="analysis-") as name:
        folder = Path(name)
        found, findings = _choose(path, folder, as_format)
        for match, part, chosen in found:
            sheet = chosen or prepare(part, folder)[0]
            with connect(folder) as con:
                reading = _read(sheet, match, con, folder, only)
                reading.file = sheet.name if len(found) > 1 else path.name
                reading.findings += findings
                findings = []
                yield reading


def _read(
    sheet: Sheet, match: Match, con: duckdb.DuckDBPyConnection, folder: Path, only: str
) -> Reading:
    loaded = load(sheet, con, match.layout, folder, only)
    rows = _rows(sheet, match, con, loaded, only)
    rows.findings += match.findings
    sort_out_lines(rows, match)
    table = _read_nothing(rows, match) if match.lacking else match.format.read(rows)
    rows.write_rejects()
    tell_rejects(rows, match, loaded)
    reading = Reading(
        sheet.name,
        match.format.name,
        table,
        _encoding(sheet, rows),
        sheet.packed,
        loaded.rows,
        con,
        {},
        rows.findings,
        _columns(rows),
    )
    reading.account = _account(reading, rows, loaded)
    _tell_nothing(reading, rows)
    return reading


def _rows(
    sheet: Sheet, match: Match, con: duckdb.DuckDBPyConnection, loaded: Loaded, only: str
) -> Rows:
    layout = match.layout
    rows = Rows(
        sheet,
        con,
        list(layout.labels),
        list(layout.figures),
        match.producer,
        sheet.heads[layout.sign][: layout.skip],
        loaded.decoded,
        only,
    )
    rows.note_aside(rows.another_crime, *loaded.others)
    return rows


def _tell_nothing(reading: Reading, rows: Rows) -> None:
    """Tell of a file whose every row was put aside: what is left is no table."""
    account = reading.account["rows"]
    if not account["out"] and not account["rejected"]:
        found = f"no row but {', '.join(account['aside'])}"
        fix = "Get the whole file from its producer"
        rows.tell("error", "missing row", found, "rows with figures of their own", fix)


def _columns(rows: Rows) -> dict[int, str]:
    months = {int(name[1:]): name for name in rows.figures if re.fullmatch(r"m\d\d", name)}
    if not months and rows.figures:
        months = dict.fromkeys(range(13), rows.figures[-1])
    return {number: rows.producer[name] for number, name in months.items()}


Found = tuple[Match, Part, Sheet | None]


def _choose(path: Path, folder: Path, as_format: str | None) -> tuple[list[Found], list[Finding]]:
    """Find the official tables of a file, in an archive all of them; tell what else there is."""
    found: list[Found] = []
    seen: dict[str, list[list[str]]] = {}
    broken: list[RequestError] = []
    parts, others = open_parts(path)
    for number, part in enumerate(parts):
        try:
            # A text shows what it is before it is unpacked.
            heads = peek(part)
            sheets: list[Sheet | None] = [None]
            if heads is None:
                (folder / str(number)).mkdir()
                sheets = [*prepare(part, folder / str(number))]
        except RequestError as error:
            broken.append(error)
            continue
        for sheet in sheets:
            name, head = (sheet.name, sheet.heads) if sheet else (part.name, heads or {})
            seen = seen or head
            if match := recognise(head, name, as_format):
                found.append((match, part, sheet))
            else:
                others.append(f"{name} is no official table")
    if not found:
        raise broken[0] if broken and not seen else nothing_recognised(path.name, seen, as_format)
    return found, _tell_others([*map(str, broken), *others])


def _tell_others(reasons: list[str]) -> list[Finding]:
    """Tell of members of an archive, and sheets of a workbook, that are not read."""
    fix = "Left out; if it should be one, get it from its producer alone"
    shown = reasons[:TOLD] + [f"{len(reasons) - TOLD} more such"] * (len(reasons) > TOLD)
    return [Finding("note", "not read", reason, "an official table", fix) for reason in shown]


def _read_nothing(rows: Rows, match: Match) -> str:
    """Reject every row of a file without a column that each row needs."""
    rows.settle_letters()
    settle_figures(rows, whole=False)
    named = ", ".join(match.lacking).replace("'", "")
    rows.reject(f"SELECT line, 'the file has no column {named}' FROM raw")
    rows.con.execute("CREATE VIEW tidy AS SELECT 0 AS figure WHERE false")
    return ""


def _encoding(sheet: Sheet, rows: Rows) -> str:
    """Name the encoding; a mark at the start is told apart."""
    if sheet.kind == "workbook":
        return "workbook"
    with sheet.path.open("rb") as file:
        marked = file.read(3) == codecs.BOM_UTF8
    return NAMES["utf-8-sig" if marked else rows.letters.encoding]


def _account(reading: Reading, rows: Rows, loaded: Loaded) -> dict[str, dict[str, Any]]:
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
            "in": rows.sums["in"] + loaded.others[1],
            "out": sum_figures(reading),
            "rejected": rows.sums["rejected"],
            "aside": {reason: part["figures"] for reason, part in rows.aside.items()},
        },
    }
    for name, part in account.items():
        gone = part["out"] + part["rejected"] + sum(part["aside"].values())
        if not math.isclose(part["in"], gone, rel_tol=1e-12):
            raise DataError(
                f"{reading.file}: the {name} do not add up: {part}. This is a fault "
                "of the reader, not of the file; please report it"
            )
    return account


def sum_figures(reading: Reading) -> float:
    """Add up the figures of ``tidy``."""
    if not reading.table:
        return 0.0
    parts = " + ".join(f"coalesce(sum({name}), 0)" for name in describe(reading.table)["measures"])
    return float(reading.con.execute(f"SELECT {parts} FROM tidy").fetchall()[0][0])


def name_format(path: Path) -> str | None:
    """Give the name of the format of a file, by what its header says; None for no known one."""
    with TemporaryDirectory(prefix="analysis-") as name:
        try:
            found, _ = _choose(path, Path(name), None)
            return found[0][0].format.name
        except RequestError:
            return None
