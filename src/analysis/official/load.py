"""Bring a plain file into DuckDB, line by line, nothing dropped."""

import glob
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from analysis.official.dbase import dbase_batches, dbase_lines
from analysis.official.sheets import Sheet
from analysis.official.text import iterate_lines, split_line, survey

MEMORY = "1GB"
BATCH = 50_000
# A figure as a number: spaces around it and commas between thousands do no harm.
FIGURE = r"""
CREATE MACRO figure(cell) AS CASE
    WHEN regexp_full_match(trim(cell, E' \t'), '[+-]?[0-9]{1,30}(\.[0-9]*)?([eE][+-]?[0-9]{1,2})?')
        THEN TRY_CAST(trim(cell, E' \t') AS DOUBLE)
    WHEN regexp_full_match(trim(cell, E' \t'), '-?[1-9][0-9]{0,2}(,[0-9]{3}){1,9}(\.[0-9]+)?')
        THEN TRY_CAST(replace(trim(cell, E' \t'), ',', '') AS DOUBLE) END
"""


@dataclass(frozen=True)
class Layout:
    """Where in a file the columns of a format stand.

    ``labels`` and ``figures`` map names to places; ``skip`` lines precede the first row, each of
    which has ``width`` columns between ``sign``.
    """

    sign: str
    skip: int
    width: int
    labels: dict[str, int]
    figures: dict[str, int]


@dataclass(frozen=True)
class Loaded:
    """How many rows came in, and what is to be known of their bytes.

    Texts are ``decoded`` (else one byte a character); the file is ``ended`` where its last line
    has an end. ``others`` counts rows, and adds up figures, of crimes that are not wanted.
    """

    rows: int
    decoded: bool
    ended: bool = True
    others: tuple[int, float] = (0, 0.0)


def connect(folder: Path) -> duckdb.DuckDBPyConnection:
    """Open a database that keeps within its memory and spills into the folder."""
    con = duckdb.connect()
    con.execute(f"SET memory_limit = '{MEMORY}'")
    con.execute(f"SET temp_directory = '{folder / 'spill'}'")
    con.execute("SET enable_progress_bar = false")
    con.execute(FIGURE)
    return con


def load(
    sheet: Sheet, con: duckdb.DuckDBPyConnection, layout: Layout, folder: Path, only: str = ""
) -> Loaded:
    """Fill ``raw`` and ``rejects`` with the rows after the header.

    ``folder`` takes what has to be written on the way. Where ``only`` one crime is wanted, sound
    rows of others may be left out: they are counted and added up instead.

    ``raw`` has ``line`` (number in the file, from one), a text column a label, a number a figure,
    and ``odd``: the texts of the figures of a row in which one is not a plain whole number.
    ``rejects`` (``line, reason``) has the lines that can not be split into columns.
    """
    con.execute("CREATE TABLE rejects (line BIGINT, reason VARCHAR)")
    _empty_raw(con, layout)
    if sheet.kind == "dbase":
        return Loaded(_load_dbase(sheet.path, con, layout), False)
    lines, even, decoded, ended = survey(sheet.path)
    if even:
        source, values = _read(sheet.path, layout, "utf-8" if decoded else "latin-1")
        for fill in (_fill_one, _fill):
            try:
                others = fill(con, layout, source, values, only)
                if _count(con, "raw") + others[0] == lines - layout.skip:
                    return Loaded(lines - layout.skip, decoded, ended, others)
            except duckdb.Error:
                # A line that can not be split, or bytes that are no ISO-8859-1.
                pass
            _empty_raw(con, layout)
    return Loaded(_load_slowly(sheet.path, con, layout, folder / "lines.csv"), False, ended)


def _empty_raw(con: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    columns = [f'"{name}" VARCHAR' for name in layout.labels]
    columns += [f'"{name}" DOUBLE' for name in layout.figures]
    columns = ["line BIGINT", *columns, "odd VARCHAR[]"]
    con.execute(f"CREATE OR REPLACE TABLE raw ({', '.join(columns)})")


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0]


def _select(layout: Layout, line: str, cell: str = "c{}") -> str:
    """Write the columns of ``raw`` out of a source with ``c0 … cN``."""
    chosen = [f'{cell.format(place)} AS "{name}"' for name, place in layout.labels.items()]
    cells = [cell.format(place) for place in layout.figures.values()]
    whole = [f"TRY_CAST({cell} AS INTEGER)" for cell in cells]
    chosen += [f'{cast} AS "{name}"' for cast, name in zip(whole, layout.figures, strict=True)]
    # DuckDB rounds "3.5": only what reads the same again is a plain whole number.
    pairs = zip(whole, cells, strict=True)
    odd = " OR ".join(f"CAST({cast} AS VARCHAR) IS DISTINCT FROM {cell}" for cast, cell in pairs)
    chosen.append(f"CASE WHEN {odd or 'false'} THEN [{', '.join(cells)}] END AS odd")
    return f"SELECT {line}, {', '.join(chosen)}"


def _read(path: Path, layout: Layout, encoding: str) -> tuple[str, list[str]]:
    """Write the source of well-formed lines in order; others raise, or are left out."""
    with path.open("rb") as file:
        end = "\\r\\n" if b"\r\n" in file.read(2**20) else "\\n"
    # One column more than there are, filled up where a line has fewer: DuckDB would else take a
    # separator too many at the end of a line for none, and the figures before it for others.
    names = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(layout.width + 1))
    source = (
        f"FROM read_csv(?, header = false, skip = {layout.skip}, "
        "auto_detect = false, delim = ?, quote = '\"', escape = '\"', encoding = ?, "
        f"null_padding = true, nullstr = E'\\x01', columns = {{{names}}}, new_line = '{end}') "
        f"WHERE c{layout.width - 1} IS NOT NULL AND c{layout.width} IS NULL"
    )
    # A name with brackets or stars is a name, not a pattern.
    return source, [glob.escape(str(path)), layout.sign, encoding]


def _fill(
    con: duckdb.DuckDBPyConnection, layout: Layout, source: str, values: list[str], only: str
) -> tuple[int, float]:
    """Fill ``raw`` with every row."""
    rows = _select(layout, "NULL", "nullif(c{}, '')")
    con.execute(f"INSERT INTO raw {rows} {source}", values)
    # To number rows while they are read would be the work of one processor.
    con.execute(f"UPDATE raw SET line = rowid + {layout.skip + 1}")
    return 0, 0.0


def _fill_one(
    con: duckdb.DuckDBPyConnection, layout: Layout, source: str, values: list[str], only: str
) -> tuple[int, float]:
    """Fill ``raw`` with the rows that may be of one crime, and those with an unusual figure.

    The others are counted and added up. Every row is to be read where none is of the crime.
    """
    if not only.isascii() or not only or "subtype" not in layout.labels:
        return 0, 0.0
    cells = [f"c{place}" for place in layout.figures.values()]
    wanted = (
        f"contains(lower(c{layout.labels['subtype']}), lower(?)) "
        f"OR NOT regexp_full_match(concat_ws('|', {', '.join(cells)}), '[0-9|]*')"
    )
    # What is no number after all raises, and every row is read.
    total = " + ".join(f"coalesce(CAST(nullif({cell}, '') AS INTEGER), 0)" for cell in cells)
    kept = ", ".join(f"c{i}" for i in range(layout.width))
    con.execute(
        f"CREATE OR REPLACE TABLE every AS SELECT CASE WHEN wanted THEN [{kept}] END AS cells, "
        f"CASE WHEN NOT wanted THEN {total} END AS total "
        f"FROM (SELECT *, {wanted} AS wanted {source})",
        [only, *values],
    )
    numbered = _select(layout, f"rowid + {layout.skip + 1}", "nullif(cells[{} + 1], '')")
    con.execute(f"INSERT INTO raw {numbered} FROM every WHERE cells IS NOT NULL")
    count, figures = con.execute("SELECT count(total), sum(total) FROM every").fetchall()[0]
    con.execute("DROP TABLE every")
    held = "SELECT 1 FROM raw WHERE contains(lower(subtype), lower(?)) LIMIT 1"
    return (count, float(figures or 0)) if con.execute(held, [only]).fetchall() else (0, 0.0)


def _load_slowly(path: Path, con: duckdb.DuckDBPyConnection, layout: Layout, clean: Path) -> int:
    """Split line by line: those that can be go to a clean copy, the others to the rejects."""
    bad: list[tuple[int, str]] = []
    rows = 0
    with clean.open("w", encoding="utf-8", newline="") as out:
        for number, line in iterate_lines(path):
            if number <= layout.skip:
                continue
            rows += 1
            cells, reason = split_line(line, layout.sign, layout.width)
            if reason:
                bad.append((number, reason))
            else:
                out.write(f"{number}{layout.sign}{cells}\n")
            if len(bad) == BATCH:
                _insert(con, "rejects", bad)
                bad = []
    _insert(con, "rejects", bad)
    numbered = Layout(
        layout.sign,
        0,
        layout.width + 1,
        {name: place + 1 for name, place in layout.labels.items()},
        {name: place + 1 for name, place in layout.figures.items()},
    )
    names = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(numbered.width))
    con.execute(
        f"INSERT INTO raw {_select(numbered, 'CAST(c0 AS BIGINT)')} FROM read_csv(?, "
        "header = false, auto_detect = false, delim = ?, quote = '\"', escape = '\"', "
        f"columns = {{{names}}}, new_line = '\\n')",
        [glob.escape(str(clean)), layout.sign],
    )
    clean.unlink()
    return rows


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[tuple[int, str]]) -> None:
    if rows:
        lines, texts = zip(*rows, strict=True)
        batch = pa.table({"line": pa.array(lines, pa.int64()), "text": pa.array(texts)})
        con.register("batch", batch)
        con.execute(f"INSERT INTO {table} SELECT * FROM batch")
        con.unregister("batch")


def _load_dbase(path: Path, con: duckdb.DuckDBPyConnection, layout: Layout) -> int:
    rows = 0
    used = sorted({*layout.labels.values(), *layout.figures.values()})
    for batch in dbase_batches(path, used):
        con.register("batch", batch)
        con.execute(f"INSERT INTO raw {_select(layout, 'line')} FROM batch WHERE NOT deleted")
        con.execute(
            "INSERT INTO rejects SELECT line, 'marked as deleted in the dBase file' FROM batch "
            "WHERE deleted"
        )
        con.unregister("batch")
        rows += batch.num_rows
    return rows


def read_lines(sheet: Sheet, wanted: Iterator[int]) -> Iterator[tuple[int, str]]:
    """Give the text of some lines of a file, one byte a character, in ascending order."""
    if sheet.kind == "dbase":
        yield from dbase_lines(sheet.path, wanted)
        return
    number = next(wanted, None)
    for line, text in iterate_lines(sheet.path):
        if number is None:
            return
        if line == number:
            yield line, text
            number = next(wanted, None)
